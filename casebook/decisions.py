"""What a command leads to: pure. What is published was looked at place by place by a person, and by a second one whole.

`decide` answers with events, or a DomainError says why not; empty: it is so already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from casebook import (
    CHECKS,
    HIDDEN,
    KEPT,
    KINDS,
    LONGEST,
    NEEDED,
    PENDING,
    TEXTS,
    VERDICTS,
    CaseState,
    MarkedSpan,
    commands as c,
    events as e,
    masked,
    sound,
    stream,
)
from casebook.commands import (
    BadSpan,
    CaseCommand,
    InvitationOver,
    OwnApproval,
    Residue,
    TextChanged,
    Unchecked,
    Undecided,
    UnknownCase,
    check,
)
from casebook.events import CaseEvent, Sheet, draft
from casebook.file import CaseFile, fold
from journal import Actor, Draft, Event, Journal, append_decided
from journal.refusals import BadChoice, Missing, TooLong, TooMany, WrongState, within_bounds

MOST_INVITATIONS = 12
MOST_TAGS, MOST_ARTICLES = 12, 20
ORIGINS = ("complaint", "document", "exchange", "sample")
_DEAREST = Decimal("1000000000")


def decide(command: c.CaseCommand, file: CaseFile | None, actor: Actor, now: datetime) -> Sequence[CaseEvent]:
    """DomainError says why not. Empty: already so."""
    return within_bounds(_decided(command, file, actor, now))


def _decided(command: c.CaseCommand, file: CaseFile | None, actor: Actor, now: datetime) -> Sequence[CaseEvent]:
    if isinstance(command, c.BeginCase):
        check(command, actor, command.begun.sample)
        return _begin(command, file)
    if file is None:
        raise UnknownCase
    check(command, actor, file.begun.sample)
    match command:
        case c.FillSheet(sheet):
            _in(file, CaseState.DRAFT, CaseState.APPROVED)
            return [e.SheetFilled(_sound(sheet))] if sheet != file.sheet else []
        case c.WriteText() | c.DecideSpan() | c.MarkSpan() | c.UnmarkSpan():
            _in(file, CaseState.DRAFT)
            return _hide(command, file)
        case c.DecideSpans(each):
            _in(file, CaseState.DRAFT)
            if len({(one.field, one.span) for one in each}) != len(each):
                raise BadSpan
            return [event for one in each for event in _hide(one, file)]
        case c.Approve():
            _in(file, CaseState.DRAFT)
            return [e.CaseApproved(_approved(command, file))]
        case c.TakeBackApproval(reason):
            _in(file, CaseState.APPROVED)
            return [e.ApprovalTakenBack(_text("reason", reason, False))]
        case c.InviteLawyer() | c.WithdrawInvitation() | c.GiveComment() | c.TakeComment() | c.DropComment():
            return _comment(command, file, now)
        case c.SendToBoard(checks):
            _in(file, CaseState.APPROVED)
            if lacking := [item for item in CHECKS if item not in checks]:
                raise Unchecked(items=lacking)
            return [e.SentToBoard(CHECKS)]
        case c.TakeFromBoard():
            _in(file, CaseState.REVIEW)
            return [e.TakenFromBoard()]
        case c.SendBack(remarks):
            _in(file, CaseState.REVIEW)
            return [e.SentBack(_text("remarks", remarks))]
        case c.Publish():
            _in(file, CaseState.REVIEW)
            if not file.begun.sample and file.approved_by == actor.id:
                raise OwnApproval
            return [e.CasePublished(len(file.editions) + 1)]
        case c.WithdrawCase(reason):
            if file.standing is None:
                raise WrongState(state=file.state.value)
            return [e.CaseWithdrawn(_text("reason", reason))]
        case c.UndoWithdrawal(reason):
            _in(file, CaseState.WITHDRAWN)
            return [e.WithdrawalUndone(_text("reason", reason))]
        case c.BeginRevision(reason):
            _in(file, CaseState.PUBLISHED)
            return [e.RevisionBegun(_text("reason", reason, False))]
        case c.DropRevision():
            if not file.revising:
                raise WrongState(state=file.state.value)
            return [e.RevisionDropped()]
        case _:
            assert_never(command)


def _begin(command: c.BeginCase, file: CaseFile | None) -> Sequence[CaseEvent]:
    begun = command.begun
    if begun.origin not in ORIGINS or begun.sample != (begun.origin == "sample"):
        raise BadChoice(field="origin")
    return [] if file is not None else [replace(begun, sheet=_sound(begun.sheet))]


def _hide(command: c.WriteText | c.DecideSpan | c.MarkSpan | c.UnmarkSpan, file: CaseFile) -> Sequence[CaseEvent]:
    if command.field not in TEXTS:
        raise BadChoice(field="field")
    original = file.originals.get(command.field)
    if isinstance(command, c.WriteText):
        _text(command.field, command.text, False)
        if not sound(command.spans, len(command.text)):
            raise BadSpan
        if original is not None and original.digest == command.digest and original.spans == command.spans:
            return []
        return [e.TextWritten(command.field, command.digest, len(command.text), command.spans)]
    if original is None:
        raise BadSpan
    if isinstance(command, c.MarkSpan):
        if original.digest != command.digest:
            raise TextChanged(field=command.field)
        if command.kind not in KINDS:
            raise BadChoice(field="kind")
        put = _text("put", command.put)
        marked = MarkedSpan(command.start, command.end, command.kind, put, HIDDEN, by_hand=True)
        if not sound(sorted((*original.spans, marked), key=lambda one: one.start), original.length):
            raise BadSpan
        return [e.SpanMarked(command.field, marked)]
    span = original.span(command.span)
    if span is None:
        raise BadSpan
    if isinstance(command, c.UnmarkSpan):
        if not span.by_hand:
            raise BadSpan
        return [e.SpanUnmarked(command.field, span.id)]
    if command.verdict not in VERDICTS or (span.by_hand and command.verdict == PENDING):
        raise BadChoice(field="verdict")
    put = _text("put", command.put, False) or span.put
    if (span.verdict, span.put) == (command.verdict, put):
        return []
    return [e.SpanDecided(command.field, span.id, command.verdict, put)]


def _approved(command: c.Approve, file: CaseFile) -> dict[str, str]:
    """Every text with what was to be hidden hidden. Of all that was written, nothing else and nothing less; what rules
    still find in it must be what somebody chose to keep, or have been looked at."""
    if set(command.originals) != set(file.originals):
        raise TextChanged(field="")
    if file.pending:
        raise Undecided(count=file.pending)
    texts = {}
    for name, original in file.originals.items():
        text, digest = command.originals[name]
        if digest != original.digest or len(text) != original.length:
            raise TextChanged(field=name)
        texts[name] = masked(text, original.spans).strip()
    for name in NEEDED:
        if not texts.get(name):
            raise Missing(field=name)
    if not command.anyway:
        for name, (text, _) in command.originals.items():
            kept = {text[span.start : span.end] for span in file.originals[name].spans if span.verdict == KEPT}
            found = _residue(name, texts[name], command.residues)
            if left := [words for words in found if not any(words in one for one in kept)]:
                raise Residue(field=name, what=left[0])
    return texts


def _residue(field: str, text: str, looked: Mapping[str, Sequence[str]] | None) -> Sequence[str]:
    """TextChanged for one that has changed since it was looked through elsewhere."""
    if looked is None:
        from casebook.deidentifying.looking import residue  # a hundred patterns to compile

        return residue(text)
    if text not in looked:
        raise TextChanged(field=field)
    return looked[text]


def _comment(
    command: c.InviteLawyer | c.WithdrawInvitation | c.GiveComment | c.TakeComment | c.DropComment,
    file: CaseFile,
    now: datetime,
) -> Sequence[CaseEvent]:
    if isinstance(command, c.DropComment):
        _in(file, CaseState.DRAFT, CaseState.APPROVED)
        return [e.CommentDropped(_text("reason", command.reason))] if file.comment else []
    if isinstance(command, c.InviteLawyer):
        _in(file, CaseState.APPROVED)
        if len(file.invitations) >= MOST_INVITATIONS:
            raise TooMany(most=MOST_INVITATIONS)
        if command.expires <= now:
            raise BadChoice(field="expires")
        name, firm = _text("name", command.name), _text("name", command.firm, False)
        return [e.LawyerInvited(command.invitation, name, firm, command.expires)]
    invitation = file.invitation(command.invitation)
    if invitation is None or (invitation.withdrawn and not isinstance(command, c.WithdrawInvitation)):
        raise InvitationOver
    match command:
        case c.WithdrawInvitation(id):
            return [] if invitation.withdrawn else [e.InvitationWithdrawn(id)]
        case c.GiveComment(id, text):
            if now >= invitation.expires:
                raise InvitationOver
            _in(file, CaseState.APPROVED, CaseState.REVIEW)
            text = _text("comment", text)
            return [] if text == invitation.comment else [e.CommentGiven(id, text)]
        case c.TakeComment(id, text):
            _in(file, CaseState.APPROVED)
            if not invitation.comment:
                raise Missing(field="comment")
            text = _text("comment", text)
            if not command.anyway and (left := _residue("comment", text, command.residues)):
                raise Residue(field="comment", what=left[0])
            return [] if text == file.comment else [e.CommentTaken(id, text)]
        case _:
            assert_never(command)


def _in(file: CaseFile, *states: CaseState) -> None:
    if file.state not in states:
        raise WrongState(state=file.state.value)


def _text(name: str, text: str, needed: bool = True) -> str:
    text = text.strip()
    if needed and not text:
        raise Missing(field=name)
    if len(text) > LONGEST[name]:
        raise TooLong(field=name, most=LONGEST[name])
    return text


def _sound(sheet: Sheet) -> Sheet:
    """In its normal form. BadChoice, TooMany. Whether codes exist is for those who know the lists."""
    if len(sheet.tags) > MOST_TAGS:
        raise TooMany(most=MOST_TAGS)
    if len(sheet.articles) > MOST_ARTICLES:
        raise TooMany(most=MOST_ARTICLES)
    for name in ("claimed", "settled"):
        value = getattr(sheet, name)
        if value is not None and not (value.is_finite() and 0 <= value <= _DEAREST):
            raise BadChoice(field=name)
    if sheet.days is not None and not 0 <= sheet.days <= 10_000:
        raise BadChoice(field="days")
    return replace(sheet, tags=tuple(dict.fromkeys(sheet.tags)), articles=tuple(dict.fromkeys(sheet.articles)))


class CaseService:
    """The one writer of case streams: reads, decides, appends, and tries once more when overtaken."""

    def __init__(self, journal: Journal, now: Callable[[], datetime]) -> None:
        self._journal, self._now = journal, now

    async def state(self, case: str) -> CaseFile:
        """UnknownCase when there is none."""
        file = fold(await self._journal.read(stream(case)))
        if file is None:
            raise UnknownCase
        return file

    async def history(self, case: str) -> list[Event]:
        return await self._journal.read(stream(case))

    async def submit(self, case: str, command: CaseCommand, actor: Actor) -> Sequence[Event]:
        """The events it led to, durable. DomainError says why not."""

        def decided(entries: list[Event]) -> list[Draft]:
            at = self._now()
            return [draft(event, at, actor) for event in decide(command, fold(entries), actor, at)]

        return await append_decided(self._journal, stream(case), decided)
