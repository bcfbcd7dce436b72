"""Keyset paging: a page costs the same however far it is, and rows that arrive meanwhile do not repeat any.

The cursor in the URL (`apres=` or `avant=`) is the base64 of the JSON of the sort key of a row.
"""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import islice
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Field, Model, Q, QuerySet
from django.http import Http404, QueryDict

AFTER, BEFORE = "apres", "avant"
_LONGEST_CURSOR = 1000

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Some rows in order, and the query strings of the pages around (« ?etat=lues&apres=… »), None at an end.

    There is no total: counting would cost more than the page.
    """

    items: tuple[M, ...]
    next_url: str | None
    previous_url: str | None


@dataclass(frozen=True)
class SortLink:
    """A column's head: its label, the query string that sorts by it, its `aria-sort` when it sorts now."""

    label: str
    url: str
    aria_sort: str


def page(queryset: QuerySet[M], *, order: tuple[str, ...], params: QueryDict, size: int = 50) -> Page[M]:
    """Return the page that the parameters point at; the first one when a cursor leads past either end.

    order: field names, lookups through relations included, « - » for descending; none of them may be NULL and
    the last is « id » or « -id », so that no two rows have the same key. Raises Http404 on a damaged cursor.
    """
    backwards = BEFORE in params
    cursor = params.get(BEFORE if backwards else AFTER)
    rows, more = _rows(queryset, order, cursor, backwards=backwards, size=size)
    if cursor is not None and not rows:
        cursor, backwards = None, False
        rows, more = _rows(queryset, order, None, backwards=False, size=size)
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    after = {AFTER: _encode(rows[-1], order)} if has_next else None
    before = {BEFORE: _encode(rows[0], order)} if has_previous else None
    return Page(
        items=tuple(rows),
        next_url=with_params(params, after, drop=(BEFORE,)) if after else None,
        previous_url=with_params(params, before, drop=(AFTER,)) if before else None,
    )


def chunks(queryset: QuerySet[M], size: int) -> Iterator[list[M]]:
    """Yield the rows of an ordered queryset in lists of at most that size, in constant memory."""
    rows = queryset.iterator(chunk_size=size)
    while some := list(islice(rows, size)):
        yield some


def sort_links(columns: dict[str, str], *, current: str, params: QueryDict, name: str = "tri") -> dict[str, SortLink]:
    """Return the head of each sortable column, from its label; a second click turns the order round.

    current: the key in force, « - » first when it is descending. A new order starts at the first page.
    """
    links = {}
    for key, label in columns.items():
        descending = current == f"-{key}"
        aria_sort = "descending" if descending else "ascending" if current == key else ""
        target = f"-{key}" if current == key else key
        links[key] = SortLink(label, with_params(params, {name: target}, drop=(AFTER, BEFORE)), aria_sort)
    return links


def with_params(params: QueryDict, changes: dict[str, str], *, drop: tuple[str, ...] = ()) -> str:
    """Return the query string, « ? » included, with some parameters set and others taken away."""
    changed = params.copy()
    for name in drop:
        changed.pop(name, None)
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def _rows(
    queryset: QuerySet[M], order: tuple[str, ...], cursor: str | None, *, backwards: bool, size: int
) -> tuple[list[M], bool]:
    """Return at most `size` rows, in the order asked for, and whether there are more on the far side."""
    walk = tuple(_turned(name) for name in order) if backwards else order
    queryset = queryset.order_by(*walk)
    if cursor is not None:
        queryset = queryset.filter(_beyond(walk, _decode(cursor, queryset.model, order)))
    rows = list(queryset[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if backwards else rows), more


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(walk: tuple[str, ...], key: list[Any]) -> Q:
    """Keep the rows that come after the key in this walk."""
    condition = Q()
    for name, value in reversed(list(zip(walk, key, strict=True))):
        field, way = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        further = Q(**{f"{field}__{way}": value})
        # The outer bound is redundant, and lets the database use an index.
        condition = Q(**{f"{field}__{way}e": value}) & (further | condition) if condition else further
    return condition


def _encode(row: Model, order: tuple[str, ...]) -> str:
    key = [_plain(reduce(getattr, name.lstrip("-").split("__"), row)) for name in order]
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _plain(value: Any) -> int | str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _decode(cursor: str, model: type[Model], order: tuple[str, ...]) -> list[Any]:
    """Return the values of the key, each of its field's type. Raises Http404."""
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(key, list):
            raise TypeError
        return [_value(_field(model, name), value) for name, value in zip(order, key, strict=True)]
    except (ValueError, TypeError, ArithmeticError, binascii.Error, ValidationError, RecursionError):
        raise Http404("Ce lien de page est abîmé.") from None


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    *relations, last = name.lstrip("-").split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model  # type: ignore[assignment]
    return model._meta.get_field(last)  # type: ignore[return-value]


def _value(field: "Field[Any, Any]", value: Any) -> Any:
    if isinstance(value, bool) != isinstance(field, BooleanField) or not isinstance(value, int | str):
        raise TypeError
    if isinstance(value, str) and ("\0" in value or value.encode(errors="replace").decode() != value):
        raise ValueError
    parsed = field.to_python(value)
    field.run_validators(parsed)
    if isinstance(parsed, dt.datetime):
        parsed = parsed.astimezone(dt.UTC)
    return parsed
