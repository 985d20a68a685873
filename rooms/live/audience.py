"""Those who listen to one room: a subscription per seat, who is told that something happened, and what of it.

What somebody sees of the state is in `rooms.view.seat_view`. An event named nowhere here is for the mediator only.
Owns the latest connection qualities, which are shown and not remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from journal.refusals import NotAllowed
from media.engine import CAPTIONS_LATE, Heard
from rooms import MOST_NAME, NotInRoom, events as e, view as w
from rooms.caucus.rules import VEILED, concession_told, veiled
from rooms.events import SessionEntry, encode_json, json_size, merge_json, plain, wire_time
from rooms.exhibits.rules import exhibit_told, sees_showing
from rooms.exhibits.state import Showing
from rooms.floor.state import Chat, remarked
from rooms.joining.rules import TOLD
from rooms.live import Subscription
from rooms.seats import ENDED
from rooms.session import Session
from rooms.view import LineView, Message, MessageName, seat_view
from rooms.view.parts import Holding
from rooms.view.seat_view import ClockTimes, RoomContext, ViewExtras, audience, reads_chat
from rooms.vocabulary import Role, SeatStatus

MOST_SIGNS_TOLD = 120
MOST_BYTES_TOLD = 5 * 1024
"""Of the announcements that come with one view. What they leave out is in the view, its parts and the lines."""

LINES = (e.Said, e.Confided)
"""Travel as lines (`rooms.floor.state`) and are no news of the view's."""

_TO_MEDIATOR_NEVER = (
    e.Routed,
    e.MediaAwaited,
    e.MediaConnected,
    e.SegmentSealed,
    e.NothingRecorded,
    e.ConsentSpoken,
    e.RecordingComposed,
    e.CompositionFailed,
    e.TranscriptMade,
    e.TranscriptFailed,
    e.TranscriptCorrected,
    e.Archived,
    e.Exported,
    e.Viewed,
    e.ContentErased,
    e.HoldPlaced,
    e.HoldLifted,
    e.ErasureOrdered,
    e.RecordErased,
    e.ViewingGranted,
    e.ViewingHeld,
    e.NoteAdded,
    e.EntryCorrected,
)

# Everybody in the room may be told of these. Whatever is missing here is for the mediator only.
_TO_ALL = (
    e.ConsentGiven,
    e.ConsentRefused,
    e.ConsentWithdrawn,
    e.NameChosen,
    e.Arrived,
    e.Admitted,
    e.SentBack,
    e.Disconnected,
    e.Reconnected,
    e.Left,
    e.Removed,
    e.ObservationBegun,
    e.SessionOpened,
    e.OpeningCovered,
    e.PhaseEntered,
    e.RecessStarted,
    e.RecessEnded,
    e.DoorLocked,
    e.DoorUnlocked,
    e.Muted,
    e.Unmuted,
    e.CaptionsSet,
    e.HandRaised,
    e.HandLowered,
    e.CameraSet,
    e.BackgroundSet,
    e.ScreenShared,
    e.ScreenStopped,
    e.CaucusStarted,
    e.CaucusEnded,
    e.ConsultingStarted,
    e.ConsultingEnded,
    e.SpeakingStarted,
    e.SpeakingStopped,
    e.RecordingStarted,
    e.RecordingStopped,
    e.RecordingFailed,
    e.OutcomeProposed,
    e.OutcomeTakenBack,
    e.OutcomeSeen,
    e.SessionClosed,
    e.Corrected,
    e.ClausePut,
    e.ClauseRemoved,
    e.ClauseMoved,
    e.ConfirmationAsked,
    e.ClauseAnswered,
    e.FactPut,
    e.FactRemoved,
    e.FactAnswered,
    e.LawShown,
    e.LawPutAway,
    e.TypicalShown,
    e.TypicalPutAway,
    e.SeatAssisted,
    e.AssistanceEnded,
    e.ClaimPut,
    e.AuthorityRecorded,
    e.AgreementWaived,
    e.AgreementWanted,
    e.SigningOffered,
    e.SigningRead,
    e.ElectronicFormAgreed,
    e.HandwritingConsented,
    e.SignerConfirmed,
    e.SignerConfirmedByVoice,
    e.Signed,
    e.SigningRefused,
    e.SignatureWithdrawn,
    e.SigningVoided,
    e.DocumentSealed,
)

# Somebody not yet (or no longer) in the room is told only of these, and only when they are about themselves.
_AT_THE_DOOR = (e.Arrived, e.Admitted, e.SentBack, e.Left, e.Removed, e.ConsentGiven, e.ConsentRefused)


def visible(session: Session, entry: SessionEntry, seat: str) -> bool:
    """Whether the person in this seat may be told that this happened."""
    event = entry.event
    about = getattr(event, "seat", None)
    if isinstance(event, e.ConcessionsEvent):
        return session.seats[seat].in_room and concession_told(session, event, seat)
    if isinstance(event, e.CaptionsAsked):
        return seat == event.seat  # who hears badly need tell nobody
    if seat == session.mediator_seat:
        return not isinstance(event, _TO_MEDIATOR_NEVER)
    if not session.seats[seat].in_room:
        return isinstance(event, _AT_THE_DOOR) and about == seat
    if session.seats[seat].role is Role.SUPERVISOR and not isinstance(event, TOLD):
        return False
    if isinstance(event, VEILED) and veiled(session, seat, event.seat):
        return False
    if isinstance(event, e.ExhibitEvent):
        return exhibit_told(session, event, seat)
    match event:
        case e.Confided(readers=readers):
            return seat in readers
        case e.ChannelChosen(seat=whose):
            return seat == whose
        case e.Said(seat=said_by, to=to):
            return not to or seat in (said_by, to)
        case e.UnmuteAsked(seat=asked):
            return seat == asked
        case (
            e.ReasonConfided(seat=whose)
            | e.FactDisputed(seat=whose)
            | e.ClauseQueried(seat=whose)
            | e.OutcomeObjected(seat=whose)
        ):
            return seat == whose
        case e.PicturesPaused(seat=whose, way=way) | e.PicturesResumed(seat=whose, way=way):
            return seat == whose or way == "from"
        case _:
            return isinstance(event, _TO_ALL)


_TOLD_APART = (e.Removed, e.SigningRefused, e.SignerConfirmedByVoice, e.Disconnected)
"""Of these not everybody who is told is told the same."""


def announcements(session: Session, entries: Sequence[SessionEntry], seat: str, shared: dict[str, str]) -> str:
    """What of these entries this seat is told, as a JSON list: the first ones, as many as fit. `shared`: what was made
    of them for others."""
    told: list[str] = []
    room = MOST_BYTES_TOLD
    for n, entry in enumerate(entries):
        if visible(session, entry, seat) and not isinstance(entry.event, LINES):
            text = shared.get(name := f"entry {n}")
            if text is None:
                text = encode_json(announcement(session, entry, seat))
                if not isinstance(entry.event, _TOLD_APART):
                    shared[name] = text
            room -= json_size(text) + 1
            if room < 0:
                break
            told.append(text)
    return f"[{','.join(told)}]"


def announcement(session: Session, entry: SessionEntry, seat: str) -> w.AnnouncementView:
    """An event as it goes over the wire to this seat; `actor.seat` is the doer's, "" for the system.

    To be announced, not to be kept: lists and long texts are left out.
    """
    actor = entry.actor
    data = {name: value for name, value in plain(entry.event).items() if _is_brief(value)}
    if isinstance(entry.event, e.Removed) and seat not in (entry.event.seat, session.mediator_seat):
        data["reason"] = ""  # that somebody was removed is everybody's to see, why is not
    if isinstance(entry.event, e.ObservationBegun):
        data = {"seat": entry.event.seat}  # why is for the journal
    if isinstance(entry.event, e.SigningRefused) and seat not in (entry.event.seat, session.mediator_seat):
        data["reason"] = ""  # likewise
    if isinstance(entry.event, e.SignerConfirmedByVoice) and seat not in (entry.event.seat, session.mediator_seat):
        data["recognised"] = ""  # likewise
    if isinstance(entry.event, e.Disconnected) and entry.event.cause in ENDED and seat != session.mediator_seat:
        data["cause"] = "ended"  # likewise
    if isinstance(entry.event, e.Signed):  # handwriting is nobody's to look for
        data = {name: value for name, value in data.items() if name not in ("picture", "sha256")}
    officer = session.mediator_seat if actor.id == session.mediator else session.observing_seat(actor.id)
    by = actor.id if actor.kind == "party" else officer if actor.kind == "officer" else ""
    return {
        "version": entry.version,
        "type": type(entry.event).__name__,
        "at": wire_time(entry.at),
        "actor": {"kind": actor.kind, "name": actor.name[:MOST_NAME], "seat": by},
        "data": data,
    }


def _is_brief(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_SIGNS_TOLD
    return not isinstance(value, dict | list)


def changes_nothing_seen(entry: SessionEntry) -> bool:
    """No view differs after it."""
    return isinstance(entry.event, (*_TO_MEDIATOR_NEVER, *LINES, e.CodeSent, e.QualityChanged))


_ANOTHER_PAGE = (e.ExhibitShown, e.ExhibitPutAway, e.ExhibitPageTurned)


@dataclass(frozen=True, slots=True)
class RoomMoment:
    """A room at a moment: what everybody's view is cut from."""

    session: Session
    times: ClockTimes
    chat: Chat
    at: datetime


class Audience:
    """Never waits: a listener that cannot keep up is dropped by its own subscription."""

    def __init__(self) -> None:
        self._listeners: dict[str, Subscription] = {}
        self._levels: dict[str, dict[str, int]] = {}  # seat -> who measured -> connection quality
        self._extras = ViewExtras()
        self.captions_failed = ""
        self._looking: Mapping[str, Any] | None = None  # where whoever shows an exhibit has zoomed to
        self._holdings: dict[str, Holding] = {}
        self._restarts: datetime | None = None

    def __contains__(self, seat: str) -> bool:
        return seat in self._listeners

    @property
    def empty(self) -> bool:
        return not self._listeners

    @property
    def suspended(self) -> bool:
        return self._extras.context.suspended

    def set_context(self, context: RoomContext) -> None:
        self._extras = replace(self._extras, context=context)

    def give_way(self, seat: str) -> None:
        """Somebody newer takes the seat."""
        if (older := self._listeners.pop(seat, None)) is not None:
            older.end("elsewhere")

    def welcome(self, subscription: Subscription, now: RoomMoment) -> None:
        """From now on they hear; first of all their parts and their view."""
        seat = subscription.seat
        self._listeners[seat] = subscription
        self._holdings[seat] = Holding(seat)
        self._show(subscription, [], now, {})
        showing = now.session.exhibits.showing
        if self._looking is not None and showing is not None and self._sees(showing, seat, now.session):
            subscription.send("exhibit_look", {"exhibit": showing.exhibit, **self._looking})
        if self._restarts is not None:
            subscription.send("restart", {"at": wire_time(self._restarts)})
        if self.captions_failed and now.session.seats[seat].captions:
            subscription.send("captions_fault", {"code": self.captions_failed})
        if now.session.over:
            subscription.end("closed")
        elif now.session.seats[seat].status is SeatStatus.REMOVED:
            subscription.end("removed")

    def tell_restart(self, at: datetime) -> None:
        self._restarts = at
        for listener in self._listeners.values():
            listener.send("restart", {"at": wire_time(at)})

    def cut(self) -> None:
        for listener in self._listeners.values():
            listener.cut()

    def part(self, subscription: Subscription) -> bool:
        """Whether the seat is without a listener now: not when a newer one has it."""
        if self._listeners.get(subscription.seat) is not subscription:
            return False
        del self._listeners[subscription.seat], self._holdings[subscription.seat]
        return True

    def tell(self, entries: Sequence[SessionEntry], now: RoomMoment) -> None:
        """What happened, to each what they may know; whoever it puts out hears why, last."""
        if any(isinstance(entry.event, _ANOTHER_PAGE) for entry in entries):
            self._looking = None
        shared: dict[str, str] = {}
        for listener in self._listeners.values():
            self._show(listener, entries, now, shared)
        for entry in entries:
            match entry.event:
                case e.Removed(seat=seat) if seat in self._listeners:
                    self._listeners[seat].end("removed")
                case e.SentBack(seat=seat) if seat in self._listeners:
                    self._listeners[seat].end("sent_back")
                case e.ApartBegun():
                    for listener in self._listeners.values():
                        listener.end("apart")
                case e.SessionClosed() | e.SessionCancelled():
                    for listener in self._listeners.values():
                        listener.end("closed")

    def _show(
        self, listener: Subscription, entries: Sequence[SessionEntry], now: RoomMoment, shared: dict[str, str]
    ) -> None:
        """`shared`: what was made for others who see the same."""
        seat, session = listener.seat, now.session
        reads = reads_chat(session, seat)
        lines = [entry for entry in entries if reads and (said := remarked(entry)) is not None and said.read_by(seat)]
        told: list[Message] = []
        for n, _ in enumerate(lines, now.chat.last(seat) - len(lines) + 1):
            told += [("line", encode_json(now.chat.line(seat, n)))]
        events = announcements(session, entries, seat, shared)
        if not entries or events != "[]" or not all(changes_nothing_seen(entry) for entry in entries):
            told += self._holdings[seat].news(session, self._extras)
            told.append(("view", self._view(seat, reads, events, now, shared)))
        listener.send_all(told)

    def _view(self, seat: str, reads: bool, events: str, now: RoomMoment, shared: dict[str, str]) -> str:
        session = now.session
        seen_by = audience(session, seat)
        if seen_by not in shared:
            shared[seen_by] = encode_json(seat_view.shared(session, now.times, seat, self._extras))
        own = seat_view.own(session, seat) | {"parts": self._holdings[seat].editions}
        if reads:
            own["lines"] = now.chat.last(seat)
        seen = merge_json(shared[seen_by], encode_json(own))
        if "head" not in shared:
            shared["head"] = encode_json({"version": session.version, "now": wire_time(now.at)})
        return merge_json(shared["head"], f'{{"view":{seen},"events":{events}}}')

    def measured(self, seat: str, by: str, level: int, session: Session) -> None:
        """The worse of what the engine and the seat's own client measure is what counts."""
        levels = self._levels.setdefault(seat, {})
        levels[by] = level
        worst = min(levels.values())
        if self._extras.quality.get(seat) != worst:
            self._extras = replace(self._extras, quality={**self._extras.quality, seat: worst})
            self.send_inside("quality", {"seat": seat, "level": worst}, session)

    def look(self, seat: str, looking: Mapping[str, Any], exhibit: str, session: Session) -> None:
        """Where `seat` looks at what is shown, to those others who see it; the newest place is enough."""
        showing = session.exhibits.showing
        self._looking = {**looking, "seat": seat}
        for other, listener in self._listeners.items():
            if showing is not None and other != seat and self._sees(showing, other, session):
                listener.send_latest("exhibit_look", {"exhibit": exhibit, "seat": seat, **looking})

    @staticmethod
    def _sees(showing: Showing, seat: str, session: Session) -> bool:
        return session.seats[seat].in_room and sees_showing(session, showing, seat)

    def quality(self, seat: str) -> int | None:
        return self._extras.quality.get(seat)

    @property
    def qualities(self) -> Sequence[int]:
        return list(self._extras.quality.values())

    def forget_quality(self, seat: str) -> None:
        self._levels.pop(seat, None)
        self._extras = replace(
            self._extras, quality={other: level for other, level in self._extras.quality.items() if other != seat}
        )

    def caption(self, heard: Heard, session: Session) -> None:
        """What somebody said, to whoever hears them and asked to read it. Kept nowhere."""
        if self.captions_failed == CAPTIONS_LATE:
            self.captions_failed = ""
        body: w.CaptionMessage = {
            "id": f"{heard.participant}-{int(heard.began.timestamp() * 1000)}",
            "seat": heard.participant,
            "text": heard.text,
            "at": wire_time(heard.began),
        }
        for seat, listener in self._listeners.items():
            reads = session.seats[seat].captions and session.seats[seat].in_room
            if reads and heard.participant in session.routed.hears.get(seat, ()):
                listener.offer("caption", dict(body))

    def captions_fault(self, code: str, session: Session) -> None:
        """Why there are none just now; "": there are again. To whoever asked to read them."""
        self.captions_failed = code
        for seat, listener in self._listeners.items():
            if session.seats[seat].captions and session.seats[seat].in_room:
                listener.offer("captions_fault", {"code": code})

    def send(self, seat: str, name: MessageName, body: dict[str, Any]) -> None:
        if seat in self._listeners:
            self._listeners[seat].send(name, body)

    def send_inside(self, name: MessageName, body: dict[str, Any], session: Session) -> None:
        """To everybody in the room."""
        for seat, listener in self._listeners.items():
            if session.seats[seat].in_room:
                listener.send(name, body)


def chat_page(session: Session, chat: Chat, seat: str, after: int | None, before: int | None) -> list[LineView]:
    """Of the chat, as this seat may read it: what follows a number, or leads up to one (to the end without either).

    NotAllowed for a supervisor, NotInRoom at the door.
    """
    if not reads_chat(session, seat):
        raise NotAllowed if session.seats[seat].in_room else NotInRoom(seat=seat)
    if after is not None:
        return chat.after(seat, after)
    return chat.before(seat, chat.last(seat) + 1 if before is None else before)
