"""Messages that a complaint brings: with its notices, and with a change of its state.

Queued in the transaction of what they tell, and only when the event is appended: a projection made anew sends nothing a
second time.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, get_args

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints import events as e, procedure as p
from complaints.decisions import owed_notices, possible_notices
from complaints.events import ComplaintEvent, from_event
from complaints.notices import Addressee, Notice, NoticeIssued, NoticeWithdrawn
from complaints.notices.messages import DUE, AnswerInvited, QuestionsSent, TermReminded
from complaints.notices.rules import duty, undelivered, untold
from complaints.procedure import (
    AppointmentEvent,
    MediationReminded,
    MediationRescheduled,
    MediationTimeKept,
)
from complaints.record.identifiers import PHONE, Sealer, masked_phone, textable
from complaints.state import Complaint, ComplaintState
from complaints.views import NoticeList, NoticeReceiver, NoticeRow, TellingView, Undeliverable
from journal import Event
from offices import Office
from rooms.views import LaterTerm, TermMessage
from server.complaints.projection import ComplaintChange
from server.db.schema import complaints, messages, offices, promises
from server.outbox import Wording, cancelled_text, news_text, seal_wording
from server.outbox.store import StoredMessage, put_message

NOTICE_KIND = "notice"
_Telling = (
    NoticeIssued
    | NoticeWithdrawn
    | AnswerInvited
    | TermReminded
    | QuestionsSent
    | MediationRescheduled
    | MediationReminded
    | MediationTimeKept
)
_NOTICE_EVENTS = {kind.__name__ for kind in get_args(_Telling)}
_KINDS = {  # shown without what makes it work
    AnswerInvited.__name__: "link",
    TermReminded.__name__: "reminder",
    MediationRescheduled.__name__: "rescheduled",
    MediationReminded.__name__: "reminder",
    MediationTimeKept.__name__: "reminder",
    QuestionsSent.__name__: "link",
}


class NoticeMessages:
    """A writer after the one of the complaint's own row."""

    types = _NOTICE_EVENTS

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for entry in (entry for one in changes for entry in one.appended):
            if entry.type not in _NOTICE_EVENTS:
                continue
            event = from_event(entry)
            assert isinstance(event, _Telling)
            about = event.session if isinstance(event, AppointmentEvent) else ""
            complaint = entry.stream.partition("/")[2]
            mine = select(complaints.c.office).where(complaints.c.id == complaint)
            office = (await connection.execute(mine)).scalar_one()
            for one in event.to:
                if one.message:
                    await put_message(
                        connection,
                        StoredMessage(
                            id=one.message,
                            office=office,
                            session=about,
                            kind=_KINDS.get(entry.type, NOTICE_KIND),
                            to_sealed=one.phone,
                            to_masked=one.phone_masked,
                            text_sealed=one.text,
                            created=entry.at,
                            next_try=entry.at,
                            complaint=complaint if isinstance(event, NoticeIssued) else "",
                        ),
                    )


async def delivered(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, str]:
    """Message -> "queued" | "sent" | "failed" | "dead"."""
    if not ids:
        return {}
    wanted = select(messages.c.id, messages.c.state).where(messages.c.id.in_(ids))
    return {row.id: row.state for row in await connection.execute(wanted)}


BY_HAND, UNKNOWN = "by_hand", "queued"


async def notices_of(connection: AsyncConnection, state: Complaint, told: Sequence[Event]) -> NoticeList:
    """A complaint's notices as its page shows them, with how far each message has come.

    One query, and none for a complaint without notices.
    """
    ids = [one.message for notice in state.notices for one in notice.issued.to if one.message]
    states = await delivered(connection, ids)
    by = {
        event.data["notice"]: event.actor.name
        for event in told
        if event.type == NoticeIssued.__name__ and not event.erased
    }
    return NoticeList(
        issued=[_row(notice, by, states) for notice in reversed(state.notices)],
        owed=owed_notices(state),
        possible=possible_notices(state),
        drafts=_drafts(state),
    )


async def with_messages(
    connection: AsyncConnection, terms: Sequence[LaterTerm], entries: Sequence[Event]
) -> Sequence[LaterTerm]:
    """With what went out about each, and how far it came; `entries`: of the complaint. Two queries, and none without
    promises."""
    if not terms:
        return terms
    row, sent = promises.c, [one for one in entries if one.type in _SENT and not one.erased]
    ids = [to["message"] for one in sent for to in one.data["to"] if to.get("message")]
    asked = select(messages.c.id, messages.c.state, messages.c.arrived_at).where(messages.c.id.in_(ids))
    came = {
        one.id: "arrived" if one.arrived_at else one.state for one in (await connection.execute(asked) if ids else ())
    }
    wanted = select(row.session, row.number, row.paid, row.due).where(row.session.in_({one.session for one in terms}))
    known = {(one.session, one.number): one for one in await connection.execute(wanted)}
    found = []
    for term in terms:
        kept = known.get((term.session, term.number))
        told = [one for one in sent if one.data["session"] == term.session and _about(one, term, known)]
        shown = [
            TermMessage(_SENT[one.type] or one.data["when"], to["whom"], to["phone_masked"], one.at,
                        came.get(to.get("message", ""), ""))
            for one in told for to in one.data["to"]
        ]  # fmt: skip
        found.append(replace(term, messages=shown, paid=kept.paid if kept else ""))
    return found


_SENT: Final = {"TermReminded": "", "QuestionsSent": "asked"}


def _about(entry: Event, term: LaterTerm, known: Mapping[tuple[str, int], Any]) -> bool:
    """Whether it was sent about this promise: of questions, one that is due on the day asked about."""
    if entry.type == "TermReminded":
        return bool(entry.data["term"] == term.number)
    days = {number: row.due for (session, number), row in known.items() if session == term.session}
    day = days.get(entry.data.get("term", 0), min(days.values(), default=None))
    return entry.data["when"] == DUE and days.get(term.number) == day and entry.data["whom"] != term.term.who.value


def telling_view(state: Complaint, listed: NoticeList) -> TellingView:
    what, waiting = duty(state), untold(state)
    under_way = {
        one.whom
        for row in listed.issued
        if row.kind == what and row.state == "standing"
        for one in row.to
        if one.state in ("queued", "failed")
    }
    return TellingView(
        what=what if waiting else "",
        untold=waiting,
        waiting=[whom for whom in waiting if whom in under_way],
        failed=[Undeliverable(one.whom, one.reason) for one in undelivered(state)],
    )


def _drafts(state: Complaint) -> Sequence[str]:
    settled = {ComplaintState.SETTLED, ComplaintState.PERFORMING} & {state.state, state.closed_from}
    return ("register", *(("agreement",) if settled else ()), *(("record",) if state.held else ()))


def _row(notice: Notice, by: Mapping[str, str], states: Mapping[str, str]) -> NoticeRow:
    issued, withdrawn = notice.issued, notice.withdrawn
    return NoticeRow(
        id=issued.notice,
        kind=issued.kind,
        number=issued.number,
        at=notice.at,
        by=by.get(issued.notice, ""),
        to=[_told(one, states) for one in issued.to],
        state="withdrawn" if withdrawn else "replaced" if notice.replaced_by else "standing",
        replaces=issued.replaces,
        replaced_by=notice.replaced_by,
        reason=withdrawn.reason if withdrawn else "",
        sha256=issued.sha256,
        edition=issued.edition,
        articles=issued.articles,
    )


def _told(one: Addressee, states: Mapping[str, str]) -> NoticeReceiver:
    state = states.get(one.message, UNKNOWN) if one.message else BY_HAND
    return NoticeReceiver(one.whom, one.name, one.phone_masked, state)


async def complaint_called(connection: AsyncConnection, name: str) -> tuple[str, str] | None:
    """(id, office) of the complaint with this id or number."""
    wanted = select(complaints.c.id, complaints.c.office).where(
        or_(complaints.c.id == name, complaints.c.number == name)
    )
    row = (await connection.execute(wanted.limit(1))).one_or_none()
    return None if row is None else (row.id, row.office)


NEWS_KIND: Final = "news"
CANCELLED_KIND: Final = "cancelled"
_NEWS_EVENTS = {
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
    """Messages to a complainant who wants news, and to everybody invited to a mediation that is off.

    `url`: of the site; `language`: of whoever chose none.
    """

    types = _NEWS_EVENTS

    def __init__(self, seal: Sealer, url: str, language: str) -> None:
        self._seal, self._url, self._language = seal, url, language

    async def write(self, connection: AsyncConnection, changes: Sequence[ComplaintChange]) -> None:
        for one in changes:
            if one.after is not None:
                await self._write(connection, one, one.after)

    async def _write(self, connection: AsyncConnection, change: ComplaintChange, complaint: Complaint) -> None:
        told: tuple[str, datetime | None] | None = None
        off: list[str] = []
        for step in change.steps:
            if step.before is None:
                continue
            told = _news(step.event, step.before, step.after) or told  # of several at once the last says most
            if isinstance(step.event, e.MediationCancelled) and step.event.session in step.before.open_sessions:
                off.append(step.event.session)
        if not off and (told is None or not complaint.news):
            return
        row = (await connection.execute(select(offices).where(offices.c.id == complaint.record.office))).mappings()
        office, at, number = Office(**row.one()), change.appended[-1].at, complaint.record.number
        if told is not None and complaint.news:
            what, starts = told
            text = news_text(what, office, number, f"{self._url}/follow", starts, complaint.language)
            await self._put(connection, office.id, complaint.consumer.phone, text, at)
        for session in off:
            known = complaint.appointments.get(session)
            if known is None or known.starts <= at:  # nobody is waiting for it
                continue
            starts = known.starts
            text = cancelled_text(office, number, starts, office.writes(self._language))
            for phone in sorted(self._phones(complaint, session)):
                await self._put(connection, office.id, phone, text, at, CANCELLED_KIND, session)

    def _phones(self, complaint: Complaint, session: str) -> Iterator[str]:
        """Of those who hold a seat, each number once."""
        seen = set()
        for sealed in complaint.contacts.get(session, {}).values():
            phone = self._seal.open(sealed, PHONE) if sealed else ""
            if phone and phone not in seen:
                seen.add(phone)
                yield sealed

    async def _put(
        self,
        connection: AsyncConnection,
        office: str,
        sealed: str,
        text: Wording,
        at: datetime,
        kind: str = NEWS_KIND,
        session: str = "",
    ) -> None:
        phone = self._seal.open(sealed, PHONE) if sealed else ""
        if not textable(phone):
            return
        message = StoredMessage(
            id=uuid.uuid4().hex,
            office=office,
            session=session,
            kind=kind,
            to_sealed=sealed,
            to_masked=masked_phone(phone),
            text_sealed=seal_wording(self._seal, text),
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
            ComplaintState.SETTLED,
            ComplaintState.PERFORMING,
        ):
            return "settled", None
        case e.MediationClosed() | p.MediationEnded() if before.state is not after.state and not after.withdrawn:
            return "ended", None
        case _:
            return None
