"""What can have happened to a case, as `case/<id>` keeps it, and events of cases and notes to the journal's JSON and
back.

Raw texts are not in it: `digest` says which it was. An event's type is its class name, its data the fields. Money is
text with two decimals, days and times ISO 8601. Fields added later have defaults, so old entries decode.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from casebook import MarkedSpan
from journal import Actor, Draft, stamp


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a case is classified, and its figures. What the fields mean: `casebook.Case`."""

    event_date: date
    industry: str = ""
    problem: str = ""
    tags: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    claimed: Decimal | None = None
    settled: Decimal | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class CaseBegun:
    """`origin`: "complaint" | "document" | "exchange" | "sample"; `source`: the complaint's id, or whence it came."""

    office: str
    number: str
    origin: str
    source: str
    sheet: Sheet
    sample: bool = False


@dataclass(frozen=True, slots=True)
class SheetFilled:
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class TextWritten:
    """`digest` is keyed, `length` in characters; `spans` are what rules found in it, each with its verdict."""

    field: str
    digest: str
    length: int
    spans: tuple[MarkedSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanDecided:
    """`verdict` "" takes a decision back."""

    field: str
    span: str
    verdict: str
    put: str


@dataclass(frozen=True, slots=True)
class SpanMarked:
    field: str
    span: MarkedSpan


@dataclass(frozen=True, slots=True)
class SpanUnmarked:
    field: str
    span: str


@dataclass(frozen=True, slots=True)
class CaseApproved:
    """These texts name nobody any more: a person looked at each place. From here on they are the case."""

    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ApprovalTakenBack:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LawyerInvited:
    """`name` as it will stand under the comment."""

    invitation: str
    name: str
    firm: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class InvitationWithdrawn:
    invitation: str


@dataclass(frozen=True, slots=True)
class CommentGiven:
    invitation: str
    text: str


@dataclass(frozen=True, slots=True)
class CommentTaken:
    """The comment is to be printed with the case. `text` as an officer approved it."""

    invitation: str
    text: str


@dataclass(frozen=True, slots=True)
class CommentDropped:
    reason: str


@dataclass(frozen=True, slots=True)
class SentToBoard:
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakenFromBoard:
    pass


@dataclass(frozen=True, slots=True)
class SentBack:
    remarks: str


@dataclass(frozen=True, slots=True)
class CasePublished:
    edition: int


@dataclass(frozen=True, slots=True)
class CaseWithdrawn:
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawalUndone:
    reason: str


@dataclass(frozen=True, slots=True)
class RevisionBegun:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RevisionDropped:
    """What is published stays as it is."""


@dataclass(frozen=True, slots=True)
class ContentErased:
    versions: tuple[int, ...]
    reason: str = ""


CaseEvent = (
    CaseBegun
    | SheetFilled
    | TextWritten
    | SpanDecided
    | SpanMarked
    | SpanUnmarked
    | CaseApproved
    | ApprovalTakenBack
    | LawyerInvited
    | InvitationWithdrawn
    | CommentGiven
    | CommentTaken
    | CommentDropped
    | SentToBoard
    | TakenFromBoard
    | SentBack
    | CasePublished
    | CaseWithdrawn
    | WithdrawalUndone
    | RevisionBegun
    | RevisionDropped
    | ContentErased
)
KINDS: Mapping[str, type[CaseEvent]] = {kind.__name__: kind for kind in get_args(CaseEvent)}


@dataclass(frozen=True, slots=True)
class Invitation:
    """A lawyer's, as the state keeps it."""

    id: str
    name: str
    firm: str
    expires: datetime
    withdrawn: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """What was published, whole."""

    number: int
    texts: Mapping[str, str]
    sheet: Sheet
    comment: str
    comment_by: str
    approved_by: str
    at: datetime
    by: str
    checks: tuple[str, ...] = ()


def draft(event: Any, at: datetime, actor: Actor) -> Draft:
    return Draft(type(event).__name__, plain(event), at, actor)


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:.2f}"
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case tuple() | list():
            return [plain(item) for item in value]
        case _:
            return value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def typed(wanted: Any, value: Any) -> Any:
    """KeyError, TypeError or ValueError for what is none."""
    if value is None:
        return None
    if get_origin(wanted) in (Union, types.UnionType):
        wanted = next(kind for kind in get_args(wanted) if kind is not type(None))
    origin = get_origin(wanted)
    if origin is tuple:
        return tuple(typed(get_args(wanted)[0], item) for item in value)
    if origin in (dict, Mapping):
        return {key: typed(get_args(wanted)[1], item) for key, item in value.items()}
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = _hints(wanted)
        return wanted(**{name: typed(hints[name], item) for name, item in value.items() if name in hints})
    if wanted in (datetime, date):
        return wanted.fromisoformat(value)
    if wanted is Decimal or (isinstance(wanted, type) and issubclass(wanted, StrEnum)):
        return wanted(value)
    return value
