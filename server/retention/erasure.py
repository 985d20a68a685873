"""Erasing records when their years are over or somebody with the right ordered it, and never while they are held.

Owns the order of it: the journal says first that it is to be done, then the key is destroyed, the files are removed,
what people wrote is erased from the journal, and the journal says that it is done. Whatever comes in between, a
restart or a day later it is taken up again; every step may be done twice.

Years by kind of what is kept follow from the entries of `installation/retention`: `RetentionSet` is the operator's
word, by the settings of a start; `RetentionChanged` a desk's or the command line's. The newest is in force, whoever
made it. No change leaves the bounds; a setting does, for it makes them.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from journal import SYSTEM, Event, stamp
from journal.refusals import DomainError
from offices.oversight import RetentionEffect
from recordings import BadName, StoreRefuses, StoreUnreachable
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import Keys
from recordings.files.remote_files import PLACES, RemoteFiles
from rooms.caucus.state import CONFIDENTIAL
from rooms.commands import NoteErased, OrderErasure
from rooms.events import ErasureOrdered, stream
from rooms.live.registry import Sessions
from rooms.record.rules import GRACE, Retention, later
from rooms.session import RecordErasure
from rooms.vocabulary import OutcomeKind
from server.db.journal import SqlJournal
from server.rooms.store import SqlRecords
from server.serving.jobs import LOOK_SECONDS, Bell, Claim, RetryLater
from server.serving.jobs.store import LEASE, REMOVE, JobQueue

log = structlog.get_logger(__name__)

DAY = 24 * 3600.0  # seconds
AGAIN_AFTER = 60.0
RING_AGAIN = 2.0
DUE = "retention"

PERSONAL = frozenset(
    {
        "Said", "NameChosen", "OtherTimeAsked", "DeviceChecked", "SigningRefused", "FactDisputed", "ExhibitTitled",
        "StatementsDecided", "StatementAnswered", "TranscriptCorrected",
    }
) | {kind.__name__ for kind in CONFIDENTIAL}  # fmt: skip
"""Types of entries of a session whose content is erased with it: what people wrote and said, and what their phones told
of themselves. Who took part, how it ended and who decided what is the file of the complaint, not of the recording."""
REASONED = frozenset({"ClauseAnswered", "ExhibitDisputed"})
"""Types of which an entry is erased where it gives a reason: the answer stands in the one before."""


@dataclass(frozen=True, slots=True)
class RemovedFiles:
    files: int = 0
    bytes: int = 0

    def __add__(self, other: RemovedFiles) -> RemovedFiles:
        return RemovedFiles(self.files + other.files, self.bytes + other.bytes)


Remove = Callable[[str], Awaitable[RemovedFiles]]
"""Removes everything of a session from one more place. Done again it finds nothing."""


ERASURE: Final = "erasure"
"""Asked for in the queue of jobs, where another node erases."""
OTHERS_WITHIN: Final = 20.0
"""Seconds for the nodes that are up to remove what they have."""
ONCE_MORE: Final = 4 * LEASE
"""Seconds after which each node looks once more: a job for the record may have been under way, and was killed in the
middle of what it wrote."""


class OtherDisks:
    """What of something erased lies at other nodes: each removes it itself, by a job that needs its disk. One that is
    away does when it comes back; what it has is sealed with a key that is gone. Each looks once more later."""

    def __init__(
        self, queue: JobQueue, own: str, nodes: Callable[[], Awaitable[Mapping[str, bool]]] | None = None
    ) -> None:
        """`nodes`: every one that ever was, this one too, and whether it is up; None: there is no other."""
        self._queue, self._own, self._nodes = queue, own, nodes

    async def remove(self, folders: Sequence[str], keys: Sequence[str], at: str) -> RemovedFiles:
        """Of the data folder, with keys of cases destroyed there. OSError when one that is up does not come to it."""
        every = {self._own: True} if self._nodes is None else await self._nodes()
        nodes = {name: up for name, up in every.items() if name != self._own}
        asked = {name: f"{name}/{'/'.join(folders)}" for name in every}
        told: dict[str, Any] = {"folders": list(folders), "keys": list(keys), "when": at}
        for name in every:
            later = told | {"again": True}
            await self._queue.enqueue(REMOVE, of=f"{asked[name]}/again", at=name, after=ONCE_MORE, **later)
        for name in nodes:
            await self._queue.enqueue(REMOVE, of=asked[name], at=name, **told)
        removed, left = RemovedFiles(), {name for name, up in nodes.items() if up}
        ends = asyncio.get_running_loop().time() + OTHERS_WITHIN
        while left:
            for name in sorted(left):
                job = await self._queue.of(REMOVE, asked[name])
                if job is not None and job.state == "ready":
                    removed += RemovedFiles(**job.result)
                    await self._queue.noted(job)
                    left.discard(name)
            if asyncio.get_running_loop().time() > ends:
                raise OSError(f"{', '.join(sorted(left))} did not remove its copies yet")
            await asyncio.sleep(LOOK_SECONDS if left else 0)
        return removed


class RemoveJob:
    """Handler of `remove(folders, keys, when)` at the node it is for; what came back to the store goes from there.
    `again`: nobody waits for what it did."""

    def __init__(self, data: Path, keys: Keys, away: RemoteFiles | None) -> None:
        self._data, self._keys, self._away = data, keys, away

    async def __call__(
        self, job: Claim, folders: Sequence[str], keys: Sequence[str], when: str, again: bool = False
    ) -> None:
        removed = RemovedFiles()
        for key in keys:
            await asyncio.to_thread(self._keys.destroy, key, when)
        try:
            for folder in folders:
                place, _, case = folder.partition("/")
                if place not in PLACES:
                    raise BadName(folder)
                removed += await asyncio.to_thread(remove, self._data / place / safe_id(case), self._away)
        except (OSError, StoreUnreachable, StoreRefuses) as fault:
            log.warning("not everything erased is removed here, trying again", fault=str(fault))
            raise RetryLater(AGAIN_AFTER) from fault
        if not again:
            await job.ready(files=removed.files, bytes=removed.bytes)


class Erasures:
    """One per web process. `rule`: the one in force. `elsewhere`: other places that hold files of sessions; `also`:
    what is looked at besides. `keep` takes what stays out of a session before its key goes."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        journal: SqlJournal,
        sessions: Sessions,
        records: SqlRecords,
        rule: Callable[[], Awaitable[Retention]],
        now: Callable[[], datetime],
        elsewhere: Iterable[Remove] = (),
        also: Callable[[], Awaitable[bool]] | None = None,
        keep: Callable[[str], Awaitable[None]] | None = None,
        bell: Bell | None = None,
        others: OtherDisks | None = None,
    ) -> None:
        self._shelf, self._journal, self._sessions, self._records = shelf, journal, sessions, records
        self._rule, self._now, self._elsewhere, self._also = rule, now, tuple(elsewhere), also
        self._keep, self._others = keep, others
        self._bell = bell or Bell(ERASURE)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Hear what is ordered here; `run` carries it out."""
        self._task = asyncio.create_task(self._hear(self._journal.follow(["session"])), name="erasures ordered")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self) -> bool:
        """Erase what is due or ordered; whether everything could be."""
        good = True
        oldest = later(self._now(), -(await self._rule()).least)
        for session in {*await self._records.closed_before(oldest), *await self._records.ordered()}:
            try:
                await self._settle(session)
            except Exception:
                # One that cannot be erased must not keep the others from it.
                log.exception("record not erased, trying again", session=session)
                good = False
        return (self._also is None or await self._also()) and good

    async def _settle(self, session: str) -> None:
        state = await self._sessions.state(session)
        if state.erasure is None:
            rule = await self._rule()  # which may have changed since the look began
            until = rule.until(state)
            if until is None or until > self._now() or state.hold is not None or state.outcome is None:
                return
            years = rule.kept(state.outcome.kind, rule.promise(state))
            try:
                await self._sessions.submit(
                    session, OrderErasure(DUE, due=True, years=years, rule=rule.version), SYSTEM
                )
            except DomainError as no:  # somebody placed a hold meanwhile
                log.info("record not erased", session=session, code=no.code)
                return
            state = await self._sessions.state(session)
        if state.erasure is not None and state.erasure.done is None:
            await self._carry_out(session, state.erasure)

    async def _carry_out(self, session: str, erasure: RecordErasure) -> None:
        if self._keep is not None:
            await self._keep(session)
        at = stamp(self._now())
        await asyncio.to_thread(self._shelf.keys.destroy, session, at)
        removed = RemovedFiles()
        if self._others is not None:  # first: none of them may bring anything back to the store
            folders = [f"{place}/{safe_id(session)}" for place in ("recordings", "documents")]
            removed += await self._others.remove(folders, [session], at)
        removed += await asyncio.to_thread(remove, self._shelf.folder / safe_id(session), self._shelf.away)
        for place in self._elsewhere:
            removed += await place(session)
        entries = await self._forget(stream(session), erasure)
        await self._sessions.submit(session, NoteErased(removed.files, removed.bytes, entries), SYSTEM)
        log.info("record erased", session=session, files=removed.files, entries=entries)

    async def _forget(self, told: str, erasure: RecordErasure) -> int:
        """How many entries say nothing any more, also when an earlier try had come that far."""
        personal = [event for event in await self._journal.read(told) if is_personal(event)]
        left = [event.version for event in personal if not event.erased]
        if left:
            await self._journal.erase(told, left, erasure.by, self._now(), erasure.reason)
        return len(personal)

    async def _hear(self, following: AsyncIterator[Event]) -> None:
        await self._ring()  # what was ordered here by a process that died before it had rung
        while True:
            try:
                async for event in following:
                    if event.type == ErasureOrdered.__name__:
                        await self._ring()
            except Exception:
                log.exception("following the journal failed, going on")
            following = self._journal.follow(["session"])
            await self._ring()

    async def _ring(self) -> None:
        """Until it has rung: whoever erases looks by itself once a day only."""
        while True:
            try:
                await self._bell.ring()
            except Exception:
                log.exception("an order to erase is not passed on, trying again")
                await asyncio.sleep(RING_AGAIN)
            else:
                return

    async def run(self) -> None:
        """Until cancelled, of several nodes at one."""
        while True:
            try:
                good = await self.look()
            except Exception:
                log.exception("records to be erased not found, trying again")
                good = False
            await self._bell.heard(DAY if good else AGAIN_AFTER)


def is_personal(event: Event) -> bool:
    """Whether an entry of a session goes with its record; also of one that is gone."""
    return event.type in PERSONAL or (event.type in REASONED and (event.erased or bool(event.data.get("reason"))))


def remove(folder: Path, away: RemoteFiles | None = None) -> RemovedFiles:
    """A folder and everything in it, at its home too; OSError when something stays, StoreUnreachable, StoreRefuses."""
    if away is not None:
        return RemovedFiles(*away.remove_folder(folder))
    files = [file for file in folder.rglob("*") if file.is_file()]
    removed = RemovedFiles(len(files), sum(file.stat().st_size for file in files))
    if folder.exists():
        shutil.rmtree(folder)
    return removed


STREAM: Final = "installation/retention"
SET: Final = "RetentionSet"
"""Data: {"years": n, "rules": {"<outcome>": n}, "lead_years": n, "file_years": n}; entries from before files had years
of their own lack the last. `before` the same of the `SET` before, or null."""
CHANGED: Final = "RetentionChanged"
"""Data: {"before": {kind: n}, "after": {kind: n}, "reason": …, "approval": id or "", "second": name or ""}."""

FILES, LEADS = "files", "leads"  # of complaints, mediated or not; of leads: what goes only after an appraisal
PUBLICITY: Final = "publicity"  # objections to being named: kept as the files of complaints they are about
OUTCOMES: Final = tuple(kind.value for kind in OutcomeKind)
KINDS: Final = (*OUTCOMES, FILES, LEADS)
LEAST: Final[Mapping[str, int]] = {FILES: 10, LEADS: 2}
"""Years, one of the others. Files of complaints are archives (Order 121 Art 24), whose shortest period is ten years
(rules on filing scope and retention periods of documents of organs). Neither order names a number for the rest; an
offence may be punished for two years (Administrative Penalty Law Art 36), and so long what was found stays at hand."""
LONGEST: Final = 500  # characters of a reason

Periods = Mapping[str, int]
"""Years of every kind."""


@dataclass(frozen=True, slots=True)
class Years:
    """What the operator set. `rules`: by how a mediation ended, where that is shorter."""

    years: int
    rules: tuple[tuple[str, int], ...]
    lead_years: int
    file_years: int = 10

    @property
    def data(self) -> dict[str, Any]:
        return {
            "years": self.years,
            "rules": dict(self.rules),
            "lead_years": self.lead_years,
            "file_years": self.file_years,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Years:
        """Of `data`, also as earlier programs wrote it: files went with the records then."""
        files = data.get("file_years", data["years"])
        return cls(data["years"], tuple(data["rules"].items()), data["lead_years"], files)

    @property
    def periods(self) -> Periods:
        return {**dict.fromkeys(KINDS, self.years), **dict(self.rules), FILES: self.file_years, LEADS: self.lead_years}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a change may come to. The most is what people are told, of files and leads what the operator set."""

    least: Periods
    most: Periods

    def holds(self, kind: str, years: int) -> bool:
        return self.least[kind] <= years <= self.most[kind]

    def within(self, periods: Periods) -> Periods:
        return {kind: min(max(periods[kind], self.least[kind]), self.most[kind]) for kind in KINDS}


def bounds(operator: Years, least: int, lead_least: int) -> Bounds:
    """`least`, `lead_least`: the operator's. They never pass what the operator keeps something for."""
    most = {**dict.fromkeys(KINDS, operator.years), FILES: operator.file_years, LEADS: operator.lead_years}
    floors = {kind: max(lead_least if kind == LEADS else least, LEAST.get(kind, 1)) for kind in KINDS}
    return Bounds({kind: min(floors[kind], most[kind]) for kind in KINDS}, most)


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`version`, `since`: of the entry that says it; 0 and None before there is one."""

    periods: Periods
    version: int = 0
    since: datetime | None = None
    operator: Mapping[str, Any] | None = None  # data of the newest `SET`
    approvals: frozenset[str] = field(default_factory=frozenset)  # that led to a change
    earlier: Sequence[RetentionRule] = ()  # oldest first


def evolve(rule: RetentionRule, entry: Event) -> RetentionRule:
    if entry.type == SET:
        told = {name: entry.data[name] for name in ("years", "rules", "lead_years", "file_years") if name in entry.data}
        periods = Years.of(told).periods
        if rule.operator == {name: told[name] for name in told if name != "file_years"}:
            periods = {**rule.periods, FILES: periods[FILES]}  # what a desk changed of the others stays
        approvals = rule.approvals
    elif entry.type == CHANGED:
        told, periods = dict(rule.operator or {}), {**rule.periods, **entry.data["after"]}
        approvals = rule.approvals | {entry.data["approval"]}
    else:
        return rule
    earlier = (*rule.earlier, rule) if rule.version else ()
    return RetentionRule(periods, entry.version, entry.at, told, approvals, earlier)


def fold(entries: Iterable[Event]) -> RetentionRule:
    rule = RetentionRule(dict.fromkeys(KINDS, 0))
    for entry in entries:
        if not entry.erased:
            rule = evolve(rule, entry)
    return rule


def retention(rule: RetentionRule, promised: Callable[[str], int | None], now: datetime) -> Retention:
    """For asking when something is due. A rule whose grace is over leaves nothing of the one before it."""
    before = None
    if rule.since is not None and rule.earlier and now < rule.since + GRACE:
        *older, last = rule.earlier
        before = retention(RetentionRule(last.periods, last.version, last.since, earlier=tuple(older)), promised, now)
    return Retention(rule.periods[FILES], rule.periods, promised, rule.version, rule.since, before)


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """One record, or the files of one case. `told`: texts whose years are not exceeded."""

    kind: str
    end: datetime
    told: Sequence[str] = ()
    held: bool = False


def reckon_change(
    kept: Iterable[KeptRecord], before: Retention, after: Retention, wanted: Periods
) -> Sequence[RetentionEffect]:
    """What a change of the years would do to what is kept, counted before anybody says yes.

    By kind that changes; `after` as if it came into force now. What is held stays, and is counted apart.
    """
    counts = {kind: [0] * 5 for kind in KINDS if wanted[kind] != before.ruled(kind)}
    for one in kept:
        if (count := counts.get(one.kind)) is None:
            continue
        promise = before.fewest(one.told)
        was, will = before.due(one.end, one.kind, promise), after.due(one.end, one.kind, promise)
        count[0] += 1
        if was == will:
            continue
        if one.held:
            count[4] += 1
        elif will > was:
            count[3] += 1
        else:
            count[1] += 1
            count[2] += after.since is not None and will <= after.since + GRACE
    return [RetentionEffect(kind, before.ruled(kind), wanted[kind], *numbers) for kind, numbers in counts.items()]
