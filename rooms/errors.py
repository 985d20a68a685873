"""What a session refuses, and why.

DomainError                  code              params
├── UnknownSession           unknown_session   session
├── UnknownSeat              unknown_seat      seat
├── NotAllowed               not_allowed       (the asker has not the right to ask this)
├── WrongState               wrong_state       status, of the session or of the seat
├── AlreadyClosed            already_closed
├── NotInRoom                not_in_room       (waiting, left, or never came)
├── RoomFull                 room_full         most
├── DiskReserve              disk_reserve      (no session is opened that could not be recorded)
├── Suspended                suspended         (a request for recusal of the mediator is not decided)
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
"""

from __future__ import annotations

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


class DoorLocked(DomainError):
    code = "locked"


class SeatRemoved(DomainError):
    code = "removed"


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
