"""What can have happened in a session: past-tense facts, as the journal keeps them; a module a topic.

The union `SessionEvent` is complete: `evolve` matches over it exhaustively. `rooms.codec` makes the journal's JSON.
"""

from __future__ import annotations

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
)
from rooms.joining.telephone import (
    CallBegun as CallBegun,
    CallEnded as CallEnded,
    CallProgressed as CallProgressed,
    ConsentKeyed as ConsentKeyed,
    ConsentSpoken as ConsentSpoken,
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
