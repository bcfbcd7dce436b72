"""Keyset paging, walked forwards and backwards over rows whose keys collide."""

import base64
import contextlib
import datetime as dt
import json

import pytest
from django.http import Http404, QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Establishment, LoginFailure
from portal.kit.paging import Page, SortLink, page, sort_links, with_params
from tests.factories.accounts import EnterpriseFactory, EstablishmentFactory

pytestmark = pytest.mark.django_db
anew = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

MINUTE = dt.timedelta(minutes=1)
MORNING = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
ORDERS = [
    ("id",),
    ("-id",),
    ("failures", "-last_at", "id"),
    ("-failures", "last_at", "-id"),
    ("source", "-id"),
]
# Few different values, so that keys collide and the last field of the order has to decide.
rows_strategy = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from("abé")), max_size=14)


def fill(rows: list[tuple[int, int, str]]) -> None:
    """Replace the table by these rows: failures, minutes, source."""
    LoginFailure.objects.all().delete()
    add(rows, "row")


def add(rows: list[tuple[int, int, str]], key: str) -> None:
    LoginFailure.objects.bulk_create(
        LoginFailure(key_hash=f"{key} {number}", source=source, failures=failures, last_at=MORNING + minutes * MINUTE)
        for number, (failures, minutes, source) in enumerate(rows)
    )


def look(order: tuple[str, ...], url: str | None, size: int) -> Page[LoginFailure]:
    return page(LoginFailure.objects.all(), order=order, params=QueryDict((url or "?")[1:]), size=size)


def cursor(key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


@anew
@given(rows=rows_strategy, order=st.sampled_from(ORDERS), size=st.integers(1, 5))
def test_a_walk_forwards_then_backwards_shows_every_row_once_and_in_order(
    rows: list[tuple[int, int, str]], order: tuple[str, ...], size: int
) -> None:
    fill(rows)
    seen = look(order, None, size)
    forwards = [seen]
    while seen.next_url:
        seen = look(order, seen.next_url, size)
        forwards.append(seen)
    backwards = [seen]
    while seen.previous_url:
        seen = look(order, seen.previous_url, size)
        backwards.insert(0, seen)
    expected = list(LoginFailure.objects.order_by(*order))
    assert [row for one in forwards for row in one.items] == expected
    assert [one.items for one in backwards] == [one.items for one in forwards]
    assert (backwards[0].previous_url, backwards[-1].next_url) == (None, None)


@anew
@given(rows=rows_strategy, late=rows_strategy, order=st.sampled_from(ORDERS), size=st.integers(1, 5))
def test_rows_that_arrive_meanwhile_do_not_make_others_repeat_or_vanish(
    rows: list[tuple[int, int, str]], late: list[tuple[int, int, str]], order: tuple[str, ...], size: int
) -> None:
    fill(rows)
    before = set(LoginFailure.objects.values_list("pk", flat=True))
    seen = look(order, None, size)
    walked = [row.pk for row in seen.items]
    add(late, "late")
    while seen.next_url:
        seen = look(order, seen.next_url, size)
        walked += [row.pk for row in seen.items]
    old = [pk for pk in walked if pk in before]
    assert len(walked) == len(set(walked))
    assert set(old) == before


def test_a_page_beyond_which_everything_has_gone_gives_way_to_the_first_one() -> None:
    fill([(0, 0, "a")] * 4)
    second = look(("id",), look(("id",), None, 2).next_url, 2)
    LoginFailure.objects.filter(pk__in=[row.pk for row in second.items]).delete()
    url = look(("id",), None, 1).next_url
    LoginFailure.objects.exclude(pk=LoginFailure.objects.order_by("pk")[0].pk).delete()
    assert [row.key_hash for row in look(("id",), url, 2).items] == ["row 0"]
    assert look(("id",), url, 2).previous_url is None


TRICKY = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2027-01-20", "\0", "\ud800", "1e999999"]
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(TRICKY),
)


@settings(anew, max_examples=200)
@given(
    junk=st.one_of(
        st.text(max_size=30),
        st.binary(max_size=30).map(lambda b: base64.urlsafe_b64encode(b).decode()),
        st.tuples(values, values, values, values).map(list).map(cursor),
    ),
    name=st.sampled_from(["apres", "avant"]),
)
def test_any_cursor_is_read_or_not_found_and_never_an_error(junk: str, name: str) -> None:
    fill([(1, 1, "a")])
    params = QueryDict(mutable=True)
    params[name] = junk
    with contextlib.suppress(Http404):
        page(LoginFailure.objects.all(), order=("failures", "last_at", "source", "id"), params=params)


@pytest.mark.parametrize(
    "key",
    [
        "!",
        "",
        cursor([1]),
        cursor([1, 2, 3]),
        cursor({"a": 1, "b": 2}),
        cursor([None, 1]),
        cursor(["x", True]),
    ],
)
def test_a_damaged_cursor_is_not_found(key: str) -> None:
    with pytest.raises(Http404):
        look(("failures", "id"), f"?apres={key}", 2)


def test_a_yes_or_no_can_lead_the_order() -> None:
    enterprise = EnterpriseFactory()
    first = EstablishmentFactory(enterprise=enterprise, head_office=True)
    second = EstablishmentFactory(enterprise=enterprise, number=2)
    order = ("-is_head_office", "siret", "id")
    places = Establishment.objects.all()
    start = page(places, order=order, params=QueryDict(""), size=1)
    assert start.items == (first,)
    after = page(places, order=order, params=QueryDict((start.next_url or "")[1:]), size=1)
    assert after.items == (second,)
    with pytest.raises(Http404):
        page(places, order=order, params=QueryDict(f"apres={cursor([1, 'x', 1])}"))


def test_the_filters_travel_with_the_cursor() -> None:
    fill([(0, 0, "a")] * 3)
    first = page(LoginFailure.objects.all(), order=("id",), params=QueryDict("ville=Saint+Malo&b=1&b=2"), size=1)
    assert first.next_url is not None
    params = QueryDict(first.next_url[1:])
    assert (params["ville"], params.getlist("b")) == ("Saint Malo", ["1", "2"])
    second = page(LoginFailure.objects.all(), order=("id",), params=params, size=1)
    assert "apres" not in QueryDict((second.previous_url or "")[1:])


def test_a_sort_link_turns_the_order_round_and_goes_back_to_the_first_page() -> None:
    links = sort_links({"taux": "Taux", "siret": "SIRET"}, current="-taux", params=QueryDict("etat=lues&apres=abc"))
    assert links == {
        "taux": SortLink("Taux", "?etat=lues&tri=taux", "descending"),
        "siret": SortLink("SIRET", "?etat=lues&tri=siret", ""),
    }
    assert sort_links({"taux": "Taux"}, current="taux", params=QueryDict("")) == {
        "taux": SortLink("Taux", "?tri=-taux", "ascending")
    }


def test_parameters_are_set_and_taken_away_without_touching_the_others() -> None:
    assert with_params(QueryDict("a=1&b=2"), {"c": "é"}, drop=("a",)) == "?b=2&c=%C3%A9"
