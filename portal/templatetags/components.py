"""Components drawn once for each set of values, for long tables of icons and states."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def component(template_name: str, **values: str) -> SafeString:
    """Render a component from plain values that take few forms, and remember the result."""
    return _drawn(template_name, tuple(values.items()))


@lru_cache(maxsize=1024)
def _drawn(template_name: str, values: tuple[tuple[str, str], ...]) -> SafeString:
    return render_to_string(template_name, dict(values))
