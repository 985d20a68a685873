"""Those who watch are watched: what needs a second person, and who did what. Here is what one person alone may not do:
a request, a second person's yes within three days, and then it is done.

A state machine over `approval/<id>`: `decide(command, state, person, now)`, `evolve(state, event, at, actor)`. Who
is a second person is `same_person`: not the same account, and nobody of whom what is on file tells that they are the
same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never

from complaints.events import plain, typed
from journal import Actor, Draft, Event
from journal.refusals import DomainError, Missing, NotAllowed, SamePerson
from offices.oversight import ApprovalKind

STREAM: Final = "approval"
LASTS: Final = timedelta(hours=72)
FRESH: Final = timedelta(days=7)  # so long an account counts as its maker's
LONGEST: Final = 500  # characters of a reason

ASKERS: Final[Mapping[ApprovalKind, tuple[str, ...]]] = {
    "erase": ("supervisor", "administrator"),  # a record, before its time
    "lift": ("supervisor", "administrator"),  # the hold that keeps a record from being erased
    "lift_lead": ("supervisor",),  # the hold that keeps a lead's files from being erased
    "unmask": ("mediator",),  # full numbers beyond the day's few
    "appoint": ("administrator",),  # to a role that can be a second person itself
    "restart": ("administrator",),  # the second step of such an account
    "access": ("administrator",),  # giving a role back what was withheld from it in an office
    "oversee": ("administrator",),  # a supervisor's seeing further offices
    "place": ("administrator",),  # an office right below another, whose supervisors see it then
    "retention": ("administrator",),  # keeping records for fewer years
    "destroy": ("supervisor", "administrator"),  # files whose years are over, after an appraisal
    "correct": ("supervisor",),  # saying of an entry of a record that it is not so
    "publish": ("supervisor",),  # naming businesses to the public
}
SECONDS: Final = ("supervisor", "administrator")
SECONDS_OF: Final[Mapping[ApprovalKind, tuple[str, ...]]] = {"publish": ("supervisor",)}  # who sees complaints
State = Literal["open", "approved", "declined", "taken back", "done", "failed"]


class Over(DomainError):
    """Its time has run out."""

    code = "approval_over"


class Settled(DomainError):
    """It was decided before."""

    code = "approval_settled"


@dataclass(frozen=True, slots=True)
class AccountHolder:
    """An account as far as it tells who is behind it. `browser`, `browsers`: keyed digests, of the present one and of
    those used lately. `made`, `made_by`: when, and by which account, it last got its role, password or second step."""

    id: str
    name: str
    role: str
    office: str
    browser: str = ""
    browsers: frozenset[str] = frozenset()
    made: datetime | None = None
    made_by: str = ""


# ---------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """`subject`: a session's, an account's id; `label` what people call it. `browser`: the digest it was asked from."""

    kind: ApprovalKind
    office: str
    subject: str
    label: str
    reason: str
    expires: datetime
    browser: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    pass


@dataclass(frozen=True, slots=True)
class ApprovalDeclined:
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalTakenBack:
    pass


@dataclass(frozen=True, slots=True)
class ApprovalCarriedOut:
    pass


@dataclass(frozen=True, slots=True)
class ApprovalFailed:
    """What was asked for could not be done any more; `code` of the refusal."""

    code: str


ApprovalEvent = (
    ApprovalAsked | ApprovalGiven | ApprovalDeclined | ApprovalTakenBack | ApprovalCarriedOut | ApprovalFailed
)
KINDS: Final[Mapping[str, type[ApprovalEvent]]] = {
    kind.__name__: kind
    for kind in (
        ApprovalAsked,
        ApprovalGiven,
        ApprovalDeclined,
        ApprovalTakenBack,
        ApprovalCarriedOut,
        ApprovalFailed,
    )
}


# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Ask:
    kind: ApprovalKind
    subject: str
    label: str
    reason: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Give:
    """`asker`: the account that asked, as it is on file now."""

    asker: AccountHolder


@dataclass(frozen=True, slots=True)
class Decline:
    reason: str


@dataclass(frozen=True, slots=True)
class TakeApprovalBack:
    pass


@dataclass(frozen=True, slots=True)
class NoteDone:
    pass


@dataclass(frozen=True, slots=True)
class NoteFailed:
    code: str


Command = Ask | Give | Decline | TakeApprovalBack | NoteDone | NoteFailed


@dataclass(frozen=True, slots=True)
class Approval:
    """`id`: of its stream, where somebody carries it out."""

    asked: ApprovalAsked
    by: Actor
    at: datetime
    state: State = "open"
    second: Actor | None = None  # who decided it
    decided: datetime | None = None
    why: str = ""  # of a no; the code of what failed
    id: str = ""

    def over(self, now: datetime) -> bool:
        return self.state == "open" and now >= self.asked.expires


def decide(
    command: Command, approval: Approval | None, person: AccountHolder, now: datetime
) -> Sequence[ApprovalEvent]:
    """Raises an DomainError. Results are noted by the program, whoever `person` is; again they change nothing."""
    if isinstance(command, Ask):
        if approval is not None:
            raise Settled
        if person.role not in ASKERS[command.kind]:
            raise NotAllowed
        return [
            ApprovalAsked(
                command.kind,
                person.office,
                command.subject,
                command.label,
                _sentence(command.reason),
                now + LASTS,
                person.browser,
                dict(command.details),
            )
        ]
    if approval is None:
        raise Settled
    match command:
        case Give(asker=asker):
            _open(approval, now)
            if not may_decide(person.role, approval.asked.kind) or asker.role not in ASKERS[approval.asked.kind]:
                raise NotAllowed
            if why := same_person(asker, approval.asked.browser, person, now):
                raise SamePerson(why=why)
            return [ApprovalGiven()]
        case Decline(reason=reason):
            _open(approval, now)
            if not may_decide(person.role, approval.asked.kind) or person.id == approval.by.id:
                raise NotAllowed
            return [ApprovalDeclined(_sentence(reason))]
        case TakeApprovalBack():
            _open(approval, now)
            if person.id != approval.by.id:
                raise NotAllowed
            return [ApprovalTakenBack()]
        case NoteDone():
            return [ApprovalCarriedOut()] if _to_do(approval) else []
        case NoteFailed(code=code):
            return [ApprovalFailed(code)] if _to_do(approval) else []
        case _:
            assert_never(command)


def evolve(approval: Approval | None, event: ApprovalEvent, at: datetime, by: Actor) -> Approval:
    if isinstance(event, ApprovalAsked):
        return Approval(event, by, at)
    assert approval is not None, "it begins with being asked for"
    match event:
        case ApprovalGiven():
            return replace(approval, state="approved", second=by, decided=at)
        case ApprovalDeclined(reason=reason):
            return replace(approval, state="declined", second=by, decided=at, why=reason)
        case ApprovalTakenBack():
            return replace(approval, state="taken back", decided=at)
        case ApprovalCarriedOut():
            return replace(approval, state="done")
        case ApprovalFailed(code=code):
            return replace(approval, state="failed", why=code)
        case _:
            assert_never(event)


def may_decide(role: str, kind: ApprovalKind) -> bool:
    return role in SECONDS_OF.get(kind, SECONDS)


def same_person(asker: AccountHolder, browser: str, second: AccountHolder, now: datetime) -> str:
    """Why these two are taken for one, "" when nothing says so. `browser`: where it was asked from."""
    if asker.id == second.id:
        return "account"
    if _plain(asker.name) == _plain(second.name):
        return "name"
    if second.browser and second.browser in asker.browsers | {browser}:
        return "browser"
    if second.made_by == asker.id and second.made is not None and now < second.made + FRESH:
        return "made"
    return ""


def _plain(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())


def _open(approval: Approval, now: datetime) -> None:
    if approval.state != "open":
        raise Settled
    if approval.over(now):
        raise Over


def _to_do(approval: Approval) -> bool:
    if approval.state not in ("approved", "done", "failed"):
        raise Settled
    return approval.state == "approved"


def _sentence(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Missing(field="reason")
    return text


# ---------------------------------------------------------------- the journal's form


def stream(approval: str) -> str:
    return f"{STREAM}/{approval}"


def to_draft(event: ApprovalEvent, at: datetime, by: Actor) -> Draft:
    return Draft(type(event).__name__, {one.name: plain(getattr(event, one.name)) for one in fields(event)}, at, by)


def from_event(event: Event) -> ApprovalEvent:
    made: ApprovalEvent = typed(KINDS[event.type], event.data)
    return made


def fold(entries: Iterable[Event]) -> Approval | None:
    """None for a stream that has not begun."""
    approval: Approval | None = None
    for entry in entries:
        approval = evolve(approval, from_event(entry), entry.at, entry.actor)
    return approval
