"""What can be asked of a session: imperative, without the asker (who is the `Actor` given beside it); a module a topic.

A command never names the seat it acts *as*: that comes from the actor. It may name the seat it acts *on*.
"""

from __future__ import annotations

from rooms.agreement import (
    AgreementCommand as AgreementCommand,
    AnswerClause as AnswerClause,
    AnswerFact as AnswerFact,
    AskConfirmation as AskConfirmation,
    Close as Close,
    Correct as Correct,
    ExplainClause as ExplainClause,
    MoveClause as MoveClause,
    ObjectToOutcome as ObjectToOutcome,
    OutcomeCommand as OutcomeCommand,
    ProposeAgreed as ProposeAgreed,
    ProposeOutcome as ProposeOutcome,
    PutClaim as PutClaim,
    PutClause as PutClause,
    PutFact as PutFact,
    QueryClause as QueryClause,
    RecordAuthority as RecordAuthority,
    RemoveClause as RemoveClause,
    RemoveFact as RemoveFact,
    RestoreClause as RestoreClause,
    SeeOutcome as SeeOutcome,
    TakeBackOutcome as TakeBackOutcome,
    WaiveAgreement as WaiveAgreement,
)
from rooms.apart import (
    AnswerOffer as AnswerOffer,
    ApartCommand as ApartCommand,
    CallMeeting as CallMeeting,
    Confide as Confide,
    GoApart as GoApart,
    MoveEnd as MoveEnd,
    NoteVisit as NoteVisit,
    OpenRoom as OpenRoom,
    PutOffer as PutOffer,
    ReadRights as ReadRights,
    SendWord as SendWord,
    TakeBackOffer as TakeBackOffer,
)
from rooms.caucus import (
    AgreeGap as AgreeGap,
    ChooseChannel as ChooseChannel,
    CirclesCommand as CirclesCommand,
    ConcessionsCommand as ConcessionsCommand,
    DropGap as DropGap,
    EndCaucus as EndCaucus,
    EndConsulting as EndConsulting,
    EnterFigure as EnterFigure,
    MarkSlip as MarkSlip,
    OpenGap as OpenGap,
    ShowSlip as ShowSlip,
    StartCaucus as StartCaucus,
    StartConsulting as StartConsulting,
    WithdrawSlip as WithdrawSlip,
    WriteSlip as WriteSlip,
)
from rooms.exhibits import (
    AcceptExhibit as AcceptExhibit,
    AskExhibit as AskExhibit,
    DisputeExhibit as DisputeExhibit,
    ExhibitCommand as ExhibitCommand,
    LetShow as LetShow,
    MarkExhibit as MarkExhibit,
    NoteExhibit as NoteExhibit,
    OfferExhibit as OfferExhibit,
    PutAwayExhibit as PutAwayExhibit,
    ReleaseExhibit as ReleaseExhibit,
    ShowExhibit as ShowExhibit,
    TakeBackAnswer as TakeBackAnswer,
    TurnPage as TurnPage,
    UnmarkExhibit as UnmarkExhibit,
    WithdrawExhibit as WithdrawExhibit,
)
from rooms.floor import (
    AskUnmute as AskUnmute,
    CheckItem as CheckItem,
    CoverOpening as CoverOpening,
    EndRecess as EndRecess,
    EnterPhase as EnterPhase,
    FloorCommand as FloorCommand,
    LawCommand as LawCommand,
    Mute as Mute,
    NoteSpeaking as NoteSpeaking,
    PutLawAway as PutLawAway,
    PutTypicalAway as PutTypicalAway,
    Say as Say,
    ScriptCommand as ScriptCommand,
    SetBackground as SetBackground,
    SetCamera as SetCamera,
    SetDoor as SetDoor,
    SetHand as SetHand,
    SetScreen as SetScreen,
    ShowLaw as ShowLaw,
    ShowTypical as ShowTypical,
    StartRecess as StartRecess,
    TakeCard as TakeCard,
    TypicalCommand as TypicalCommand,
    Unmute as Unmute,
)
from rooms.joining import (
    Admit as Admit,
    AdmitAll as AdmitAll,
    AnswerConsent as AnswerConsent,
    Arrive as Arrive,
    AskHelp as AskHelp,
    AskOtherTime as AskOtherTime,
    CheckDevice as CheckDevice,
    ChooseName as ChooseName,
    ConfirmByVoice as ConfirmByVoice,
    ConfirmIdentity as ConfirmIdentity,
    GiveConsent as GiveConsent,
    JoiningCommand as JoiningCommand,
    Leave as Leave,
    MoveSeat as MoveSeat,
    NoteCodeSent as NoteCodeSent,
    NoteConnection as NoteConnection,
    NoteRealName as NoteRealName,
    Observe as Observe,
    Remove as Remove,
    SendBack as SendBack,
    StateAge as StateAge,
    WithdrawConsent as WithdrawConsent,
)
from rooms.joining.seat_messages import (
    AddSeat as AddSeat,
    AnswerSound as AnswerSound,
    Assist as Assist,
    AssistanceCommand as AssistanceCommand,
    BeginCall as BeginCall,
    Cancel as Cancel,
    CorrectPhone as CorrectPhone,
    DeclineOtherTime as DeclineOtherTime,
    ElsewhereCommand as ElsewhereCommand,
    EndAssistance as EndAssistance,
    EndCall as EndCall,
    HandOverLink as HandOverLink,
    InvitationCommand as InvitationCommand,
    IssueLink as IssueLink,
    KeyConsent as KeyConsent,
    NoteCall as NoteCall,
    OpenLink as OpenLink,
    RecordHeld as RecordHeld,
    Reschedule as Reschedule,
    RevokeLink as RevokeLink,
    Schedule as Schedule,
    TelephoneCommand as TelephoneCommand,
)
from rooms.media import (
    AskCaptions as AskCaptions,
    CaptionsCommand as CaptionsCommand,
    NetworkCommand as NetworkCommand,
    NoteMediaAwaited as NoteMediaAwaited,
    NoteMediaConnected as NoteMediaConnected,
    NotePictures as NotePictures,
    NoteQuality as NoteQuality,
    NoteRecording as NoteRecording,
    RecordingCommand as RecordingCommand,
    Resume as Resume,
    SetCaptions as SetCaptions,
)
from rooms.record import (
    AddNote as AddNote,
    AnswerStatement as AnswerStatement,
    CorrectEntry as CorrectEntry,
    CorrectTranscript as CorrectTranscript,
    DecideStatements as DecideStatements,
    GrantViewing as GrantViewing,
    LiftHold as LiftHold,
    NoteErased as NoteErased,
    NoteExport as NoteExport,
    NoteView as NoteView,
    NoteViewing as NoteViewing,
    OrderErasure as OrderErasure,
    PlaceHold as PlaceHold,
    RecordCommand as RecordCommand,
    StatementChoice as StatementChoice,
    TakeBackStatements as TakeBackStatements,
)
from rooms.signing import (
    AgreeElectronicForm as AgreeElectronicForm,
    CallOffSigning as CallOffSigning,
    ConfirmSigner as ConfirmSigner,
    ConfirmSignerByVoice as ConfirmSignerByVoice,
    ConsentHandwriting as ConsentHandwriting,
    NoteCopy as NoteCopy,
    OfferRecord as OfferRecord,
    OfferSigning as OfferSigning,
    ReadThrough as ReadThrough,
    RefuseSigning as RefuseSigning,
    SealDocument as SealDocument,
    Sign as Sign,
    SigningCommand as SigningCommand,
    WithdrawSignature as WithdrawSignature,
)

Later = (
    InvitationCommand
    | JoiningCommand
    | TelephoneCommand
    | FloorCommand
    | CirclesCommand
    | ConcessionsCommand
    | NetworkCommand
    | RecordingCommand
    | CaptionsCommand
    | OutcomeCommand
    | RecordCommand
    | AgreementCommand
    | LawCommand
    | TypicalCommand
    | ScriptCommand
    | AssistanceCommand
    | ExhibitCommand
    | SigningCommand
    | ElsewhereCommand
    | ApartCommand
)
"""Asked of a session that there is."""

Command = Schedule | Later
