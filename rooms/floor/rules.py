"""Decisions in the room: procedure, door, microphones, cameras, screens, hands, chat, and what is shown to everybody.

Articles, typical cases and the texts that go with the room's questions are filled into commands by the room itself:
nobody brings a text, or an edition of one, of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from journal import Actor
from journal.refusals import NotAllowed, WrongState
from law.library import library
from rooms import MOST_TEXT, InCaucus, Moved, NotInRoom, commands as c, events as e, line
from rooms.caucus.rules import members, outside
from rooms.events import SessionEvent
from rooms.floor import state as floor_state
from rooms.floor.state import article_leaf
from rooms.joining import consents
from rooms.seats import SeatState
from rooms.session import Asker, Session, seat_of
from rooms.vocabulary import SENDING, Role, SeatStatus, Status


def decide_floor(command: c.FloorCommand, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    match command:
        case c.CoverOpening():
            return cover_opening(command, session)
        case c.EnterPhase():
            return enter_phase(command, session)
        case c.StartRecess():
            return start_recess(session)
        case c.EndRecess():
            return end_recess(session)
        case c.SetDoor():
            return set_door(command, session)
        case c.Mute():
            return mute(command, session, who)
        case c.Unmute():
            return unmute(session, who.seat)
        case c.AskUnmute():
            return ask_unmute(command, session)
        case c.SetHand():
            return set_hand(command, session, who.seat)
        case c.SetCamera():
            return set_camera(command, session, who.seat)
        case c.SetBackground():
            return set_background(command, session, who.seat)
        case c.SetScreen():
            return set_screen(command, session, who.seat)
        case c.Say():
            return say(command, session, who, now)
        case c.NoteSpeaking():
            return note_speaking(command, session)
        case _:
            assert_never(command)


def cover_opening(command: c.CoverOpening, session: Session) -> list[SessionEvent]:
    if (command.item in session.covered) is command.done:
        return []
    return [e.OpeningCovered(command.item, command.done)]


def enter_phase(command: c.EnterPhase, session: Session) -> list[SessionEvent]:
    if session.status is not Status.LIVE:
        raise WrongState(status=session.status.value)
    if session.caucus is not None:
        raise InCaucus  # a phase is everybody's
    return [] if session.phase is command.phase else [e.PhaseEntered(command.phase)]


def start_recess(session: Session) -> list[SessionEvent]:
    """A room that has not been opened has nothing to interrupt."""
    return [e.RecessStarted()] if session.status is Status.LIVE else []


def end_recess(session: Session) -> list[SessionEvent]:
    return [e.RecessEnded()] if session.status is Status.RECESS else []


def set_door(command: c.SetDoor, session: Session) -> list[SessionEvent]:
    if session.locked is command.locked:
        return []
    return [e.DoorLocked() if command.locked else e.DoorUnlocked()]


def mute(command: c.Mute, session: Session, who: Asker) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if seat.id != who.seat and not who.mediator:
        raise NotAllowed
    return [] if _inside(seat).muted else [e.Muted(seat.id, who.seat)]


def unmute(session: Session, own: str) -> list[SessionEvent]:
    return [e.Unmuted(own)] if session.seats[own].muted else []


def ask_unmute(command: c.AskUnmute, session: Session) -> list[SessionEvent]:
    seat = _inside(seat_of(session, command.seat))
    return [e.UnmuteAsked(seat.id)] if seat.muted else []


def set_hand(command: c.SetHand, session: Session, own: str) -> list[SessionEvent]:
    if session.seats[own].hand is command.raised:
        return []
    return [e.HandRaised(own) if command.raised else e.HandLowered(own)]


def set_camera(command: c.SetCamera, session: Session, own: str) -> list[SessionEvent]:
    return [] if session.seats[own].camera is command.on else [e.CameraSet(own, command.on)]


def set_background(command: c.SetBackground, session: Session, own: str) -> list[SessionEvent]:
    same = session.seats[own].background == command.background
    return [] if same else [e.BackgroundSet(own, command.background.value)]


def set_screen(command: c.SetScreen, session: Session, own: str) -> list[SessionEvent]:
    if session.seats[own].screen is command.on:
        return []
    if command.on and outside(session, own):
        raise InCaucus  # nobody would see it, and everybody all at once afterwards
    return [e.ScreenShared(own) if command.on else e.ScreenStopped(own)]


def say(command: c.Say, session: Session, who: Asker, now: datetime) -> list[SessionEvent]:
    text = line(command.text, "text", MOST_TEXT)
    if command.to:
        addressed = seat_of(session, command.to)
        to_mediator = command.to == session.mediator_seat
        if command.to == who.seat or not (who.mediator or to_mediator) or addressed.role is Role.SUPERVISOR:
            raise NotAllowed  # parties do not whisper past the mediator, nobody to who oversees
    floor_state.allow(session.written, who.seat, text, now)
    if session.caucus is not None:
        return [_confided(command, text, session, who.seat)]
    if not command.to and command.caucus:
        raise Moved
    return [e.Said(who.seat, text, command.to)]


def _confided(command: c.Say, text: str, session: Session, own: str) -> e.Confided:
    """Written while a private talk is on, by its members or by those who wait: to each what they could read."""
    number = 0 if session.caucus is None else session.caucus.number
    if command.to:
        return e.Confided(own, text, command.to, number, (own, command.to))
    if outside(session, own):
        raise InCaucus  # they can write to the mediator
    if command.caucus != number:
        raise Moved
    return e.Confided(own, text, "", number, members(session))


def may_speak(session: Session, seat: SeatState) -> bool:
    live = session.status is Status.LIVE and seat.status is SeatStatus.PRESENT
    if outside(session, seat.id) or seat.id in session.circles.partners:
        return False  # nobody at the table hears it
    return live and seat.role in SENDING and not seat.muted


def note_speaking(command: c.NoteSpeaking, session: Session) -> list[SessionEvent]:
    seat = seat_of(session, command.seat)
    if not command.speaking:
        return [] if seat.speaking_since is None else [e.SpeakingStopped(seat.id)]
    # What reaches us late, from a microphone just muted or a person just gone, is not speaking in this room.
    heard = seat.speaking_since is None and may_speak(session, seat)
    return [e.SpeakingStarted(seat.id)] if heard else []


def _inside(seat: SeatState) -> SeatState:
    if not seat.in_room:
        raise NotInRoom(seat=seat.id)
    return seat


ArticleFinder = Callable[[Session, str], Awaitable[e.Leaf | None]]
"""An article of the library as it is shown in this session; None for one there is not."""
CaseFinder = Callable[[Session, str], Awaitable[e.TypicalLeaf | None]]
"""A typical case, likewise."""
CardFinder = Callable[[Session, str], Awaitable[e.ScriptCard | None]]
"""The office's script card of a kind of dispute; "" for the kind of this session's complaint. None: no such kind."""


async def catalogue_leaf(session: Session, article: str) -> e.Leaf | None:
    """The article as the catalogue alone has it, on the day the session begins."""
    catalogue = library()
    found = catalogue.articles.get(article)
    return None if found is None else article_leaf(catalogue, found, session.starts.date())


async def no_cards(_session: Session, _kind: str) -> e.ScriptCard | None:
    """None: no card is taken by itself."""
    return None


async def no_cases(_session: Session, _case: str) -> e.TypicalLeaf | None:
    """None: there is no casebook."""
    return None


@dataclass(frozen=True, slots=True)
class ShownTexts:
    """Editions of what this program shows with a question in the room: of recording, of keeping one's handwriting,
    of signing electronically.

    "" is no edition: nobody can agree to it.
    """

    recording: str = ""
    handwriting: str = ""
    electronic: str = ""

    @property
    def named(self) -> str:
        """As a page says which of them it was made with."""
        return f"{self.recording} {self.handwriting} {self.electronic}"


NO_TEXTS = ShownTexts()


def shown_texts(recording: str) -> ShownTexts:
    """What is shown now, with the edition of the question about recording that this installation has."""
    return ShownTexts(recording, consents.HANDWRITING, consents.ELECTRONIC)


async def fill_command(
    command: c.Command,
    session: Session | None,
    actor: Actor,
    articles: ArticleFinder,
    cases: CaseFinder,
    cards: CardFinder,
    texts: ShownTexts,
) -> c.Command:
    """The command with what the room itself knows in it."""
    match command:
        case c.ShowLaw(article=article) if session is not None:
            return replace(command, leaf=await articles(session, article))
        case c.ShowTypical(case=case) if session is not None:
            return replace(command, leaf=await cases(session, case))
        case c.TakeCard(kind=kind) if session is not None:
            return replace(command, card=await cards(session, kind))
        case c.Arrive() if session is not None and session.card is None and actor.id == session.mediator:
            return command if session.over else replace(command, card=await cards(session, ""))
        case c.GiveConsent():
            return replace(command, text=texts.recording)
        case c.ConsentHandwriting():
            return replace(command, notice=texts.handwriting)
        case c.AgreeElectronicForm():
            return replace(command, notice=texts.electronic)
        case _:
            return command
