"""What a record may say and how long its texts may be, and which files may be added to it, taken and removed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from complaints.errors import BadAmount, BadChoice, TooLong, TooMany, UnknownAttachment, WrongState
from complaints.events import ComplaintEvent, ComplaintRegistered
from complaints.record.attachments import (
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
    RemoveAttachment,
    TakeAttachment,
)
from complaints.record.record import ObjectRecord, PartyRecord, Proxy, SourceNumber
from complaints.state import LONGEST, filled, short
from complaints.vocabulary import AGES, CHANNELS, ID_KINDS, MODES, PROBLEMS, REQUESTS, SEXES, URGENCIES

if TYPE_CHECKING:
    from complaints.state import Complaint


MOST_REPRESENTATIVES = 2  # Order 121 Art 12
MOST_JOINT = 200
_FEN = Decimal("0.01")
_DEAREST = Decimal("1000000000")


def check_registration(record: ComplaintRegistered) -> None:
    """DomainError says what is missing or cannot be."""
    for name, text in (("title", record.title), ("request", record.request), ("facts", record.facts)):
        filled(name, text)
        short(name, text)
    short_record(record)
    filled("consumer_name", record.consumer.name)
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
LONGEST_TEXT: Final = 20_000  # of any text of any event
MOST_OF_EVENT: Final = 400_000  # characters of all its texts together
MOST_ITEMS: Final = 200  # of any list of a record

_LISTS: Final = ("sources", "representatives", "requests", "urgency", "keywords", "joint")


def _texts_of(kind: type[Any], *without: str) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.type == "str" and one.name not in without)


_RECORD: Final = _texts_of(ComplaintRegistered, *LONGEST)
_KINDS: Final[tuple[type[Any], ...]] = (PartyRecord, ObjectRecord, Proxy, SourceNumber)
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
    parts = (record.consumer, record.business, *record.joint, record.object, *record.sources)
    for part in parts if record.proxy is None else (*parts, record.proxy):
        _short(_PARTS[type(part)], _read[type(part)](part))
    for name in ("representatives", "requests", "urgency", "keywords"):
        _short((name,) * len(getattr(record, name)), getattr(record, name))


def short_event(event: ComplaintEvent) -> None:
    """TooLong where a text is, or all of them together: the last gate before anything is written down.

    Forms, interfaces and imports have limits of their own, with a sentence at the field; nothing longer gets past here.
    """
    whole = 0
    for name, length in _lengths(event, type(event).__name__):
        whole += length
        if length > LONGEST_TEXT:
            raise TooLong(field=name, most=LONGEST_TEXT)
        if whole > MOST_OF_EVENT:
            raise TooLong(field=name, most=MOST_OF_EVENT)


def _short(names: Iterable[str], texts: Iterable[str]) -> None:
    for name, text in zip(names, texts, strict=True):
        if len(text) > LONGEST_OTHER:
            raise TooLong(field=name, most=LONGEST_OTHER)


def _lengths(value: Any, name: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, str):
        yield name, len(value)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _lengths(getattr(value, one.name), one.name)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _lengths(key, name)
            yield from _lengths(one, str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _lengths(one, name)


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
