"""A complaint's notices as its page shows them, with how far each message has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.complaint import Complaint, State
from complaints.notices.issuing import owed_notices, possible_notices
from complaints.notices.notice import Addressee, Notice, NoticeIssued
from complaints.notices.telling import duty, undelivered, untold
from journal import Event
from server.storage.notice_messages import delivered
from server.storage.tables import complaints
from web.ports import NoticeList, NoticeRow, TellingView, Told, Undeliverable

BY_HAND, UNKNOWN = "by_hand", "queued"


async def notices_of(connection: AsyncConnection, state: Complaint, told: Sequence[Event]) -> NoticeList:
    """One query, and none for a complaint without notices."""
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
    settled = {State.SETTLED, State.PERFORMING} & {state.state, state.closed_from}
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


def _told(one: Addressee, states: Mapping[str, str]) -> Told:
    state = states.get(one.message, UNKNOWN) if one.message else BY_HAND
    return Told(one.whom, one.name, one.phone_masked, state)


async def complaint_called(connection: AsyncConnection, name: str) -> tuple[str, str] | None:
    """(id, office) of the complaint with this id or number."""
    wanted = select(complaints.c.id, complaints.c.office).where(
        or_(complaints.c.id == name, complaints.c.number == name)
    )
    row = (await connection.execute(wanted.limit(1))).one_or_none()
    return None if row is None else (row.id, row.office)
