"""A person before the pages of a running portal: logs in, looks around, deposits a file; each step is timed."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from http.cookiejar import CookieJar

LAST_NAME, FIRST_NAME, PASSWORD = "Cormoran", "Anne", "Epreuve12"
DEPOSIT = "/portefeuilles/imports/nouvelle-demande/"
_BOUNDARY = "frontiere-de-l-essai"


class Visitor:
    """One browser without JavaScript. slowest: seconds of the slowest answer, by page; failed: what went wrong."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.slowest: dict[str, float] = defaultdict(float)
        self.failed: list[str] = []

    def look_around(self, siret: str) -> None:
        """See the home page, log in as the firm's administrator, see the menu, with a new session."""
        self.cookies.clear()
        self.get("/")
        self.get("/connexion/")
        person = {"siret": siret, "last_name": LAST_NAME, "first_name": FIRST_NAME, "password": PASSWORD}
        self._send("/connexion/", "log-in", urllib.parse.urlencode(person | self._token()).encode(), lands="/menu/")
        self.get("/menu/")

    def get(self, path: str) -> str:
        """Return a page."""
        return self._send(path, "pages", None, lands=path)

    def deposit(self, portfolio: str, kind: str, content: str, *, lands: str | None = "/portefeuilles/imports/") -> str:
        """Hand in a file for a portfolio, as its page does; return the page that follows.

        lands: the beginning of its path; None when it does not matter.
        """
        page = self.get(DEPOSIT)
        found = re.search(rf'<option value="(\d+)"[^>]*>{portfolio}</option>', page)
        assert found, f"no portfolio « {portfolio} » on the page"
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in ({"portfolio": found[1], "kind": kind} | self._token()).items()
        ]
        parts.append(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n'
            f"Content-Type: text/csv\r\n\r\n{content}\r\n--{_BOUNDARY}--\r\n"
        )
        return self._send(DEPOSIT, "deposit", "".join(parts).encode(), lands=lands)

    def _token(self) -> dict[str, str]:
        tokens = [cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken"]
        return {"csrfmiddlewaretoken": "".join(tokens)}

    def _send(self, path: str, what: str, body: bytes | None, *, lands: str | None) -> str:
        headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"} if what == "deposit" else {}
        request = urllib.request.Request(self.root + path, data=body, headers=headers)  # noqa: S310 - our own
        start = time.monotonic()
        try:
            with self.opener.open(request, timeout=60) as response:
                status, text, landed = response.status, response.read().decode(), response.url
        except urllib.error.HTTPError as error:
            status, text, landed = error.code, error.read().decode(), path
        except OSError as error:
            status, text, landed = 0, "", str(error)
        self.slowest[what] = max(self.slowest[what], time.monotonic() - start)
        if lands is not None and (status != 200 or not landed.removeprefix(self.root).startswith(lands)):
            self.failed.append(f"{path}: {status}, {landed}")
        return text
