"""The tag `url`, which finds an address without arguments once a process: a menu names thirty (scale.md, goal 17)."""

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
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
