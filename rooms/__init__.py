"""The mediation session: state machine, seats, waiting room, phases, timing, outcome; one live room, one mailbox.

Here: what a session refuses, and within which limits the fields of a client's message, texts and amounts of yuan are.

DomainError                  code              params
├── UnknownSession           unknown_session   session
├── UnknownSeat              unknown_seat      seat
├── NotAllowed               not_allowed       (the asker has not the right to ask this)
├── WrongState               wrong_state       status, of the session or of the seat
├── AlreadyClosed            already_closed
├── NotInRoom                not_in_room       (waiting, left, or never came)
├── RoomFull                 room_full         most
├── DiskReserve              disk_reserve      (no session is opened that could not be recorded)
├── Restarting               restarting        (no session is opened that would be cut at once)
├── Suspended                suspended         (a request for recusal of the mediator is not decided)
├── OtherNode                other_node        node, path (another server has the room)
├── DoorLocked               locked
├── SeatRemoved              removed           (comes back only through a new link)
├── ConsentNeeded            consent_needed
├── IdentityNeeded           identity_needed
├── GuardianNeeded           guardian_needed   (of a child nothing is processed before a guardian agreed)
├── GuardianMissing          guardian_missing  seat (a minor comes in, and decides, with their guardian)
├── AuthorityOver            authority_over    seat (a proxy whose authorisation does not cover today)
├── LinkUnknown              link_unknown
├── LinkExpired              link_expired
├── BadSeat                  bad_seat          problem
├── BadOutcome               bad_outcome       problem, and term (from 1) when one of them is wrong
├── NoOutcome                no_outcome
├── OutcomeNotSeen           outcome_not_seen  seats
├── Outdated                 outdated          edition, the present one (it has changed meanwhile)
├── UnknownClause            unknown_clause    clause
├── UnknownFact              unknown_fact      fact
├── BadClause                bad_clause        problem; words that the text must hold
├── NoAuthority              no_authority      seat (not recorded, or it does not reach that far)
├── PrincipalHere            principal_here    (who acts for a party answers only while that party is away)
├── NotAgreed                not_agreed        clauses (their numbers) that a side has not agreed to yet
├── DraftStands              draft_stands      (an agreement is drafted: the outcome is taken from it, not typed)
├── Sealed                   sealed            (the agreement is in effect: nothing in it changes)
├── InCaucus                 in_caucus         (a private talk is on: this waits until everybody is together)
├── Moved                    moved             (a private talk began or ended meanwhile: this would reach others)
├── NobodyThere              nobody_there      side
├── OnlyInCaucus             only_in_caucus    (said in a private talk with one's own side, nowhere else)
├── UnknownSlip              unknown_slip      number
├── UnknownOffer             unknown_offer
├── RightsUnread             rights_unread     (of asynchronous mediation: nothing is asked before they were read)
├── TooSoon                  too_soon          minutes until this person may be reminded again
├── NotReleased              not_released      (its side keeps this slip)
├── Shown                    shown             (this slip was passed on and is not changed any more)
├── NotAgreedYet             not_agreed_yet    (both sides agree to the rule of a blind gap before a figure is entered)
├── Enough                   enough            most
├── WroteTooMuch             wrote_too_much    seconds until it may be sent (a seat's allowance for the chat)
├── ChatFull                 chat_full         (a seat has written all that one may in a session)
├── Taken                    taken             seat (consults with somebody else)
├── NotSigning               not_signing       (nothing lies there to be signed)
├── OtherText                other_text        (the text is not the one that was looked at: it was changed since)
├── OutOfOrder               out_of_order      missing: what has to come before
├── BadInk                   bad_ink           problem (size, much, outside, little)
├── Held                     held              (the record is under a legal hold: it is not erased)
├── UnknownExhibit           unknown_exhibit   (there is none, or none that the asker may know of)
├── ExhibitPrivate           exhibit_private   (not everybody who would see it may)
├── ExhibitUsed              exhibit_used      (it was shown or answered: it is not withdrawn any more)
├── ExhibitNotReady          exhibit_not_ready (a film that is still being prepared, or could not be)
├── NothingShown             nothing_shown
├── NoFloor                  no_floor          (only the mediator shows, and whom they let)
├── TooManyExhibits          too_many_exhibits most
├── Missing                  missing           field
├── TooLong                  too_long          field, most
├── BadValue                 bad_value         field
└── Busy                     busy              (the room's mailbox is full, or the session is moving too fast)

Limits of fields only keep nonsense out; what a person is told about their own text is decided by the rules of its
command.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from journal.refusals import (
    Busy as Busy,
    DomainError as DomainError,
    GuardianNeeded as GuardianNeeded,
    Missing as Missing,
    NotAllowed as NotAllowed,
    Suspended as Suspended,
    TooLong as TooLong,
    UnknownSession as UnknownSession,
    WrongState as WrongState,
)


class UnknownSeat(DomainError):
    code = "unknown_seat"


class AlreadyClosed(DomainError):
    code = "already_closed"


class NotInRoom(DomainError):
    code = "not_in_room"


class RoomFull(DomainError):
    code = "room_full"


class DiskReserve(DomainError):
    code = "disk_reserve"


class Restarting(DomainError):
    code = "restarting"


class OtherNode(DomainError):
    """The room is another server's. `node`: its name; `path`: where the room's sockets go."""

    code = "other_node"


class DoorLocked(DomainError):
    code = "locked"


class SeatRemoved(DomainError):
    code = "removed"


class CallUnderWay(DomainError):
    """This seat's person is on the telephone already, or is being rung."""

    code = "call_under_way"


class SeatPresent(DomainError):
    """They are there with a device of their own."""

    code = "seat_present"


class ConsentNeeded(DomainError):
    code = "consent_needed"


class IdentityNeeded(DomainError):
    code = "identity_needed"


class GuardianMissing(DomainError):
    code = "guardian_missing"


class AuthorityOver(DomainError):
    """Order 121 Art 11: an authorisation has a term."""

    code = "authority_over"


class LinkUnknown(DomainError):
    code = "link_unknown"


class LinkExpired(DomainError):
    code = "link_expired"


class BadSeat(DomainError):
    code = "bad_seat"


class BadOutcome(DomainError):
    code = "bad_outcome"


class NoOutcome(DomainError):
    code = "no_outcome"


class OutcomeNotSeen(DomainError):
    code = "outcome_not_seen"


class Outdated(DomainError):
    code = "outdated"


class UnknownClause(DomainError):
    code = "unknown_clause"


class UnknownFact(DomainError):
    code = "unknown_fact"


class BadClause(DomainError):
    code = "bad_clause"


class NoAuthority(DomainError):
    code = "no_authority"


class PrincipalHere(DomainError):
    code = "principal_here"


class NotSigning(DomainError):
    code = "not_signing"


class OtherText(DomainError):
    code = "other_text"


class NotAgreed(DomainError):
    code = "not_agreed"


class DraftStands(DomainError):
    code = "draft_stands"


class DraftSealed(DomainError):
    code = "sealed"


class InCaucus(DomainError):
    code = "in_caucus"


class Moved(DomainError):
    code = "moved"


class NobodyThere(DomainError):
    code = "nobody_there"


class OnlyInCaucus(DomainError):
    code = "only_in_caucus"


class UnknownSlip(DomainError):
    code = "unknown_slip"


class UnknownOffer(DomainError):
    code = "unknown_offer"


class RightsUnread(DomainError):
    code = "rights_unread"


class TooSoon(DomainError):
    code = "too_soon"


class NotReleased(DomainError):
    code = "not_released"


class ScreenShown(DomainError):
    code = "shown"


class NotAgreedYet(DomainError):
    code = "not_agreed_yet"


class Enough(DomainError):
    code = "enough"


class WroteTooMuch(DomainError):
    code = "wrote_too_much"


class ChatFull(DomainError):
    code = "chat_full"


class SeatTaken(DomainError):
    code = "taken"


class OutOfOrder(DomainError):
    code = "out_of_order"


class BadInk(DomainError):
    code = "bad_ink"


class UnderHold(DomainError):
    code = "held"


class UnknownExhibit(DomainError):
    code = "unknown_exhibit"


class ExhibitPrivate(DomainError):
    code = "exhibit_private"


class ExhibitUsed(DomainError):
    code = "exhibit_used"


class ExhibitNotReady(DomainError):
    code = "exhibit_not_ready"


class NothingShown(DomainError):
    code = "nothing_shown"


class NoFloor(DomainError):
    code = "no_floor"


class TooManyExhibits(DomainError):
    code = "too_many_exhibits"


class BadValue(DomainError):
    code = "bad_value"


def _text(value: Any) -> Any:
    """Money comes as text: a binary fraction is not an amount."""
    if value is not None and not isinstance(value, str):
        raise ValueError("money is text")
    return value


def _nothing(value: Any) -> Any:
    return "0.00" if value is None else value


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment names its time zone")
    return value


Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
OptionalId = Annotated[str, StringConstraints(max_length=64)]
"""Or "" for none."""
Text = Annotated[str, StringConstraints(max_length=8_000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Money = Annotated[Decimal, BeforeValidator(_text), Field(max_digits=14)]
MoneyOrNothing = Annotated[Money, BeforeValidator(_nothing)]
"""None is no money."""
Moment = Annotated[datetime, AfterValidator(_with_zone)]
Edition = Annotated[int, Field(ge=0, le=100_000)]
Number = Annotated[int, Field(ge=1, le=100_000)]
Page = Annotated[int, Field(ge=1, le=1_000)]
Coordinate = Annotated[int, Field(ge=0, le=10_000)]
"""Ten thousandths of a page's width or height."""

EXACTLY: Final = ConfigDict(extra="forbid")
"""Of a body: nothing more than what is named."""

MOST_NAME = 40
MOST_LINE = 500
MOST_PLACE = 120
MOST_TEXT = 2000
LEAST_SENTENCE = 4  # characters; 听得出是他 has five


def line(value: str, field: str, most: int = MOST_LINE) -> str:
    """Trimmed, not empty, not too long. Missing, TooLong."""
    value = value.strip()
    if not value:
        raise Missing(field=field)
    return optional(value, field, most)


def recognition(value: str) -> str:
    """How an officer knew somebody: a sentence, no mark made to get past the question. Missing, TooLong, BadValue."""
    value = line(value, "recognised")
    if len(value) < LEAST_SENTENCE:
        raise BadValue(field="recognised")
    return value


def optional(value: str, field: str, most: int = MOST_LINE) -> str:
    value = value.strip()
    if len(value) > most:
        raise TooLong(field=field, most=most)
    return value


# ------------------------------------------------------------ amounts


MOST_YUAN = Decimal(10) ** 9
CENT = Decimal("0.01")


def yuan(amount: Decimal, field: str) -> Decimal:
    """With two decimals, not negative, a thousand million at most. BadValue."""
    if not amount.is_finite() or not 0 <= amount <= MOST_YUAN or amount != amount.quantize(CENT):
        raise BadValue(field=field)
    return abs(amount.quantize(CENT))  # there is no minus nought
