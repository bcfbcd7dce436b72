"""Every address of the portal, as Django's table of addresses has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

OURS = ("accounts", "habilitations", "portfolios", "notifications", "portal", "sandbox")


@dataclass(frozen=True)
class Address:
    """One of them. path: with `<int:pk>` and its like; arguments: their name → int, str, slug or path."""

    namespace: str
    pattern: URLPattern
    path: str
    arguments: dict[str, str]

    @property
    def name(self) -> str:
        """Its URL name, namespace included; of one without a name, the namespace and a colon."""
        return f"{self.namespace}:{self.pattern.name or ''}" if self.namespace else self.pattern.name or ""

    @property
    def ours(self) -> bool:
        """Whether it is a page of ours, outside of the staff's own site."""
        module = self.pattern.callback.__module__.split(".")[0]
        return module in OURS and bool(self.pattern.name) and self.namespace != "admin"


def addresses() -> list[Address]:
    """Return all of them, those without a name included."""
    return list(_below(get_resolver().url_patterns, "/", "", {}))


def _below(
    patterns: list[URLPattern | URLResolver], prefix: str, namespace: str, arguments: dict[str, str]
) -> Iterator[Address]:
    for one in patterns:
        path = prefix + str(one.pattern)
        known = arguments | {name: _kind(converter) for name, converter in one.pattern.converters.items()}
        if isinstance(one, URLResolver):
            yield from _below(one.url_patterns, path, one.namespace or namespace, known)
        else:
            yield Address(namespace, one, path, known)


def _kind(converter: Any) -> str:
    return type(converter).__name__.removesuffix("Converter").replace("String", "Str").lower()
