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
from law.modes import ROOM
from rooms import commands as c, events as e
from rooms.agreement import outcome, rules as agreement_rules
from rooms.caucus import rules as caucus_rules
from rooms.codec import SessionEntry
from rooms.concessions import rules as concessions_rules
from rooms.errors import AlreadyClosed, NotAllowed, NotInRoom, UnknownSession, WrongState
from rooms.events import SessionEvent
from rooms.exhibits import rules as exhibits_rules
from rooms.floor import rules as floor_rules
from rooms.joining import invitations, rules as joining_rules
from rooms.media import rules as media_rules
from rooms.media.routing import matrix
from rooms.presenting import rules as presenting_rules
from rooms.record import rules as record_rules
from rooms.rights import IN_ROOM, RIGHTS, Asker, asker, scheduler
from rooms.session import Session, evolve
from rooms.signing import rules as signing_rules
from rooms.vocabulary import SeatStatus, Status

_ABOUT_THE_RECORD = (
    c.NoteExport, c.NoteView, c.GrantViewing, c.NoteViewing,
    c.AddNote, c.CorrectEntry, c.PlaceHold, c.LiftHold, c.OrderErasure, c.NoteErased,
)  # fmt: skip


def decide(command: c.Command, session: Session | None, actor: Actor, now: datetime) -> list[SessionEvent]:
    """The events to append, none when it is so already. RoomError."""
    if isinstance(command, c.Schedule):
        _right(command, scheduler(command.office, actor))
        return invitations.schedule(command, session)
    if session is None:
        raise UnknownSession
    who = asker(session, actor)
    _right(command, who)
    if isinstance(command, c.Observe) and command.officer != actor.id:
        raise NotAllowed
    _open(command, session)
    by_link = session.held is not None and isinstance(command, c.SigningCommand)  # there was no room to be in
    if type(command) in IN_ROOM and who.seat and not by_link and not session.seats[who.seat].in_room:
        raise NotInRoom
    events = _decided(command, session, who, now)
    return [*events, *_following(session, events, actor, now)] if events else []


def _right(command: c.Command, who: Asker) -> None:
    if not RIGHTS[type(command)] & who.standings:
        raise NotAllowed


def _open(command: c.Command, session: Session) -> None:
    """A session that is over takes only what is about its record; one that is held elsewhere has no room to come to."""
    if session.mode != ROOM and isinstance(command, c.JoiningCommand | c.OpenLink | c.IssueLink):
        raise WrongState(status=session.mode)
    if not session.over or isinstance(command, _ABOUT_THE_RECORD):
        return
    if session.status is Status.CANCELLED:
        raise WrongState(status=session.status.value)
    if session.held is not None and isinstance(command, c.SigningCommand):
        return  # what was agreed without a room is signed afterwards
    ebbing = isinstance(command, c.NoteConnection) and not command.connected
    if not (ebbing or isinstance(command, c.Correct | c.NoteRecording | c.NoteExhibit | c.SealDocument | c.NoteCopy)):
        raise AlreadyClosed


def _decided(command: c.Later, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    if isinstance(command, c.InvitationCommand):
        return invitations.decide_invitation(command, session, who, now)
    if isinstance(command, c.JoiningCommand):
        return joining_rules.decided(command, session, who, now)
    if isinstance(command, c.FloorCommand):
        return floor_rules.decided(command, session, who, now)
    if isinstance(command, c.CirclesCommand):
        return caucus_rules.decided(command, session, who, now)
    if isinstance(command, concessions_rules.SlipCommand):
        return concessions_rules.decide_slip(command, session, who)
    if isinstance(command, concessions_rules.GapCommand):
        return concessions_rules.decide_gap(command, session, who)
    if isinstance(command, c.NetworkCommand):
        return media_rules.decide_network(command, session)
    if isinstance(command, c.RecordingCommand):
        return media_rules.decide_recording(command, session)
    if isinstance(command, c.OutcomeCommand):
        return outcome.decided(command, session, who, now)
    if isinstance(command, c.RecordCommand):
        return record_rules.decided(command, session)
    if isinstance(command, c.AgreementCommand):
        return agreement_rules.decided(command, session, who, now)
    if isinstance(command, c.LawCommand):
        return presenting_rules.decide_law(command, session.shown_law)
    if isinstance(command, c.TypicalCommand):
        return presenting_rules.decide_typical(command, session.shown_typical)
    if isinstance(command, c.ScriptCommand):
        return presenting_rules.decide_script(command, session.checked)
    if isinstance(command, c.AssistanceCommand):
        return invitations.decide_assistance(command, session, who)
    if isinstance(command, c.ExhibitCommand):
        return exhibits_rules.decided(command, session, who)
    if isinstance(command, c.ElsewhereCommand):
        return agreement_rules.decide_held_elsewhere(command, session, now)
    if isinstance(command, c.SigningCommand):
        return signing_rules.decided(command, session, who)
    assert_never(command)


def _following(session: Session, events: Sequence[SessionEvent], actor: Actor, now: datetime) -> list[SessionEvent]:
    after = _evolved(session, events, actor, now)
    following = caucus_rules.caucus_ended(after)
    after = _evolved(after, following, actor, now)
    stopped = caucus_rules.stop_screens(session, after)
    after = _evolved(after, stopped, actor, now)
    following += stopped
    voided = signing_rules.voiding(after)
    after = _evolved(after, voided, actor, now)
    following += voided
    routes = matrix(after)
    if agreement_rules.overtaken(after):
        following.append(e.OutcomeTakenBack())
    for seat in after.seats.values():
        if seat.speaking_since is not None and not floor_rules.may_speak(after, seat):
            following.append(e.SpeakingStopped(seat.id))
        if seat.recording and seat.id not in routes.recorded:
            following.append(e.RecordingStopped(seat.id, _cause(after, seat.id)))
    following += exhibits_rules.following(after)
    if routes != after.routed:
        following.append(e.Routed(dict(routes.hears), dict(routes.sees), routes.recorded))
    return following


def _evolved(session: Session, events: Sequence[SessionEvent], actor: Actor, now: datetime) -> Session:
    for event in events:
        session = evolve(session, SessionEntry(session.id, session.version + 1, event, now, actor))
    return session


def _cause(after: Session, seat: str) -> str:
    if after.over:
        return "closed"
    if after.status is Status.RECESS:
        return "recess"
    if after.caucus is not None:
        return "caucus"
    if after.circles.partner(seat):
        return "consulting"
    if after.seats[seat].status in (SeatStatus.LEFT, SeatStatus.REMOVED, SeatStatus.REFUSED):
        # Withdrawing from taking part withdraws from being recorded; leaving does not.
        return "consent" if after.seats[seat].participate is False else "left"
    return "consent"
