"""The tags `url` and `static`, which find an address without arguments once a process: a menu names thirty (scale.md,
goal 17).
"""

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.templatetags.static import StaticNode
from django.templatetags.static import do_static as parse_static
from django.urls import get_script_prefix, get_urlconf

register = template.Library()


class FixedAddress(Node):
    """An address that depends on nothing but the table of addresses and where the portal is mounted."""

    def __init__(self, found: URLNode) -> None:
        self.found = found
        self.known: dict[tuple[object, str], str] = {}

    def render(self, context: Context) -> str:
        where = get_urlconf(settings.ROOT_URLCONF), get_script_prefix()
        if where not in self.known:
            self.known[where] = self.found.render(context)
        return self.known[where]


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Parse Django's own tag; keep what it gives when its name is written out and nothing else is."""
    found = parse_url(parser, token)
    name: FilterExpression = found.view_name
    fixed = isinstance(name.var, str) and not name.filters and not (found.args or found.kwargs or found.asvar)
    return FixedAddress(found) if fixed else found


class FixedFile(Node):
    """The address of a static file, which depends on the storage and where the files are."""

    def __init__(self, found: StaticNode) -> None:
        self.found = found
        self.known: dict[str, str] = {}

    def render(self, context: Context) -> str:
        if settings.STATIC_URL not in self.known:
            self.known[settings.STATIC_URL] = self.found.render(context)
        return self.known[settings.STATIC_URL]


@register.tag
def static(parser: Parser, token: Token) -> Node:
    """Parse Django's own tag; keep what it gives when its path is written out."""
    found: StaticNode = parse_static(parser, token)
    fixed = isinstance(found.path.var, str) and not found.path.filters and not found.varname
    return FixedFile(found) if fixed else found
