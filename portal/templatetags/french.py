"""Template filters over portal.kit.french; built in, so no template loads them."""

import datetime as dt

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime  # noqa: TID251 - converts, does not read the clock

from portal.kit import french

register = template.Library()
register.filter("siret", french.siret)
register.filter("rate", french.rate)
register.filter("typeset", stringfilter(french.typeset), is_safe=True)
register.filter("elide", stringfilter(french.elide), is_safe=True)
register.filter("difference", french.difference)
register.filter("number", french.number)
register.filter("moment", french.moment)
register.filter("month", french.month)


@register.filter
def day(value: dt.date | dt.datetime | None) -> SafeString:
    """Spell a day, or the day in Paris of an instant; empty for None. Nothing in it is to be escaped."""
    if value is None:
        return SafeString("")
    day = localtime(value) if isinstance(value, dt.datetime) else value
    return mark_safe(french.day(day))  # noqa: S308 - a number, a month, a year


@register.filter
def plural(count: int, words: str) -> str:
    """Agree a noun with its count: {{ 2|plural:"notification" }}, {{ 2|plural:"cheval,chevaux" }}."""
    return french.plural(count, *words.split(","))
