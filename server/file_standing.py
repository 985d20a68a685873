"""What keeps the files of a case: the records of its mediations, a hold, work that goes on, or a rule's years.

A complaint's files go with the last record of its mediations, so that a hold on one of them keeps them too; one that
was never mediated keeps them by its own rule, from the last that happened, and never longer than whoever filed it was
told. A lead's go by theirs after it was decided or withdrawn, unless it or its complaint's mediation is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from complaints import complaint as complaints
from complaints.leads import fold as lead_of, stream as lead_stream
from complaints.state import Complaint, State
from journal import Event
from journal.events import ERASED
from rooms.vocabulary import Status
from web.ports import Sessions

_LOOKS: Final = frozenset({ERASED, "AttachmentTaken", "PhoneRevealed", "InformantRevealed", "LeadFileArchived"})
_OPEN: Final = frozenset({State.REGISTERED, State.ACCEPTED, State.MEDIATING, State.PERFORMING})


@dataclass(frozen=True, slots=True)
class Standing:
    """`end`: from which a rule's years count; None where none counts. `told`: the text whose years are not exceeded.
    `free`: nothing keeps them any more, whatever a rule says."""

    end: datetime | None = None
    told: str = ""
    held: bool = False
    free: bool = False


class Readable(Protocol):
    async def read(self, stream: str, after: int = 0) -> list[Event]: ...


class FileStandings:
    def __init__(self, journal: Readable, sessions: Sessions) -> None:
        self._journal, self._sessions = journal, sessions

    async def complaint(self, complaint: str) -> Standing:
        events = await self._journal.read(complaints.stream(complaint))
        state = complaints.fold(events)
        if state is None:
            # Its beginning was erased; of what the journal does not know nothing is destroyed.
            return Standing(free=bool(events))
        if state.merged is not None:
            return await self.complaint(state.merged.id)
        if state.state in _OPEN or state.open_sessions:
            return Standing()
        kept = [await self._sessions.state(session) for session in state.sessions]
        held = any(one.hold is not None for one in kept)
        recorded = [one for one in kept if one.status is not Status.CANCELLED]
        if recorded:
            return Standing(held=held, free=not held and all(one.erasure is not None for one in recorded))
        return Standing(_last(events), state.agreed, held)

    async def lead(self, lead: str) -> Standing:
        events = await self._journal.read(lead_stream(lead))
        state = lead_of(events)
        if state is None:
            return Standing(free=bool(events))  # as of a complaint
        if state.state == "open":
            return Standing(held=bool(state.hold))
        about = state.opened.complaint
        held = bool(state.hold) or (bool(about) and await self._holds(about))
        return Standing(_last(events), held=held)

    async def _holds(self, complaint: str) -> bool:
        state: Complaint | None = complaints.fold(await self._journal.read(complaints.stream(complaint)))
        of = state.sessions if state is not None else ()
        return any([(await self._sessions.state(session)).hold is not None for session in of])


def _last(events: Sequence[Event]) -> datetime | None:
    """When something last happened; who looked does not count."""
    return max((event.at for event in events if event.type not in _LOOKS), default=None)
