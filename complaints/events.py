"""What can have happened to a complaint: past-tense facts, as the journal keeps them in `complaint/<id>`.

Owns the mapping between typed events and the journal's JSON. An event's type is its class name; times are
ISO 8601 UTC, money is a string with two decimals. Full phone numbers are never in the journal: `phone` fields
hold a sealed form only the installation's key opens, `phone_masked` what may be shown.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import islice, repeat
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, Final, NamedTuple, Union, get_args, get_origin, get_type_hints

from complaints import ConfirmationEvent
from complaints.exchange import ExchangeEvent
from complaints.notices import NoticeIssued, NoticeRead, NoticeWithdrawn
from complaints.notices.messages import AnswerEvent, QuestionEvent, TellingEvent, TermReminded
from complaints.procedure import AftercareEvent, AppointmentEvent, ProcedureEvent
from complaints.procedure.rules import ComplaintWithdrawn, FollowingEvent
from complaints.record import (
    AttachmentEvent,
    ComplaintRegistered as ComplaintRegistered,
    ObjectRecord,
    PartyRecord,
    SourceNumber,
)
from complaints.record.changes import AmendmentEvent, ImportUndone, MergeEvent, SourceUpdated, TransferEvent
from complaints.triage import TriageConfirmed
from journal import Actor, Draft, Event, WrittenData, canonical, stamp


@dataclass(frozen=True, slots=True)
class ComplaintAccepted:
    """`apart`: telling the complainant is a fact of its own (`complaints.notices.messages`); entries from before say
    both."""

    apart: bool = False


@dataclass(frozen=True, slots=True)
class ComplaintRefused:
    """`ground` 1–7 of Order 121 Art 16 (1–6 of Order 20 Art 15)."""

    ground: int
    note: str = ""
    apart: bool = False  # as of ComplaintAccepted


@dataclass(frozen=True, slots=True)
class MediationScheduled:
    """A session was made for this complaint. `contacts`: seat id -> sealed phone, for links and codes."""

    session: str
    ordinal: int
    starts: datetime
    mediator: str  # user id
    contacts: dict[str, str] = field(default_factory=dict)
    mode: str = ""  # law.orders; "" in old journals: in a room
    place: str = ""  # of one on site


@dataclass(frozen=True, slots=True)
class SeatContactAdded:
    """Somebody was given a seat later; `phone` is sealed."""

    session: str
    seat: str
    phone: str


@dataclass(frozen=True, slots=True)
class MediationClosed:
    """A session closed and the complaint follows. `outcome` is one of rooms.vocabulary.OutcomeKind's values.

    `due`: the latest promise of a settlement still to be kept, None when everything was done on the spot.
    """

    session: str
    outcome: str
    loss_recovered: Decimal
    ground: int | None = None
    due: datetime | None = None
    adjourned_to: datetime | None = None
    mode: str = ""  # law.orders; "" in old journals: in a room


@dataclass(frozen=True, slots=True)
class MediationCancelled:
    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class PromisesKept:
    """Everything promised was done."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class EndTold:
    """Both sides were told that mediation ended (Order 121 Art 23, 2nd paragraph), as it was noted before 2026-11-29:
    `complaints.notices.messages.PartyTold` says how, and of each side."""


@dataclass(frozen=True, slots=True)
class ComplaintClosed:
    """Nothing more is to be done: the file is closed. `represented`, `paper`: as `CloseFile` says (Order 121 Arts 12,
    24)."""

    represented: str = ""
    paper: str = ""


@dataclass(frozen=True, slots=True)
class NoteTakenBack:
    """The last note was a mistake. `what`: "kept" (the promises), "told" (what was noted by hand), "closed" (the
    file); a decision: "refused", "ended"."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class PhoneRevealed:
    """An officer looked at a full number. `whose` and `what` as in `complaints.record.MaskedNumber`.

    `in_hand`: they are in charge of the complaint, which is reason enough; `reason` is then ""."""

    whose: str
    reason: str
    what: str = "phone"
    in_hand: bool = False


@dataclass(frozen=True, slots=True)
class ContentErased:
    """What these entries of the file said was wiped; that they were made, when and of what kind stays."""

    versions: tuple[int, ...]
    reason: str = ""


ComplaintEvent = (
    ComplaintRegistered
    | ComplaintAccepted
    | ComplaintRefused
    | MediationScheduled
    | SeatContactAdded
    | MediationClosed
    | MediationCancelled
    | PromisesKept
    | EndTold
    | ComplaintClosed
    | NoteTakenBack
    | PhoneRevealed
    | NoticeIssued
    | NoticeWithdrawn
    | NoticeRead
    | ContentErased
    | ProcedureEvent
    | AmendmentEvent
    | ImportUndone
    | SourceUpdated
    | TriageConfirmed
    | MergeEvent
    | ComplaintWithdrawn
    | AttachmentEvent
    | AftercareEvent
    | FollowingEvent
    | AnswerEvent
    | TermReminded
    | AppointmentEvent
    | QuestionEvent
    | TellingEvent
    | TransferEvent
    | ExchangeEvent
    | ConfirmationEvent
)

KINDS: dict[str, type[ComplaintEvent]] = {kind.__name__: kind for kind in get_args(ComplaintEvent)}


def to_draft(event: ComplaintEvent, at: datetime, actor: Actor) -> Draft:
    if isinstance(event, ComplaintRegistered):
        return Draft(type(event).__name__, unnumbered([event])[0].numbered(event.number), at, actor)
    return drafted(event, at, actor)


def drafted(event: Any, at: datetime, actor: Actor) -> Draft:
    """Of an event of any stream here: a dataclass of plain values."""
    later = _LATER if isinstance(event, ComplaintRegistered) else ()
    told = [(name, getattr(event, name)) for name, _ in _defaults(event)]
    data = {name: plain(value) for name, value in told if value or name not in later}
    return Draft(type(event).__name__, data, at, actor)


def from_event(event: Event) -> ComplaintEvent:
    """The typed form of a journal event that was not erased; KeyError for a type this stream does not know."""
    made: ComplaintEvent = typed(KINDS[event.type], event.data)
    return made


def registered_data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a registration's event, in the order of its fields, with those that were not worth writing down."""
    return {name: data.get(name) for name in ComplaintRegistered.__dataclass_fields__}


def updated(record: ComplaintRegistered, changes: Mapping[str, Any]) -> ComplaintRegistered:
    """With fields as the journal has them."""
    hints = get_type_hints(ComplaintRegistered)
    nothing = {name: _NOTHING.get(name) for name, value in changes.items() if value is None}
    return replace(record, **{name: typed(hints[name], value) for name, value in changes.items()} | nothing)


_DUES: Final = ("channel_due", "sign_due", "feedback_due", "settle_due")
_NOTHING: Final[Mapping[str, Any]] = {"place": "", "publicity": "", "unknown": (), **dict.fromkeys(_DUES, "")}
_AS_THEY_ARE: Final = frozenset({str, bool, int, type(None)})


@cache
def _fields(kind: Any) -> Sequence[tuple[str, Any]]:
    return [(f.name, f.default) for f in fields(kind)]


def _defaults(value: Any) -> Sequence[tuple[str, Any]]:
    """The names of a dataclass's fields with their defaults."""
    kind: Any = type(value)
    return _fields(kind)


def plain(value: Any) -> Any:
    """A field's value as the journal writes it; `typed` reads it."""
    if type(value) in _AS_THEY_ARE:
        return value
    match value:
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:.2f}"
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case tuple():
            return [plain(item) for item in value]
        case PartyRecord() | ObjectRecord():  # of some thirty fields few say anything
            told = [(name, default, getattr(value, name)) for name, default in _defaults(value)]
            return {name: part for name, default, said in told if (part := plain(said)) or default}
        case _ if is_dataclass(value):
            return {name: plain(getattr(value, name)) for name, _ in _defaults(value)}
        case _:
            return value


class Unnumbered(NamedTuple):
    """The data of a registration in canonical form, as they stand before and behind its number. `told`: what tables
    take of the event itself."""

    before: str
    after: str
    told: Mapping[str, Any]

    def numbered(self, number: str) -> WrittenData:
        return WrittenData(f"{self.before}{encode_basestring(number)}{self.after}", self.told)


_LATER: Final = frozenset(
    {"place", "channel_due", "publicity", "unknown", "earlier", "sign_due", "feedback_due", "settle_due"}
)
"""Fields of a registration that few have: written down where they say something."""
_REGISTERED: Final = tuple(sorted(ComplaintRegistered.__dataclass_fields__))
_NUMBER: Final = _REGISTERED.index("number")
_registered: Final = attrgetter(*_REGISTERED)


def unnumbered(
    records: Sequence[ComplaintRegistered], ready: Mapping[str, Sequence[str]] | None = None
) -> list[Unnumbered]:
    """As `canonical(plain(…))` says it of each, which would be a sixth of an import's work. `ready`: of fields, what
    `written` has said of them."""
    if not records:
        return []
    columns = dict(zip(_REGISTERED, zip(*map(_registered, records), strict=True), strict=True))
    told = [
        _told(name, name not in _LATER, column, None if ready is None else ready.get(name))
        for name, column in columns.items()
    ]
    before, after = (map("".join, zip(*part, strict=False)) for part in (told[:_NUMBER], told[_NUMBER + 1 :]))
    return [
        Unnumbered(
            f'{{{head[1:]},"number":',
            f"{tail}}}",
            {
                "office": record.office,
                "sources": [{"channel": one.channel, "number": one.number} for one in record.sources],
            },
        )
        for head, tail, record in zip(before, after, records, strict=False)
    ]


def _told(name: str, always: bool, column: Sequence[Any], texts: Sequence[str] | None = None) -> Iterable[str]:
    """Of each record a field's key and value behind a comma, nothing where it need not be said; without end where that
    is the same of all."""
    key, first = f',"{name}":', column[0]
    if type(first) in _SAME_IF_EQUAL and column.count(first) == len(column):
        return repeat(key + written(first) if always or first else "")
    texts = written_each(column) if texts is None else texts
    if always:
        return [key + text for text in texts]
    # 0 yuan says something.
    return [key + text if value or value == 0 else "" for value, text in zip(column, texts, strict=True)]


_RECORDS: Final = frozenset({PartyRecord, ObjectRecord, SourceNumber})
_SAME_IF_EQUAL: Final = frozenset({str, bool, tuple, type(None)})  # not money: 0 and -0


def written_each(column: Sequence[Any]) -> list[str]:
    """A field of many records, each as `written`: what they have in common is looked at once."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return list(map(encode_basestring, column))
    kind: Any = kinds.pop() if len(kinds) == 1 else None
    if kind is tuple:
        texts = iter(written_each([one for value in column for one in value]))
        return [f"[{','.join(islice(texts, len(value)))}]" for value in column]
    if kind not in _RECORDS:
        return list(map(written, column))
    known, read = _keyed(kind)
    values = zip(*map(read, column), strict=True)
    told = [_told(name, always, said) for (name, always), said in zip(known, values, strict=True)]
    return [f"{{{text[1:]}}}" for _, text in zip(column, map("".join, zip(*told, strict=False)), strict=False)]


def written(value: Any) -> str:
    """A field's value in canonical form: `canonical(plain(value))`."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is datetime:
        return f'"{stamp(value)}"'
    if kind is Decimal:
        return f'"{value:.2f}"'
    return written_each([value])[0] if kind is tuple or kind in _RECORDS else canonical(plain(value))


@cache
def _keyed(kind: Any) -> tuple[Sequence[tuple[str, bool]], Callable[[Any], tuple[Any, ...]]]:
    """The fields of a record in the order of their names, with whether they are told when empty; their values."""
    known = dict(sorted(_fields(kind)))
    sparse = kind is not SourceNumber
    return [(name, not sparse or bool(default)) for name, default in known.items()], attrgetter(*known)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def typed(wanted: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(wanted) in (Union, types.UnionType):
        wanted = next(kind for kind in get_args(wanted) if kind is not type(None))
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is date:
        return date.fromisoformat(value)
    if wanted is Decimal:
        return Decimal(value)
    if isinstance(wanted, type) and is_dataclass(wanted):
        hints = _hints(wanted)
        # A field added later is absent from old events and takes its default.
        known = {f.name for f in fields(wanted)} & set(value)
        return wanted(**{name: typed(hints[name], value[name]) for name in known})
    if get_origin(wanted) is tuple:
        return tuple(typed(get_args(wanted)[0], item) for item in value)
    return dict(value) if get_origin(wanted) is dict else value
