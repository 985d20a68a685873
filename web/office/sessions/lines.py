"""How connections were in a mediation: a report for the office's IT and the mediator, and the list of such reports.

Who looks after the network need not know whose dispute it was: an administrator reads roles where the mediator reads
names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote

from aiohttp import web

from offices import Officer
from recordings.gap_ledger import ledger
from recordings.views import LineReport
from rooms import events as e
from rooms.events import SessionEntry
from rooms.media.diagnosis import BETTER_HIGH, FIGURES, SIDES, LineMinute, Spread, spread
from rooms.seats import SeatState
from rooms.views import SessionRow
from web import i18n
from web.http.responses import json_response
from web.http.security import officer_page
from web.i18n import N_
from web.office.audit.sentences import BOTH, CAUSES, NAMES, MissingStretch, gap_lines
from web.office.supervision.plans import report_table
from web.rendering import officer_in, show


class Lines(Protocol):
    """Reports on connections, of an officer's own office; a mediator's of their own mediations."""

    async def listed(self, officer: Officer) -> Sequence[tuple[SessionRow, int]]:
        """The newest first; of each, of how many seats something is kept."""
        ...

    async def of(self, officer: Officer, session: str) -> LineReport:
        """Refused(404): another office's. Refused(403): another mediator's."""
        ...


LINES: web.AppKey[Lines] = web.AppKey("lines", Lines)

FINDING_WORDS: Final = {
    "server": N_("our server was overloaded"),
    "mic_gone": N_("their device: microphone not allowed, or none found"),
    "mic_muted": N_("their device: microphone taken by a call or another app"),
    "mic_silent": N_("their device: microphone on, no sound in it"),
    "loss_up": N_("their line: packets lost on the way to us"),
    "narrow_up": N_("their line: too narrow to send a picture"),
    "delay": N_("their line: slow"),
    "loss_down": N_("their line: packets lost on the way to them"),
    "narrow_down": N_("their line: too narrow to receive pictures"),
    "cpu": N_("their device: too slow for the picture"),
    "camera_gone": N_("their device: camera not allowed, or none found"),
    "camera_muted": N_("their device: camera taken by a call or another app"),
    "camera_still": N_("their device: the camera’s picture stood still"),
    "hidden": N_("their phone: another app in front"),
    "battery": N_("their device: battery nearly empty"),
    "echo": N_("their device: another microphone beside it, echo"),
}
FIGURE_WORDS: Final = {
    "rtt": N_("There and back"),
    "jitter": N_("Jitter"),
    "loss_up": N_("Lost of what they sent"),
    "loss_down": N_("Lost of what they received"),
    "up": N_("Rate from them to us"),
    "down": N_("Rate from us to them"),
    "available": N_("Room on the way out"),
    "concealed": N_("Sound made up"),
    "frozen": N_("Pictures stood still"),
    "frames": N_("Frames a second"),
    "lag": N_("Our server late by"),
}
ENDS: Final = {
    "left": N_("left"),
    "removed": N_("asked to leave"),
    "server": N_("our server"),
    "media": N_("sound and picture broke off"),
    "socket": N_("connection broke off"),
    "ended": N_("link or sign-in no longer valid"),
    "closed": N_("end of the mediation"),
}
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Connection:
    """From being let in, or back, to being gone; `end` is None while it lasts, `cause` a key of `ENDS`."""

    start: datetime
    end: datetime | None
    cause: str


@dataclass(frozen=True, slots=True)
class SaidSpan:
    """What was said of a seat, and for how long."""

    finding: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class LineChart:
    """Paths in a box of `WIDE` by `HIGH`; `most_rtt` in milliseconds and `most_loss` in percent are its tops."""

    rtt: str
    loss_up: str
    loss_down: str
    most_rtt: int
    most_loss: int
    ticks: Sequence[tuple[float, datetime]]


@dataclass(frozen=True, slots=True)
class SeatLine:
    """Everything the report says of one seat."""

    seat: SeatState
    name: str  # "" where the reader learns the role alone
    clients: Sequence[str]
    ways: Sequence[str]
    minutes: Sequence[LineMinute]
    figures: Mapping[str, Spread]
    connections: Sequence[Connection]
    said: Sequence[SaidSpan]
    gaps: Sequence[MissingStretch]
    chart: LineChart | None


def seat_lines(report: LineReport, named: bool) -> Sequence[SeatLine]:
    """In seat order, of everybody of whom something is known."""
    gaps = [gap for gap in gap_lines(ledger(report.history)) if gap.listed]
    found = []
    for seat in report.session.seats.values():
        minutes = [one for one in report.minutes if one.seat == seat.id]
        connected = connections(report.history, seat.id)
        if not minutes and not connected:
            continue
        found.append(
            SeatLine(
                seat,
                seat.seat.name if named else "",
                list(dict.fromkeys(one.client for one in minutes if one.client)),
                list(dict.fromkeys(one.way for one in minutes if one.way)),
                minutes,
                totals(minutes),
                connected,
                said_spans(minutes),
                [gap for gap in gaps if gap.seat == seat.id],
                chart(minutes),
            )
        )
    return found


def connections(history: Sequence[SessionEntry], seat: str) -> Sequence[Connection]:
    found: list[Connection] = []
    start: datetime | None = None
    for entry in history:
        begins, cause = _turn(entry.event, seat)
        if begins and start is None:
            start = entry.at
        elif cause and start is not None:
            found.append(Connection(start, entry.at, cause))
            start = None
    return [*found, Connection(start, None, "")] if start is not None else found


def _turn(fact: e.SessionEvent, seat: str) -> tuple[bool, str]:
    """Whether a connection of this seat begins, and by what it ends."""
    match fact:
        case e.Admitted(seat=whose) | e.Reconnected(seat=whose):
            return whose == seat, ""
        case e.Disconnected(seat=whose, cause=cause) if whose == seat:
            return False, cause if cause in ENDS else "ended"
        case e.Left(seat=whose) if whose == seat:
            return False, "left"
        case e.Removed(seat=whose) if whose == seat:
            return False, "removed"
        case e.SessionClosed():
            return False, "closed"
        case _:
            return False, ""


def said_spans(minutes: Sequence[LineMinute]) -> Sequence[SaidSpan]:
    """What was said of a seat, put together from its minutes; it ends with the last minute at the latest."""
    found: list[SaidSpan] = []
    said, since = "", None
    before: datetime | None = None
    for one in minutes:
        if said and since and before is not None and one.minute > before + MINUTE:
            found.append(SaidSpan(said, since, before + MINUTE))  # away meanwhile, and looked at anew
            said = ""
        for at, finding in one.said:
            if said and since:
                found.append(SaidSpan(said, since, at))
            said, since = finding, at
        before = one.minute
    if said and since and before is not None:
        found.append(SaidSpan(said, since, before + MINUTE))
    return found


def totals(minutes: Sequence[LineMinute]) -> Mapping[str, Spread]:
    """Of a whole mediation: the median of the minutes' medians, and what one minute in twenty is worse than."""
    found: dict[str, Spread] = {}
    for name in FIGURES:
        downward = name in BETTER_HIGH
        usual = sorted((one.figures[name][0] for one in minutes if name in one.figures), reverse=downward)
        worse = sorted((one.figures[name][1] for one in minutes if name in one.figures), reverse=downward)
        if usual:
            found[name] = (spread(usual)[0], spread(worse)[1])
    return found


WIDE: Final = 600.0
HIGH: Final = 60.0
MOST_POINTS: Final = 240


def chart(minutes: Sequence[LineMinute]) -> LineChart | None:
    """Two minutes at least; of a long mediation every second, third … minute."""
    if len(minutes) < 2:
        return None
    step = -(-len(minutes) // MOST_POINTS)
    shown = [minutes[n] for n in range(0, len(minutes), step)]
    first, length = shown[0].minute, max((shown[-1].minute - shown[0].minute).total_seconds(), 60.0)

    def x(at: datetime) -> float:
        return round((at - first).total_seconds() / length * WIDE, 1)

    def path(name: str, most: float) -> str:
        points, before = list[str](), None
        for one in shown:
            if name not in one.figures:
                continue
            worse = min(one.figures[name][1] / most, 1.0)
            joined = before is not None and one.minute - before <= MINUTE * step
            points.append(f"{'L' if joined else 'M'}{x(one.minute)} {round(HIGH - worse * HIGH, 1)}h0.1")
            before = one.minute
        return "".join(points)

    rtt = _top([one.figures["rtt"][1] for one in shown if "rtt" in one.figures], (0.1, 0.25, 0.5, 1, 2, 5, 60))
    losses = [one.figures[name][1] for one in shown for name in ("loss_up", "loss_down") if name in one.figures]
    loss = _top(losses, (0.02, 0.1, 0.25, 0.5, 1))
    return LineChart(
        path("rtt", rtt),
        path("loss_up", loss),
        path("loss_down", loss),
        round(rtt * 1000),
        round(loss * 100),
        [(x(at), at) for at in (first, first + timedelta(seconds=length / 2), first + timedelta(seconds=length))],
    )


def _top(values: Sequence[float], tops: Sequence[float]) -> float:
    return next((top for top in tops if max(values, default=0.0) <= top), tops[-1])


def figure_text(name: str, value: float) -> str:
    if name in ("rtt", "jitter", "lag"):
        return f"{round(value * 1000)} ms"
    if name in ("loss_up", "loss_down", "concealed", "frozen"):
        return f"{value * 100:.1f} %"
    return f"{value:.1f}" if name == "frames" else f"{round(value)} kbit/s"


def gap_names(gap: MissingStretch) -> str:
    return BOTH if gap.sources == ("mic", "camera") else NAMES[gap.sources[0]]


# ------------------------------------------------------------ pages


@officer_page("mediator", "administrator")
async def report_list(request: web.Request) -> web.StreamResponse:
    found = await request.app[LINES].listed(officer_in(request))
    return show(request, "sessions/line_list.html", "lines", found=found, named=_named(officer_in(request)))


@officer_page("mediator", "administrator")
async def report_page(request: web.Request) -> web.StreamResponse:
    report = await _asked(request)
    lines = seat_lines(report, _named(officer_in(request)))
    return show(
        request,
        "sessions/lines.html",
        "lines",
        report=report,
        row=report.row,
        lines=lines,
        named=_named(officer_in(request)),
        worst_lag=max((line.figures["lag"][1] for line in lines if "lag" in line.figures), default=None),
        figure_words=FIGURE_WORDS,
        finding_words=FINDING_WORDS,
        ends=ENDS,
        causes=CAUSES,
        gap_names=gap_names,
        text=figure_text,
        wide=WIDE,
        high=HIGH,
        words=i18n,
    )


@officer_page("mediator", "administrator")
async def report_json(request: web.Request) -> web.StreamResponse:
    report = await _asked(request)
    body = {
        "session": report.row.id,
        "number": report.row.number,
        "opened": _iso(report.row.opened),
        "closed": _iso(report.row.closed),
        "units": {"rtt": "s", "jitter": "s", "lag": "s", "up": "kbit/s", "down": "kbit/s", "available": "kbit/s"},
        "seats": [_seat(line) for line in seat_lines(report, _named(officer_in(request)))],
    }
    return json_response(body, headers=_saved(report, "json"))


@officer_page("mediator", "administrator")
async def report_csv(request: web.Request) -> web.StreamResponse:
    report = await _asked(request)
    table = report_table(list(_rows(report)))
    return web.Response(text=table, content_type="text/csv", charset="utf-8", headers=_saved(report, "csv"))


def _saved(report: LineReport, ending: str) -> Mapping[str, str]:
    """To be saved under a name with the complaint's number, whose characters no header bears as they are (RFC 6266)."""
    name = quote(f"call-quality-{report.row.number}-{report.row.ordinal}.{ending}", safe="")
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}


async def _asked(request: web.Request) -> LineReport:
    return await request.app[LINES].of(officer_in(request), request.match_info["session"])


def _named(officer: Officer) -> bool:
    return officer.role == "mediator"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _seat(line: SeatLine) -> dict[str, Any]:
    named = {"name": line.name} if line.name else {}
    return {
        "seat": line.seat.id,
        "role": line.seat.role,
        **named,
        "clients": line.clients,
        "ways": line.ways,
        "figures": {name: {"p50": low, "p95": high} for name, (low, high) in line.figures.items()},
        "connections": [
            {"start": _iso(one.start), "end": _iso(one.end), "cause": one.cause} for one in line.connections
        ],
        "findings": [
            {"finding": one.finding, "side": SIDES[one.finding], "start": _iso(one.start), "end": _iso(one.end)}
            for one in line.said
        ],
        "gaps": [
            {"sources": gap.sources, "cause": gap.cause, "start": _iso(gap.span.start), "end": _iso(gap.span.end)}
            for gap in line.gaps
        ],
        "minutes": [_minute(one) for one in line.minutes],
    }


def _minute(one: LineMinute) -> dict[str, Any]:
    return {
        "minute": _iso(one.minute),
        "client": one.client,
        "way": one.way,
        "reports": one.reports,
        **{name: {"p50": low, "p95": high} for name, (low, high) in one.figures.items()},
    }


def _rows(report: LineReport) -> Iterator[Mapping[str, Any]]:
    """A row for each seat and minute; all have the same columns."""
    for one in report.minutes:
        seat = report.session.seats.get(one.seat)
        yield {
            "minute": _iso(one.minute),
            "seat": one.seat,
            "role": seat.role if seat else "",
            "client": one.client,
            "way": one.way,
            "reports": one.reports,
            **{
                f"{name}_{part}": one.figures[name][n] if name in one.figures else ""
                for name in FIGURES
                for n, part in enumerate(("p50", "p95"))
            },
            "said": " ".join(finding or "-" for _, finding in one.said),
        }


def register_lines(app: web.Application) -> None:
    app.router.add_get("/connections", report_list, name="lines")
    app.router.add_get("/connections/{session}", report_page, name="line_report")
    app.router.add_get("/connections/{session}/report.json", report_json, name="line_report_json")
    app.router.add_get("/connections/{session}/report.csv", report_csv, name="line_report_csv")
