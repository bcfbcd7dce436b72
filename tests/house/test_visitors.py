"""Every page, asked for by a visitor: it leads to the log-in, or it is on the list of public ones."""

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.test_repository import OURS

# Read by anybody; each has tests of its own.
PUBLIC = {
    "portal:home", "portal:accessibility", "healthz", "readyz", "metrics", "document_verify", "seal_authority",
    "accounts:staff_login", "accounts:terms_detail", "accounts:terms_document", "accounts:password_gauge",
    "accounts:password_lost", "accounts:password_sent", "accounts:password_new",
    # The second step of a log-in: they lead to the first whoever has not given his password.
    "mfa_authenticate", "mfa_passkey_options", "mfa_cancel",
    "account_login", "account_confirm_email", "account_email_verification_sent",
    "habilitations:registration_step", "habilitations:registration_submit", "habilitations:registration_report",
}  # fmt: skip
WORDS = {"int": "1", "str": "x", "slug": "x", "path": "x"}


def addresses(
    patterns: list[URLPattern | URLResolver], prefix: str = "/", namespace: str = ""
) -> list[tuple[str, str]]:
    """Return (URL name, an address) of every page of ours, the staff's own site apart."""
    found = []
    for pattern in patterns:
        part = str(pattern.pattern)
        for name, converter in pattern.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").replace("String", "Str").lower()
            part = part.replace(f"<{kind}:{name}>", WORDS[kind])
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                found += addresses(pattern.url_patterns, prefix + part, pattern.namespace or namespace)
        elif pattern.callback.__module__.split(".")[0] in OURS and pattern.name:
            found.append((f"{namespace}:{pattern.name}" if namespace else pattern.name, prefix + part))
    return found


PAGES = [(name, address) for name, address in addresses(get_resolver().url_patterns) if name.split(":")[0] != "sandbox"]


def test_the_list_of_public_pages_names_pages_that_exist() -> None:
    assert PUBLIC - {name for name, _address in PAGES} == set()


@pytest.mark.parametrize(("name", "address"), PAGES, ids=[name for name, _address in PAGES])
def test_a_visitor_is_led_to_the_log_in(db: None, name: str, address: str) -> None:
    answers = [ask(address) for ask in (Client().get, Client().post)]
    led = [one.headers.get("Location", "").startswith(f"{resolve_url(settings.LOGIN_URL)}?next=") for one in answers]
    # A page that answers one method only may refuse the other before it asks who is there.
    open_to_all = [not ok and one.status_code != 405 for one, ok in zip(answers, led, strict=True)]
    assert any(open_to_all) == (name in PUBLIC), [one.status_code for one in answers]
