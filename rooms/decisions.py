"""What follows from asking something of a session: facts, or a refusal.

`decide` is pure. It checks rights and the session's status once for every command, lets the topic decide
(invitations, joining, floor, outcome, recording), and adds what follows by itself: whoever may no longer be
heard stops speaking, whoever may no longer be recorded is no longer recorded, changed routes are stated.
Asking for what is already so yields nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from journal import Actor
from rooms import commands as c
from rooms import events as e
from rooms import floor, invitations, joining, keeping, network, notes, outcome, recording
from rooms.codec import Happened
from rooms.errors import AlreadyClosed, NotAllowed, NotInRoom, UnknownSession, WrongState
from rooms.events import SessionEvent
from rooms.rights import IN_ROOM, RIGHTS, Asker, asker, scheduler
from rooms.routing import matrix
from rooms.session import Session, evolve
from rooms.vocabulary import SeatStatus, Status

_ABOUT_THE_RECORD = (c.NoteExport, c.NoteView, c.AddNote, c.PlaceHold, c.LiftHold, c.OrderErasure, c.NoteErased)


def decide(command: c.Command, session: Session | None, actor: Actor, now: datetime) -> list[SessionEvent]:
    """The events to append, none when it is so already. RoomError."""
    if isinstance(command, c.Schedule):
        _right(command, scheduler(command.office, actor))
        return invitations.schedule(command, session)
    if session is None:
        raise UnknownSession
    who = asker(session, actor)
    _right(command, who)
    _open(command, session)
    if type(command) in IN_ROOM and who.seat and not session.seats[who.seat].in_room:
        raise NotInRoom
    events = _decided(command, session, who, now)
    return [*events, *_following(session, events, actor, now)] if events else []


def _right(command: c.Command, who: Asker) -> None:
    if not RIGHTS[type(command)] & who.standings:
        raise NotAllowed


def _open(command: c.Command, session: Session) -> None:
    """A session that is over takes only what is about its record."""
    if not session.over or isinstance(command, _ABOUT_THE_RECORD):
        return
    if session.status is Status.CANCELLED:
        raise WrongState(status=session.status.value)
    ebbing = isinstance(command, c.NoteConnection) and not command.connected
    if not (ebbing or isinstance(command, c.Correct | c.NoteRecording)):
        raise AlreadyClosed


def _decided(command: Later, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    match command:
        case c.Cancel():
            return invitations.cancel(command, session)
        case c.AddSeat():
            return invitations.add_seat(command, session)
        case c.IssueLink():
            return invitations.issue_link(command, session, now)
        case c.RevokeLink():
            return invitations.revoke_link(command, session)
        case c.OpenLink():
            return invitations.open_link(command, session, who.seat, now)
        case c.AnswerConsent():
            return joining.answer_consent(command, session, who.seat)
        case c.WithdrawConsent():
            return joining.withdraw_consent(command, session, who.seat)
        case c.GiveConsent():
            return joining.give_consent(command, session, who.seat)
        case c.AskOtherTime():
            return joining.ask_other_time(command, session, who.seat)
        case c.NoteCodeSent():
            return [e.CodeSent(who.seat)]
        case c.ConfirmIdentity():
            return joining.confirm_identity(command, session, who.seat)
        case c.ChooseName():
            return joining.choose_name(command, session, who.seat)
        case c.CheckDevice():
            return joining.check_device(command, session, who.seat)
        case c.Arrive():
            return joining.arrive_mediator(session) if who.mediator else joining.arrive(session, who.seat)
        case c.Admit():
            return joining.admit(command, session)
        case c.SendBack():
            return joining.send_back(command, session)
        case c.Leave():
            return joining.leave(session, who.seat)
        case c.Remove():
            return joining.remove(command, session)
        case c.NoteConnection():
            return joining.note_connection(command, session, now)
        case c.CoverOpening():
            return floor.cover_opening(command, session)
        case c.EnterPhase():
            return floor.enter_phase(command, session)
        case c.StartRecess():
            return floor.start_recess(session)
        case c.EndRecess():
            return floor.end_recess(session)
        case c.SetDoor():
            return floor.set_door(command, session)
        case c.Mute():
            return floor.mute(command, session, who)
        case c.Unmute():
            return floor.unmute(session, who.seat)
        case c.AskUnmute():
            return floor.ask_unmute(command, session)
        case c.SetHand():
            return floor.set_hand(command, session, who.seat)
        case c.SetCamera():
            return floor.set_camera(command, session, who.seat)
        case c.SetScreen():
            return floor.set_screen(command, session, who.seat)
        case c.Say():
            return floor.say(command, session, who)
        case c.NoteSpeaking():
            return floor.note_speaking(command, session)
        case c.NotePictures():
            return network.note_pictures(command, session)
        case c.NoteQuality():
            return network.note_quality(command, session)
        case c.ProposeOutcome():
            return outcome.propose(command, session, now)
        case c.TakeBackOutcome():
            return outcome.take_back(session)
        case c.SeeOutcome():
            return outcome.see(session, who.seat)
        case c.Close():
            return outcome.close(command, session)
        case c.Correct():
            return outcome.correct(command, session)
        case c.AddNote():
            return notes.add(command, session)
        case c.NoteRecording():
            return recording.note(command.fact, session)
        case c.Resume():
            return recording.resume(session)
        case c.NoteExport(kind=kind, export=export, sha256=digest, size=size):
            return [e.Exported(kind, export, digest, size)]
        case c.NoteView():
            return [e.Viewed(command.part)]
        case c.PlaceHold():
            return keeping.place_hold(command, session)
        case c.LiftHold():
            return keeping.lift_hold(command, session)
        case c.OrderErasure():
            return keeping.order_erasure(command, session)
        case c.NoteErased():
            return keeping.note_erased(command, session)
        case _:
            assert_never(command)


def _following(session: Session, events: Sequence[SessionEvent], actor: Actor, now: datetime) -> list[SessionEvent]:
    after = session
    for event in events:
        after = evolve(after, Happened(after.id, after.version + 1, event, now, actor))
    routes = matrix(after)
    following: list[SessionEvent] = []
    for seat in after.seats.values():
        if seat.speaking_since is not None and not floor.may_speak(after, seat):
            following.append(e.SpeakingStopped(seat.id))
        if seat.recording and seat.id not in routes.recorded:
            following.append(e.RecordingStopped(seat.id, _cause(after, seat.id)))
    if routes != after.routed:
        following.append(e.Routed(dict(routes.hears), dict(routes.sees), routes.recorded))
    return following


def _cause(after: Session, seat: str) -> str:
    if after.over:
        return "closed"
    if after.status is Status.RECESS:
        return "recess"
    if after.seats[seat].status in (SeatStatus.LEFT, SeatStatus.REMOVED, SeatStatus.REFUSED):
        # Withdrawing from taking part withdraws from being recorded; leaving does not.
        return "consent" if after.seats[seat].participate is False else "left"
    return "consent"


Later = (
    c.Cancel
    | c.AddSeat
    | c.IssueLink
    | c.RevokeLink
    | c.OpenLink
    | c.AnswerConsent
    | c.WithdrawConsent
    | c.GiveConsent
    | c.AskOtherTime
    | c.NoteCodeSent
    | c.ConfirmIdentity
    | c.ChooseName
    | c.CheckDevice
    | c.Arrive
    | c.Admit
    | c.SendBack
    | c.Leave
    | c.Remove
    | c.CoverOpening
    | c.EnterPhase
    | c.StartRecess
    | c.EndRecess
    | c.SetDoor
    | c.Mute
    | c.Unmute
    | c.AskUnmute
    | c.SetHand
    | c.SetCamera
    | c.SetScreen
    | c.Say
    | c.ProposeOutcome
    | c.TakeBackOutcome
    | c.SeeOutcome
    | c.Close
    | c.Correct
    | c.AddNote
    | c.NoteConnection
    | c.NoteSpeaking
    | c.NotePictures
    | c.NoteQuality
    | c.NoteRecording
    | c.NoteExport
    | c.NoteView
    | c.PlaceHold
    | c.LiftHold
    | c.OrderErasure
    | c.NoteErased
    | c.Resume
)
