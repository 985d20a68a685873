"""What keeps the file of a case: work that goes on, a hold, records that are still kept, or a rule's years.

Nothing here makes a file go: whose years are over may be appraised (`server.appraisal`). Only what somebody handed in
under a text that promised its deletion goes by itself (`server.file_erasure`).
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


class Readable(Protocol):
    async def read(self, stream: str, after: int = 0) -> list[Event]: ...


class FileStandings:
    def __init__(self, journal: Readable, sessions: Sessions) -> None:
        self._journal, self._sessions = journal, sessions

    async def complaint(self, complaint: str) -> Standing:
        events = await self._journal.read(complaints.stream(complaint))
        state = complaints.fold(events)
        if state is None:
            return Standing()  # of what the journal does not know nothing is destroyed
        if state.merged is not None:
            return await self.complaint(state.merged.id)
        if state.state in _OPEN or state.open_sessions:
            return Standing()
        kept = [await self._sessions.state(session) for session in state.sessions]
        took_place = [one for one in kept if one.status is not Status.CANCELLED]
        return Standing(
            max([_last(events), *(one.closed_at for one in took_place if one.closed_at)]),
            state.agreed,
            any(one.hold is not None for one in kept),
            any(one.erasure is None or one.erasure.done is None for one in took_place),
            state.record.number,
            state.record.office,
            tuple(state.sessions),
        )

    async def lead(self, lead: str) -> Standing:
        events = await self._journal.read(lead_stream(lead))
        state = lead_of(events)
        if state is None:
            return Standing()  # as of a complaint
        if state.state == "open":
            return Standing(held=bool(state.hold))
        about = state.opened.complaint
        held = bool(state.hold) or (bool(about) and await self._holds(about))
        opened = state.opened
        return Standing(_last(events), held=held, name=opened.own_number or opened.title, office=opened.office)

    async def _holds(self, complaint: str) -> bool:
        state: Complaint | None = complaints.fold(await self._journal.read(complaints.stream(complaint)))
        of = state.sessions if state is not None else ()
        return any([(await self._sessions.state(session)).hold is not None for session in of])


def _last(events: Sequence[Event]) -> datetime:
    """When something last happened; who looked does not count."""
    return max(event.at for event in events if event.type not in _LOOKS)
