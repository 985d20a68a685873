"""Who is told that something happened, and what of it: the other half of what a person in a session may know.

What somebody sees of the state is in `rooms.view.seat_view`. An event named nowhere here is for the mediator only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rooms import events as e
from rooms.caucus.view import VEILED, concession_told, veiled
from rooms.codec import SessionEntry, encode_json, json_size, plain, wire_time
from rooms.exhibits.view import exhibit_told
from rooms.joining.rules import TOLD
from rooms.seats import ENDED
from rooms.session import Session
from rooms.texts import MOST_NAME
from rooms.view import messages as w
from rooms.vocabulary import Role

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
    e.RecordingComposed,
    e.CompositionFailed,
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
    e.HandRaised,
    e.HandLowered,
    e.CameraSet,
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
        case e.ReasonConfided(seat=whose) | e.ClauseQueried(seat=whose):
            return seat == whose
        case e.PicturesPaused(seat=whose, way=way) | e.PicturesResumed(seat=whose, way=way):
            return seat == whose or way == "from"
        case _:
            return isinstance(event, _TO_ALL)


def announcements(session: Session, entries: Sequence[SessionEntry], seat: str) -> str:
    """What of these entries this seat is told, as a JSON list: the first ones, as many as fit."""
    told: list[str] = []
    room = MOST_BYTES_TOLD
    for entry in entries:
        if visible(session, entry, seat) and not isinstance(entry.event, LINES):
            text = encode_json(announcement(session, entry, seat))
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
