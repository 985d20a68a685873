"""When a notice may go out, and what issuing or withdrawing it means for the complaint."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.errors import NoticeStanding, UnknownNotice, WrongState
from complaints.events import ComplaintEvent, NoteTakenBack
from complaints.notices import (
    IssueNotice,
    NoteNoticeRead,
    NoticeKind,
    NoticeRead,
    WithdrawNotice,
    standing,
)
from complaints.state import UNDER_WAY, Complaint, State, filled, short
from complaints.telling import duty, untold

_TOLD = "told"


def possible(complaint: Complaint) -> Sequence[NoticeKind]:
    """Kinds whose occasion has come, in the order of the procedure."""
    stands = {complaint.state, complaint.closed_from}
    found: list[NoticeKind] = []
    if complaint.state is State.UNDONE:  # it came by mistake and went again
        return found
    if complaint.state is State.REGISTERED:
        found.append(NoticeKind.DISPATCH)
        if complaint.record.order == "121":  # Order 20 has no such notice
            found.append(NoticeKind.IDENTITY)
    if complaint.accepted_at is not None:
        found.append(NoticeKind.ACCEPTANCE)
    if State.REFUSED in stands:
        found.append(NoticeKind.REFUSAL)
    if complaint.open_sessions:
        found.append(NoticeKind.MEDIATION)
    if State.ENDED in stands:
        found.append(NoticeKind.TERMINATION)
    return found


def session_of(complaint: Complaint, kind: str) -> str:
    """The session a notice of this kind would be about: the newest that is open; "" for a kind that is about none."""
    if kind != NoticeKind.MEDIATION:
        return ""
    return next((session for session in reversed(complaint.sessions) if session in complaint.open_sessions), "")


def owed(complaint: Complaint) -> Sequence[NoticeKind]:
    """Notices whose occasion has come and that nobody has issued. A dispatch is owed to nobody who was not sent on,
    and proof of identity is asked of whoever the office wants it from; once mediation has ended, the termination says
    more than acceptance; after a settlement acceptance is owed while the complainant was not told of it."""
    late = complaint.state not in UNDER_WAY and not (duty(complaint) == NoticeKind.ACCEPTANCE and untold(complaint))
    skipped = {NoticeKind.DISPATCH, NoticeKind.IDENTITY, *([NoticeKind.ACCEPTANCE] if late else [])}
    return [
        kind
        for kind in possible(complaint)
        if kind not in skipped and standing(complaint.notices, kind, session_of(complaint, kind)) is None
    ]


def issue(command: IssueNotice, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Nobody is told by it yet: that is noted when the gateway has taken the message, or by hand
    (`complaints.telling`)."""
    issued = command.issued
    if issued.kind not in possible(complaint) or issued.session != session_of(complaint, issued.kind):
        raise WrongState(state=complaint.state.value)
    known = standing(complaint.notices, issued.kind, issued.session)
    if known is not None and known.issued.number != issued.replaces:
        raise NoticeStanding(number=known.issued.number)
    if known is None and issued.replaces:
        raise UnknownNotice(number=issued.replaces)
    return [issued]


def read(command: NoteNoticeRead, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """UnknownNotice when it is not for them. Read again it changes nothing."""
    known = next((one for one in complaint.notices if one.issued.notice == command.notice), None)
    if known is None or all(one.whom != command.whom for one in known.issued.to):
        raise UnknownNotice(number="")
    return [] if command.whom in known.read_by else [NoticeRead(command.notice, known.issued.number, command.whom)]


def withdraw(command: WithdrawNotice, complaint: Complaint) -> Sequence[ComplaintEvent]:
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
    if told and complaint.state is State.CLOSED:
        raise WrongState(state=complaint.state.value)  # the closed file is reopened first
    return [withdrawn, NoteTakenBack(_TOLD, withdrawn.reason)] if noted else [withdrawn]
