"""Commands and events of a session as such (its seats, their links and helpers, one that was held elsewhere), and of
taking part by an ordinary call.

The server rings, answers and hangs up (`server.rooms.phone`); what a person presses is their own answer. A call shows
who it is by the number on file that was rung, or by the code that the office gave for this seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from law.orders import ROOM
from rooms import Id, OptionalId, Text
from rooms.vocabulary import ASSISTED, MEDIATOR, OFFICE, PARTIES, SYSTEM, Capacity, Consent, Outcome, Seat, command


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class Schedule:
    complaint: str
    number: str
    office: str
    ordinal: int
    title: str
    starts: datetime
    seats: tuple[Seat, ...]
    mediator: str
    order: str  # "121" | "20": under which the complaint is handled
    mode: str = ROOM  # law.orders
    place: str = ""


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class Cancel:
    reason: str


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class AddSeat:
    seat: Seat


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class IssueLink:
    """Records that a link exists; the secret itself is kept hashed by `server.identity.links`. `replaces`: the one that
    was seen to stand, "" for none; Outdated where another press was quicker."""

    seat: str
    link: str
    expires: datetime
    replaces: str | None = None


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class RevokeLink:
    seat: str
    link: str
    reason: str


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class OpenLink:
    link: str


@command(OFFICE)
@dataclass(frozen=True, slots=True)
class HandOverLink:
    """The officer gave the link to its person themselves, as no message can carry it. `way`: of `WAYS`."""

    seat: str
    link: str
    way: str


WAYS: Final = ("email", "messenger", "in_person", "phone")


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class CorrectPhone:
    """The number on file was corrected: links and codes go to the new one. `phone` is masked."""

    seat: str
    phone: str


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class Reschedule:
    """To another time, before it began. Links stay, and are good until `links_until` where that is later."""

    starts: datetime
    links_until: datetime


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class DeclineOtherTime:
    """The wish of this seat is not met: the session begins when it was to."""

    seat: str


InvitationCommand = (
    Cancel | Reschedule | DeclineOtherTime | AddSeat | CorrectPhone | IssueLink | HandOverLink | RevokeLink | OpenLink
)


# ------------------------------------------------------------ events of the session, its seats and links


@dataclass(frozen=True, slots=True)
class SessionScheduled:
    complaint: str  # complaint id
    number: str  # complaint number as printed
    office: str  # office id
    ordinal: int  # 1: first mediation of this complaint
    title: str
    starts: datetime
    seats: tuple[Seat, ...]  # the mediator's is among them
    mediator: str  # user id
    order: str = "121"  # or "20": whose grounds end it; sessions from before this was noted get the longer list
    mode: str = ROOM  # law.orders: where it is to be held
    place: str = ""  # of one on site


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    reason: str


@dataclass(frozen=True, slots=True)
class SessionRescheduled:
    """It begins at `starts` now. Wishes for another time are answered by it."""

    starts: datetime
    links_until: datetime


@dataclass(frozen=True, slots=True)
class OtherTimeDeclined:
    """The time stays; whoever asked for another one is told."""

    seat: str


@dataclass(frozen=True, slots=True)
class SeatAdded:
    seat: Seat


@dataclass(frozen=True, slots=True)
class LinkIssued:
    seat: str
    link: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class LinkHandedOver:
    """An officer gave the link to its person themselves."""

    seat: str
    link: str
    way: str  # of `WAYS`


@dataclass(frozen=True, slots=True)
class LinkRevoked:
    seat: str
    link: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """Somebody tapped 'start' on the invitation (a mere GET is not an opening)."""

    seat: str
    link: str


@dataclass(frozen=True, slots=True)
class PhoneCorrected:
    seat: str
    phone: str  # masked


InvitationEvent = (
    PhoneCorrected
    | SessionScheduled
    | SessionRescheduled
    | OtherTimeDeclined
    | SessionCancelled
    | SeatAdded
    | LinkIssued
    | LinkHandedOver
    | LinkRevoked
    | LinkOpened
)


# ------------------------------------------------------------ assistance


@command(ASSISTED | MEDIATOR, "assist")
@dataclass(frozen=True, slots=True)
class Assist:
    """`seat` is "" for the asker's own. `agreed`: the person said that they want this helper, and the helper that they
    only help and keep what they hear to themselves."""

    helper: Text
    relation: Id
    agreed: bool
    seat: OptionalId = ""


@command(ASSISTED | MEDIATOR, "end_assistance")
@dataclass(frozen=True, slots=True)
class EndAssistance:
    seat: OptionalId = ""


AssistanceCommand = Assist | EndAssistance


@dataclass(frozen=True, slots=True)
class SeatAssisted:
    """`seat`'s person agreed to `helper` sitting with them. `by` is the seat that said so: their own, or the mediator's
    who asked them. A helper decides nothing and says nothing for the seat."""

    seat: str
    helper: str
    relation: str  # rooms.joining.invitations.RELATIONS
    by: str


@dataclass(frozen=True, slots=True)
class AssistanceEnded:
    seat: str
    by: str


AssistanceEvent = SeatAssisted | AssistanceEnded


# ------------------------------------------------------------ a mediation held without a room


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class RecordHeld:
    """The session took place elsewhere and is over. `capacity`, `basis`: by what right who spoke for the business did,
    where an agreement is to be signed by them."""

    held: HeldElsewhere
    outcome: Outcome
    capacity: Capacity | None = None
    basis: str = ""


ElsewhereCommand = RecordHeld


@dataclass(frozen=True, slots=True)
class HeldElsewhere:
    """As the mediator recorded it afterwards; the outcome follows in `SessionClosed`. `mode` is one of law.orders.

    `consumer_by`, `business_by`: who spoke for each side, and as what; "" when nobody took part. `proof`: attachments
    of the complaint. `agreement`, of a settlement: "wanted" (to be signed), "waived" (by both), "" (done at once).
    `next_mode`, `next_place`, of one that was adjourned: how and, on site, where it goes on.
    """

    mode: str
    began: datetime
    ended: datetime
    place: str = ""
    consumer_by: str = ""
    business_by: str = ""
    others: str = ""
    course: str = ""
    proof: tuple[str, ...] = ()
    agreement: str = ""
    next_mode: str = ""
    next_place: str = ""


ElsewhereEvent = HeldElsewhere

# ------------------------------------------------------------ telephone


KEYS: Final = frozenset("0123456789*#")
STATES: Final = frozenset({"ringing", "answered"})
CALL_WAYS: Final = frozenset({"out", "in"})
CAUSES: Final = frozenset({
    "person", "mediator", "busy", "no_answer", "rejected", "wrong_number", "unreachable", "trunk", "lost",
    "no_consent", "elsewhere", "removed", "closed", "server",
})  # fmt: skip
"""Why a call ended; "server": the program or its telephone went down under it."""


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class BeginCall:
    """`way`: "out", the number on file is rung; "in", somebody dialled in with the seat's code."""

    seat: str
    call: str
    way: str


@command(SYSTEM)
@dataclass(frozen=True, slots=True)
class NoteCall:
    """`state`: of STATES."""

    seat: str
    call: str
    state: str


@dataclass(frozen=True, slots=True)
class AnswerSound:
    """What was said while a question was asked, in a file that is durable. Fields as of `rooms.media.SegmentSealed`;
    `audible_ms`: for how long it was louder than −45 dBFS."""

    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    audible_ms: int
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


@command(PARTIES)
@dataclass(frozen=True, slots=True)
class KeyConsent:
    """Asked by a recorded voice, answered with a key. `text`, `handler`: as in `AnswerConsent`; `sound` of a yes only:
    of a no nothing is kept."""

    call: str
    kind: Consent
    given: bool
    key: str
    text: str
    handler: str = ""
    sound: AnswerSound | None = None


@command(OFFICE | SYSTEM)
@dataclass(frozen=True, slots=True)
class EndCall:
    seat: str
    call: str
    cause: str


TelephoneCommand = BeginCall | NoteCall | KeyConsent | EndCall


@dataclass(frozen=True, slots=True)
class CallBegun:
    """A seat's person is rung at the number on file (`way` "out"), or dialled in ("in")."""

    seat: str
    call: str
    way: str


@dataclass(frozen=True, slots=True)
class CallProgressed:
    seat: str
    call: str
    state: str  # of STATES


@dataclass(frozen=True, slots=True)
class ConsentKeyed:
    """The answer before this was given on the telephone by pressing `key`."""

    seat: str
    call: str
    kind: Consent
    key: str


@dataclass(frozen=True, slots=True)
class ConsentSpoken:
    """What was heard of them while they were asked for the consent before this, until they pressed the key."""

    seat: str
    call: str
    kind: Consent
    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    audible_ms: int
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""


@dataclass(frozen=True, slots=True)
class CallEnded:
    seat: str
    call: str
    cause: str  # of CAUSES


TelephoneEvent = CallBegun | CallProgressed | ConsentKeyed | ConsentSpoken | CallEnded
