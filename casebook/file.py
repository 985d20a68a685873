"""A case's file: folded from its events, and its one writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from casebook import PENDING, TEXTS, Case, CaseState, MarkedSpan, events as e
from casebook.commands import UnknownCase
from casebook.events import CaseBegun, CaseEvent, Edition, Invitation, Sheet, typed
from journal import Actor, Event


@dataclass(frozen=True, slots=True)
class RawText:
    """A raw text as the state knows it: which it was, how long, and the places in it."""

    digest: str
    length: int
    spans: tuple[MarkedSpan, ...] = ()

    @property
    def pending(self) -> int:
        return sum(span.verdict == PENDING for span in self.spans)

    def span(self, id: str) -> MarkedSpan | None:
        return next((span for span in self.spans if span.id == id), None)

    def with_span(self, changed: MarkedSpan) -> RawText:
        return replace(self, spans=tuple(changed if span.id == changed.id else span for span in self.spans))


@dataclass(frozen=True, slots=True)
class CaseFile:
    """`texts` are the approved ones of the edition being worked on, {} until a person approved them.

    `editions` were published, oldest first; the last stands unless `withdrawn`. `state` is of the work: while a new
    edition is being made, the published one stands beside it.
    """

    begun: CaseBegun
    sheet: Sheet
    state: CaseState = CaseState.DRAFT
    originals: Mapping[str, RawText] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    approved_by: str = ""  # user id
    approved_at: datetime | None = None
    invitations: tuple[Invitation, ...] = ()
    comment: str = ""
    comment_by: str = ""
    checks: tuple[str, ...] = ()
    remarks: str = ""  # of the board, when it sent the case back
    editions: tuple[Edition, ...] = ()
    withdrawn: str = ""  # why
    revising: bool = False
    begun_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def pending(self) -> int:
        """Places that nobody has decided about yet."""
        return sum(original.pending for original in self.originals.values())

    @property
    def standing(self) -> Edition | None:
        """What the public may read now."""
        return self.editions[-1] if self.editions and not self.withdrawn else None

    def open_after(self, field: str, span: str) -> tuple[str, str] | None:
        """Text and id of the next place nobody decided about, going round once; None when all are decided."""
        every = [(name, one) for name in TEXTS if name in self.originals for one in self.originals[name].spans]
        at = next((n for n, (name, one) in enumerate(every) if (name, one.id) == (field, span)), -1)
        later = every[at + 1 :] + every[: at + 1]
        return next(((name, one.id) for name, one in later if one.verdict == PENDING), None)

    def invitation(self, id: str) -> Invitation | None:
        return next((one for one in self.invitations if one.id == id), None)


def fold(entries: Iterable[Event]) -> CaseFile | None:
    """None for an empty stream, and where its beginning was erased."""
    file: CaseFile | None = None
    for entry in entries:
        if entry.erased or (kind := e.KINDS.get(entry.type)) is None:
            continue
        event = typed(kind, entry.data)
        if file is None and not isinstance(event, CaseBegun):
            return None
        file = evolve(file, event, entry.at, entry.actor)
    return file


def evolve(file: CaseFile | None, event: CaseEvent, at: datetime, by: Actor) -> CaseFile:
    if isinstance(event, CaseBegun):
        return CaseFile(event, event.sheet, begun_at=at, changed_at=at)
    if file is None:
        raise UnknownCase
    return replace(_evolve(file, event, at, by), changed_at=at)


def _evolve(file: CaseFile, event: CaseEvent, at: datetime, by: Actor) -> CaseFile:
    match event:
        case e.CaseBegun() | e.ContentErased():
            return file
        case e.SheetFilled(sheet=sheet):
            return replace(file, sheet=sheet)
        case e.TextWritten(field=name, digest=digest, length=length, spans=spans):
            return _unapproved(replace(file, originals={**file.originals, name: RawText(digest, length, spans)}))
        case e.SpanDecided(field=name, span=id, verdict=verdict, put=put):
            original = file.originals.get(name)
            span = original.span(id) if original is not None else None
            if original is None or span is None:
                return file
            return _with(file, name, original.with_span(replace(span, verdict=verdict, put=put)))
        case e.SpanMarked(field=name, span=span):
            original = file.originals.get(name)
            if original is None:
                return file
            spans = tuple(sorted((*original.spans, span), key=lambda one: one.start))
            return _with(file, name, replace(original, spans=spans))
        case e.SpanUnmarked(field=name, span=id):
            original = file.originals.get(name)
            if original is None:
                return file
            return _with(file, name, replace(original, spans=tuple(one for one in original.spans if one.id != id)))
        case e.CaseApproved(texts=texts):
            return replace(
                file, state=CaseState.APPROVED, texts=dict(texts), approved_by=by.id, approved_at=at, remarks=""
            )
        case e.ApprovalTakenBack():
            return _unapproved(file)
        case e.LawyerInvited(invitation=id, name=name, firm=firm, expires=expires):
            return replace(file, invitations=(*file.invitations, Invitation(id, name, firm, expires)))
        case e.InvitationWithdrawn(invitation=id):
            return _with_invitation(file, id, withdrawn=True)
        case e.CommentGiven(invitation=id, text=text):
            return _with_invitation(file, id, comment=text)
        case e.CommentTaken(invitation=id, text=text):
            invitation = file.invitation(id)
            whose = "" if invitation is None else " ".join(filter(None, (invitation.firm, invitation.name)))
            return replace(file, comment=text, comment_by=whose)
        case e.CommentDropped():
            return replace(file, comment="", comment_by="")
        case e.SentToBoard(checks=checks):
            return replace(file, state=CaseState.REVIEW, checks=checks, remarks="")
        case e.TakenFromBoard():
            return replace(file, state=CaseState.APPROVED)
        case e.SentBack(remarks=remarks):
            return replace(file, state=CaseState.APPROVED, remarks=remarks)
        case e.CasePublished(edition=number):
            edition = Edition(
                number=number,
                texts=file.texts,
                sheet=file.sheet,
                comment=file.comment,
                comment_by=file.comment_by,
                approved_by=file.approved_by,
                at=at,
                by=by.name,
                checks=file.checks,
            )
            return replace(
                file,
                state=CaseState.PUBLISHED,
                editions=(*file.editions, edition),
                revising=False,
                withdrawn="",
                remarks="",
            )
        case e.CaseWithdrawn(reason=reason):
            return replace(file, state=CaseState.WITHDRAWN, withdrawn=reason, revising=False)
        case e.WithdrawalUndone():
            return replace(
                _as_published(file, CaseState.REVIEW), revising=True
            )  # off the shelf until the board says so
        case e.RevisionBegun():
            return replace(_unapproved(file), originals={}, revising=True, checks=())
        case e.RevisionDropped():
            return _as_published(file, CaseState.WITHDRAWN if file.withdrawn else CaseState.PUBLISHED)
        case _:
            assert_never(event)


def _as_published(file: CaseFile, state: CaseState) -> CaseFile:
    """The work as the last edition left it."""
    last = file.editions[-1]
    return replace(
        file,
        state=state,
        texts=last.texts,
        sheet=last.sheet,
        comment=last.comment,
        comment_by=last.comment_by,
        approved_by=last.approved_by,
        originals={},
        revising=False,
    )


def _unapproved(file: CaseFile) -> CaseFile:
    """A text has changed: whatever was approved, and sent on, was another one."""
    return replace(file, state=CaseState.DRAFT, texts={}, approved_by="", approved_at=None)


def _with(file: CaseFile, name: str, original: RawText) -> CaseFile:
    return _unapproved(replace(file, originals={**file.originals, name: original}))


def _with_invitation(file: CaseFile, id: str, **changes: Any) -> CaseFile:
    changed = tuple(replace(one, **changes) if one.id == id else one for one in file.invitations)
    return replace(file, invitations=changed)


def published(id: str, file: CaseFile) -> Case | None:
    """What readers are given: the standing edition, None without one."""
    edition = file.standing
    if edition is None:
        return None
    return _case(id, file, edition.texts, edition.sheet, edition.comment, edition.comment_by, CaseState.PUBLISHED)


def working(id: str, file: CaseFile) -> Case:
    """The edition being worked on: its texts are "" until they were approved."""
    return _case(id, file, file.texts, file.sheet, file.comment, file.comment_by, file.state)


def _case(
    id: str, file: CaseFile, texts: Mapping[str, str], sheet: Sheet, comment: str, comment_by: str, state: CaseState
) -> Case:
    return Case(
        id=id,
        number=file.begun.number,
        **{name: texts.get(name, "") for name in TEXTS},
        industry=sheet.industry,
        problem=sheet.problem,
        tags=sheet.tags,
        articles=sheet.articles,
        comment=comment,
        comment_by=comment_by,
        claimed=sheet.claimed,
        settled=sheet.settled,
        days=sheet.days,
        event_date=sheet.event_date,
        state=state.value,
        edition=file.editions[-1].number if file.editions else 0,
        sample=file.begun.sample,
        office=file.begun.office,
    )
