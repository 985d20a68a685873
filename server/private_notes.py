"""A mediator's own notes in the room: theirs alone, sealed, saved with every pause in typing. `web.ports.PrivateNotes`.

They never meet the journal, so no export can hold them; they go when the session's record is erased. A supervisor has
no way to them (docs/decisions/0013-private-notes.md).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from server.erasure import Removed
from server.identity.sealing import Seal
from server.storage.note_store import NoteStore
from web.ports import Officer, PrivateNote, Refused, Sessions

LONGEST = 20_000
_PURPOSE = "mediator note"


class PrivateNotes:
    def __init__(self, store: NoteStore, sessions: Sessions, seal: Seal, now: Callable[[], datetime]) -> None:
        self._store, self._sessions, self._seal, self._now = store, sessions, seal, now

    async def read(self, officer: Officer, session: str) -> PrivateNote:
        await self._own(officer, session)
        found = await self._store.read(session, officer.id)
        if found is None:
            return PrivateNote()
        return PrivateNote(found.edition, self._seal.open(found.sealed, self._bound(session, officer)), found.changed)

    async def write(self, officer: Officer, session: str, seen: int, text: str) -> PrivateNote:
        await self._own(officer, session)
        if len(text) > LONGEST:
            raise Refused("too_long", 422, field="text", most=LONGEST)
        at = self._now()
        sealed = self._seal.seal(text, self._bound(session, officer))
        edition = await self._store.write(session, officer.id, seen, sealed, at)
        if edition is None:
            raise Refused("note_changed", 409)
        return PrivateNote(edition, text, at)

    async def forget(self, session: str) -> Removed:
        """With the session's record."""
        return Removed(0, await self._store.remove(session))

    async def _own(self, officer: Officer, session: str) -> None:
        """Only who conducts it: to anybody else it is not there."""
        state = await self._sessions.state(session)
        if state.mediator != officer.id:
            raise Refused("not_found", 404)

    def _bound(self, session: str, officer: Officer) -> str:
        return f"{_PURPOSE} {session} {officer.id}"
