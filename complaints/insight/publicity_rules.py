"""A publication of complaint information on its way: counted, objected to, answered, agreed to, corrected, withdrawn.

    preview ──► objections ──► published ──► withdrawn
      ↑ count anew               ↑ a correction is the next edition, and takes two persons again

Owns the streams `publicity/…`. What is asked is what is written: whoever asks brings the events, and `decide` lets them
in or says why not. Each business that is to be named is told, may object within so many working days, and is answered;
somebody who had no hand in it says yes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, assert_never

from complaints import BadChoice, BadDay, Missing, NotAllowed, SamePerson, TooLong, TooMany, WrongState
from complaints.commands import SUPERVISOR, office_standing
from complaints.events import drafted, typed
from complaints.insight.publicity import (
    EVENTS,
    LONGEST,
    MAKING,
    MOST_FILES,
    MOST_OBJECTIONS,
    BusinessCorrected,
    BusinessLeftOut,
    BusinessNamed,
    BusinessRead,
    BusinessReturned,
    BusinessTold,
    BusinessWithdrawn,
    EntryFigures,
    ObjectionAnswered,
    ObjectionFileAdded,
    ObjectionFileTaken,
    ObjectionMade,
    ObjectionsOpened,
    OfEntry,
    PublicityBegun,
    PublicityEvent,
    PublicityPublished,
    PublicityWithdrawn,
    RecordsViewed,
    stream,
)
from complaints.record import AttachmentAdded
from complaints.statistics.figures import Period
from journal import Actor, Draft, Event, Journal, append_decided
from journal.refusals import DomainError
from law import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Objection:
    made: ObjectionMade
    at: datetime
    answered: ObjectionAnswered | None = None
    answered_at: datetime | None = None
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class PublicityEntry:
    named: BusinessNamed  # as corrected last
    told: BusinessTold | None = None
    told_at: datetime | None = None
    read_at: datetime | None = None
    objections: tuple[Objection, ...] = ()
    files: tuple[AttachmentAdded, ...] = ()
    left_out: str = ""  # why
    why: str = ""  # of the newest correction
    seen_by: frozenset[str] = frozenset()  # officers who looked at its complaints

    @property
    def open(self) -> Objection | None:
        return next((one for one in self.objections if one.answered is None), None)


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """As published. `withdrawn`: why it stands no more."""

    entry: str
    name: str
    code: str
    figures: EntryFigures
    withdrawn: str = ""
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublicityEdition:
    """`changes`: of the entries that are not as in the edition before; None on the side where it is not in it."""

    edition: int
    at: datetime
    by: str
    second: str
    entries: tuple[PublicEntry, ...]
    approval: str = ""
    changes: tuple[tuple[PublicEntry | None, PublicEntry | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Publicity:
    begun: PublicityBegun
    at: datetime  # of the counting
    by: str
    stage: str = "preview"  # preview, objections, published, withdrawn
    entries: Mapping[str, PublicityEntry] = field(default_factory=dict)
    editions: tuple[PublicityEdition, ...] = ()
    hands: frozenset[str] = frozenset()  # accounts, since the edition before
    withdrawn: str = ""
    withdrawn_at: datetime | None = None

    @property
    def period(self) -> Period:
        return Period(self.begun.first, self.begun.last)

    @property
    def standing(self) -> list[PublicityEntry]:
        """Those that are to be named, most complaints first."""
        found = [one for one in self.entries.values() if not one.left_out]
        return sorted(found, key=lambda one: (-one.named.figures.complaints, one.named.name))

    @property
    def objections(self) -> list[PublicityEntry]:
        return [one for one in self.entries.values() if one.open is not None]

    @property
    def due(self) -> date | None:
        """The last day on which any of them may object; None while one is not told."""
        days = [one.told.due for one in self.standing if one.told is not None]
        return max(days) if days and len(days) == len(self.standing) else None

    @property
    def changed(self) -> bool:
        """Whether what was published is not what it would be now."""
        return bool(self.editions) and _bare(self.editions[-1].entries) != _bare(_public(self))

    def ready(self, today: date) -> str:
        """What still keeps it from a second person; "" for nothing."""
        if self.stage not in ("objections", "published") or not self.standing:
            return "stage"
        if self.objections:
            return "objections"
        if self.stage == "published":
            return "" if self.changed else "unchanged"
        if self.due is None:
            return "untold"
        return "" if today > self.due else "period"

    @property
    def digest(self) -> str:
        """Stands for what a second person says yes to."""
        return hashlib.sha256(repr(_bare(_public(self))).encode()).hexdigest()


def _public(publicity: Publicity) -> tuple[PublicEntry, ...]:
    gone = {one.entry for one in publicity.editions[-1].entries if one.withdrawn} if publicity.editions else set()
    return tuple(
        PublicEntry(one.named.entry, one.named.name, one.named.code, one.named.figures)
        for one in publicity.standing
        if one.named.entry not in gone
    )


def _bare(entries: Sequence[PublicEntry]) -> list[tuple[str, str, str, EntryFigures]]:
    return [(one.entry, one.name, one.code, one.figures) for one in entries if not one.withdrawn]


class NobodyNamed(DomainError):
    """No business had as many complaints that count and a credit code."""

    code = "nobody_named"


class NotReady(DomainError):
    """`why`: of `Publicity.ready`."""

    code = "publicity_not_ready"


# ------------------------------------------------------------ rules


def decide(
    asked: Sequence[PublicityEvent], now: Publicity | None, actor: Actor, today: date
) -> Sequence[PublicityEvent]:
    """What is asked, when it may be; nothing when it is so already. DomainError says why not."""
    match asked:
        case [PublicityBegun(last=last), *named]:
            _require(actor)
            if now is not None and now.stage not in ("preview", "withdrawn"):
                raise WrongState(state=now.stage)
            if today <= last:
                raise BadDay(field="last")
            if not named:
                raise NobodyNamed
        case [ObjectionAnswered(upheld=True), BusinessCorrected() | BusinessLeftOut()] | [ObjectionsOpened(), *_]:
            pass
        case [ObjectionAnswered(upheld=True), *_]:
            raise Missing(field="correction")
        case [BusinessRead(entry)] if now and entry in now.entries and now.entries[entry].read_at is not None:
            return []
        case [RecordsViewed(entry)] if now and entry in now.entries and actor.id in now.entries[entry].seen_by:
            return []
    for event in asked:
        if not isinstance(event, PublicityBegun | BusinessNamed):
            _check(event, now, actor, today)
        now = evolve(now, event, _ANY, actor)
    return asked


_ANY: Final = datetime(2000, 1, 1)


def _require(actor: Actor) -> None:
    if office_standing(actor) != SUPERVISOR:
        raise NotAllowed


def _check(event: PublicityEvent, now: Publicity | None, actor: Actor, today: date) -> None:
    stage = now.stage if now else "none"
    if now is None or stage == "withdrawn":
        raise WrongState(state=stage)
    if not isinstance(event, BusinessRead | ObjectionMade | ObjectionFileAdded):
        _require(actor)
    match event:
        case ObjectionsOpened():
            if stage != "preview":
                raise WrongState(state=stage)
            if not now.standing:
                raise NobodyNamed
        case PublicityPublished(edition, digest, second):
            if why := now.ready(today):
                raise NotReady(why=why)
            if edition != len(now.editions) + 1 or digest != now.digest:
                raise WrongState(state=stage)  # another than was read
            if second in now.hands or second == actor.id:
                raise SamePerson
        case PublicityWithdrawn(reason):
            _text("reason", reason)
            if stage != "published":
                raise WrongState(state=stage)
        case PublicityBegun() | BusinessNamed():
            raise WrongState(state=stage)
        case _:
            if event.entry not in now.entries:
                raise BadChoice(field="entry")
            _check_entry(event, now, now.entries[event.entry], actor)


def _check_entry(event: OfEntry, now: Publicity, entry: PublicityEntry, actor: Actor) -> None:
    stage, wrong = now.stage, WrongState(state=now.stage)
    match event:
        case BusinessCorrected(_, name, figures, records, _, reason):
            _text("reason", reason)
            _text("name", name)
            if entry.left_out:
                raise wrong
            if not set(records) <= set(entry.named.records):
                raise BadChoice(field="records")
            if figures.complaints < now.begun.least:
                raise BadChoice(field="least")  # as few are not named: it is left out
        case BusinessLeftOut(_, reason):
            _text("reason", reason)
            if entry.left_out:
                raise wrong
        case BusinessReturned(_, reason):
            _text("reason", reason)
            if not entry.left_out or now.editions:
                raise wrong
        case BusinessTold(_, _, how, invitation, to, note):
            if stage == "preview" or entry.left_out or how not in ("message", "hand"):
                raise wrong
            if how == "hand":
                _text("note", note)
            elif not invitation or to is None:
                raise Missing(field="to")
        case ObjectionMade(_, _, text, by, how):
            _text("text", text)
            _text("by", by)
            if how == "letter":
                _require(actor)
            if stage == "preview" or entry.told is None or entry.left_out or entry.open is not None:
                raise wrong
            if len(entry.objections) >= MOST_OBJECTIONS:
                raise TooMany(most=MOST_OBJECTIONS)
        case ObjectionFileAdded():
            if stage == "preview" or entry.open is None:
                raise wrong
            if len(entry.files) >= MOST_FILES:
                raise TooMany(most=MOST_FILES)
        case ObjectionAnswered(_, objection, _, reason):
            _text("reason", reason)
            if entry.open is None or entry.open.made.objection != objection:
                raise wrong
        case BusinessWithdrawn(key, reason):
            _text("reason", reason)
            public = now.editions[-1].entries if now.editions else ()
            if stage != "published" or not any(one.entry == key and not one.withdrawn for one in public):
                raise wrong
        case BusinessRead() | RecordsViewed() | ObjectionFileTaken():
            pass
        case _:
            assert_never(event)


def _text(name: str, text: str) -> None:
    if not text.strip():
        raise Missing(field=name)
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])


def evolve(now: Publicity | None, event: PublicityEvent, at: datetime, by: Actor) -> Publicity | None:
    """None before the beginning, and where that was erased."""
    if isinstance(event, PublicityBegun):
        editions = now.editions if now else ()
        return Publicity(event, at, by.name, editions=editions, hands=frozenset({by.id}))
    if now is None:
        return None
    if isinstance(event, MAKING):
        now = replace(now, hands=now.hands | {by.id})
    match event:
        case BusinessNamed(entry):
            return replace(now, entries={**now.entries, entry: PublicityEntry(event)})
        case ObjectionsOpened():
            return replace(now, stage="objections")
        case PublicityPublished():
            return _published(now, event, at, by.name)
        case BusinessWithdrawn(entry, reason):
            newest = now.editions[-1]
            entries = tuple(
                replace(one, withdrawn=reason, withdrawn_at=at) if one.entry == entry else one for one in newest.entries
            )
            return replace(now, editions=(*now.editions[:-1], replace(newest, entries=entries)))
        case PublicityWithdrawn(reason):
            return replace(now, stage="withdrawn", withdrawn=reason, withdrawn_at=at)
        case _:
            before = now.entries.get(event.entry)
            after = before and _evolve_entry(before, event, at, by)
            return replace(now, entries={**now.entries, event.entry: after}) if after else now


def _evolve_entry(one: PublicityEntry, event: OfEntry, at: datetime, by: Actor) -> PublicityEntry:
    match event:
        case BusinessCorrected(_, name, figures, records, out, reason):
            named = replace(one.named, name=name, figures=figures, records=records, out=out)
            return replace(one, named=named, why=reason)
        case BusinessLeftOut(_, reason):
            return replace(one, left_out=reason)
        case BusinessReturned():
            return replace(one, left_out="")
        case BusinessTold():
            return replace(one, told=event, told_at=at, read_at=None)
        case BusinessRead():
            return replace(one, read_at=at)
        case RecordsViewed():
            return replace(one, seen_by=one.seen_by | {by.id})
        case ObjectionMade():
            return replace(one, objections=(*one.objections, Objection(event, at)))
        case ObjectionFileAdded(_, added):
            return replace(one, files=(*one.files, added))
        case ObjectionAnswered(_, objection):
            told = tuple(
                replace(each, answered=event, answered_at=at, answered_by=by.name)
                if each.made.objection == objection
                else each
                for each in one.objections
            )
            return replace(one, objections=told)
        case ObjectionFileTaken() | BusinessWithdrawn():
            return one
        case _:
            assert_never(event)


def _published(now: Publicity, event: PublicityPublished, at: datetime, by: str) -> Publicity:
    entries, before = _public(now), {one.entry: one for one in now.editions[-1].entries} if now.editions else {}
    after = {one.entry: one for one in entries}
    pairs = [(before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())] if before else []
    changes = tuple(pair for pair in pairs if pair[0] != pair[1])
    made = PublicityEdition(event.edition, at, by, event.second_name, entries, event.approval, changes)
    return replace(now, stage="published", editions=(*now.editions, made), hands=frozenset(), withdrawn="")


def working_days_after(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The last of so many working days; the first day does not count."""
    while count:
        day += _DAY
        count -= calendar.rest(day) is None
    return day


_DAY: Final = timedelta(days=1)


def fold(entries: Iterable[Event]) -> Publicity | None:
    now: Publicity | None = None
    for entry in entries:
        if not entry.erased and (kind := EVENTS.get(entry.type)) is not None:
            now = evolve(now, typed(kind, entry.data), entry.at, entry.actor)
    return now


class PublicityBook:
    """Writes `publicity/…`, all but what goes out: that is written while nobody else appends
    (`server.insight.publicity`), so that of two who overlap only one is published."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def state(self, publicity: str) -> Publicity | None:
        return fold(await self._journal.read(stream(publicity)))

    async def submit(self, publicity: str, asked: Sequence[PublicityEvent], actor: Actor, today: date) -> None:
        """`today`: the office's own. DomainError, Busy."""

        def decided(entries: list[Event]) -> list[Draft]:
            at = self._now()
            return [drafted(event, at, actor) for event in decide(asked, fold(entries), actor, today)]

        await append_decided(self._journal, stream(publicity), decided)
