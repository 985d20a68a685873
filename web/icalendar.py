"""A mediation as an entry of anybody's calendar: iCalendar (RFC 5545), sent as iTIP asks (RFC 5546); and a mediator's
calendar for a program that subscribes to it.

The same UID for good, a higher SEQUENCE each time it is moved or called off; times in UTC, so that no calendar needs
to know our zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web
from yarl import URL

from journal.refusals import Refused
from law.orders import ON_SITE, OURS
from offices import Office, Officer
from rooms.scheduling import LENGTH
from rooms.session import Session, apart_on
from rooms.views import SessionRow
from rooms.vocabulary import Status
from web import SITE
from web.http.forms import now
from web.i18n import Words

LONGEST_LINE: Final = 75  # octets, without the line break (RFC 5545 3.1)
CONTENT_TYPE: Final = "text/calendar"
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """`organizer` and `attendee`: (name, address as a URI); nobody is asked to a calendar that is only read.
    `cancelled`: METHOD:CANCEL. `sequence`: how often it was changed."""

    uid: str
    sequence: int
    made: datetime
    starts: datetime
    length: timedelta
    summary: str
    description: str
    location: str
    url: str
    organizer: tuple[str, str]
    attendee: tuple[str, str] | None
    cancelled: bool = False


def calendar_file(entry: CalendarEntry) -> bytes:
    """As a file: UTF-8, CRLF, long lines folded."""
    return b"".join(_folded(line) for line in _lines(entry))


def feed_file(name: str, entries: Iterable[CalendarEntry]) -> bytes:
    """A calendar to subscribe to (RFC 7986): what is in it no more was called off."""
    lines = [*_head("PUBLISH"), f"X-WR-CALNAME:{escaped(name)}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M"]
    for entry in entries:
        lines += _event(entry)
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _lines(entry: CalendarEntry) -> Iterator[str]:
    yield from _head("CANCEL" if entry.cancelled else "REQUEST")
    yield from _event(entry)
    yield "END:VCALENDAR"


def _head(method: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "PRODID:-//Yuntiao//Mediation//EN"
    yield "VERSION:2.0"
    yield "CALSCALE:GREGORIAN"
    yield f"METHOD:{method}"


def _event(entry: CalendarEntry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{utc(entry.made)}"
    yield f"DTSTART:{utc(entry.starts)}"
    yield f"DTEND:{utc(entry.starts + entry.length)}"
    yield f"SUMMARY:{escaped(entry.summary)}"
    if entry.description:
        yield f"DESCRIPTION:{escaped(entry.description)}"
    if entry.location:
        yield f"LOCATION:{escaped(entry.location)}"
    if entry.url:
        yield f"URL:{entry.url}"
    yield f"ORGANIZER;CN={parameter(entry.organizer[0])}:{entry.organizer[1]}"
    if entry.attendee is not None:
        who, address = entry.attendee
        yield f"ATTENDEE;CN={parameter(who)};ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:{address}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "TRANSP:OPAQUE"
    if not entry.cancelled:
        for before in ("-P1D", "-PT1H"):
            yield "BEGIN:VALARM"
            yield "ACTION:DISPLAY"
            yield f"TRIGGER:{before}"
            yield f"DESCRIPTION:{escaped(entry.summary)}"
            yield "END:VALARM"
    yield "END:VEVENT"


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """RFC 5545 3.3.11."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n"))
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def parameter(text: str) -> str:
    """RFC 5545 3.2: in quotes, in which there can be none."""
    return '"' + _CONTROL.sub("", text.replace("\n", " ")).replace('"', "'") + '"'


def _folded(line: str) -> bytes:
    """RFC 5545 3.1; between characters, never inside one."""
    lines, now = [], b""
    for one in line:
        octets = one.encode()
        if len(now) + len(octets) > LONGEST_LINE:
            lines.append(now)
            now = b" "
        now += octets
    return b"\r\n".join([*lines, now]) + b"\r\n"


def feed_response(request: web.Request, officer: Officer, rows: Iterable[SessionRow], spoken: Words) -> web.Response:
    """A mediator's mediations, for a program that may be anybody's: no name, no address, nothing of the matter."""
    site, at = request.app[SITE].public_url, now(request)
    host = URL(site).host or "yuntiao"
    entries = (
        CalendarEntry(
            uid=f"{row.id}@{host}",
            sequence=0,  # the later `made` counts (RFC 5546 2.1.5)
            made=at,
            starts=row.starts,
            length=LENGTH,
            summary=spoken.gettext("Mediation %(number)s", number=row.number),
            description="",
            location=spoken.gettext("On site") if row.mode == ON_SITE else "",
            url=f"{site}/sessions/{row.id}",
            organizer=_organizer(officer.office),
            attendee=None,
        )
        for row in rows
    )
    headers = {"Content-Type": f"{CONTENT_TYPE}; charset=utf-8", "Cache-Control": "private, no-store"}
    return web.Response(body=feed_file(spoken.gettext("Mediations"), entries), headers=headers)


def _organizer(office: Office) -> tuple[str, str]:
    return office.name, f"tel:{re.sub('[^0-9+-]', '', office.phone)}"


def entry_response(
    request: web.Request, office: Office, session: Session, spoken: Words, url: str, who: str
) -> web.Response:
    """The session as a calendar file, also of one that was called off; of one without meeting, the meeting that was
    called, or was called off. Refused(404): there is none."""
    host = URL(request.app[SITE].public_url).host or "yuntiao"
    apart = apart_on(session)
    starts = session.starts if apart is None else apart.meeting or apart.called_off
    if starts is None:
        raise Refused("not_found", 404)
    cancelled = session.status is Status.CANCELLED or (apart is not None and apart.meeting is None)
    where = session.place if session.mode == ON_SITE else ""
    entry = CalendarEntry(
        uid=f"{session.id}@{host}",
        # Calling off is a word about it, too.
        sequence=session.rescheduled + (session.status is Status.CANCELLED) + (apart.calls if apart is not None else 0),
        made=now(request),
        starts=starts,
        length=LENGTH,
        summary=spoken.gettext("Mediation (%(office)s)", office=office.short),
        description=spoken.gettext(
            "Complaint %(number)s. Questions: %(office)s, %(phone)s",
            number=session.number,
            office=office.name,
            phone=office.phone,
        ),
        location=spoken.gettext("By video, on your phone") if session.mode in OURS else where,
        url=url,
        organizer=_organizer(office),
        attendee=(who, url),
        cancelled=cancelled,
    )
    headers = {"Content-Disposition": 'attachment; filename="mediation.ics"', "Cache-Control": "private, no-store"}
    response = web.Response(body=calendar_file(entry), headers=headers)
    method = "CANCEL" if cancelled else "REQUEST"
    response.headers["Content-Type"] = f"{CONTENT_TYPE}; charset=utf-8; method={method}"
    return response
