"""When a notice may go out, what issuing or withdrawing it means, and its number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from complaints.complaint import fold, stream
from complaints.errors import Busy, NoticeStanding, UnknownNotice, WrongState
from complaints.events import ComplaintEvent, NoteTakenBack
from complaints.notices.notice import (
    IssueNotice,
    NoteNoticeRead,
    NoticeKind,
    NoticeRead,
    Series,
    WithdrawNotice,
    standing_notices,
)
from complaints.notices.rules import duty, untold
from complaints.state import UNDER_WAY, Complaint, ComplaintState, filled, short
from journal import Actor, Conflict, Draft, Event, Journal

_TOLD = "told"


def possible_notices(complaint: Complaint) -> Sequence[NoticeKind]:
    """Kinds whose occasion has come, in the order of the procedure."""
    stands = {complaint.state, complaint.closed_from}
    found: list[NoticeKind] = []
    if complaint.state is ComplaintState.UNDONE:  # it came by mistake and went again
        return found
    if complaint.state is ComplaintState.REGISTERED:
        found.append(NoticeKind.DISPATCH)
        if complaint.record.order == "121":  # Order 20 has no such notice
            found.append(NoticeKind.IDENTITY)
    if complaint.accepted_at is not None:
        found.append(NoticeKind.ACCEPTANCE)
    if ComplaintState.REFUSED in stands:
        found.append(NoticeKind.REFUSAL)
    if complaint.open_sessions:
        found.append(NoticeKind.MEDIATION)
    if ComplaintState.ENDED in stands:
        found.append(NoticeKind.TERMINATION)
    return found


def session_of(complaint: Complaint, kind: str) -> str:
    """The session a notice of this kind would be about: the newest that is open; "" for a kind that is about none."""
    if kind != NoticeKind.MEDIATION:
        return ""
    return next((session for session in reversed(complaint.sessions) if session in complaint.open_sessions), "")


def owed_notices(complaint: Complaint) -> Sequence[NoticeKind]:
    """Notices whose occasion has come and that nobody has issued. A dispatch is owed to nobody who was not sent on,
    and proof of identity is asked of whoever the office wants it from; once mediation has ended, the termination says
    more than acceptance; after a settlement acceptance is owed while the complainant was not told of it."""
    late = complaint.state not in UNDER_WAY and not (duty(complaint) == NoticeKind.ACCEPTANCE and untold(complaint))
    skipped = {NoticeKind.DISPATCH, NoticeKind.IDENTITY, *([NoticeKind.ACCEPTANCE] if late else [])}
    return [
        kind
        for kind in possible_notices(complaint)
        if kind not in skipped and standing_notices(complaint.notices, kind, session_of(complaint, kind)) is None
    ]


def issue_notice(command: IssueNotice, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Nobody is told by it yet: that is noted when the gateway has taken the message, or by hand
    (`complaints.notices.messages`)."""
    issued = command.issued
    if issued.kind not in possible_notices(complaint) or issued.session != session_of(complaint, issued.kind):
        raise WrongState(state=complaint.state.value)
    known = standing_notices(complaint.notices, issued.kind, issued.session)
    if known is not None and known.issued.number != issued.replaces:
        raise NoticeStanding(number=known.issued.number)
    if known is None and issued.replaces:
        raise UnknownNotice(number=issued.replaces)
    return [issued]


def note_notice_read(command: NoteNoticeRead, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """UnknownNotice when it is not for them. Read again it changes nothing."""
    known = next((one for one in complaint.notices if one.issued.notice == command.notice), None)
    if known is None or all(one.whom != command.whom for one in known.issued.to):
        raise UnknownNotice(number="")
    return [] if command.whom in known.read_by else [NoticeRead(command.notice, known.issued.number, command.whom)]


def withdraw_notice(command: WithdrawNotice, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Whoever was told by it is not told any more: the duty, and its clock, are back."""
    withdrawn = command.withdrawn
    known = next((one for one in complaint.notices if one.issued.notice == withdrawn.notice), None)
    if known is None:
        raise UnknownNotice(number=withdrawn.number)
    if not known.standing:
        raise WrongState(state=complaint.state.value)
    filled("reason", withdrawn.reason)
    short("reason", withdrawn.reason)
    noted = known.issued.kind == NoticeKind.TERMINATION and NoticeKind.TERMINATION in complaint.told_as_noted
    told = noted or any(one.notice == withdrawn.notice for one in complaint.told)
    if told and complaint.state is ComplaintState.CLOSED:
        raise WrongState(state=complaint.state.value)  # the closed file is reopened first
    return [withdrawn, NoteTakenBack(_TOLD, withdrawn.reason)] if noted else [withdrawn]


_TRIES = 20
_GIVEN = "NoticeNumberGiven"


class NoticeNumbers:
    """Numbers of notices, counted per series and year (`complaints.notices.notice.series`), without gaps.

    Owns the streams `office/<office>/notices/<kind>/<year>` and `series/<words>/notices/<year>`. A number is given
    before its notice is issued; one whose notice never came about (the sheet could not be printed, the program died) is
    given again to the next. That needs one giver at a time, which is the web process: it holds `giving` around number
    and notice.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def giving(
        self, of: Series, year: int, complaint: str, notice: str, at: datetime, actor: Actor
    ) -> AsyncIterator[str]:
        """The number for this notice, which is issued within; Busy."""
        async with self._locks.setdefault(of.stream, asyncio.Lock()):
            number = await self._give(of.stream, complaint, notice, at, actor)
            yield of.written(year, number)

    async def upcoming(self, of: Series, year: int) -> str:
        """What the next one would most likely be called; nothing is given."""
        return of.written(year, await self._next(await self._journal.read(of.stream)))

    async def _give(self, told: str, complaint: str, notice: str, at: datetime, actor: Actor) -> int:
        for _ in range(_TRIES):
            given = await self._journal.read(told)
            number = await self._next(given)
            draft = Draft(_GIVEN, {"number": number, "complaint": complaint, "notice": notice}, at, actor)
            try:
                await self._journal.append(told, len(given), [draft])
            except Conflict:
                continue
            return number
        raise Busy

    async def _next(self, given: list[Event]) -> int:
        if not given:
            return 1
        last = given[-1].data
        state = fold(await self._journal.read(stream(last["complaint"])))
        used = state is not None and any(one.issued.notice == last["notice"] for one in state.notices)
        number: int = last["number"]
        return number + 1 if used else number
