"""Bulletins as they were issued: numbered, dated, frozen by their hashes.

Owns the stream `bulletin/<kind>-<first day>`, one for all offices, so that what two of them publish of the same period
is decided in one place.

A public bulletin keeps small cells back (`bulletin.published_counts`), but a table of an office beside one of its
bureau is a second table to subtract. So of one period nothing is published for offices that overlap with those of what
was published before and are not the same; what was withdrawn counts too: it has been read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, assert_never, get_args

from complaints.errors import BadDay, Busy, Missing, NotAllowed, TooLong, Unchanged, WrongState
from complaints.events import drafted, typed
from complaints.rights import INSPECTOR, SUPERVISOR, office_standing
from journal import Actor, Conflict, Draft, Event, Journal, append_decided
from journal.refusals import DomainError

STREAM: Final = "bulletin"
LONGEST_REASON: Final = 500


class SmallCells(DomainError):
    """What was published of the same period for others could be subtracted. `office`: in whose name that was."""

    code = "small_cells"


@dataclass(frozen=True, slots=True)
class BulletinIssued:
    """`papers`: SHA-256 of what is read, in all languages; `prints`: of the PDF by language; `figures`: of the figures
    alone, so that a second edition is made only when they are others. `edition` counts from 1 for its scope."""

    scope: str
    offices: tuple[str, ...]
    office_name: str
    public: bool
    edition: int
    number: str
    first: date
    last: date
    papers: str
    prints: dict[str, str]
    figures: str


@dataclass(frozen=True, slots=True)
class BulletinWithdrawn:
    """The newest edition stands no more."""

    scope: str
    public: bool
    reason: str


IssueEvent = BulletinIssued | BulletinWithdrawn
KINDS: Mapping[str, type[IssueEvent]] = {kind.__name__: kind for kind in get_args(IssueEvent)}


@dataclass(frozen=True, slots=True)
class IssueBulletin:
    """`today`: the office's own."""

    issued: BulletinIssued
    today: date


@dataclass(frozen=True, slots=True)
class WithdrawBulletin:
    scope: str
    public: bool
    reason: str


IssueCommand = IssueBulletin | WithdrawBulletin


@dataclass(frozen=True, slots=True)
class Edition:
    issued: BulletinIssued
    at: datetime
    by: str  # a name
    withdrawn: str = ""  # why
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BulletinRegister:
    """All editions of one period, in the order they were issued."""

    editions: tuple[Edition, ...] = ()

    def of(self, scope: str, public: bool) -> list[Edition]:
        return [one for one in self.editions if (one.issued.scope, one.issued.public) == (scope, public)]


def decide(command: IssueCommand, shelf: BulletinRegister, actor: Actor) -> Sequence[IssueEvent]:
    """DomainError says why not."""
    if office_standing(actor) not in (SUPERVISOR, INSPECTOR):
        raise NotAllowed
    match command:
        case IssueBulletin(issued, today):
            mine = shelf.of(issued.scope, issued.public)
            if today <= issued.last:
                raise BadDay(field="last")
            if issued.public:
                _apart(issued, shelf)
            if mine and mine[-1].issued.figures == issued.figures and not mine[-1].withdrawn:
                raise Unchanged
            if issued.edition != len(mine) + 1:
                raise WrongState(state="issued")
            return [issued]
        case WithdrawBulletin(scope, public, reason):
            if not reason.strip():
                raise Missing(field="reason")
            if len(reason) > LONGEST_REASON:
                raise TooLong(field="reason", most=LONGEST_REASON)
            mine = shelf.of(scope, public)
            if not mine or mine[-1].withdrawn:
                raise WrongState(state="withdrawn")
            return [BulletinWithdrawn(scope, public, reason.strip())]
        case _:
            assert_never(command)


def _apart(issued: BulletinIssued, shelf: BulletinRegister) -> None:
    mine = set(issued.offices)
    for one in shelf.editions:
        theirs = set(one.issued.offices)
        if one.issued.public and mine & theirs and mine != theirs:
            raise SmallCells(office=one.issued.office_name)


def evolve(shelf: BulletinRegister, event: IssueEvent, at: datetime, by: str) -> BulletinRegister:
    match event:
        case BulletinIssued():
            return BulletinRegister((*shelf.editions, Edition(event, at, by)))
        case BulletinWithdrawn(scope, public, reason):
            last = shelf.of(scope, public)[-1:]
            return BulletinRegister(
                tuple(replace(one, withdrawn=reason, withdrawn_at=at) if one in last else one for one in shelf.editions)
            )
        case _:
            assert_never(event)


def fold(entries: Iterable[Event]) -> BulletinRegister:
    shelf = BulletinRegister()
    for entry in entries:
        if not entry.erased and (kind := KINDS.get(entry.type)) is not None:
            shelf = evolve(shelf, typed(kind, entry.data), entry.at, entry.actor.name)
    return shelf


def stream(kind: str, first: date) -> str:
    return f"{STREAM}/{kind}-{first}"


def number(kind: str, first: date) -> str:
    """2026-06 of a month, 2026-W26 of a week, as ISO 8601 counts them."""
    year, week, _ = first.isocalendar()
    return f"{first:%Y-%m}" if kind == "month" else f"{year}-W{week:02d}"


class IssueService:
    """The one writer of bulletins' streams."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def submit(self, kind: str, first: date, command: IssueCommand, actor: Actor) -> None:
        def decided(entries: list[Event]) -> list[Draft]:
            at = self._now()
            return [drafted(event, at, actor) for event in decide(command, fold(entries), actor)]

        try:
            await append_decided(self._journal, stream(kind, first), decided)
        except Conflict:
            raise Busy from None
