"""A seat in the room: who it is for, how far they have come, what they are doing.

Owns `SeatState` and how single events change it. Times are those of the events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, assert_never

from rooms import events as e
from rooms.vocabulary import PRINCIPALS, Consent, Role, Seat, SeatStatus, Side

BEST = 4  # of four levels of quality
ENDED = frozenset({"link_revoked", "link_replaced", "link_ended", "signed_out", "withheld"})
"""Causes of being away that no connection heals: what they came in by is no more."""
IN_ROOM = frozenset({SeatStatus.PRESENT, SeatStatus.RECONNECTING})

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(before, **changes):
        """As the one of `dataclasses`, for states with slots and no `__post_init__`: a seat has 44 fields and a session
        57, every event makes each anew several times, and this takes two fifths of the time."""
        kind = type(before)
        values, places = _slots(kind)
        after = object.__new__(kind)
        for put, value in zip(places.values(), values(before), strict=True):
            put(after, value)
        for name, value in changes.items():
            places[name](after, value)
        return after


@cache
def _slots(kind: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, Callable[[Any, Any], None]]]:
    """What reads all fields of such a state, and what sets each."""
    places = {field.name: getattr(kind, field.name).__set__ for field in fields(kind)}
    return attrgetter(*places), places


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who sits with a party; `by` is the seat that said so."""

    name: str
    relation: str  # rooms.joining.invitations.RELATIONS
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatState:
    """A seat and what its person is doing. Consents are None until answered."""

    seat: Seat
    status: SeatStatus = SeatStatus.INVITED
    participate: bool | None = None
    record: bool | None = None
    transcribe: bool | None = None
    participate_text: str = ""  # version of the text last answered
    record_text: str = ""
    transcribe_text: str = ""
    confirmed: bool = False  # identity
    by_voice: bool = False  # and by an officer who knew it, not by a code
    real_name_due: str = ""  # the connection that is to be asked first
    real_name: str = ""  # what came of it: RealNameChecked.result
    stated_age: str = ""  # rooms.vocabulary.Age, as they said on the way in
    guardian: str = ""  # of a minor: who theirs is
    guardian_relation: str = ""
    guardian_text: str = ""  # version of the notice that the guardian agreed to for them
    help: str = ""  # what they cannot go on without: rooms.joining.rules.HELP
    link: str = ""  # id of the live link
    link_expires: datetime | None = None
    link_opened: bool = False
    device: str = ""  # id of the browser it moved to; "" while it is the first
    handed: str = ""  # how an officer gave it to them: rooms.joining.seat_messages.WAYS
    wish: str = ""  # asked for another time
    wish_starts: datetime | None = None  # and chose this one
    mode: str = ""  # video | audio | text, "" before the check
    findings: tuple[str, ...] = ()
    muted: bool = False
    muted_by: str = ""  # seat id
    camera: bool = False
    background: str = "none"
    screen: bool = False
    hand: bool = False
    speaking_since: datetime | None = None
    waiting_since: datetime | None = None
    away_since: datetime | None = None
    away_cause: str = ""  # socket | media | server, or one of `ENDED`
    awaited: str = ""  # why their sound and picture do not reach the server: MediaAwaited.cause
    recording: bool = False
    captions: bool = False  # asked to see them
    been_inside: bool = False  # let in before: a locked door is not for them
    removed_for: str = ""  # the reason they were given
    paused: tuple[str, ...] = ()  # pictures "from" or "to" them rest, so that sound goes on
    quality: int = BEST  # of the connection, as last noted
    helper: Helper | None = None
    call: str = ""  # id of the telephone call they are in, or are rung by
    call_state: str = ""  # "calling", then rooms.joining.seat_messages.STATES
    call_ended: str = ""  # why the last one did: rooms.joining.seat_messages.CAUSES
    by_call: bool = False  # identity was shown by the number that was rung, or by the code to dial in with
    officer: str = ""  # account of a supervisor who looks on
    observing: str = ""  # why they do, while the room has been told of it

    @property
    def id(self) -> str:
        return self.seat.id

    @property
    def role(self) -> Role:
        return self.seat.role

    @property
    def side(self) -> Side | None:
        return self.seat.side

    @property
    def name(self) -> str:
        return self.seat.name

    @property
    def age(self) -> str:
        """As stated on the way in, else as registered; "" when it was never asked."""
        return self.stated_age or self.seat.age

    @property
    def in_room(self) -> bool:
        return self.status in IN_ROOM

    @property
    def takes_part(self) -> bool:
        """Has agreed to and shown who they are, or is there as an officer; and was not put out."""
        if self.role is Role.MEDIATOR:
            return True
        return self.participate is True and self.confirmed and self.status is not SeatStatus.REMOVED

    @property
    def by_phone(self) -> bool:
        """Takes part by telephone just now: sends and receives no pictures, and reads nothing."""
        return self.call_state == "answered"

    @property
    def asked_by_phone(self) -> bool:
        """A recorded voice asks for their consents just now."""
        return self.by_phone and self.status in (SeatStatus.INVITED, SeatStatus.LEFT, SeatStatus.REFUSED)

    @property
    def signs_in(self) -> bool:
        """Is there as an officer: comes by no link, and is asked for no consent."""
        return self.role in (Role.MEDIATOR, Role.SUPERVISOR)

    @property
    def consents_to_record(self) -> bool:
        """The mediator is on duty: their consent is not asked."""
        return self.role is Role.MEDIATOR or self.record is True

    @property
    def consents_to_transcribe(self) -> bool:
        """What the mediator says is the office's, and they may keep it out of the captions."""
        return self.transcribe is True or (self.role is Role.MEDIATOR and self.transcribe is None)

    def answered(self, kind: Consent) -> tuple[bool | None, str]:
        """The last answer to a question, and the version of the text that it was given to."""
        match kind:
            case Consent.PARTICIPATE:
                return self.participate, self.participate_text
            case Consent.RECORD:
                return self.record, self.record_text
            case Consent.TRANSCRIBE:
                return self.transcribe, self.transcribe_text
            case _:
                assert_never(kind)


def side_of(seat: SeatState) -> Side | None:
    """Of a principal by their role; of everybody else as the seat says."""
    return PRINCIPALS.get(seat.role, seat.side)


SeatEvent = (
    e.PhoneCorrected
    | e.LinkIssued
    | e.LinkHandedOver
    | e.LinkRevoked
    | e.LinkOpened
    | e.ConsentGiven
    | e.ConsentRefused
    | e.ConsentWithdrawn
    | e.OtherTimeAsked
    | e.OtherTimeDeclined
    | e.IdentityConfirmed
    | e.IdentityConfirmedByVoice
    | e.RealNameChecked
    | e.SeatMoved
    | e.AgeStated
    | e.GuardianNamed
    | e.HelpAsked
    | e.NameChosen
    | e.DeviceChecked
    | e.Arrived
    | e.Admitted
    | e.SentBack
    | e.Disconnected
    | e.Reconnected
    | e.Left
    | e.Removed
    | e.ObservationBegun
    | e.Muted
    | e.Unmuted
    | e.HandRaised
    | e.HandLowered
    | e.CameraSet
    | e.BackgroundSet
    | e.ScreenShared
    | e.ScreenStopped
    | e.SpeakingStarted
    | e.SpeakingStopped
    | e.PicturesPaused
    | e.PicturesResumed
    | e.QualityChanged
    | e.MediaAwaited
    | e.MediaConnected
    | e.CaptionsAsked
    | e.RecordingStarted
    | e.RecordingStopped
    | e.NothingRecorded
    | e.SeatAssisted
    | e.AssistanceEnded
    | e.CallBegun
    | e.CallProgressed
    | e.ConsentKeyed
    | e.CallEnded
)
"""Events that change one seat."""


def _out(before: SeatState, status: SeatStatus) -> SeatState:
    """Out of the room, and out of the waiting room. Being muted outlasts it."""
    return replace(
        before,
        status=status,
        camera=False,
        background="none",
        screen=False,
        hand=False,
        speaking_since=None,
        waiting_since=None,
        away_since=None,
        away_cause="",
        awaited="",
        paused=(),
        observing="",
    )


def _answered(before: SeatState, kind: Consent, given: bool, text: str) -> SeatState:
    match kind:
        case Consent.PARTICIPATE:
            return replace(before, participate=given, participate_text=text)
        case Consent.RECORD:
            return replace(before, record=given, record_text=text)
        case Consent.TRANSCRIBE:
            return replace(before, transcribe=given, transcribe_text=text)
        case _:
            assert_never(kind)


def _instead(status: SeatStatus, old: SeatStatus, new: SeatStatus) -> SeatStatus:
    return new if status is old else status


def seat_after(before: SeatState, event: SeatEvent, at: datetime) -> SeatState:
    """A seat after an event about it."""
    match event:
        case e.LinkIssued(link=link, expires=expires):
            # A fresh link is the one way back for somebody who was removed; who they are is confirmed anew.
            status = _instead(before.status, SeatStatus.REMOVED, SeatStatus.INVITED)
            away = "link_replaced" if before.away_since is not None else ""
            return replace(
                before,
                link=link,
                link_expires=expires,
                link_opened=False,
                handed="",
                status=status,
                removed_for="",
                away_cause=away,
            )
        case e.LinkRevoked():
            away = "link_revoked" if before.away_since is not None else ""
            return replace(before, link="", link_expires=None, link_opened=False, device="", handed="", away_cause=away)
        case e.LinkHandedOver(way=way):
            return replace(before, handed=way)
        case e.PhoneCorrected(phone=phone):
            # Who confirmed on the old number is to confirm on the new one before they come in.
            return replace(
                before, seat=replace(before.seat, phone=phone), confirmed=before.confirmed and before.in_room, help=""
            )
        case e.LinkOpened():
            return replace(before, link_opened=True)
        case e.ConsentGiven(kind=Consent.PARTICIPATE, text=text):
            status = _instead(before.status, SeatStatus.REFUSED, SeatStatus.INVITED)
            return replace(_answered(before, Consent.PARTICIPATE, True, text), status=status)
        case e.ConsentGiven(kind=kind, text=text):
            return _answered(before, kind, True, text)
        case e.ConsentRefused(kind=Consent.PARTICIPATE, text=text):
            return _answered(_out(before, SeatStatus.REFUSED), Consent.PARTICIPATE, False, text)
        case e.ConsentRefused(kind=kind, text=text):
            return _answered(before, kind, False, text)
        case e.ConsentWithdrawn(kind=kind):
            return _answered(before, kind, False, before.answered(kind)[1])
        case e.OtherTimeAsked(wish=wish, starts=starts):
            return replace(before, wish=wish, wish_starts=starts)
        case e.OtherTimeDeclined():
            return replace(before, wish="", wish_starts=None)
        case e.IdentityConfirmed(method=method, real_name=due):
            by_call = method in ("call", "dial_in")
            return replace(
                before,
                confirmed=not due,
                by_voice=False,
                by_call=by_call,
                real_name_due=due,
                real_name="",
                help="",
            )
        case e.IdentityConfirmedByVoice():
            return replace(
                before, confirmed=True, by_voice=True, by_call=False, real_name_due="", real_name="", help=""
            )
        case e.RealNameChecked(result="no_match"):
            return replace(before, real_name="no_match")
        case e.RealNameChecked(result=result):
            return replace(before, confirmed=True, real_name_due="", real_name=result)
        case e.SeatMoved(device=device):
            return replace(before, device=device, help="")
        case e.AgeStated(age=age):
            return replace(before, stated_age=age)
        case e.GuardianNamed(guardian=guardian, relation=relation, text=text):
            return replace(before, guardian=guardian, guardian_relation=relation, guardian_text=text)
        case e.HelpAsked(why=why):
            return replace(before, help=why)
        case e.NameChosen(name=name):
            return replace(before, seat=replace(before.seat, name=name))
        case e.DeviceChecked(mode=mode, findings=findings):
            return replace(before, mode=mode, findings=findings)
        case e.Arrived():
            return replace(before, status=SeatStatus.WAITING, waiting_since=at, away_since=None)
        case e.Admitted():
            status = SeatStatus.PRESENT if before.away_since is None else SeatStatus.RECONNECTING
            return replace(before, status=status, waiting_since=None, been_inside=True)
        case e.SentBack():
            return _out(before, SeatStatus.INVITED)
        case e.Disconnected(cause=cause):
            status = _instead(before.status, SeatStatus.PRESENT, SeatStatus.RECONNECTING)
            return replace(before, status=status, away_since=at, away_cause=cause, speaking_since=None)
        case e.Reconnected():
            status = _instead(before.status, SeatStatus.RECONNECTING, SeatStatus.PRESENT)
            return replace(before, status=status, away_since=None, away_cause="")
        case e.Left():
            return _out(before, SeatStatus.LEFT)
        case e.Removed(reason=reason):
            out = _out(before, SeatStatus.REMOVED)
            return replace(out, confirmed=False, link="", link_expires=None, been_inside=False, removed_for=reason)
        case e.ObservationBegun(officer=officer, reason=reason):
            present = replace(before, status=SeatStatus.PRESENT, away_since=None, away_cause="", been_inside=True)
            return replace(present, officer=officer, observing=reason)
        case e.Muted(by=by):
            return replace(before, muted=True, muted_by=by)
        case e.Unmuted():
            return replace(before, muted=False, muted_by="")
        case e.CaptionsAsked(on=on):
            return replace(before, captions=on)
        case e.HandRaised():
            return replace(before, hand=True)
        case e.HandLowered():
            return replace(before, hand=False)
        case e.CameraSet(on=on):
            return replace(before, camera=on)
        case e.BackgroundSet(background=background):
            return replace(before, background=background)
        case e.ScreenShared():
            return replace(before, screen=True)
        case e.ScreenStopped():
            return replace(before, screen=False)
        case e.SpeakingStarted():
            return replace(before, speaking_since=at)
        case e.SpeakingStopped():
            return replace(before, speaking_since=None)
        case e.PicturesPaused(way=way):
            return replace(before, paused=tuple(sorted({*before.paused, way})))
        case e.PicturesResumed(way=way):
            return replace(before, paused=tuple(other for other in before.paused if other != way))
        case e.QualityChanged(level=level):
            return replace(before, quality=level)
        case e.MediaAwaited(cause=cause):
            return replace(before, awaited=cause)
        case e.MediaConnected():
            return replace(before, awaited="")
        case e.RecordingStarted():
            return replace(before, recording=True)
        case e.RecordingStopped():
            return replace(before, recording=False)
        case e.NothingRecorded() | e.ConsentKeyed():
            return before
        case e.CallBegun(call=call):
            return replace(before, call=call, call_state="calling", call_ended="")
        case e.CallProgressed(state=state):
            return replace(before, call_state=state)
        case e.CallEnded(cause=cause):
            return replace(before, call="", call_state="", call_ended=cause)
        case e.SeatAssisted(helper=helper, relation=relation, by=by):
            return replace(before, helper=Helper(helper, relation, by, at))
        case e.AssistanceEnded():
            return replace(before, helper=None)
        case _:
            assert_never(event)


def seat_rescheduled(seat: SeatState, links_until: datetime) -> SeatState:
    """What they wished for is answered; a link that was good stays good for the new time."""
    expires = max(seat.link_expires, links_until) if seat.link_expires is not None else None
    return replace(seat, wish="", wish_starts=None, link_expires=expires)
