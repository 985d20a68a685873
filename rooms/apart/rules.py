"""Decisions about asynchronous mediation: when it is on, who acts in it, offers, private notes, messages.

While it is on, the commands of a room that `ACTS` names are taken from whoever takes part, wherever they are; the
journal's order decides of two who act at once, as it does in a room. Nobody is in the room meanwhile. What is private
follows from who wrote it: a private talk is not needed, because each side is by itself.

And what somebody is asked just now, and so what everybody else waits for: `open_tasks`. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from journal.refusals import NotAllowed, WrongState
from rooms import (
    MOST_TEXT,
    AuthorityOver,
    BadValue,
    ConsentNeeded,
    Enough,
    GuardianMissing,
    IdentityNeeded,
    NotInRoom,
    NotReleased,
    Outdated,
    RightsUnread,
    SeatRemoved,
    TooSoon,
    UnknownOffer,
    UnknownSlip,
    commands as c,
    events as e,
    line,
    optional,
    yuan,
)
from rooms.agreement.outcome import decider, stance, view_of
from rooms.apart.state import Apart, Offer
from rooms.caucus.rules import MOST_SLIPS
from rooms.events import SessionEvent
from rooms.floor import state as floor_state
from rooms.joining.rules import admitted, guarded
from rooms.seats import SeatState
from rooms.session import Asker, Session, apart_on, seat_of
from rooms.vocabulary import CONFERRING, PRINCIPALS, WATCHING, Opening, Phase, Role, SeatStatus, Side, Status

APART: Final = "apart"
"""As `wrong_state` names what a session is in while it is not in the room."""
LONGEST: Final = timedelta(days=60)  # as the law gives a mediation (Order 121 Art 23)
VISIT_LASTS: Final = timedelta(minutes=30)  # of quiet; each page that is opened begins it anew
MOST_OFFERS: Final = 40
MOST_WORDS: Final = 10  # messages to a seat that the mediator sends, in a session
WORD_EVERY: Final = timedelta(hours=4)  # and how soon after one another

NUDGE, REMINDER, END, MEETING, ROOM_OPEN = "nudge", "reminder", "end", "meeting", "room"
DAY, HOUR = "day", "hour"  # before a meeting that was called
WORDS: Final = (NUDGE, REMINDER, END, MEETING, ROOM_OPEN, DAY, HOUR)

ACTS: Final = frozenset(
    {
        c.Say, c.OfferExhibit, c.WithdrawExhibit, c.ReleaseExhibit, c.AcceptExhibit, c.DisputeExhibit, c.TakeBackAnswer,
        c.WriteSlip, c.MarkSlip, c.WithdrawSlip, c.OpenGap, c.AgreeGap, c.EnterFigure, c.DropGap,
        c.PutClause, c.RemoveClause, c.MoveClause, c.AskConfirmation, c.AnswerClause, c.QueryClause, c.ExplainClause,
        c.PutFact, c.RemoveFact, c.AnswerFact, c.PutClaim, c.RecordAuthority, c.WaiveAgreement, c.ProposeAgreed,
        c.ProposeOutcome, c.TakeBackOutcome, c.SeeOutcome, c.ObjectToOutcome, c.Close, c.CoverOpening, c.Remove,
        c.EndRecess,
        c.OfferSigning, c.CallOffSigning, c.ReadThrough, c.AgreeElectronicForm, c.ConsentHandwriting, c.ConfirmSigner,
        c.Sign, c.RefuseSigning, c.WithdrawSignature,
    }
)  # fmt: skip
"""What is asked only in a room, and here without one."""

SUSPENDED: Final = frozenset(
    {
        *ACTS, c.Confide, c.PutOffer, c.AnswerOffer, c.ShowSlip, c.OpenRoom,
    } - {
        c.WithdrawExhibit, c.TakeBackAnswer, c.WithdrawSlip, c.CallOffSigning, c.WithdrawSignature, c.Remove,
    }
)  # fmt: skip
"""What nobody does while a request for recusal of the mediator is undecided (Order 121 Art 21): mediation goes on by
it. What was written before is read, and what somebody wants back they take back."""


def check_may_act(session: Session, seat: SeatState, now: datetime) -> None:
    """What lets somebody into a room lets them act here. SeatRemoved, IdentityNeeded, ConsentNeeded, GuardianMissing,
    AuthorityOver, RightsUnread; NotInRoom for who is no part of it."""
    apart = apart_on(session)
    if apart is None or seat.role is Role.SUPERVISOR:
        raise NotInRoom
    if seat.role is Role.MEDIATOR:
        return
    _check_may_take_part(seat, now)
    if not guarded(session, seat):
        raise GuardianMissing(seat=seat.id)
    if seat.id not in apart.read:
        raise RightsUnread


def _check_may_take_part(seat: SeatState, now: datetime) -> None:
    if seat.status is SeatStatus.REMOVED:
        raise SeatRemoved
    if not seat.confirmed:
        raise IdentityNeeded
    if not seat.participate:
        raise ConsentNeeded
    if seat.seat.until is not None and now >= seat.seat.until:
        raise AuthorityOver(seat=seat.id)


def decide_apart(command: c.ApartCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    if isinstance(command, c.GoApart):
        return go_apart(command, session, now)
    apart = apart_on(session)
    if apart is None:
        raise WrongState(status=session.status.value)
    match command:
        case c.MoveEnd(until=until, links_until=links):
            _sound_end(until, links, now)
            return [] if apart.until == until else [e.EndMoved(until, links)]
        case c.CallMeeting(starts=starts):
            if starts is not None and not now < starts <= now + LONGEST:
                raise BadValue(field="starts")
            return [] if apart.meeting == starts else [e.MeetingCalled(starts)]
        case c.OpenRoom():
            opened: list[SessionEvent] = [e.RoomOpened()]
            return opened if session.phase is not None else [*opened, e.PhaseEntered(Phase.OPENING)]
        case c.NoteVisit():
            return [e.Visited(who.seat)]
        case c.ReadRights():
            return read_rights(apart, session, who.seat, now)
        case c.SendWord():
            return send_word(command, apart, session, now)
        case _:
            check_may_act(session, session.seats[who.seat], now)
            return _acted(command, apart, session, who, now)


def _acted(
    command: c.Confide | c.PutOffer | c.TakeBackOffer | c.AnswerOffer,
    apart: Apart,
    session: Session,
    who: Asker,
    now: datetime,
) -> list[SessionEvent]:
    match command:
        case c.Confide():
            return confide(command, session, who, now)
        case c.PutOffer():
            return put_offer(command, apart, session)
        case c.TakeBackOffer(number=number):
            if _offer(apart, number).accepted:
                raise Outdated(edition=number)  # whoever was asked was faster
            return [e.OfferTakenBack(number)]
        case c.AnswerOffer():
            return answer_offer(command, apart, session, who.seat)
        case _:
            assert_never(command)


def go_apart(command: c.GoApart, session: Session, now: datetime) -> list[SessionEvent]:
    """Whoever is in the room leaves it by this; a session that had not begun begins."""
    if apart_on(session) is not None:
        raise WrongState(status=APART)
    if session.status not in (Status.SCHEDULED, Status.LIVE, Status.RECESS):
        raise WrongState(status=session.status.value)
    _sound_end(command.until, command.links_until, now)
    begun: list[SessionEvent] = []
    if session.status is Status.SCHEDULED:
        begun.append(e.SessionOpened())
    if session.status is Status.RECESS:
        begun.append(e.RecessEnded())
    inside = (SeatStatus.WAITING, SeatStatus.PRESENT, SeatStatus.RECONNECTING)
    left = [e.Left(seat.id) for seat in session.seats.values() if seat.status in inside]
    return [*begun, *left, e.ApartBegun(command.until, command.links_until)]


def _sound_end(until: datetime, links_until: datetime, now: datetime) -> None:
    if not now < until <= now + LONGEST or links_until < until:
        raise BadValue(field="until")


def read_rights(apart: Apart, session: Session, own: str, now: datetime) -> list[SessionEvent]:
    """Once both sides have, what an opening has to cover is covered."""
    seat = session.seats[own]
    _check_may_take_part(seat, now)
    if own in apart.read:
        return []
    read: list[SessionEvent] = [e.RightsRead(own), *admitted(session, seat)]
    sides = {session.seats[one].side for one in {*apart.read, own}}
    if sides >= set(Side):
        read += [e.OpeningCovered(item) for item in Opening if item not in session.covered]
    return read


def confide(command: c.Confide, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    """Read by the mediator and by all of that side who would be in a private talk with it."""
    side = command.side if who.mediator else session.seats[who.seat].side
    if side is None:
        raise NotAllowed
    text = line(command.text, "text", MOST_TEXT)
    floor_state.allow(session.written, who.seat, text, now)
    of_side = [seat for seat in session.seats.values() if seat.side is side and seat.role not in WATCHING]
    to = next((seat.id for seat in of_side if seat.role in PRINCIPALS), "") if who.mediator else session.mediator_seat
    readers = (session.mediator_seat, *(seat.id for seat in of_side))
    return [e.Confided(who.seat, text, to, 0, readers)]


# ------------------------------------------------------------ offers


def put_offer(command: c.PutOffer, apart: Apart, session: Session) -> list[SessionEvent]:
    """NotReleased: a slip whose side wants it told to nobody."""
    if len(apart.offers) >= MOST_OFFERS:
        raise Enough(most=MOST_OFFERS)
    number = len(apart.offers) + 1
    if not command.slip:
        amount = None if command.amount is None else yuan(command.amount, "amount")
        to = tuple(Side) if command.to is None else (command.to,)
        return [e.OfferPut(number, line(command.text, "text", MOST_TEXT), amount, to)]
    slip = session.concessions.slips.get(command.slip)
    if slip is None:
        raise UnknownSlip(number=command.slip)
    if not slip.may_tell:
        raise NotReleased
    if any(offer.slip == slip.number and not offer.taken_back for offer in apart.offers.values()):
        return []
    to = tuple(side for side in Side if side is not slip.side)
    readers = tuple(seat.id for seat in session.seats.values() if session.attends(seat))
    shown = [] if slip.shown is not None else [e.SlipShown(slip.number, readers)]
    return [*shown, e.OfferPut(number, slip.text, slip.amount, to, slip.number)]


def answer_offer(command: c.AnswerOffer, apart: Apart, session: Session, own: str) -> list[SessionEvent]:
    """Once; who would do something else says so by a slip that the mediator may tell. Outdated: it was taken back, or
    answered for this side."""
    seat, offer = session.seats[own], _offer(apart, command.number)
    if seat.side not in offer.to or seat.side is None:
        raise NotAllowed
    if not offer.open_for(seat.side):
        raise Outdated(edition=command.number)
    text = optional(command.text, "text")
    if command.accepts or not (text or command.amount is not None):
        return [e.OfferAnswered(offer.number, seat.side, own, command.accepts)]
    if session.concessions.written >= MOST_SLIPS:
        raise Enough(most=MOST_SLIPS)
    amount = None if command.amount is None else yuan(command.amount, "amount")
    number = session.concessions.written + 1
    slip = e.SlipWritten(number, seat.side, own, line(text, "text"), amount, True)
    return [slip, e.OfferAnswered(offer.number, seat.side, own, False, number)]


def _offer(apart: Apart, number: int) -> Offer:
    """One that stands. UnknownOffer, Outdated."""
    offer = apart.offers.get(number)
    if offer is None:
        raise UnknownOffer
    if offer.taken_back:
        raise Outdated(edition=number)
    return offer


def sees_offer(session: Session, offer: Offer, seat: SeatState) -> bool:
    """Who is asked, who offered it by a slip, and the mediator."""
    if seat.role is Role.MEDIATOR:
        return True
    slip = session.concessions.slips.get(offer.slip)
    offering = slip is not None and slip.side is seat.side
    return seat.role in CONFERRING and (seat.side in offer.to or offering)


def shown_answers(session: Session, offer: Offer, seat: SeatState) -> tuple[Side, ...]:
    """Whose answers this person is told: of an offer that both are asked the other's only once both have accepted, so
    that nobody's yes is used against them; of one side's offer, that side is told."""
    if seat.role is Role.MEDIATOR or offer.accepted or len(offer.to) == 1:
        return tuple(offer.answers)
    return tuple(side for side in offer.answers if side is seat.side)


# ------------------------------------------------------------ messages


def send_word(command: c.SendWord, apart: Apart, session: Session, now: datetime) -> list[SessionEvent]:
    """TooSoon (minutes) and Enough for what the mediator sends of their own accord. Nothing for what this seat was
    told already."""
    seat = seat_of(session, command.seat)
    if command.kind not in WORDS or not command.message or seat.signs_in:
        raise BadValue(field="kind")
    if not may_be_told(seat):
        raise NotAllowed
    if command.kind == NUDGE:
        check_nudge(apart, seat.id, now)
    elif knows(apart, seat.id, command.kind):
        return []
    return [e.WordSent(seat.id, command.kind, command.message)]


def may_be_told(seat: SeatState) -> bool:
    """Not who was put out or does not take part, nor who is there as an officer."""
    return not (seat.signs_in or seat.status is SeatStatus.REMOVED or seat.participate is False)


def knows(apart: Apart, seat: str, kind: str) -> bool:
    """Whether the last message of this kind to the seat said what it would say now."""
    last = next((one for one in reversed(apart.sent) if (one.seat, one.kind) == (seat, kind)), None)
    if last is None:
        return False
    if kind in (MEETING, DAY, HOUR):
        return last.meeting == apart.meeting
    return last.at >= apart.since if kind == ROOM_OPEN else last.until == apart.until


def check_nudge(apart: Apart, seat: str, now: datetime) -> None:
    """TooSoon, Enough."""
    earlier = [one.at for one in apart.sent if one.seat == seat and one.kind == NUDGE]
    if len(earlier) >= MOST_WORDS:
        raise Enough(most=MOST_WORDS)
    if earlier and now - earlier[-1] < WORD_EVERY:
        left = WORD_EVERY - (now - earlier[-1])
        raise TooSoon(minutes=1 + int(left.total_seconds() // 60))


# ------------------------------------------------------------ what somebody is asked just now


class TaskKind(StrEnum):
    CODE = "code"  # to come at all: nobody has shown yet who they are
    CONSENT = "consent"
    RIGHTS = "rights"
    STATEMENT = "statement"
    EXHIBIT = "exhibit"
    OFFER = "offer"
    RULE = "rule"  # of the double-blind offers
    FIGURE = "figure"
    FACT = "fact"
    CLAUSE = "clause"
    SIGN = "sign"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Task:
    """`about`: id or number of what it is about, "" where there is only one."""

    kind: TaskKind
    about: str = ""


def open_tasks(session: Session, seat: SeatState) -> tuple[Task, ...]:
    """In the order in which they are best done; () for who only watches, and once it is over or in the room."""
    apart = apart_on(session)
    if apart is None or seat.role not in CONFERRING:
        return ()
    if not seat.confirmed:
        return (Task(TaskKind.CODE),)
    if not seat.participate:
        return (Task(TaskKind.CONSENT),)
    if seat.id not in apart.read:
        return (Task(TaskKind.RIGHTS),)
    found: list[Task] = []
    principal = seat.role in (Role.CONSUMER, Role.BUSINESS)
    if principal and seat.id not in session.written and not session.sealed and session.proposed is None:
        found.append(Task(TaskKind.STATEMENT))
    return (*found, *_offers(session, seat), *_draft(session, seat), *_end(session, seat, principal))


def _offers(session: Session, seat: SeatState) -> list[Task]:
    found: list[Task] = []
    for one in session.exhibits.standing:
        theirs = one.side is not None and one.side is not seat.side and not one.private
        if theirs and one.ready and seat.side is not None and seat.side not in one.answers:
            found.append(Task(TaskKind.EXHIBIT, one.id))
    assert session.apart is not None
    found += [
        Task(TaskKind.OFFER, str(offer.number)) for offer in session.apart.offers.values() if offer.open_for(seat.side)
    ]
    gap = session.concessions.gap
    if gap is not None and gap.open and seat.side is not None:
        if seat.side not in gap.agreed:
            found.append(Task(TaskKind.RULE, str(gap.number)))
        elif gap.agreed == frozenset(Side) and seat.side not in gap.figures:
            found.append(Task(TaskKind.FIGURE, str(gap.number)))
    return found


def _draft(session: Session, seat: SeatState) -> list[Task]:
    side = seat.side
    if side is None or decider(session, side) != seat.id or session.sealed:
        return []
    facts = [Task(TaskKind.FACT, fact.id) for fact in session.draft.facts if view_of(session, fact, side) is None]
    clauses = [
        Task(TaskKind.CLAUSE, clause.id) for clause in session.draft.clauses if stance(session, clause, side) is None
    ]
    return [*facts, *clauses]


def _end(session: Session, seat: SeatState, principal: bool) -> list[Task]:
    found: list[Task] = []
    signing = session.signing
    asked = signing is not None and signing.open and seat.id in signing.parties
    if signing is not None and asked and seat.id not in signing.hands and seat.id not in signing.refusals:
        found.append(Task(TaskKind.SIGN))
    if session.proposed is not None and principal and seat.id not in session.seen:
        found.append(Task(TaskKind.OUTCOME))
    return found
