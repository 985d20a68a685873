"""Decisions about coming and going: consents, identity, waiting room, door, connections, supervisors who look on; and
minors: what is asked of them, who decides for them, and who has to be there with them. Pure.

Civil Code Arts 17-20 and 23: somebody under 18 acts through a guardian; who is 16 or 17 and lives on their own
earnings acts alone (Art 18). PIPL Art 31: of a child under 14 nothing is processed before a guardian has agreed to
it.

Longer than other modules: every way in ends in the same checks of a seat.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from journal.refusals import DomainError, GuardianNeeded, NotAllowed, TooLong, WrongState
from rooms import (
    MOST_LINE,
    MOST_NAME,
    AuthorityOver,
    BadValue,
    CallUnderWay,
    ConsentNeeded,
    DoorLocked,
    GuardianMissing,
    IdentityNeeded,
    RoomFull,
    SeatPresent,
    SeatRemoved,
    commands as c,
    events as e,
    line,
    optional,
    recognition,
)
from rooms.agreement.outcome import decides_alone
from rooms.events import SessionEvent
from rooms.joining.seat_messages import CALL_WAYS, CAUSES, KEYS, STATES
from rooms.seats import SeatState
from rooms.session import MOST_SEATS, Asker, Session, seat_of
from rooms.vocabulary import MINORS, Age, Capacity, Consent, Phase, Role, Seat, SeatStatus, Side, Status

ASKED: Final = frozenset({Role.CONSUMER, Role.COMPANION})
"""Whose age is asked on the way in: people who come for themselves. Everybody else acts for somebody, or for a firm."""


def age_asked(seat: SeatState) -> bool:
    """Whether the page of ages is for them. Of whom the complaint says it, the age is known; for a child it still asks
    the guardian."""
    return seat.role in ASKED and (not seat.seat.age or seat.seat.age == Age.CHILD)


def age_open(seat: SeatState) -> bool:
    """Whether something about their age is still to be answered before they are asked anything else."""
    return seat.role in ASKED and (not seat.age or unconsented(seat))


def unconsented(seat: SeatState) -> bool:
    """A child for whom no guardian has agreed."""
    return seat.age == Age.CHILD and not seat.guardian_text


def guarded(session: Session, ward: SeatState) -> bool:
    """A guardian of theirs is in the room, or they need none."""
    if ward.role is not Role.CONSUMER or decides_alone(session, ward):
        return True
    own = (seat for seat in session.seats.values() if seat.side == ward.side and session.attends(seat))
    return any(is_guardian(session, seat) for seat in own)


def is_guardian(session: Session, seat: SeatState) -> bool:
    held = session.draft.authorities.get(seat.id)
    return held.capacity is Capacity.GUARDIAN if held is not None else bool(seat.seat.guardian)


def admitted(session: Session, seat: SeatState) -> list[e.SessionEvent]:
    """What goes with letting a guardian in: the capacity in which they act, once."""
    if not seat.seat.guardian or seat.id in session.draft.authorities:
        return []
    return [e.AuthorityRecorded(seat.id, Capacity.GUARDIAN, False, seat.seat.guardian)]


def state_age(command: c.StateAge, seat: SeatState) -> list[e.SessionEvent]:
    """GuardianNeeded for a child whose guardian has not agreed; Missing without the guardian's name."""
    if seat.in_room:
        raise WrongState(status=seat.status.value)
    if seat.role not in ASKED or command.age not in frozenset(Age):
        raise BadValue(field="age")
    told: list[e.SessionEvent] = [] if seat.age == command.age else [e.AgeStated(seat.id, command.age)]
    if command.age not in MINORS:
        return told
    name, relation = line(command.guardian, "guardian", MOST_NAME), line(command.relation, "relation", MOST_NAME)
    text = optional(command.text, "text", MOST_NAME) if command.consents else ""
    if command.age == Age.CHILD and not text:
        raise GuardianNeeded
    if (seat.guardian, seat.guardian_relation, seat.guardian_text) != (name, relation, text):
        told.append(e.GuardianNamed(seat.id, name, relation, text))
    return told


ABSENCE = timedelta(minutes=10)
"""Away for so long, a person has left; until then the seat is kept."""

MODES = frozenset({"video", "audio", "text"})
METHODS = frozenset({"code", "officer", "call", "dial_in"})
OUTCOMES = frozenset({"match", "no_match", "unavailable"})
MOVES = frozenset({"token", "code", "voice"})
HELP = frozenset({"no_code", "other_number"})
MOST_FINDINGS = 16
MOST_FINDING = 80

_COMING = frozenset({SeatStatus.INVITED, SeatStatus.LEFT})
_INSIDE = frozenset({SeatStatus.WAITING, SeatStatus.PRESENT, SeatStatus.RECONNECTING})


def decide_joining(command: c.JoiningCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    match command:
        case c.AnswerConsent():
            return answer_consent(command, session, who.seat)
        case c.WithdrawConsent():
            return withdraw_consent(command, session, who)
        case c.GiveConsent():
            return give_consent(command, session, who)
        case c.AskOtherTime():
            return ask_other_time(command, session, who.seat)
        case c.NoteCodeSent():
            return [e.CodeSent(who.seat)]
        case c.ConfirmIdentity():
            return confirm_identity(command, session, who.seat)
        case c.NoteRealName():
            return note_real_name(command, session, who.seat)
        case c.StateAge():
            return state_age(command, _known(session.seats[who.seat]))
        case c.ConfirmByVoice():
            return confirm_by_voice(command, session)
        case c.MoveSeat():
            return move_seat(command, session, who.seat)
        case c.AskHelp():
            return ask_help(command, session, who.seat)
        case c.ChooseName():
            return choose_name(command, session, who.seat)
        case c.CheckDevice():
            return check_device(command, session, who.seat)
        case c.Arrive(card=card):
            return arrive_mediator(session, card) if who.mediator else arrive(session, who.seat)
        case c.Admit():
            return admit(command.seat, session, now)
        case c.AdmitAll():
            return admit_all(session, now)
        case c.SendBack():
            return send_back(command, session)
        case c.Leave():
            return leave(session, who.seat)
        case c.Remove():
            return remove(command, session)
        case c.Observe():
            return observe(command, session)
        case c.NoteConnection():
            return note_connection(command, session, now)
        case _:
            assert_never(command)


def answer_consent(command: c.AnswerConsent, session: Session, own: str) -> list[SessionEvent]:
    seat = _known(session.seats[own])
    if seat.in_room:
        raise WrongState(status=seat.status.value)  # there it is given or withdrawn
    return _answered(seat, command.kind, command.given, command.text, command.handler)


def give_consent(command: c.GiveConsent, session: Session, who: Asker) -> list[SessionEvent]:
    """Not to taking part: that is asked on the way in, where its text is shown."""
    if command.kind is Consent.PARTICIPATE or (who.mediator and command.kind is not Consent.TRANSCRIBE):
        raise BadValue(field="kind")
    seat = session.seats[who.seat]
    return _answered(seat if who.mediator else _known(seat), command.kind, True, command.text)


def _answered(seat: SeatState, kind: Consent, given: bool, text: str, handler: str = "") -> list[SessionEvent]:
    if given and unconsented(seat):
        raise GuardianNeeded  # PIPL Art 31
    # Who says no without being shown a text names none.
    text = line(text, "text", MOST_NAME) if given else optional(text, "text", MOST_NAME)
    # The same answer to another text is another answer.
    if seat.answered(kind) == (given, text):
        return []
    handler = optional(handler, "handler", MOST_LINE)
    answer = e.ConsentGiven if given else e.ConsentRefused
    return [answer(seat.id, kind, text, handler)]


def withdraw_consent(command: c.WithdrawConsent, session: Session, who: Asker) -> list[SessionEvent]:
    """On duty, the mediator takes part and is recorded; of their own words they decide."""
    if who.mediator and command.kind is not Consent.TRANSCRIBE:
        raise BadValue(field="kind")
    own, seat = who.seat, session.seats[who.seat]
    given = seat.consents_to_transcribe if command.kind is Consent.TRANSCRIBE else seat.answered(command.kind)[0]
    if not given:
        return []
    withdrawn: list[SessionEvent] = [e.ConsentWithdrawn(own, command.kind)]
    if command.kind is Consent.PARTICIPATE and seat.status in _INSIDE:
        withdrawn.append(e.Left(own))
    return withdrawn


def ask_other_time(command: c.AskOtherTime, session: Session, own: str) -> list[SessionEvent]:
    wish, seat = line(command.wish, "wish"), _known(session.seats[own])
    same = (seat.wish, seat.wish_starts) == (wish, command.starts)
    return [] if same else [e.OtherTimeAsked(own, wish, command.starts)]


def confirm_identity(command: c.ConfirmIdentity, session: Session, own: str) -> list[SessionEvent]:
    seat = _not_removed(session.seats[own])
    if command.method not in METHODS:
        raise BadValue(field="method")
    if seat.real_name_due or (seat.confirmed and not seat.by_voice):
        return []
    return [e.IdentityConfirmed(own, command.method, command.real_name)]


def note_real_name(command: c.NoteRealName, session: Session, own: str) -> list[SessionEvent]:
    seat = _not_removed(session.seats[own])
    if command.result not in OUTCOMES:
        raise BadValue(field="result")
    if not seat.real_name_due or seat.real_name_due != command.service:
        raise WrongState(status=seat.status.value)
    return [e.RealNameChecked(own, command.service, command.result)]


def confirm_by_voice(command: c.ConfirmByVoice, session: Session) -> list[SessionEvent]:
    """Every time, also of who is confirmed already: each time another device takes the seat."""
    seat = _not_removed(seat_of(session, command.seat))
    if seat.signs_in:
        raise NotAllowed
    if not seat.link:
        raise WrongState(status=seat.status.value)
    return [e.IdentityConfirmedByVoice(seat.id, recognition(command.recognised))]


def move_seat(command: c.MoveSeat, session: Session, own: str) -> list[SessionEvent]:
    seat = _known(session.seats[own])
    if command.way not in MOVES:
        raise BadValue(field="way")
    device = line(command.device, "device", MOST_NAME)
    return [] if seat.device == device else [e.SeatMoved(own, device, command.way)]


def ask_help(command: c.AskHelp, session: Session, own: str) -> list[SessionEvent]:
    seat = _not_removed(session.seats[own])
    if command.why not in HELP:
        raise BadValue(field="why")
    return [] if seat.help == command.why else [e.HelpAsked(own, command.why)]


def choose_name(command: c.ChooseName, session: Session, own: str) -> list[SessionEvent]:
    seat, name = _not_removed(session.seats[own]), line(command.name, "name", MOST_NAME)
    if seat.in_room:
        raise WrongState(status=seat.status.value)  # nobody changes their name before the others' eyes
    return [] if seat.name == name else [e.NameChosen(own, name)]


def check_device(command: c.CheckDevice, session: Session, own: str) -> list[SessionEvent]:
    seat = session.seats[own]
    if command.mode not in MODES:
        raise BadValue(field="mode")
    if len(command.findings) > MOST_FINDINGS or any(len(finding) > MOST_FINDING for finding in command.findings):
        raise TooLong(field="findings", most=MOST_FINDINGS)
    same = (seat.mode, seat.findings) == (command.mode, command.findings)
    checked: list[SessionEvent] = [] if same else [e.DeviceChecked(own, command.mode, command.findings)]
    if command.arrives:
        with contextlib.suppress(DoorLocked):  # the room's own page says so, and has the button to knock again
            return [*checked, *arrive(session, own)]
    return checked


def arrive_mediator(session: Session, card: e.ScriptCard | None) -> list[SessionEvent]:
    """The mediator's coming opens a scheduled session; nobody lets them in."""
    seat = session.seats[session.mediator_seat]
    if seat.in_room:
        return []
    opened: list[SessionEvent] = []
    if session.status is Status.SCHEDULED:
        opened = [e.SessionOpened(), e.PhaseEntered(Phase.OPENING)]
    taken = [e.CardTaken(card)] if card is not None and session.card is None else []
    return [*opened, e.Arrived(seat.id), e.Admitted(seat.id), *taken]


def arrive(session: Session, own: str) -> list[SessionEvent]:
    seat = _not_removed(session.seats[own])
    if seat.status in _INSIDE:
        return []
    if not seat.participate or seat.status not in _COMING:
        raise ConsentNeeded
    if not seat.confirmed:
        raise IdentityNeeded
    if session.locked and not seat.been_inside:
        raise DoorLocked
    return [e.Arrived(own)]


def admit(id: str, session: Session, now: datetime) -> list[SessionEvent]:
    seat = seat_of(session, id)
    if seat.in_room:
        return []
    if seat.status is not SeatStatus.WAITING:
        raise WrongState(status=seat.status.value)
    if not guarded(session, seat):
        raise GuardianMissing(seat=seat.id)
    if seat.seat.until is not None and now >= seat.seat.until:
        raise AuthorityOver(seat=seat.id)
    by_eye = [e.RealNameChecked(seat.id, "", "by_eye")] if seat.real_name == "unavailable" else []
    return [*by_eye, e.Admitted(seat.id), *admitted(session, seat)]


def admit_all(session: Session, now: datetime) -> list[SessionEvent]:
    """ConsentNeeded, GuardianMissing, AuthorityOver only where nobody who waits may come in."""
    waiting = [seat for seat in session.seats.values() if seat.status is SeatStatus.WAITING]
    # Guardians first: a minor may come in with the one who waits beside them.
    waiting.sort(key=lambda seat: (not is_guardian(session, seat), seat.waiting_since or now))
    found: list[SessionEvent] = []
    here, refused = session, list[DomainError]()
    for seat in waiting:
        try:
            if seat.participate is not True or seat.record is None:
                raise ConsentNeeded
            found += admit(seat.id, here, now)
        except (ConsentNeeded, GuardianMissing, AuthorityOver) as no:
            refused.append(no)
            continue
        entered = replace(seat, status=SeatStatus.PRESENT)
        here = replace(here, seats={**here.seats, seat.id: entered})
    if refused and not found:
        raise refused[0]
    return found


def send_back(command: c.SendBack, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if seat.status is not SeatStatus.WAITING:
        raise WrongState(status=seat.status.value)
    return [e.SentBack(seat.id)]


def leave(session: Session, own: str) -> list[SessionEvent]:
    return [e.Left(own)] if session.seats[own].status in _INSIDE else []


def remove(command: c.Remove, session: Session) -> list[SessionEvent]:
    seat, reason = seat_of(session, command.seat), line(command.reason, "reason")
    if seat.role in (Role.MEDIATOR, Role.SUPERVISOR):
        raise NotAllowed  # nobody puts out who oversees them
    if seat.status is SeatStatus.REMOVED:
        return []
    return [e.Removed(seat.id, reason)]


def note_connection(command: c.NoteConnection, session: Session, now: datetime) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if session.over or seat.status not in _INSIDE:
        return []
    if command.connected:
        return [] if seat.away_since is None else [e.Reconnected(seat.id)]
    if seat.away_since is None:
        return [] if command.cause == "absent" else [e.Disconnected(seat.id, command.cause)]
    absent = command.cause == "absent" and now - seat.away_since >= ABSENCE
    return [e.Left(seat.id)] if absent else []


def ended_by(code: str, seat: SeatState) -> str:
    """The cause of being away of somebody who was put out with this code (docs/wire.md)."""
    if seat.signs_in:
        return "signed_out" if code == "sign_in_needed" else "withheld"
    if code in ("link_revoked", "link_used"):
        return "link_replaced" if seat.link else "link_revoked"
    return "link_ended"


def decide_telephone(command: c.TelephoneCommand, session: Session, who: Asker) -> list[SessionEvent]:
    """What is about another call than the seat's changes nothing."""
    match command:
        case c.BeginCall(call=call, way=way):
            return begin_call(_not_removed(seat_of(session, command.seat)), line(call, "call", MOST_NAME), way)
        case c.NoteCall(call=call, state=state):
            seat = seat_of(session, command.seat)
            if state not in STATES:
                raise BadValue(field="state")
            news = seat.call == call and seat.call_state not in (state, "answered")
            return [e.CallProgressed(seat.id, call, state)] if news else []
        case c.KeyConsent(call=call, kind=kind, key=key, sound=sound):
            seat = _known(session.seats[who.seat])
            if key not in KEYS or seat.call != call or seat.call_state != "answered":
                raise BadValue(field="key")
            if sound is not None and not (command.given and sound.path.startswith(f"{session.id}/{seat.id}/")):
                raise BadValue(field="sound")
            answered = _answered(seat, kind, command.given, command.text, command.handler)
            if not answered:
                return []
            told = [*answered, e.ConsentKeyed(seat.id, call, kind, key)]
            return told if sound is None else [*told, _spoken(seat.id, call, kind, sound)]
        case c.EndCall(call=call, cause=cause):
            if cause not in CAUSES:
                raise BadValue(field="cause")
            seat = seat_of(session, command.seat)
            return [e.CallEnded(seat.id, call, cause)] if seat.call == call else []
        case _:
            assert_never(command)


def _spoken(seat: str, call: str, kind: Consent, sound: c.AnswerSound) -> e.ConsentSpoken:
    return e.ConsentSpoken(
        seat, call, kind, sound.path, sound.sha256, sound.size, sound.started, sound.ended, sound.audible_ms,
        sound.stored_sha256, sound.stored_size, sound.sm3,
    )  # fmt: skip


def begin_call(seat: SeatState, call: str, way: str) -> list[SessionEvent]:
    if seat.signs_in or way not in CALL_WAYS:
        raise BadValue(field="seat" if seat.signs_in else "way")
    if seat.call:
        raise CallUnderWay(seat=seat.id)
    if seat.status in _INSIDE and seat.away_since is None:
        raise SeatPresent(seat=seat.id)
    return [e.CallBegun(seat.id, call, way)]


def _known(seat: SeatState) -> SeatState:
    """Nothing is anybody's answer before they have shown who they are: whoever finds a link may be behind it."""
    if not _not_removed(seat).confirmed:
        raise IdentityNeeded
    return seat


def _not_removed(seat: SeatState) -> SeatState:
    if seat.status is SeatStatus.REMOVED:
        raise SeatRemoved
    return seat


# ------------------------------------------------------------ a supervisor who looks on


SIDES: Final = tuple(side.value for side in Side)

TOLD: Final = (
    e.ObservationBegun,
    e.Admitted,
    e.Left,
    e.Removed,
    e.Disconnected,
    e.Reconnected,
    e.PhaseEntered,
    e.OpeningCovered,
    e.RecessStarted,
    e.RecessEnded,
    e.CaucusStarted,
    e.CaucusEnded,
    e.ConsultingStarted,
    e.ConsultingEnded,
    e.Muted,
    e.Unmuted,
    e.CameraSet,
    e.BackgroundSet,
    e.ScreenShared,
    e.ScreenStopped,
    e.SpeakingStarted,
    e.SpeakingStopped,
    e.RecordingStarted,
    e.RecordingStopped,
    e.RecordingFailed,
    e.SessionClosed,
)
"""What somebody who looks on is told of: who comes and goes, how far it is, who is heard."""


_WITHHELD: Final[Mapping[str, Any]] = {
    "slips": [],
    "outcome": None,
    "exhibits": {"list": [], "shown": None, "floor": ""},
    "signing": None,
    "documents": [],
    "proofs": [],
}


def observe(command: c.Observe, session: Session) -> list[SessionEvent]:
    """Let whoever oversees the office look on: openly, and at what is everybody's only (Order 121 Art 26).

    They come in by themselves, with a reason; no mediator lets them in or keeps them out. There is no way in that is
    not announced: what brings a supervisor's seat into the room is `ObservationBegun` itself, which everybody in the
    room is told, and `rooms.media.rules` gives them nothing without it (`may_receive`). They send nothing,
    belong to no private talk, and of what goes between people see neither messages nor exhibits nor drafts. RoomFull:
    all seats are taken; a supervisor is one of the eight.
    """
    if not session.under_way:
        raise WrongState(status=session.status.value)
    reason = line(command.reason, "reason")
    own = session.observing_seat(command.officer)
    if own and session.seats[own].in_room:
        return []
    if session.taken >= MOST_SEATS:
        raise RoomFull(most=MOST_SEATS)
    seat = own or command.seat
    added = [] if own else [e.SeatAdded(Seat(seat, Role.SUPERVISOR, command.name, organisation=command.organisation))]
    return [*added, e.ObservationBegun(seat, command.officer, reason)]


def may_receive(seat: SeatState) -> bool:
    """Whether this seat may receive anything: whoever oversees only while the room has been told."""
    return seat.role is not Role.SUPERVISOR or bool(seat.observing)


def onlooker(part: dict[str, Any]) -> dict[str, Any]:
    """A part of a view of somebody in the room, without what goes between the people in it."""
    if "draft" in part:
        nothing = {"clauses": [], "removed": [], "facts": [], "claims": dict.fromkeys(SIDES, "")}
        return {"draft": {**part["draft"], **nothing}}
    return {member: _WITHHELD.get(member, value) for member, value in part.items()}
