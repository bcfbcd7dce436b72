"""Calendar files as RFC 5545 wants them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit.ics import DayEvent, calendar

MADE = dt.datetime(2027, 1, 20, 10, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


def event(title: str = "Titre", text: str = "Texte", remind_days: int = 3) -> DayEvent:
    return DayEvent("notification-1@x.example", dt.date(2027, 2, 28), title, text, "https://x.example/1/", remind_days)


def lines(content: bytes) -> list[str]:
    """Return the unfolded lines."""
    assert content.endswith(b"\r\n")
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_an_event_is_a_whole_day_with_a_reminder() -> None:
    assert lines(calendar([event()], made_at=MADE)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Atelier AT-MP//Dates legales//FR",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "UID:notification-1@x.example",
        "DTSTAMP:20270120T093000Z",
        "DTSTART;VALUE=DATE:20270228",
        "DTEND;VALUE=DATE:20270301",
        "SUMMARY:Titre",
        "DESCRIPTION:Texte",
        "URL:https://x.example/1/",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Titre",
        "TRIGGER:-P3D",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("un; deux, trois\\", "un\\; deux\\, trois\\\\"),
        ("ligne\nautre\r\nencore", "ligne\\nautre\\nencore"),
        ("BEGIN:VEVENT\r\nEND:VCALENDAR", "BEGIN:VEVENT\\nEND:VCALENDAR"),
        ("sonne\x07 \x00\x7f", "sonne "),
        ("seul\rretour", "seulretour"),
    ],
)
def test_a_text_is_escaped_and_cannot_start_a_line(text: str, written: str) -> None:
    assert f"DESCRIPTION:{written}" in lines(calendar([event(text=text)], made_at=MADE))


@given(title=TEXTS, text=TEXTS)
def test_whatever_is_written_lines_are_short_and_read_back(title: str, text: str) -> None:
    content = calendar([event(title, text)], made_at=MADE)
    assert max(map(len, content.split(b"\r\n"))) <= 75
    # Each piece is whole characters: some programs read line by line.
    assert [piece.decode() for piece in content.split(b"\r\n")]
    unescaped = [line.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\") for line in lines(content)]
    assert (unescaped[9], unescaped[10]) == (f"SUMMARY:{title}", f"DESCRIPTION:{text}")


def test_a_reminder_on_the_day_itself_is_at_its_start() -> None:
    assert "TRIGGER:PT0S" in lines(calendar([event(remind_days=0)], made_at=MADE))


def test_no_event_is_a_calendar_all_the_same() -> None:
    assert lines(calendar([], made_at=MADE))[-1] == "END:VCALENDAR"
