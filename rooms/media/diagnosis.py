"""Why somebody is heard or seen badly: their line, their device, us. Pure: figures in, one finding out; and what is
kept of the figures, a minute at a time.

What a client measures of its own connection (`media.engine.Measurement`), what the room knows (whose pictures rest),
and how late our own loops are. A finding counts once it has lasted, and stays until it has been gone for a while: what
flickers helps nobody. Words are the page's; here are only names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, get_args

from media.engine import Measurement

Finding = Literal[
    "",
    "server",  # our loops come late to everything
    "mic_gone",
    "mic_muted",  # by the system: a call, a switch at the headset
    "loss_up",
    "narrow_up",  # their way to us carries no more than sound
    "delay",
    "echo",  # another microphone stands beside theirs (`media.engine.Echo`)
    "loss_down",
    "narrow_down",
    "cpu",  # their device cannot keep up with the picture
    "mic_silent",  # on, and not the faintest sound: not even a room's
    "camera_gone",
    "camera_muted",
    "camera_still",
    "hidden",  # their page is behind another, where phones stop cameras
    "battery",
]
"""In this order: what is said first is what the rest may follow from, and what hinders talking more."""
FINDINGS: Final[tuple[Finding, ...]] = get_args(Finding)[1:]

Side = Literal["", "uplink", "downlink", "device", "server"]
SIDES: Final[Mapping[str, Side]] = {
    "": "",
    "server": "server",
    "loss_up": "uplink",
    "narrow_up": "uplink",
    "delay": "uplink",
    "loss_down": "downlink",
    "narrow_down": "downlink",
    **dict.fromkeys(("mic_gone", "mic_muted", "echo", "cpu", "mic_silent", "hidden", "battery"), "device"),
    **dict.fromkeys(("camera_gone", "camera_muted", "camera_still"), "device"),
}

LOSS: Final = 0.05
"""Of packets. Up to here repair is not noticed much (`media.engine.LEVEL_LIMITS`)."""
DELAY: Final = 0.5  # seconds there and back: people talk over one another
LAG: Final = 0.15  # seconds our loops are late: sound comes in lumps
STAYS: Final = 0.6
"""A finding that is said ends at this share of what it began with."""
LITTLE: Final = 150
"""kbit/s out that carry sound and no picture worth it; a browser that holds back says how much it thinks it may."""

BEGINS: Final = timedelta(seconds=6)
ENDS: Final = timedelta(seconds=12)
PATIENT: Final[Mapping[str, timedelta]] = {"mic_silent": timedelta(seconds=60), "hidden": timedelta(seconds=20)}
"""Who only listens is silent for a while; who looks up a message comes back."""


def found(
    of: Measurement, resting: Collection[str], lag: float, said: str = "", *, echo: bool = False
) -> frozenset[str]:
    """Return everything that holds now. `resting`: the ways whose pictures rest ("from" them, "to" them). `lag`: of our
    loops, in seconds. `said`: the finding that is shown already and goes more slowly than it came. `echo`: they are
    heard through another's microphone too."""

    def over(name: str, value: float, limit: float) -> bool:
        return value >= limit * (STAYS if name == said else 1.0)

    held = {
        "server": over("server", lag, LAG),
        "loss_up": over("loss_up", of.loss_up, LOSS),
        "narrow_up": "from" in resting
        or (of.limited == "bandwidth" and of.available is not None and of.available <= LITTLE),
        "delay": over("delay", of.rtt, DELAY),
        "echo": echo and not of.apart,
        "loss_down": over("loss_down", of.loss_down, LOSS),
        "narrow_down": "to" in resting,
        "cpu": of.limited == "cpu",
        "hidden": of.hidden,
        "battery": of.battery,
        f"mic_{of.mic}": True,
        f"camera_{of.camera}": True,
    }
    return frozenset(name for name, holds in held.items() if holds and name in FINDINGS)


_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Diagnosis:
    """What is said of one seat. Asked with every report, a few seconds apart."""

    def __init__(self) -> None:
        self.finding: Finding = ""
        self._since: dict[str, datetime] = {}  # what holds, and since when without a break
        self._last = _NEVER  # when what is said last held

    def note(self, held: Collection[str], now: datetime) -> bool:
        """Take in what holds now; whether something else is said from here on."""
        self._since = {name: self._since.get(name, now) for name in held}
        lasted = [name for name in FINDINGS if self._lasts(name, now)]
        if self.finding in held:
            self._last = now
        first: Finding = lasted[0] if lasted else ""
        if not first and self.finding and now - self._last < ENDS:
            return False
        if first and self.finding and FINDINGS.index(first) > FINDINGS.index(self.finding) and now - self._last < ENDS:
            return False  # what is said comes before it, and may only be catching its breath
        changed, self.finding = first != self.finding, first
        if changed:
            self._last = now
        return changed

    def _lasts(self, name: str, now: datetime) -> bool:
        since = self._since.get(name)
        return since is not None and now - since >= PATIENT.get(name, BEGINS)


LINES: Final = frozenset({"server", "loss_up", "narrow_up", "delay", "loss_down", "narrow_down"})


@dataclass(frozen=True, slots=True)
class Outage:
    """`scope`: "all" who report are badly off, "network": those of one address, "" for nothing that several share."""

    scope: Literal["", "all", "network"] = ""
    seats: tuple[str, ...] = ()


def shared(findings: Mapping[str, str], networks: Mapping[str, str]) -> Outage:
    """What several bad lines have in common: two of one address, or all of three and more. `findings` of everybody who
    reports, "" for who is well; `networks`: the address they come from, where it is known."""
    bad = {seat for seat, finding in findings.items() if finding in LINES}
    if len(bad) > 2 and len(bad) == len(findings):
        return Outage("all", tuple(sorted(bad)))
    behind: dict[str, set[str]] = {}
    for seat in findings:
        if network := networks.get(seat, ""):
            behind.setdefault(network, set()).add(seat)
    for seats in behind.values():
        if len(seats) > 1 and seats <= bad:
            return Outage("network", tuple(sorted(seats)))
    return Outage()


# ------------------------------------------------------------ what is kept of it


@dataclass(frozen=True, slots=True)
class SeatReport:
    """What a seat's client measured and what was made of it. `client`: browser and system, without any detail. `lag`:
    seconds that our loops were late. `finding`: what was said of the seat then."""

    seat: str
    at: datetime
    measurement: Measurement
    client: str
    lag: float
    finding: str


FIGURES: Final = (
    "rtt", "jitter", "loss_up", "loss_down", "up", "down", "available", "concealed", "frozen", "frames", "lag"
)  # fmt: skip
"""What is kept of each minute, as the median and the value that one in twenty is worse than. Units as measured."""
BETTER_HIGH: Final = frozenset({"up", "down", "available", "frames"})
"""Of these the worse end is the lower one."""

Spread = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineMinute:
    """A minute of one seat's connection. `way`: "direct" or "relay", and what it goes in ("direct/udp"). `said`: what
    was said of the seat and since when in this minute, only where it changed; "" for nothing any more."""

    seat: str
    minute: datetime
    client: str
    way: str
    reports: int
    figures: Mapping[str, Spread]
    said: Sequence[tuple[datetime, str]]


@dataclass(slots=True)
class MinuteReports:
    """Of one seat, until the minute is over. `finding`: what was said when it began."""

    minute: datetime
    finding: str
    reports: list[SeatReport] = field(default_factory=list)

    def line(self) -> LineMinute:
        last, finding, said = self.reports[-1], self.finding, list[tuple[datetime, str]]()
        for one in self.reports:
            if one.finding != finding:
                finding = one.finding
                said.append((one.at, finding))
        measured = last.measurement
        way = "/".join(part for part in ("relay" if measured.relayed else "direct", measured.over) if part)
        rows = [{**one.measurement.body(), "lag": one.lag} for one in self.reports]
        figures = {name: spread for name in FIGURES if (spread := _spread(name, rows)) is not None}
        return LineMinute(last.seat, self.minute, last.client, way, len(rows), figures, said)


def _spread(name: str, rows: Sequence[Mapping[str, Any]]) -> Spread | None:
    values = sorted((row[name] for row in rows if row[name] is not None), reverse=name in BETTER_HIGH)
    return spread(values) if values else None


def spread(values: Sequence[float]) -> Spread:
    """Median and the value that one in twenty is worse than, of values from the best to the worst."""
    return _at(values, 0.5), _at(values, 0.95)


def _at(values: Sequence[float], share: float) -> float:
    return round(values[min(len(values) - 1, int(share * len(values)))], 4)
