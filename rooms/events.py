"""What can have happened in a session: past-tense facts, as the journal keeps them; to its JSON and back, and JSON as
it goes to browsers. A module a topic has them; the union `SessionEvent` is complete: `evolve` matches over it
exhaustively.

An event's type in the journal is its class name, its data the fields by name: enumerations by value, money as
text, times as ISO 8601 UTC with `Z`. Fields added later have defaults, so that old entries still decode.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints, overload

from journal import SYSTEM, Actor, Draft, Event, stamp
from rooms.agreement import (
    AgreementEvent as AgreementEvent,
    AgreementWaived as AgreementWaived,
    AgreementWanted as AgreementWanted,
    AuthorityRecorded as AuthorityRecorded,
    ClaimPut as ClaimPut,
    ClauseAnswered as ClauseAnswered,
    ClauseExplained as ClauseExplained,
    ClauseMoved as ClauseMoved,
    ClausePut as ClausePut,
    ClauseQueried as ClauseQueried,
    ClauseRemoved as ClauseRemoved,
    ConfirmationAsked as ConfirmationAsked,
    Corrected as Corrected,
    FactAnswered as FactAnswered,
    FactDisputed as FactDisputed,
    FactPut as FactPut,
    FactRemoved as FactRemoved,
    OutcomeEvent as OutcomeEvent,
    OutcomeObjected as OutcomeObjected,
    OutcomeProposed as OutcomeProposed,
    OutcomeSeen as OutcomeSeen,
    OutcomeTakenBack as OutcomeTakenBack,
    ReasonConfided as ReasonConfided,
    SessionClosed as SessionClosed,
)
from rooms.apart import (
    ApartBegun as ApartBegun,
    ApartEvent as ApartEvent,
    EndMoved as EndMoved,
    MeetingCalled as MeetingCalled,
    OfferAnswered as OfferAnswered,
    OfferPut as OfferPut,
    OfferTakenBack as OfferTakenBack,
    RightsRead as RightsRead,
    RoomOpened as RoomOpened,
    Visited as Visited,
    WordSent as WordSent,
)
from rooms.caucus import (
    CaucusEnded as CaucusEnded,
    CaucusStarted as CaucusStarted,
    ChannelChosen as ChannelChosen,
    CirclesEvent as CirclesEvent,
    ConcessionsEvent as ConcessionsEvent,
    Confided as Confided,
    ConsultingEnded as ConsultingEnded,
    ConsultingStarted as ConsultingStarted,
    FigureEntered as FigureEntered,
    GapAgreed as GapAgreed,
    GapDropped as GapDropped,
    GapOpened as GapOpened,
    GapRevealed as GapRevealed,
    SlipMarked as SlipMarked,
    SlipShown as SlipShown,
    SlipWithdrawn as SlipWithdrawn,
    SlipWritten as SlipWritten,
)
from rooms.exhibits import (
    ExhibitAccepted as ExhibitAccepted,
    ExhibitAnswerTakenBack as ExhibitAnswerTakenBack,
    ExhibitAsked as ExhibitAsked,
    ExhibitConfided as ExhibitConfided,
    ExhibitDisputed as ExhibitDisputed,
    ExhibitEvent as ExhibitEvent,
    ExhibitFloorGiven as ExhibitFloorGiven,
    ExhibitMarked as ExhibitMarked,
    ExhibitOffered as ExhibitOffered,
    ExhibitPageTurned as ExhibitPageTurned,
    ExhibitPrepared as ExhibitPrepared,
    ExhibitPutAway as ExhibitPutAway,
    ExhibitReleased as ExhibitReleased,
    ExhibitShown as ExhibitShown,
    ExhibitTitled as ExhibitTitled,
    ExhibitUnmarked as ExhibitUnmarked,
    ExhibitUnreadable as ExhibitUnreadable,
    ExhibitWithdrawn as ExhibitWithdrawn,
    Original as Original,
    Picture as Picture,
)
from rooms.floor import (
    BackgroundSet as BackgroundSet,
    CameraSet as CameraSet,
    CardTaken as CardTaken,
    DoorLocked as DoorLocked,
    DoorUnlocked as DoorUnlocked,
    FloorEvent as FloorEvent,
    HandLowered as HandLowered,
    HandRaised as HandRaised,
    ItemChecked as ItemChecked,
    LawEvent as LawEvent,
    LawPutAway as LawPutAway,
    LawShown as LawShown,
    Leaf as Leaf,
    Muted as Muted,
    OpeningCovered as OpeningCovered,
    PhaseEntered as PhaseEntered,
    RecessEnded as RecessEnded,
    RecessStarted as RecessStarted,
    Said as Said,
    ScreenShared as ScreenShared,
    ScreenStopped as ScreenStopped,
    ScriptCard as ScriptCard,
    ScriptEvent as ScriptEvent,
    SessionOpened as SessionOpened,
    SpeakingStarted as SpeakingStarted,
    SpeakingStopped as SpeakingStopped,
    TypicalEvent as TypicalEvent,
    TypicalLeaf as TypicalLeaf,
    TypicalPutAway as TypicalPutAway,
    TypicalShown as TypicalShown,
    UnmuteAsked as UnmuteAsked,
    Unmuted as Unmuted,
)
from rooms.joining import (
    Admitted as Admitted,
    AgeStated as AgeStated,
    Arrived as Arrived,
    CodeSent as CodeSent,
    ConsentGiven as ConsentGiven,
    ConsentRefused as ConsentRefused,
    ConsentWithdrawn as ConsentWithdrawn,
    DeviceChecked as DeviceChecked,
    Disconnected as Disconnected,
    GuardianNamed as GuardianNamed,
    HelpAsked as HelpAsked,
    IdentityConfirmed as IdentityConfirmed,
    IdentityConfirmedByVoice as IdentityConfirmedByVoice,
    JoiningEvent as JoiningEvent,
    Left as Left,
    NameChosen as NameChosen,
    ObservationBegun as ObservationBegun,
    OtherTimeAsked as OtherTimeAsked,
    RealNameChecked as RealNameChecked,
    Reconnected as Reconnected,
    Removed as Removed,
    SeatMoved as SeatMoved,
    SentBack as SentBack,
)
from rooms.joining.seat_messages import (
    AssistanceEnded as AssistanceEnded,
    AssistanceEvent as AssistanceEvent,
    CallBegun as CallBegun,
    CallEnded as CallEnded,
    CallProgressed as CallProgressed,
    ConsentKeyed as ConsentKeyed,
    ConsentSpoken as ConsentSpoken,
    ElsewhereEvent as ElsewhereEvent,
    HeldElsewhere as HeldElsewhere,
    InvitationEvent as InvitationEvent,
    LinkHandedOver as LinkHandedOver,
    LinkIssued as LinkIssued,
    LinkOpened as LinkOpened,
    LinkRevoked as LinkRevoked,
    OtherTimeDeclined as OtherTimeDeclined,
    PhoneCorrected as PhoneCorrected,
    SeatAdded as SeatAdded,
    SeatAssisted as SeatAssisted,
    SessionCancelled as SessionCancelled,
    SessionRescheduled as SessionRescheduled,
    SessionScheduled as SessionScheduled,
    TelephoneEvent as TelephoneEvent,
)
from rooms.media import (
    Archived as Archived,
    CaptionsAsked as CaptionsAsked,
    CaptionsEvent as CaptionsEvent,
    CaptionsSet as CaptionsSet,
    CompositionFailed as CompositionFailed,
    Hole as Hole,
    MediaAwaited as MediaAwaited,
    MediaConnected as MediaConnected,
    NetworkEvent as NetworkEvent,
    NothingRecorded as NothingRecorded,
    PicturesPaused as PicturesPaused,
    PicturesResumed as PicturesResumed,
    QualityChanged as QualityChanged,
    RecordingComposed as RecordingComposed,
    RecordingEvent as RecordingEvent,
    RecordingFailed as RecordingFailed,
    RecordingStarted as RecordingStarted,
    RecordingStopped as RecordingStopped,
    Routed as Routed,
    SegmentSealed as SegmentSealed,
    TranscriptFailed as TranscriptFailed,
    TranscriptMade as TranscriptMade,
)
from rooms.record import (
    ContentErased as ContentErased,
    EntryCorrected as EntryCorrected,
    ErasureOrdered as ErasureOrdered,
    Exported as Exported,
    HoldLifted as HoldLifted,
    HoldPlaced as HoldPlaced,
    NoteAdded as NoteAdded,
    RecordErased as RecordErased,
    RecordEvent as RecordEvent,
    StatementAnswered as StatementAnswered,
    StatementChoice as StatementChoice,
    StatementsDecided as StatementsDecided,
    StatementsTakenBack as StatementsTakenBack,
    TranscriptCorrected as TranscriptCorrected,
    Viewed as Viewed,
    ViewingGranted as ViewingGranted,
    ViewingHeld as ViewingHeld,
)
from rooms.signing import (
    CopyTaken as CopyTaken,
    DocumentSealed as DocumentSealed,
    ElectronicFormAgreed as ElectronicFormAgreed,
    HandwritingConsented as HandwritingConsented,
    SignatureWithdrawn as SignatureWithdrawn,
    Signed as Signed,
    SignerConfirmed as SignerConfirmed,
    SignerConfirmedByVoice as SignerConfirmedByVoice,
    SigningEvent as SigningEvent,
    SigningOffered as SigningOffered,
    SigningRead as SigningRead,
    SigningRefused as SigningRefused,
    SigningVoided as SigningVoided,
)

SessionEvent = (
    InvitationEvent
    | JoiningEvent
    | TelephoneEvent
    | FloorEvent
    | CirclesEvent
    | ConcessionsEvent
    | NetworkEvent
    | RecordingEvent
    | CaptionsEvent
    | OutcomeEvent
    | RecordEvent
    | AgreementEvent
    | LawEvent
    | TypicalEvent
    | ScriptEvent
    | AssistanceEvent
    | ExhibitEvent
    | SigningEvent
    | ElsewhereEvent
    | ApartEvent
)

# ------------------------------------------------------------ codec


KINDS: Mapping[str, type[SessionEvent]] = {kind.__name__: kind for kind in get_args(SessionEvent)}

STREAM = "session"


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A journal entry with its event decoded: what, when, by whom, and its place in the session's stream."""

    session: str
    version: int
    event: SessionEvent
    at: datetime
    actor: Actor = SYSTEM


def stream(session: str) -> str:
    """The name of a session's stream."""
    return f"{STREAM}/{session}"


def event_draft(event: SessionEvent, at: datetime, actor: Actor = SYSTEM) -> Draft:
    return Draft(type(event).__name__, plain(event), at, actor)


def session_entry(entry: Event) -> SessionEntry:
    """KeyError for a type no session knows. Of an erased entry there is nothing to decode: see `history`."""
    made: SessionEvent = typed(KINDS[entry.type], entry.data)
    return SessionEntry(entry.stream.partition("/")[2], entry.version, made, entry.at, entry.actor)


def history(entries: Iterable[Event]) -> list[SessionEntry]:
    """What is still known: entries whose content was erased are left out."""
    return [session_entry(entry) for entry in entries if not entry.erased]


def plain(value: Any) -> Any:
    """Dataclasses and what they hold, as JSON has it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def typed(wanted: Any, value: Any) -> Any:
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        wanted = next(kind for kind in get_args(wanted) if kind is not type(None))
        origin = get_origin(wanted)
    if origin is tuple:
        return tuple(typed(get_args(wanted)[0], item) for item in value)
    if origin is dict:
        return {key: typed(get_args(wanted)[1], item) for key, item in value.items()}
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = _hints(wanted)
        return wanted(**{name: typed(hints[name], item) for name, item in value.items() if name in hints})
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is Decimal or (isinstance(wanted, type) and issubclass(wanted, StrEnum)):
        return wanted(value)
    return value


@overload
def wire_time(at: datetime) -> str: ...
@overload
def wire_time(at: datetime | None) -> str | None: ...
def wire_time(at: datetime | None) -> str | None:
    """A moment as it stands on the wire: ISO 8601, UTC, milliseconds."""
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ------------------------------------------------------------ JSON for browsers

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode_json(value: Any) -> str:
    """The JSON text: UTF-8 as it is, no spaces.

    Half of a surrogate pair, which UTF-8 has no bytes for, becomes a question mark.
    """
    text = _JSON.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def merge_json(*objects: str) -> str:
    """One object with the members of all, put together from texts already made."""
    return "{" + ",".join(text[1:-1] for text in objects if text != "{}") + "}"


def json_size(text: str) -> int:
    """Bytes on the wire."""
    return len(text) if text.isascii() else len(text.encode())
