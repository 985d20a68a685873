"""Files of complaints and leads are erased when nothing keeps them any more, each case by its own key.

A complaint's files go with the last record of its mediations, so that a hold on one of them keeps them too; one that
was never mediated keeps its files as long as a record is kept, from the last thing that happened. A lead's go its own
years after it was decided or withdrawn, unless it or its complaint's mediation is held. The journal says first that it
is done, then the key is destroyed, then files go. Every step may be done twice.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from complaints import complaint as complaints
from complaints.leads import fold as lead_of, stream as lead_stream
from complaints.state import Complaint, State
from journal import SYSTEM, Actor, Event
from journal.events import ERASED, stamp
from recordings.errors import BadName
from recordings.keys import Keys
from recordings.names import safe_id
from rooms.retention import later
from rooms.vocabulary import Status
from server.erasure import DUE, Forgetful, Removed, remove
from server.lead_files import lead_case
from web.ports import Sessions

log = structlog.get_logger(__name__)

WORDS = frozenset({"AttachmentAdded", "AttachmentRemoved"})
"""Types of entries whose content goes with the files: what they were called, and what was said of them."""
_LOOKS = frozenset({ERASED, "AttachmentTaken", "PhoneRevealed", "InformantRevealed", "LeadFileArchived"})
_OPEN = frozenset({State.REGISTERED, State.ACCEPTED, State.MEDIATING, State.PERFORMING})
_LEAST_YEARS = 1  # no file is due earlier unless its record was erased


async def nothing_elsewhere(case: str) -> Removed:
    return Removed()


@dataclass(frozen=True, slots=True)
class Place:
    """Where files of cases lie, one folder a case, and whose key and stream they are of; `elsewhere` as for records."""

    folder: Path
    key: Callable[[str], str]
    stream: Callable[[str], str]
    elsewhere: Callable[[str], Awaitable[Removed]] = nothing_elsewhere


class FileErasures:
    """One per web process. `years` of complaints that were never mediated, `lead_years` of leads."""

    def __init__(
        self,
        data: Path,
        keys: Keys,
        journal: Forgetful,
        sessions: Sessions,
        years: int,
        lead_years: int,
        now: Callable[[], datetime],
        archived: Callable[[str], Awaitable[Removed]] = nothing_elsewhere,
    ) -> None:
        self._keys, self._journal, self._sessions, self._now = keys, journal, sessions, now
        self._years, self._lead_years = years, lead_years
        self._complaints = Place(data / "attachments", lambda case: case, complaints.stream, archived)
        self._leads = Place(data / "lead-files", lead_case, lead_stream, archived)

    async def with_record(self, session: str) -> Removed:
        """For `server.erasure`: the files of a session's complaint, when this was its last record."""
        state = await self._sessions.state(session)
        if state.erasure is None or not await self._complaint_due(state.complaint):
            return Removed()
        return await self._erase(self._complaints, state.complaint, state.erasure.by, state.erasure.reason)

    async def look(self) -> bool:
        """Erase what is due; whether everything could be."""
        good = True
        for place, due in ((self._complaints, self._complaint_due), (self._leads, self._lead_due)):
            for case in await asyncio.to_thread(_old, place.folder, later(self._now(), -_LEAST_YEARS)):
                try:
                    if await due(case):
                        await self._erase(place, case, SYSTEM, DUE)
                except Exception:
                    # One that cannot be erased must not keep the others from it.
                    log.exception("files not erased, trying again", case=case)
                    good = False
        return good

    async def _complaint_due(self, complaint: str) -> bool:
        events = await self._journal.read(complaints.stream(complaint))
        state = complaints.fold(events)
        if state is None:
            return bool(events)  # its beginning was erased; of what the journal does not know nothing is destroyed
        if state.merged is not None:
            return await self._complaint_due(state.merged.id)
        if state.state in _OPEN or state.open_sessions:
            return False
        kept = [await self._sessions.state(session) for session in state.sessions]
        if any(one.hold is not None for one in kept):
            return False
        recorded = [one for one in kept if one.status is not Status.CANCELLED]
        if recorded:
            return all(one.erasure is not None for one in recorded)
        return self._over(events, self._years)

    async def _lead_due(self, lead: str) -> bool:
        events = await self._journal.read(lead_stream(lead))
        state = lead_of(events)
        if state is None:
            return bool(events)  # as of a complaint
        if state.hold or state.state == "open" or not self._over(events, self._lead_years):
            return False
        about = state.opened.complaint
        return not about or not await self._held(complaints.fold(await self._journal.read(complaints.stream(about))))

    async def _held(self, complaint: Complaint | None) -> bool:
        of = complaint.sessions if complaint is not None else ()
        return any([(await self._sessions.state(session)).hold is not None for session in of])

    def _over(self, events: Sequence[Event], years: int) -> bool:
        facts = [event.at for event in events if event.type not in _LOOKS]
        return bool(facts) and later(max(facts), years) <= self._now()

    async def _erase(self, place: Place, case: str, by: Actor, reason: str) -> Removed:
        told = place.stream(case)
        entries = [event for event in await self._journal.read(told) if event.type in WORDS]
        if left := [event.version for event in entries if not event.erased]:
            await self._journal.erase(told, left, by, self._now(), reason)
        await asyncio.to_thread(self._keys.destroy, place.key(case), stamp(self._now()))
        removed = await asyncio.to_thread(remove, place.folder / safe_id(case))
        removed += await place.elsewhere(case)
        if entries or removed.files:
            log.info("files erased", case=case, files=removed.files, entries=len(entries))
        return removed


def _old(folder: Path, before: datetime) -> list[str]:
    """Cases whose folder nothing came to or went from since."""
    found = []
    if folder.is_dir():
        for entry in os.scandir(folder):
            if entry.is_dir() and datetime.fromtimestamp(entry.stat().st_mtime, UTC) <= before:
                try:
                    found.append(safe_id(entry.name))
                except BadName:
                    log.warning("a folder of no case", folder=str(folder), name=entry.name)
    return sorted(found)
