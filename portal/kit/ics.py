"""Calendar files (RFC 5545): whole-day events with a reminder, for any calendar program."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpResponse

# Octets of a line, its end not counted (RFC 5545, 3.1).
_LINE = 75
# What a text may not hold (RFC 5545, 3.3.11): control characters but the tab.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class DayEvent:
    """A whole day to remember.

    uid: the same for ever, so that a second import replaces the first. remind_days: days before, 0 on the day itself.
    """

    uid: str
    day: dt.date
    title: str
    text: str
    link: str
    remind_days: int


def calendar(events: Iterable[DayEvent], *, made_at: dt.datetime) -> bytes:
    """Return the file as UTF-8, its lines folded and ended by CR LF. made_at: aware."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Atelier AT-MP//Dates legales//FR", "CALSCALE:GREGORIAN"]
    for event in events:
        lines += _event(event, f"{made_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}")
    lines.append("END:VCALENDAR")
    return b"".join(piece + b"\r\n" for line in lines for piece in _folded(line))


def ics_response(name: str, events: Iterable[DayEvent], *, made_at: dt.datetime) -> HttpResponse:
    """Hand over a calendar file under that name."""
    return HttpResponse(
        calendar(events, made_at=made_at),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _event(event: DayEvent, stamp: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        # The end of a day is the day after (RFC 5545, 3.6.1).
        f"DTEND;VALUE=DATE:{event.day + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(event.title)}",
        f"DESCRIPTION:{_text(event.text)}",
        f"URL:{event.link}",
        # It takes no room among appointments.
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(event.title)}",
        f"TRIGGER:-P{event.remind_days}D" if event.remind_days else "TRIGGER:PT0S",
        "END:VALARM",
        "END:VEVENT",
    ]


def _text(value: str) -> str:
    """Escape a text (RFC 5545, 3.3.11): \\ ; , and the end of a line."""
    plain = _CONTROL.sub("", value.replace("\r\n", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", plain).replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """Cut a line into pieces of 75 octets at most, never inside a character; each further one starts with a space."""
    piece = b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _LINE:
            yield piece
            piece = b" "
        piece += octets
    yield piece
