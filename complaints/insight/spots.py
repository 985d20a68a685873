"""Hot spots: what one day's looking found, as it is kept, shown and compared with the day after; and what people did
with one: who looked, why it was put aside, what was opened of it (the stream `hotspot/<id>`).

Figures are not in the stream: they are counted anew each day. What people did is never recomputed, and any of it can
be taken back. A day's findings are plain data, JSON by `complaints.events.plain` and `typed`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, assert_never, get_args

from complaints import BadChoice, NotAllowed, UnknownComplaint, WrongState
from complaints.commands import SUPERVISOR, SYSTEM, office_standing
from complaints.events import typed
from complaints.insight import SERIES
from complaints.service import append
from complaints.state import filled, short
from journal import Actor, Event, Journal

STREAM: Final = "hotspot"
REASONS: Final = ("known", "one_person", "recording", "season", "other")
"""Why one is put aside: known and dealt with; one complainant; how it was recorded; the season; something else."""
STAGES: Final = ("new", "looked", "dismissed", "handed_on")


@dataclass(frozen=True, slots=True)
class SpotFound:
    """`scope`: whose complaints were counted, an office's id or a circle's (`circle`). `day`: the last that was seen.

    `key` names no person: a respondent's is a digest. `line`: the tail that was rare enough that day.
    """

    scope: str
    offices: tuple[str, ...]
    kind: str
    key: str
    day: date
    since: date
    window: int
    seen: int
    expected: str  # as it was written, with two decimals
    tail: str
    line: str


@dataclass(frozen=True, slots=True)
class SpotLookedAt:
    pass


@dataclass(frozen=True, slots=True)
class SpotDismissed:
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SpotHandedOn:
    lead: str


@dataclass(frozen=True, slots=True)
class SpotTakenBack:
    """The last act counts no more. A lead that was opened stays a lead."""

    what: str


SpotEvent = SpotFound | SpotLookedAt | SpotDismissed | SpotHandedOn | SpotTakenBack
KINDS: Mapping[str, type[SpotEvent]] = {kind.__name__: kind for kind in get_args(SpotEvent)}
Act = SpotLookedAt | SpotDismissed | SpotHandedOn
_STAGE: Final[Mapping[type[Act], str]] = {
    SpotLookedAt: "looked",
    SpotDismissed: "dismissed",
    SpotHandedOn: "handed_on",
}


@dataclass(frozen=True, slots=True)
class FindSpot:
    spot: SpotFound


@dataclass(frozen=True, slots=True)
class LookAtSpot:
    pass


@dataclass(frozen=True, slots=True)
class DismissSpot:
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandOnSpot:
    lead: str


@dataclass(frozen=True, slots=True)
class TakeBackSpot:
    """`what` is the stage that was seen, so that nobody takes back what somebody else has just done."""

    what: str


SpotCommand = FindSpot | LookAtSpot | DismissSpot | HandOnSpot | TakeBackSpot
RIGHTS: Mapping[type[SpotCommand], frozenset[str]] = {
    FindSpot: frozenset({SYSTEM}),
    LookAtSpot: frozenset({SUPERVISOR}),
    DismissSpot: frozenset({SUPERVISOR}),
    HandOnSpot: frozenset({SUPERVISOR}),
    TakeBackSpot: frozenset({SUPERVISOR}),
}


@dataclass(frozen=True, slots=True)
class Spot:
    found: SpotFound
    acts: tuple[tuple[Act, datetime, str], ...] = ()  # what, when and by whom, those taken back left out

    @property
    def stage(self) -> str:
        return _STAGE[type(self.acts[-1][0])] if self.acts else "new"

    @property
    def lead(self) -> str:
        """The one that was opened of it; "" when none was."""
        return next((act.lead for act, *_ in reversed(self.acts) if isinstance(act, SpotHandedOn)), "")

    @property
    def acted(self) -> datetime | None:
        """When it was handed on."""
        return next((at for act, at, _ in self.acts if isinstance(act, SpotHandedOn)), None)

    @property
    def dismissal(self) -> SpotDismissed | None:
        last = self.acts[-1][0] if self.acts else None
        return last if isinstance(last, SpotDismissed) else None


def evolve(spot: Spot | None, event: SpotEvent, at: datetime, by: str = "") -> Spot:
    if isinstance(event, SpotFound):
        return spot or Spot(event)
    if spot is None:
        raise UnknownComplaint
    match event:
        case SpotLookedAt() | SpotDismissed() | SpotHandedOn():
            return replace(spot, acts=(*spot.acts, (event, at, by)))
        case SpotTakenBack():
            return replace(spot, acts=spot.acts[:-1])
        case _:
            assert_never(event)


def decide(command: SpotCommand, spot: Spot | None, actor: Actor) -> Sequence[SpotEvent]:
    """DomainError says why not. Empty: already so."""
    if office_standing(actor) not in RIGHTS[type(command)]:
        raise NotAllowed
    if isinstance(command, FindSpot):
        if command.spot.kind not in SERIES:
            raise BadChoice(field="kind")
        return [] if spot is not None else [command.spot]
    if spot is None:
        raise UnknownComplaint
    match command:
        case LookAtSpot():
            return [SpotLookedAt()] if spot.stage == "new" else []
        case DismissSpot(reason, note):
            if reason not in REASONS:
                raise BadChoice(field="reason")
            if reason == "other":
                filled("note", note)
            short("reason", note)
            if spot.stage not in ("new", "looked"):
                raise WrongState(state=spot.stage)
            return [SpotDismissed(reason, note.strip())]
        case HandOnSpot(lead):
            filled("lead", lead)
            if spot.lead == lead and spot.stage == "handed_on":
                return []
            if spot.stage not in ("new", "looked"):
                raise WrongState(state=spot.stage)
            return [SpotHandedOn(lead)]
        case TakeBackSpot(what):
            if not spot.acts or spot.stage != what:
                raise WrongState(state=spot.stage)
            return [SpotTakenBack(what)]
        case _:
            assert_never(command)


def fold(entries: Iterable[Event]) -> Spot | None:
    spot: Spot | None = None
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            spot = evolve(spot, typed(kind, entry.data), entry.at, entry.actor.name)
    return spot


def stream(spot: str) -> str:
    return f"{STREAM}/{spot}"


def spot_id(scope: str, kind: str, key: str, day: date) -> str:
    """Found twice on one day, it is the same one."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"hotspot/{scope}/{kind}/{key}/{day}").hex


def circle(offices: Iterable[str]) -> str:
    """The name of a scope: an only office's id, else a digest of all of them."""
    named = sorted(set(offices))
    return named[0] if len(named) == 1 else "c" + uuid.uuid5(uuid.NAMESPACE_URL, "\0".join(named)).hex


class SpotService:
    """The one writer of hot spots' streams."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def state(self, spot: str) -> Spot:
        folded = fold(await self._journal.read(stream(spot)))
        if folded is None:
            raise UnknownComplaint
        return folded

    async def submit(self, spot: str, command: SpotCommand, actor: Actor) -> None:
        await append(
            self._journal, stream(spot), self._now, actor, lambda entries: decide(command, fold(entries), actor)
        )


@dataclass(frozen=True, slots=True)
class ExpectedWeek:
    """Seven days that begin with `first`. `low` to `high`: what nine ordinary weeks of ten would bring."""

    first: date
    seen: int
    expected: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that many of the complaints have in common: `key` of `kind`, `name` for a person, `count` of them."""

    kind: str
    key: str
    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class SpotFigures:
    """A hot spot in numbers. `since`: the day its rise began, `seen` and `expected` from then to the report's day.

    `course`: "new" | "rising" | "level" | "falling" | "over". `people`: different complainants as far as known, and of
    one the most, `person`; `shared`: businesses that gave one phone number. `records`: ids, newest first. `copies`: of
    one text, by so many `copiers`; counted as one, there are so many `voices` (0: no copies). `campaign`: so many
    voices are nothing out of the ordinary.
    """

    id: str
    kind: str
    key: str
    name: str
    since: date
    seen: int
    expected: float
    window: int
    in_window: int
    window_expected: float
    tail: float
    course: str
    alarmed: bool  # above the line on the report's day
    weeks: tuple[ExpectedWeek, ...]
    respondent: Trait | None = None
    problem: Trait | None = None
    people: int = 0
    person: int = 0
    shared: tuple[Trait, ...] = ()
    also: tuple[Trait, ...] = ()
    records: tuple[str, ...] = ()
    copies: int = 0
    copiers: int = 0
    voices: int = 0
    campaign: bool = False


@dataclass(frozen=True, slots=True)
class ClassWeek:
    """`before`: the mean of the four weeks before; `expected`: of this week. `spot`: id of the hot spot that most of
    the week's complaints lie in, and which is therefore the same thing."""

    key: str
    seen: int
    before: float
    expected: float
    spot: str = ""


@dataclass(frozen=True, slots=True)
class ShiftedClass:
    """A class whose rate changed for good: from `week` on `after` a week instead of `before`, in ordinary weeks."""

    kind: str  # "industry" | "problem"
    key: str
    week: date
    before: float
    after: float
    by: float | None = None  # the newest stretch's slope in four weeks, when it is sure


@dataclass(frozen=True, slots=True)
class NewTerm:
    """In the last four weeks `seen`, in the year before `before`. `spot`: as of `ClassWeek`; `division`: of GB/T 4754,
    that most of these complaints are of; `also`: what else is new in them."""

    kind: str  # "word" | "respondent" | "trade"
    key: str
    seen: int
    before: int
    name: str = ""
    spot: str = ""
    division: str = ""
    also: tuple[Trait, ...] = ()


@dataclass(frozen=True, slots=True)
class SeasonNote:
    """The next thirty days of a trade beside the last thirty: `times` by season alone. `last_year`: the same days."""

    key: str
    times: float
    expected: float
    last_year: int


@dataclass(frozen=True, slots=True)
class RecountedDays:
    """Figures of days that had been counted before and are others now: since the report of `since`. `joined`: the
    businesses that a person has counted as another since, or parted again."""

    since: date
    added: int
    removed: int
    oldest: date
    merged: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True)
class HotSpotReport:
    scope: str
    day: date
    tests: int
    series: int
    line: float
    weekly: float
    week_seen: int
    week_expected: float
    spots: tuple[SpotFigures, ...] = ()
    classes: tuple[ClassWeek, ...] = ()
    streets: tuple[ClassWeek, ...] = ()
    moved: tuple[ShiftedClass, ...] = ()
    fresh: tuple[NewTerm, ...] = ()
    season: tuple[SeasonNote, ...] = ()
    correction: RecountedDays | None = None
    first: date | None = None  # the first complaint there is
    totals: tuple[int, ...] = field(default=())  # of the days up to `day`, so that the next report can compare
    history_days: int = 0
