"""What a record may say and how long its texts may be, which files may be added to it, taken and removed; and
corrections and merges: what is decided, and what it makes of the complaint. Pure.

Everything that was typed can be corrected. Who decided what, the number and the office are no part of it: decisions
are taken back where they are made, an office changes by dispatch.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, assert_never, get_type_hints

from complaints import (
    AGES,
    CHANNELS,
    ID_KINDS,
    MODES,
    PROBLEMS,
    REQUESTS,
    SEXES,
    STATUSES,
    URGENCIES,
    BadAmount,
    BadChoice,
    TooLong,
    TooMany,
    Unchanged,
    UnknownAttachment,
    WrongState,
)
from complaints.commands import Command, RevealPhone
from complaints.events import ComplaintRegistered, plain, typed
from complaints.exchange import NoteSenderTold
from complaints.notices import NoteNoticeRead
from complaints.notices.messages import NoteMessageGivenUp, NoteMessageTaken
from complaints.record import (
    ABOUT,
    MOST,
    MOST_OF_PARTY,
    OPEN_TO_PARTIES,
    PARTIES,
    AddAttachment,
    AttachmentAdded,
    AttachmentCommand,
    AttachmentEvent,
    AttachmentRemoved,
    AttachmentTaken,
    EarlierHandling,
    ObjectRecord,
    PartyRecord,
    Proxy,
    RemoveAttachment,
    SourceNumber,
    TakeAttachment,
    UnknownValue,
)
from complaints.record.changes import (
    TRANSFERRED,
    Amend,
    AmendmentCommand,
    ComplaintMerged,
    DismissDuplicate,
    FieldChange,
    KeepMerged,
    MergeCommand,
    MergedComplaint,
    MergeEvent,
    MergeInto,
    MergeUndone,
    NotADuplicate,
    NoteTransfer,
    RecordAmended,
    UndoAmendment,
    UndoMerge,
)
from complaints.state import LONGEST, Complaint, ComplaintState, filled, short

MOST_REPRESENTATIVES = 2  # Order 121 Art 12
MOST_JOINT = 200
_FEN = Decimal("0.01")
_DEAREST = Decimal("1000000000")


def check_registration(record: ComplaintRegistered, named: bool = True) -> None:
    """DomainError says what is missing or cannot be. Not `named`: a channel may pass on a complaint whose text alone
    says whom it is about."""
    for name, text in (("title", record.title), ("request", record.request), ("facts", record.facts)):
        filled(name, text)
        short(name, text)
    short_record(record)
    filled("consumer_name", record.consumer.name)
    if named:
        filled("business_name", record.business.title)
    for amount in (record.amount, record.object.paid):
        # Money has whole fen, and no dispute over a purchase reaches a billion.
        if not (amount is None or (amount.is_finite() and 0 <= amount < _DEAREST and amount == amount.quantize(_FEN))):
            raise BadAmount
    _among("channel", CHANNELS, record.channel, *[source.channel for source in record.sources])
    if record.mode:
        _among("mode", MODES, record.mode)
    if record.problem_class:
        _among("problem_class", PROBLEMS, record.problem_class)
    if record.earlier is not None:
        _among("status", STATUSES, record.earlier.state)
    _among("requests", REQUESTS, *record.requests)
    _among("urgency", URGENCIES, *record.urgency)
    for person in (record.consumer, *record.joint):
        _among("sex", SEXES, person.sex)
        _among("age_band", AGES, person.age_band)
        _among("id_kind", ID_KINDS, person.id_kind)
    if len(record.representatives) > MOST_REPRESENTATIVES:
        raise BadChoice(field="representatives")
    if len(record.joint) > MOST_JOINT:
        raise TooLong(field="joint", most=MOST_JOINT)
    if record.proxy is not None:
        filled("proxy_name", record.proxy.name)


def _among(field: str, known: Container[str], *values: str) -> None:
    for value in values:
        if value not in known:
            raise BadChoice(field=field)


# ------------------------------------------------------------ lengths


LONGEST_OTHER: Final = 500  # characters of a record's text that has no limit of its own, sealed numbers included
MOST_ITEMS: Final = 200  # of any list of a record

_LISTS: Final = ("sources", "representatives", "requests", "urgency", "keywords", "joint", "unknown")


def _texts_of(kind: type[Any], *without: str) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.type == "str" and one.name not in without)


_RECORD: Final = _texts_of(ComplaintRegistered, *LONGEST)
_KINDS: Final[tuple[type[Any], ...]] = (PartyRecord, ObjectRecord, Proxy, SourceNumber, UnknownValue, EarlierHandling)
_PARTS: Final = {kind: _texts_of(kind) for kind in _KINDS}
_read: Final[dict[type[Any], Callable[[Any], tuple[str, ...]]]] = {
    kind: attrgetter(*names) for kind, names in _PARTS.items()
}
_read[ComplaintRegistered] = attrgetter(*_RECORD)


def short_record(record: ComplaintRegistered) -> None:
    """TooLong where one of its texts or lists is; `check_registration` says it of title, request and facts."""
    for name in _LISTS:
        if len(getattr(record, name)) > MOST_ITEMS:
            raise TooLong(field=name, most=MOST_ITEMS)
    _short(_RECORD, _read[ComplaintRegistered](record))
    parts: tuple[Any, ...] = (record.consumer, record.business, *record.joint, record.object, *record.sources)
    if record.unknown or record.earlier:
        parts = (*parts, *record.unknown, *((replace(record.earlier, result=""),) if record.earlier else ()))
        if record.earlier:
            short("note", record.earlier.result)
    for part in parts if record.proxy is None else (*parts, record.proxy):
        _short(_PARTS[type(part)], _read[type(part)](part))
    for name in ("representatives", "requests", "urgency", "keywords"):
        _short((name,) * len(getattr(record, name)), getattr(record, name))


def _short(names: Sequence[str], texts: Sequence[str]) -> None:
    if sum(map(len, texts)) <= LONGEST_OTHER:  # nearly always: then none of them is too long
        return
    for name, text in zip(names, texts, strict=True):
        if len(text) > LONGEST_OTHER:
            raise TooLong(field=name, most=LONGEST_OTHER)


def attach(command: AttachmentCommand, complaint: Complaint) -> Sequence[AttachmentEvent]:
    """TooMany, BadChoice, UnknownAttachment; the caller checks texts."""
    match command:
        case AddAttachment(added=added):
            if any(one.attachment == added.attachment for one in complaint.attachments):
                return []  # sent again over a bad network
            if added.about not in ABOUT or added.by not in ("", *PARTIES):
                raise BadChoice(field="about")
            if len(complaint.attachments) >= MOST:
                raise TooMany(most=MOST)
            if added.by:
                _takes(complaint, added)
            return [added]
        case TakeAttachment(attachment=which, original=original):
            if original and not kept(complaint, which).original:
                raise UnknownAttachment
            kept(complaint, which)
            return [AttachmentTaken(which, original)]
        case RemoveAttachment(attachment=which, reason=reason, by=by):
            found = kept(complaint, which)
            if by and found.by != by:
                raise UnknownAttachment  # a side sees only its own
            if by and complaint.state.value not in OPEN_TO_PARTIES:
                raise WrongState(state=complaint.state.value)
            return [AttachmentRemoved(which, reason.strip())]


def _takes(complaint: Complaint, added: AttachmentAdded) -> None:
    if complaint.state.value not in OPEN_TO_PARTIES:
        raise WrongState(state=complaint.state.value)
    if sum(one.by == added.by for one in complaint.attachments) >= MOST_OF_PARTY:
        raise TooMany(most=MOST_OF_PARTY)


def attached(complaint: Complaint, event: AttachmentEvent) -> Complaint:
    match event:
        case AttachmentAdded():
            return replace(complaint, attachments=(*complaint.attachments, event))
        case AttachmentRemoved(attachment=which):
            left = tuple(one for one in complaint.attachments if one.attachment != which)
            return replace(complaint, attachments=left)
        case AttachmentTaken():
            return complaint


def kept(complaint: Complaint, which: str) -> AttachmentAdded:
    """UnknownAttachment when there is none, or no more."""
    for one in complaint.attachments:
        if one.attachment == which:
            return one
    raise UnknownAttachment


FIXED = frozenset({"number", "office", "earlier"})


def amend(command: AmendmentCommand, complaint: Complaint) -> Sequence[RecordAmended]:
    """Unchanged when nothing would change; WrongState when somebody else corrected it meanwhile."""
    filled("reason", command.reason)
    short("reason", command.reason)
    ordinal, reason = len(complaint.amendments) + 1, command.reason.strip()
    match command:
        case Amend(record=record, seen=seen):
            if seen != len(complaint.amendments):
                raise WrongState(state=complaint.state.value)
            changes = tuple(differences(complaint.record, record))
            if not changes:
                raise Unchanged
            return [RecordAmended(ordinal, changes, reason)]
        case UndoAmendment(ordinal=which):
            return [RecordAmended(ordinal, _back(complaint, which), reason, which)]


def amended(complaint: Complaint, event: RecordAmended) -> Complaint:
    record: Any = complaint.record
    for change in event.changes:
        record = _put(record, change.field.split("."), change.new)
    return replace(complaint, record=record, amendments=(*complaint.amendments, event))


def differences(old: ComplaintRegistered, new: ComplaintRegistered) -> Iterator[FieldChange]:
    """Field by field, into parties and what was bought; who complains together is one field."""
    for field in fields(old):
        if field.name not in FIXED:
            yield from _between(field.name, getattr(old, field.name), getattr(new, field.name))


def undone(amendments: Sequence[RecordAmended]) -> frozenset[int]:
    """Which of them were taken back."""
    return frozenset(one.undoes for one in amendments if one.undoes)


def _between(path: str, old: Any, new: Any) -> Iterator[FieldChange]:
    if old == new:
        return
    if is_dataclass(old) and is_dataclass(new):
        for field in fields(old):
            yield from _between(f"{path}.{field.name}", getattr(old, field.name), getattr(new, field.name))
    else:
        yield FieldChange(path, plain(old), plain(new))


def _back(complaint: Complaint, which: int) -> tuple[FieldChange, ...]:
    """Only while what it changed still stands as it left it."""
    amendment = next((one for one in complaint.amendments if one.ordinal == which), None)
    if amendment is None or which in undone(complaint.amendments):
        raise WrongState(state=complaint.state.value)
    for change in amendment.changes:
        if not _stands(complaint.record, change.field.split("."), change.new):
            raise WrongState(state=complaint.state.value)
    return tuple(FieldChange(change.field, change.new, change.old) for change in amendment.changes)


def _stands(record: Any, path: list[str], value: Any) -> bool:
    name, *rest = path
    if rest:
        return _stands(getattr(record, name), rest, value)
    found: bool = getattr(record, name) == typed(get_type_hints(type(record))[name], value)
    return found


def _put(record: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    if rest:
        return replace(record, **{name: _put(getattr(record, name), rest, value)})
    return replace(record, **{name: typed(get_type_hints(type(record))[name], value)})


# ------------------------------------------------------------ merges


# A complaint goes into another only before anything was decided in it.
GOES: Final = frozenset({ComplaintState.REGISTERED, ComplaintState.ACCEPTED})
KEEPS: Final = frozenset({ComplaintState.REGISTERED, ComplaintState.ACCEPTED, ComplaintState.MEDIATING})
MERGED: Final = "merged"  # how a complaint that went into another stands in lists


def rests(command: Command, complaint: Complaint) -> None:
    """WrongState when the complaint is in another, or with another bureau, where everything now happens."""
    if complaint.merged is not None and not isinstance(command, _WHILE_MERGED):
        raise WrongState(state=MERGED)
    if complaint.transfers.rests and not isinstance(command, _WHILE_ELSEWHERE):
        raise WrongState(state=TRANSFERRED)


_WHILE_MERGED: Final = (UndoMerge, MergeInto, DismissDuplicate, RevealPhone, NoteSenderTold)
_WHILE_ELSEWHERE: Final = (
    NoteSenderTold,
    NoteTransfer,
    NoteMessageTaken,
    NoteMessageGivenUp,
    NoteNoticeRead,
    RevealPhone,
    TakeAttachment,
)
"""What may still be asked of one that another bureau has."""


def merge(command: MergeCommand, complaint: Complaint) -> Sequence[MergeEvent]:
    """Empty when it is so already: a merge that was interrupted between its two streams is asked for again."""
    short("reason", command.reason)
    reason = command.reason.strip()
    match command:
        case KeepMerged(other, number, sources):
            if any(one.id == other for one in complaint.took):
                return []
            if complaint.state not in KEEPS:
                raise WrongState(state=complaint.state.value)
            return [ComplaintMerged(other, number, True, sources, reason)]
        case MergeInto(other, number):
            if complaint.merged is not None:
                if complaint.merged.id == other:
                    return []
                raise WrongState(state=MERGED)
            if complaint.state not in GOES or complaint.open_sessions or complaint.took:
                raise WrongState(state=complaint.state.value)
            return [ComplaintMerged(other, number, False, (), reason)]
        case UndoMerge(other):
            filled("reason", reason)
            into = complaint.merged is not None and complaint.merged.id == other
            return [MergeUndone(other, reason)] if into or any(one.id == other for one in complaint.took) else []
        case DismissDuplicate(other, number):
            return [] if other in complaint.different else [NotADuplicate(other, number, reason)]
        case _:
            assert_never(command)


def merged(complaint: Complaint, event: MergeEvent) -> Complaint:
    """Fold a merge, its undoing or a dismissal. The state of a merged complaint stays: undone, it is its own again."""
    match event:
        case ComplaintMerged(other, number, kept, sources):
            one = MergedComplaint(other, number, sources)
            if kept:
                return replace(complaint, took=(*complaint.took, one), different=complaint.different - {other})
            return replace(complaint, merged=one, different=complaint.different - {other})
        case MergeUndone(other):
            if complaint.merged is not None and complaint.merged.id == other:
                return replace(complaint, merged=None)
            return replace(complaint, took=tuple(one for one in complaint.took if one.id != other))
        case NotADuplicate(other):
            return replace(complaint, different=complaint.different | {other})
        case _:
            assert_never(event)


def merged_numbers(complaint: Complaint) -> Sequence[str]:
    """Every number that leads here beside its own: of the complaints it took, and theirs elsewhere."""
    return [number for one in complaint.took for number in (one.number, *(source.number for source in one.sources))]
