"""Files of complaints, leads and publications: what is kept of each, what a promise deletes, how one is destroyed, and
what a mediation leaves to the complaint's file when its record is erased: papers, and exhibits that were shown.

A file never goes by itself: whose years are over may be appraised, and two persons decide
(`server.retention.appraisal`). One thing does go: what somebody handed in under a text that promised its deletion.
The journal says first that it goes, then the key is destroyed, then files go.

A record is erased with its key, and goes after the years people were told; agreement, record, signatures and
exhibits belong to the file, which stays longer (Order 121 Art 24). So they are sealed anew under the file's key
before the record's is destroyed. Owns `<data>/files/<session>/…`. Every step may be done twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from complaints.complaint import fold as complaint_of
from complaints.insight.publicity import number, stream as publicity_stream
from complaints.insight.publicity_rules import fold as publicity_of
from complaints.leads import fold as lead_of, stream as lead_stream
from complaints.state import Complaint, ComplaintState, stream as complaint_stream
from journal import ERASED, SYSTEM, Actor, Event, Journal, stamp
from recordings import AWAY, BadName, FileMissing, KeyDestroyed, KeyMissing
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore, file_case
from recordings.files.keys import Keys
from recordings.files.remote_files import RemoteFiles
from recordings.views import unread
from rooms.events import ExhibitOffered, ExhibitPrepared, ExhibitWithdrawn, SessionEntry, history, stream
from rooms.joining.consents import years_to_deletion
from rooms.live.registry import Sessions
from rooms.record.rules import Retention, later
from rooms.vocabulary import Status
from server.db.journal import SqlJournal
from server.leads.desk import lead_case
from server.retention.archive import papers
from server.retention.erasure import DUE, FILES, LEADS, PUBLICITY, OtherDisks, RemovedFiles, remove

log = structlog.get_logger(__name__)

_LOOKS: Final = frozenset({
    ERASED, "AttachmentTaken", "PhoneRevealed", "InformantRevealed", "LeadFileArchived", "ObjectionFileTaken",
    "RecordsViewed",
})  # fmt: skip
_OPEN: Final = frozenset(
    {ComplaintState.REGISTERED, ComplaintState.ACCEPTED, ComplaintState.MEDIATING, ComplaintState.PERFORMING}
)


@dataclass(frozen=True, slots=True)
class KeepingState:
    """`end`: from which a rule's years count; None where none counts, or the journal does not know the case. `told`:
    the text under which it was filed. `recorded`: a record of its mediations is not erased yet. `name`: its number,
    `office` its office's id; `sessions` those of its mediations."""

    end: datetime | None = None
    told: str = ""
    held: bool = False
    recorded: bool = False
    name: str = ""
    office: str = ""
    sessions: tuple[str, ...] = ()


class FileStandings:
    """What keeps the file of a case: work that goes on, a hold, records that are still kept, or a rule's years."""

    def __init__(self, journal: SqlJournal, sessions: Sessions) -> None:
        self._journal, self._sessions = journal, sessions

    async def complaint(self, complaint: str) -> KeepingState:
        events = await self._journal.read(complaint_stream(complaint))
        state = complaint_of(events)
        if state is None:
            return KeepingState()  # of what the journal does not know nothing is destroyed
        if state.merged is not None:
            return await self.complaint(state.merged.id)
        if state.state in _OPEN or state.open_sessions:
            return KeepingState()
        kept = [await self._sessions.state(session) for session in state.sessions]
        took_place = [one for one in kept if one.status is not Status.CANCELLED]
        return KeepingState(
            max([_last(events), *(one.closed_at for one in took_place if one.closed_at)]),
            state.agreed,
            any(one.hold is not None for one in kept),
            any(one.erasure is None or one.erasure.done is None for one in took_place),
            state.record.number,
            state.record.office,
            tuple(state.sessions),
        )

    async def lead(self, lead: str) -> KeepingState:
        events = await self._journal.read(lead_stream(lead))
        state = lead_of(events)
        if state is None:
            return KeepingState()  # as of a complaint
        if state.state == "open":
            return KeepingState(held=bool(state.hold))
        about = state.opened.complaint
        held = bool(state.hold) or (bool(about) and await self._holds(about))
        opened = state.opened
        return KeepingState(_last(events), held=held, name=opened.own_number or opened.title, office=opened.office)

    async def publicity(self, publicity: str) -> KeepingState:
        """What businesses handed in with their objections: of a publication that is out, or was withdrawn."""
        events = await self._journal.read(publicity_stream(publicity))
        state = publicity_of(events)
        if state is None or state.stage not in ("published", "withdrawn") or state.objections:
            return KeepingState()
        begun = state.begun
        name = f"{number(begun.kind, begun.first)} {begun.office_name}"
        return KeepingState(_last(events), name=name, office=begun.office)

    async def _holds(self, complaint: str) -> bool:
        state: Complaint | None = complaint_of(await self._journal.read(complaint_stream(complaint)))
        of = state.sessions if state is not None else ()
        return any([(await self._sessions.state(session)).hold is not None for session in of])


def _last(events: Sequence[Event]) -> datetime:
    """When something last happened; who looked does not count."""
    return max(event.at for event in events if event.type not in _LOOKS)


WORDS = frozenset({"AttachmentAdded", "AttachmentRemoved", "ObjectionFileAdded"})
"""Types of entries whose content goes with the files: what they were called, and what was said of them."""
_LEAST_YEARS = 1  # no promise is due earlier


async def nothing_elsewhere(case: str) -> RemovedFiles:
    return RemovedFiles()


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where files of cases lie, one folder a case, and whose key and stream they are of; `elsewhere` as for records.
    `key` "" where they are sealed with the installation's. `also`: further folders that hold something of a case, by
    its name. `rule`: the kind whose years keep them."""

    kind: str
    folder: Path
    key: Callable[[str], str]
    stream: Callable[[str], str]
    standing: Callable[[str], Awaitable[KeepingState]]
    elsewhere: Callable[[str], Awaitable[RemovedFiles]] = nothing_elsewhere
    also: tuple[Path, ...] = ()
    rule: str = FILES


@dataclass(frozen=True, slots=True)
class Expired:
    """A file whose years are over: it may be appraised. `years` of the rule in force, `due` when they were over."""

    kind: str
    case: str
    standing: KeepingState
    years: int
    due: datetime


class FileErasures:
    """One per web process. `rule`: the one in force."""

    def __init__(
        self,
        data: Path,
        keys: Keys,
        journal: SqlJournal,
        sessions: Sessions,
        rule: Callable[[], Awaitable[Retention]],
        now: Callable[[], datetime],
        archived: Callable[[str], Awaitable[RemovedFiles]] = nothing_elsewhere,
        away: RemoteFiles | None = None,
        others: OtherDisks | None = None,
    ) -> None:
        self._away, self._others = away, others
        self._keys, self._journal, self._sessions, self._rule, self._now = keys, journal, sessions, rule, now
        self._filed = data / "files"  # of sessions: `server.retention.file_erasure`
        stands = FileStandings(journal, sessions)
        self._complaints = FilePlace(
            FILES,
            data / "attachments",
            lambda case: case,
            complaint_stream,
            stands.complaint,
            archived,
            (data / "notices",),
        )
        self._leads = FilePlace(LEADS, data / "lead-files", lead_case, lead_stream, stands.lead, archived, rule=LEADS)
        self._publicity = FilePlace(PUBLICITY, data / "publicity", lambda _case: "", publicity_stream, stands.publicity)
        self._places = (self._complaints, self._leads, self._publicity)

    async def look(self) -> bool:
        """Delete what was handed in under a promise whose years are over; whether everything could be."""
        good, oldest = True, later(self._now(), -_LEAST_YEARS)
        for case in await asyncio.to_thread(cases, [self._complaints.folder], oldest, self._away):
            try:
                standing = await self._complaints.standing(case)
                years = years_to_deletion(standing.told)
                if years is None or standing.end is None or standing.held or standing.recorded:
                    continue
                if later(standing.end, years) <= self._now():
                    await self._delete(self._complaints, case, SYSTEM, f"{DUE}: promised {years}")
            except Exception:
                # One that cannot be deleted must not keep the others from it.
                log.exception("files not deleted, trying again", case=case)
                good = False
        return good

    async def kept(self, kinds: Collection[str]) -> list[tuple[str, KeepingState]]:
        """Every case whose files a rule of one of these kinds keeps."""
        found = []
        for place in self._places:
            if place.rule in kinds:
                for case in await self._cases(place, self._now()):
                    if (standing := await place.standing(case)).end is not None:
                        found.append((place.rule, standing))
        return found

    async def expired(self, office: str, most: int) -> list[Expired]:
        """Files of this office whose years are over and that nothing holds, the longest over first."""
        rule, found = await self._rule(), []
        for place in self._places:
            for case in await self._cases(place, self._now()):
                one = await self._expired(place, case, rule)
                if one is not None and one.standing.office == office:
                    found.append(one)
        return sorted(found, key=lambda one: (one.due, one.case))[:most]

    async def still_expired(self, kind: str, case: str) -> Expired | None:
        """The same of one file, asked at the moment it is to be destroyed."""
        return await self._expired(self._place(kind), case, await self._rule())

    async def destroy(self, kind: str, case: str, by: Actor, reason: str) -> RemovedFiles:
        """Everything of the file; again it finds nothing. What was registered and each step stay in the journal."""
        place = self._place(kind)
        standing = await place.standing(case)
        removed = await self._delete(place, case, by, reason)
        removed += await self._removed([folder / safe_id(case) for folder in place.also])
        for session in standing.sessions:
            removed += await self._removed([self._filed / safe_id(session)], file_case(session))
        return removed

    async def _removed(self, folders: Sequence[Path], key: str = "") -> RemovedFiles:
        """Here, at the other nodes, and from the store; and first the key."""
        keys, at, removed = [key] if key else [], stamp(self._now()), RemovedFiles()
        for one in keys:
            await asyncio.to_thread(self._keys.destroy, one, at)
        if self._others is not None:
            try:
                removed += await self._others.remove([f"{one.parent.name}/{one.name}" for one in folders], keys, at)
            except OSError as fault:  # its job stays in the queue, and removes from the store what it put back
                log.warning("files are still at another node", fault=str(fault))
        for folder in folders:
            removed += await asyncio.to_thread(remove, folder, self._away)
        return removed

    # ------------------------------------------------------------ steps of the above

    def _place(self, kind: str) -> FilePlace:
        return next(place for place in self._places if place.kind == kind)

    async def _cases(self, place: FilePlace, before: datetime) -> list[str]:
        """Refused while the home of files is away: what is only there would be passed over."""
        try:
            found = set(await asyncio.to_thread(cases, [place.folder, *place.also], before, self._away))
        except AWAY as fault:
            raise unread(fault) from fault
        if place is self._complaints:
            for session in await asyncio.to_thread(cases, [self._filed], before, self._away):
                found.add((await self._sessions.state(session)).complaint)
        return sorted(found)

    async def _expired(self, place: FilePlace, case: str, rule: Retention) -> Expired | None:
        standing = await place.standing(case)
        if standing.end is None or standing.held or standing.recorded:
            return None
        due = rule.due(standing.end, place.rule)
        return Expired(place.kind, case, standing, rule.ruled(place.rule), due) if due <= self._now() else None

    async def _delete(self, place: FilePlace, case: str, by: Actor, reason: str) -> RemovedFiles:
        told = place.stream(case)
        entries = [event for event in await self._journal.read(told) if event.type in WORDS]
        if left := [event.version for event in entries if not event.erased]:
            await self._journal.erase(told, left, by, self._now(), reason)
        removed = await self._removed([place.folder / safe_id(case)], place.key(case))
        removed += await place.elsewhere(case)
        if entries or removed.files:
            log.info("files erased", case=case, files=removed.files, entries=len(entries))
        return removed


def cases(folders: Iterable[Path], before: datetime, away: RemoteFiles | None = None) -> list[str]:
    """Cases with a folder in one of these that nothing came to or went from since; also where it is at home only."""
    found = set[str]()
    for folder in folders:
        if away is not None:
            found.update(case for case in away.cases(folder) if not (folder / case).is_dir())
        if folder.is_dir():
            for entry in os.scandir(folder):
                if entry.is_dir() and datetime.fromtimestamp(entry.stat().st_mtime, UTC) <= before:
                    try:
                        found.add(safe_id(entry.name))
                    except BadName:
                        log.warning("a folder of no case", folder=str(folder), name=entry.name)
    return sorted(found)


class FiledPlaces:
    """`documents`, `recordings`: the shelves that papers and exhibits lie on, both with `filed` behind them."""

    def __init__(
        self, journal: Journal, documents: EncryptedFileStore, recordings: EncryptedFileStore, filed: EncryptedFileStore
    ) -> None:
        self._journal, self._documents, self._recordings, self._filed = journal, documents, recordings, filed

    async def keep(self, session: str) -> None:
        """Durable when it returns. What cannot be read now (StoreUnreachable, OSError) keeps the record; what is gone
        already is told in the log."""
        told = history(await self._journal.read(stream(session)))
        paths = {one.path: self._documents for one in papers(session, told)}
        paths |= dict.fromkeys(exhibits(told), self._recordings)
        await asyncio.to_thread(self._move, session, paths)

    def _move(self, session: str, paths: Mapping[str, EncryptedFileStore]) -> None:
        for path, shelf in paths.items():
            with contextlib.suppress(FileMissing):
                self._filed.stored(path)
                continue
            try:
                with shelf.open(session, path) as file:
                    self._filed.put(file_case(session), path, file)
            except (FileMissing, KeyMissing, KeyDestroyed) as fault:
                log.warning("a paper is not there for the file", session=session, path=path, why=type(fault).__name__)


def exhibits(told: Iterable[SessionEntry]) -> Iterator[str]:
    """Paths of all that was shown and not withdrawn, originals and what was made of them."""
    found: dict[str, list[str]] = {}
    for entry in told:
        match entry.event:
            case ExhibitOffered(exhibit=exhibit, originals=originals, pages=pages):
                found[exhibit] = [one.path for one in originals] + [one.path for one in pages]
            case ExhibitPrepared(exhibit=exhibit, pages=pages, film=film) if exhibit in found:
                found[exhibit] += [one.path for one in pages] + ([film.path] if film else [])
            case ExhibitWithdrawn(exhibit=exhibit):
                found.pop(exhibit, None)
            case _:
                pass
    for paths in found.values():
        yield from paths
