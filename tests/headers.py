"""The headers that every answer of the portal has, whatever it is; the suite holds each answer it gets to them."""

import re
from typing import Any

from django.http import HttpResponse

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
}
# Directive → what it is everywhere. The mail that the simulator shows has a narrower policy of its own.
POLICY = {
    "default-src": "'none'", "style-src": "'self'", "img-src": "'self' data:", "font-src": "'self'",
    "connect-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
    "object-src": "'none'",
}  # fmt: skip
MAIL = re.compile("/simulateur/courriels/[0-9]+/contenu/$")
# No script stands in a page, nor is one named without the nonce of this very answer; no style either.
SCRIPT = re.compile("<script[^>]*>")
INLINE = re.compile(r"""<script(?![^>]*\ssrc=)[^>]*>|<style|<[a-z][^<>]*\s(?:style|on[a-z]+)=|href="javascript:""")


def policy_of(response: Any) -> dict[str, str]:
    """Return the Content-Security-Policy by directive."""
    parts = response.headers.get("Content-Security-Policy", "").split(";")
    return dict(part.strip().partition(" ")[::2] for part in parts)


def faults(path: str, response: Any) -> list[str]:
    """Return what this answer lacks, or has and should not."""
    headers = response.headers
    told = [f"{name}: {headers.get(name)}" for name, value in ALWAYS.items() if headers.get(name) != value]
    policy = policy_of(response)
    if "unsafe" in headers.get("Content-Security-Policy", ""):
        told.append("unsafe")
    if not MAIL.search(path):
        told += [f"{name} {policy.get(name)}" for name, value in POLICY.items() if policy.get(name) != value]
        scripts = policy.get("script-src", "")
        if not re.fullmatch("|'nonce-[A-Za-z0-9+/]{22}=='", scripts) and not staffs(path, scripts):
            told.append(f"script-src {scripts}")
        if headers.get("X-Frame-Options") != "DENY":
            told.append(f"X-Frame-Options: {headers.get('X-Frame-Options')}")
    if not path.startswith("/static/") and "no-store" not in headers.get("Cache-Control", ""):
        told.append(f"Cache-Control: {headers.get('Cache-Control')}")
    told += [f"cookie {name}" for name, morsel in response.cookies.items() if not guarded(morsel)]
    if isinstance(response, HttpResponse) and headers.get("Content-Type", "").startswith("text/html"):
        told += inline(path, response.content.decode(), policy)
    return told


def staffs(path: str, scripts: str) -> bool:
    """Django's own pages know no nonces: there, the files of this host."""
    return path.startswith("/gestion/") and scripts == "'self'"


def guarded(cookie: Any) -> bool:
    """Say whether no script reads a cookie and no other site has it sent; one that is taken away holds nothing."""
    return not cookie.value or (bool(cookie["httponly"]) and cookie["samesite"] in ("Lax", "Strict"))


def inline(path: str, page: str, policy: dict[str, str]) -> list[str]:
    if MAIL.search(path):
        # Written by others: the policy disarms whatever is in it.
        return []
    scripts = policy.get("script-src", "")
    nonce = scripts.removeprefix("'nonce-").removesuffix("'")
    unnamed = [] if staffs(path, scripts) else [tag for tag in SCRIPT.findall(page) if f'nonce="{nonce}"' not in tag]
    return [*INLINE.findall(page), *unnamed]


def without_chance(response: Any, *apart: str) -> tuple[dict[str, str], str]:
    """Return the headers and the text of an answer, without what is drawn or dated: to compare it with another."""
    drawn = re.compile('nonce-[^\']+|(?<=nonce=")[^"]+|(?<=csrfmiddlewaretoken" value=")[^"]+')
    dated = ("Expires", "X-Request-ID", *apart)
    headers = {name: drawn.sub("", value) for name, value in response.headers.items() if name not in dated}
    return headers, drawn.sub("", response.content.decode())
