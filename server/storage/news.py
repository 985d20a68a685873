"""Messages that a state brings: to a complainant who wants news, and to everybody invited to a mediation that is off.

Queued in the transaction of what they tell. Like `notice_messages` made only when the event is appended.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import events as e
from complaints.complaint import Complaint, State, evolve
from complaints.events import ComplaintEvent, from_event
from complaints.procedure import messages as p
from complaints.record.identifiers import PHONE, Sealer, masked_phone, textable
from journal import Event
from server.outbox.texts import cancelled_text, news_text
from server.storage.journal_store import stream_events
from server.storage.message_store import StoredMessage, put_message
from server.storage.tables import offices
from web.ports import Office

KIND: Final = "news"
TEXT: Final = "message"  # as `server.outbox.outbox.TEXT`
_TELLING = {
    kind.__name__
    for kind in (
        e.ComplaintAccepted,
        e.ComplaintRefused,
        e.MediationScheduled,
        e.MediationCancelled,
        e.MediationClosed,
        e.PromisesKept,
        p.MediationEnded,
        e.NoteTakenBack,
    )
}


class NewsMessages:
    """A projector of `complaint/…`. `url`: of the site; `language`: of whoever chose none."""

    kind = "complaint"

    def __init__(self, seal: Sealer, url: str, language: str) -> None:
        self._seal, self._url, self._language = seal, url, language

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        if not any(event.type in _TELLING for event in appended):
            return
        entries = await stream_events(connection, appended[0].stream)
        if entries[0].erased:
            return
        complaint: Complaint | None = None
        told: tuple[str, datetime | None] | None = None
        off: list[str] = []
        for entry in entries:
            if entry.erased:
                continue
            before, event = complaint, from_event(entry)
            complaint = evolve(complaint, event, entry.at)
            if entry.version >= appended[0].version and before is not None:
                told = _news(event, before, complaint) or told  # of several at once the last says most
                if isinstance(event, e.MediationCancelled) and event.session in before.open_sessions:
                    off.append(event.session)
        assert complaint is not None
        if not off and (told is None or not complaint.news):
            return
        row = (await connection.execute(select(offices).where(offices.c.id == complaint.record.office))).mappings()
        office, at, number = Office(**row.one()), appended[-1].at, complaint.record.number
        if told is not None and complaint.news:
            what, starts = told
            text = news_text(what, office, number, f"{self._url}/follow", starts, complaint.language)
            await self._put(connection, office.id, complaint.consumer.phone, text, at)
        for session in off:
            starts = _starts(entries, session)
            if starts <= at:  # nobody is waiting for it
                continue
            text = cancelled_text(office, number, starts, self._language)
            for phone in sorted(self._phones(complaint, session)):
                await self._put(connection, office.id, phone, text, at)

    def _phones(self, complaint: Complaint, session: str) -> Iterator[str]:
        """Of those who hold a seat, each number once."""
        seen = set()
        for sealed in complaint.contacts.get(session, {}).values():
            phone = self._seal.open(sealed, PHONE) if sealed else ""
            if phone and phone not in seen:
                seen.add(phone)
                yield sealed

    async def _put(self, connection: AsyncConnection, office: str, sealed: str, text: str, at: datetime) -> None:
        phone = self._seal.open(sealed, PHONE) if sealed else ""
        if not textable(phone):
            return
        message = StoredMessage(
            id=uuid.uuid4().hex,
            office=office,
            session="",
            kind=KIND,
            to_sealed=sealed,
            to_masked=masked_phone(phone),
            text_sealed=self._seal.seal(text, TEXT),
            created=at,
            next_try=at,
        )
        await put_message(connection, message)


def _news(event: ComplaintEvent, before: Complaint, after: Complaint) -> tuple[str, datetime | None] | None:
    """What the complainant is told, and when a mediation is."""
    match event:
        case e.ComplaintAccepted():
            return "accepted", None
        case e.ComplaintRefused():
            return "refused", None
        case e.MediationScheduled(starts=starts):
            return "scheduled", starts
        case e.PromisesKept():
            return "performed", None
        case e.NoteTakenBack(what="refused" | "ended"):
            return "reopened", None
        case e.MediationClosed() if before.state is not after.state and after.state in (
            State.SETTLED,
            State.PERFORMING,
        ):
            return "settled", None
        case e.MediationClosed() | p.MediationEnded() if before.state is not after.state and not after.withdrawn:
            return "ended", None
        case _:
            return None


def _starts(entries: Sequence[Event], session: str) -> datetime:
    for entry in entries:
        if not entry.erased and entry.type == e.MediationScheduled.__name__ and entry.data["session"] == session:
            return datetime.fromisoformat(entry.data["starts"])
    return datetime.min.replace(tzinfo=entries[0].at.tzinfo)
