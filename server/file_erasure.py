"""Files of complaints and leads are erased when nothing keeps them any more, each case by its own key.

What keeps them is `server.file_standing`. The journal says first that it is done, then the key is destroyed, then files
go. Every step may be done twice.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from complaints import complaint as complaints
from complaints.leads import stream as lead_stream
from journal import SYSTEM, Actor
from journal.events import stamp
from recordings.errors import BadName
from recordings.keys import Keys
from recordings.names import safe_id
from rooms.retention import Retention, later
from server.erasure import DUE, Forgetful, Removed, remove
from server.file_standing import FileStandings, Standing
from server.lead_files import lead_case
from server.retention.periods import FILES, LEADS
from web.ports import Sessions

log = structlog.get_logger(__name__)

WORDS = frozenset({"AttachmentAdded", "AttachmentRemoved"})
"""Types of entries whose content goes with the files: what they were called, and what was said of them."""
_LEAST_YEARS = 1  # no file is due earlier unless its record was erased


async def nothing_elsewhere(case: str) -> Removed:
    return Removed()


@dataclass(frozen=True, slots=True)
class Place:
    """Where files of cases lie, one folder a case, and whose key and stream they are of; `elsewhere` as for records.
    `kind`: of rule that keeps them, where one does."""

    kind: str
    folder: Path
    key: Callable[[str], str]
    stream: Callable[[str], str]
    standing: Callable[[str], Awaitable[Standing]]
    elsewhere: Callable[[str], Awaitable[Removed]] = nothing_elsewhere


class FileErasures:
    """One per web process. `rule`: the one in force."""

    def __init__(
        self,
        data: Path,
        keys: Keys,
        journal: Forgetful,
        sessions: Sessions,
        rule: Callable[[], Awaitable[Retention]],
        now: Callable[[], datetime],
        archived: Callable[[str], Awaitable[Removed]] = nothing_elsewhere,
    ) -> None:
        self._keys, self._journal, self._sessions, self._rule, self._now = keys, journal, sessions, rule, now
        stands = FileStandings(journal, sessions)
        self._complaints = Place(
            FILES, data / "attachments", lambda case: case, complaints.stream, stands.complaint, archived
        )
        self._leads = Place(LEADS, data / "lead-files", lead_case, lead_stream, stands.lead, archived)

    async def with_record(self, session: str) -> Removed:
        """For `server.erasure`: the files of a session's complaint, when this was its last record."""
        state = await self._sessions.state(session)
        if state.erasure is None or not (await self._complaints.standing(state.complaint)).free:
            return Removed()
        return await self._erase(self._complaints, state.complaint, state.erasure.by, state.erasure.reason)

    async def look(self) -> bool:
        """Erase what is due; whether everything could be."""
        good = True
        for place in (self._complaints, self._leads):
            for case in await asyncio.to_thread(cases, place.folder, later(self._now(), -_LEAST_YEARS)):
                try:
                    if (reason := await self._due(place.kind, await place.standing(case))) is not None:
                        await self._erase(place, case, SYSTEM, reason)
                except Exception:
                    # One that cannot be erased must not keep the others from it.
                    log.exception("files not erased, trying again", case=case)
                    good = False
        return good

    async def kept(self, kinds: Collection[str]) -> list[tuple[str, Standing]]:
        """Every case whose files a rule of one of these kinds keeps."""
        found = []
        for place in (self._complaints, self._leads):
            if place.kind in kinds:
                for case in await asyncio.to_thread(cases, place.folder, self._now()):
                    if (standing := await place.standing(case)).end is not None:
                        found.append((place.kind, standing))
        return found

    async def _due(self, kind: str, standing: Standing) -> str | None:
        """Why, in the journal's words; None while something keeps them."""
        if standing.free:
            return DUE
        rule = await self._rule()
        promise = rule.fewest([standing.told])
        if standing.end is None or standing.held or rule.due(standing.end, kind, promise) > self._now():
            return None
        return f"{DUE}: {kind} {rule.kept(kind, promise)}, rule {rule.version}"

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


def cases(folder: Path, before: datetime) -> list[str]:
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
