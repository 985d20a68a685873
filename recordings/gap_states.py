"""Why something may be missing: what a session's journal switches on and off over time, and the holes of each file.

What is switched on and off, room by room and seat by seat, is what the gap ledger reads (docs/evidence/sheets.md,
section gaps). A hole is a stretch of a second and more in which nothing of a source was written: inside a file,
since the file before it, and behind the last. It is measured by whoever writes the file, from what became of the
packets; which of it was wanted (a muted microphone sends nothing) is for whoever reads the journal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from journal.clock import Spans, TimeSpan, union
from media.engine import Gap, GapCause, Source
from recordings.composing import SEAM
from rooms import events as e
from rooms.events import SessionEntry
from rooms.seats import ENDED
from rooms.vocabulary import Consent, Role, Seat

SEALING: Final = timedelta(minutes=15)
"""After the end files are still sealed and reported; what is not there by then does not come."""


class SwitchLine:
    """One thing that is so or is not, over time."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._done: list[TimeSpan] = []

    @property
    def on(self) -> bool:
        return self._since is not None

    def put(self, on: bool, at: datetime) -> None:
        if on and self._since is None:
            self._since = at
        elif not on and self._since is not None:
            self._done.append(TimeSpan(self._since, at))
            self._since = None

    def spans(self, end: datetime) -> Spans:
        return union([*self._done, *([TimeSpan(self._since, end)] if self._since else [])])


_INSIDE: Final = (
    "inside", "away", "away_ended", "unconnected", "unsent", "shared", "paused", "camera_off", "consulting",
)  # fmt: skip
"""What ends when somebody is out."""


@dataclass(slots=True)
class SeatStates:
    id: str
    role: Role
    lines: defaultdict[str, SwitchLine] = field(default_factory=lambda: defaultdict(SwitchLine))
    segments: list[e.SegmentSealed] = field(default_factory=list)
    unrecorded: list[e.NothingRecorded] = field(default_factory=list)

    def put(self, name: str, on: bool, at: datetime) -> None:
        self.lines[name].put(on, at)

    def out(self, at: datetime) -> None:
        for name in _INSIDE:
            self.put(name, False, at)
        self.put("camera_unset", True, at)


class JournalStates:
    """Takes entry after entry."""

    def __init__(self) -> None:
        self.seats: dict[str, SeatStates] = {}
        self.recess = SwitchLine()
        self.caucus = SwitchLine()
        self.ended: datetime | None = None
        self.composed = False  # or tried to be: no file is still to be sealed
        self.last: datetime | None = None

    @property
    def sealing(self) -> bool:
        """Whether files may still be written, sealed and reported."""
        long_over = self.ended is not None and self.last is not None and self.last - self.ended > SEALING
        return not (self.composed or long_over)

    def note(self, entry: SessionEntry) -> None:
        at = self.last = entry.at
        match entry.event:
            case e.SessionScheduled(seats=seats):
                for seat in seats:
                    self._add(seat, at)
            case e.SeatAdded(seat=added):
                self._add(added, at)
            case e.SessionClosed() | e.SessionCancelled():
                self.ended = at
                self.recess.put(False, at)
                self.caucus.put(False, at)
                for seated in self.seats.values():
                    seated.out(at)
            case e.RecessStarted():
                self.recess.put(True, at)
            case e.RecessEnded():
                self.recess.put(False, at)
            case e.CaucusStarted() | e.CaucusEnded():
                self.caucus.put(isinstance(entry.event, e.CaucusStarted), at)
            case e.ConsultingStarted(seat=id_, other=other) | e.ConsultingEnded(seat=id_, other=other):
                for who in (id_, other):
                    self.seats[who].put("consulting", isinstance(entry.event, e.ConsultingStarted), at)
            case e.Routed(hears=hears, recorded=recorded):
                heard = {source for sources in hears.values() for source in sources}
                for id_, seated in self.seats.items():
                    seated.put("unrouted", id_ not in recorded, at)
                    seated.put("unheard", id_ not in heard, at)
            case e.RecordingComposed() | e.CompositionFailed():
                self.composed = True
            case e.RecordingFailed(seat=id_):
                for seated in self.seats.values():
                    if id_ in ("", seated.id):
                        seated.put("disk", True, at)
            case fact if (one := self.seats.get(_seat_of(fact))) is not None:
                _note(one, fact, at)
            case _:
                pass

    def _add(self, seat: Seat, at: datetime) -> None:
        made = self.seats[seat.id] = SeatStates(seat.id, seat.role)
        made.put("no_consent", seat.role is not Role.MEDIATOR, at)  # who is on duty is not asked
        made.put("camera_unset", True, at)


def _seat_of(fact: e.SessionEvent) -> str:
    found = getattr(fact, "seat", "")
    return found if isinstance(found, str) else ""


def _note(seat: SeatStates, fact: e.SessionEvent, at: datetime) -> None:
    """What an entry says about one seat."""
    match fact:
        case e.Admitted() | e.ObservationBegun():
            seat.put("inside", True, at)
        case e.Left() | e.Removed() | e.SentBack() | e.ConsentRefused(kind=Consent.PARTICIPATE):
            seat.out(at)
        case e.Arrived() | e.Reconnected():
            for name in ("away", "away_server", "away_ended", "lost"):
                seat.put(name, False, at)
        case e.Disconnected(cause=cause):
            seat.put("away", True, at)
            seat.put("away_server", cause == "server", at)
            seat.put("away_ended", cause in ENDED, at)
        case e.MediaAwaited(since=since, cause=cause):
            _awaited(seat, cause, since, at)
        case e.MediaConnected():
            for name in ("server", "unconnected", "unsent"):
                seat.put(name, False, at)
        case e.ConsentGiven(kind=Consent.RECORD):
            seat.put("no_consent", False, at)
            seat.put("withdrawn", False, at)
        case e.ConsentRefused(kind=Consent.RECORD):
            seat.put("no_consent", True, at)
        case e.ConsentWithdrawn(kind=Consent.RECORD):
            seat.put("withdrawn", True, at)
        case e.Muted() | e.Unmuted():
            seat.put("muted", isinstance(fact, e.Muted), at)
        case e.CameraSet(on=on):
            seat.put("camera_off", not on, at)
            seat.put("camera_unset", False, at)
        case e.ScreenShared() | e.ScreenStopped():
            seat.put("shared", isinstance(fact, e.ScreenShared), at)
        case e.PicturesPaused(way="from") | e.PicturesResumed(way="from"):
            seat.put("paused", isinstance(fact, e.PicturesPaused), at)
        case e.DeviceChecked(mode=mode):
            seat.put("writes", mode == "text", at)
            seat.put("camera_off", mode != "video", at)
        case e.RecordingStarted():
            for name in ("disk", "server", "lost"):
                seat.put(name, False, at)
            seat.put("writing", True, at)
        case e.RecordingStopped(cause=cause):
            seat.put("writing", False, at)
            if cause in _STOPS:
                seat.put(_STOPS[cause], True, at)
        case e.SegmentSealed():
            seat.segments.append(fact)
        case e.NothingRecorded():
            seat.unrecorded.append(fact)
        case _:
            pass


def _awaited(seat: SeatStates, cause: str, since: datetime, at: datetime) -> None:
    """What is said of it later counts from then on."""
    name = _AWAITED.get(cause, "unconnected")
    if any(seat.lines[other].on for other in ("unconnected", "unsent") if other != name):
        since = at
    for other in ("unconnected", "unsent"):
        seat.put(other, other == name, since)
    if name == "server":
        seat.put(name, True, since)


_AWAITED: Final = {"nothing": "unsent", "server": "server"}
_STOPS: Final = {"disk": "disk", "server": "server", "disconnected": "lost"}

LEAST = 1.0  # seconds
WAITED: Final[tuple[Source, ...]] = ("mic", "camera")  # of everybody; a screen only while it is shared
Seen = tuple[int, int, int]  # of a tally


@dataclass(slots=True)
class PacketTally:
    """What became of the packets of one source so far. `queue` belongs to the loop, the rest to the writer thread."""

    lost: int = 0  # missing when their time was up, and pictures that could not be decoded without them
    late: int = 0  # of them: came afterwards
    queue: int = 0  # thrown away because writing was too slow

    @property
    def seen(self) -> Seen:
        return self.lost, self.late, self.queue


@dataclass(frozen=True, slots=True)
class FoundHole:
    """A stretch, with what its source's tally had seen when it began and when it ended.

    `delay`: how late its source's packets came when it ended, seconds.
    """

    source: Source
    started: float
    ended: float
    before: Seen
    after: Seen
    delay: float = 0.0


@dataclass(slots=True)
class Ends:
    """How far each source of a participant was written, over all its files, and what its tally had seen then."""

    written: dict[Source, tuple[float, Seen]] = field(default_factory=dict)
    closed: float | None = None  # when the recording was ended; None: it goes on
    delays: Mapping[Source, float] = field(default_factory=dict)  # how late packets came by then, seconds
    ready: float | None = None  # since when the recorder would have written what comes; None: nobody waits for anything
    told: set[Source] = field(default_factory=set)  # of which the last file says what is missing behind it

    @classmethod
    def since(cls, ready: float) -> Ends:
        """Of a recorder that would write from then on whatever comes."""
        return cls(dict.fromkeys(WAITED, (ready, (0, 0, 0))), ready=ready)

    def rest(self, tallies: Mapping[Source, PacketTally]) -> tuple[Gap, ...]:
        """What is missing when the recording has ended, of sources of which no file says it."""
        end = self.closed
        if end is None:
            return ()
        left = {source: self.written[source] for source in WAITED if source in self.written.keys() - self.told}
        found = [
            FoundHole(source, since, end, seen, tallies[source].seen, self.delays.get(source, 0.0))
            for source, (since, seen) in left.items()
            if end - since >= LEAST
        ]
        return _told(found, tallies, self.ready)


class Holes:
    """Of one file. Times are seconds since the epoch. `ends`: of the files before it, and then of this one too."""

    def __init__(
        self, started: float, tallies: Mapping[Source, PacketTally], sources: Iterable[Source], ends: Ends | None = None
    ) -> None:
        self._every, self._before = tallies, ends or Ends()
        self._tallies = {source: tallies[source] for source in sources}
        self._ends, self._seen = dict[Source, float](), dict[Source, Seen]()
        for source, tally in self._tallies.items():
            self._ends[source], self._seen[source] = self._before.written.get(source, (started, tally.seen))
        self._found: list[FoundHole] = []

    def begun(self, source: Source) -> tuple[float, Seen]:
        """Up to when it is written, and what was seen of it then."""
        return self._ends[source], self._seen[source]

    def go_on(self, source: Source, end: float, seen: Seen, found: Iterable[FoundHole]) -> None:
        """What somebody else has counted of a source by now."""
        self._ends[source], self._seen[source] = end, seen
        self._found += found

    def written(self, source: Source, start: float, end: float) -> None:
        last, tally = self._ends[source], self._tallies[source]
        if start - last >= LEAST:
            self._note(source, start)
        if end > last:
            self._ends[source] = end
        self._seen[source] = tally.lost, tally.late, tally.queue

    def close(self, end: float, others: Iterable[Source] = ()) -> tuple[Gap, ...]:
        """The file ends here. `others`: sources that it could have, of the participant's last file."""
        before = self._before
        for source in self._tallies:
            last = self._ends[source]
            if before.closed is not None and before.closed - min(last, end) > SEAM:
                self._ends[source] = min(last, end)  # what the disk refused is not in the file
                self._note(source, max(end, before.closed), before.delays.get(source, 0.0))
                before.told.add(source)
            elif end - last >= LEAST:
                self._note(source, end)
                self._ends[source], self._seen[source] = end, self._tallies[source].seen
            before.written[source] = self._ends[source], self._seen[source]
        for source in others if before.closed is not None else ():
            if source not in self._tallies and source in before.written:
                self._tallies[source] = self._every[source]
                self._ends[source], self._seen[source] = before.written[source]
                self._note(source, before.closed or end, before.delays.get(source, 0.0))
                before.told.add(source)
        return _told(self._found, self._every, before.ready)

    def _note(self, source: Source, end: float, delay: float = 0.0) -> None:
        after = self._tallies[source].seen
        self._found.append(FoundHole(source, self._ends[source], end, self._seen[source], after, delay))


def _told(found: Iterable[FoundHole], tallies: Mapping[Source, PacketTally], ready: float | None) -> tuple[Gap, ...]:
    return tuple(
        Gap(hole.source, _utc(hole.started), _utc(hole.ended), _cause(hole, tallies[hole.source], ready))
        for hole in sorted(found, key=lambda hole: (hole.started, hole.source))
    )


def _cause(hole: FoundHole, tally: PacketTally, ready: float | None) -> GapCause:
    lost, late, queue = hole.before
    lost_by_then, _, queue_by_then = hole.after
    if queue_by_then > queue:
        return "queue"
    if lost_by_then > lost:
        # They may still have come after the hole was over.
        return "late" if tally.late - late >= lost_by_then - lost else "loss"
    # What they sent until then was still on its way.
    if 2 * hole.delay >= hole.ended - hole.started:
        return "late"
    return "unbegun" if hole.started == ready else "silent"


def _utc(wall: float) -> datetime:
    return datetime.fromtimestamp(round(wall * 1000) / 1000, UTC)
