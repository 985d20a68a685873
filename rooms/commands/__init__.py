"""What can be asked of a session: imperative, without the asker (who is the `Actor` given beside it); a module a topic.

A command never names the seat it acts *as*: that comes from the actor. It may name the seat it acts *on*.
"""

from __future__ import annotations

from rooms.commands.agreement import (
    AgreementCommand as AgreementCommand,
    AnswerClause as AnswerClause,
    AnswerFact as AnswerFact,
    AskConfirmation as AskConfirmation,
    ExplainClause as ExplainClause,
    MoveClause as MoveClause,
    ProposeAgreed as ProposeAgreed,
    PutClaim as PutClaim,
    PutClause as PutClause,
    PutFact as PutFact,
    QueryClause as QueryClause,
    RecordAuthority as RecordAuthority,
    RemoveClause as RemoveClause,
    RemoveFact as RemoveFact,
    WaiveAgreement as WaiveAgreement,
)
from rooms.commands.assistance import (
    Assist as Assist,
    AssistanceCommand as AssistanceCommand,
    EndAssistance as EndAssistance,
)
from rooms.commands.circles import (
    ChooseChannel as ChooseChannel,
    CirclesCommand as CirclesCommand,
    EndCaucus as EndCaucus,
    EndConsulting as EndConsulting,
    StartCaucus as StartCaucus,
    StartConsulting as StartConsulting,
)
from rooms.commands.concessions import (
    AgreeGap as AgreeGap,
    ConcessionsCommand as ConcessionsCommand,
    DropGap as DropGap,
    EnterFigure as EnterFigure,
    MarkSlip as MarkSlip,
    OpenGap as OpenGap,
    ShowSlip as ShowSlip,
    WithdrawSlip as WithdrawSlip,
    WriteSlip as WriteSlip,
)
from rooms.commands.elsewhere import (
    ElsewhereCommand as ElsewhereCommand,
    RecordHeld as RecordHeld,
)
from rooms.commands.exhibits import (
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
from rooms.commands.floor import (
    AskUnmute as AskUnmute,
    CoverOpening as CoverOpening,
    EndRecess as EndRecess,
    EnterPhase as EnterPhase,
    FloorCommand as FloorCommand,
    Mute as Mute,
    NoteSpeaking as NoteSpeaking,
    Say as Say,
    SetCamera as SetCamera,
    SetDoor as SetDoor,
    SetHand as SetHand,
    SetScreen as SetScreen,
    StartRecess as StartRecess,
    Unmute as Unmute,
)
from rooms.commands.invitations import (
    AddSeat as AddSeat,
    Cancel as Cancel,
    CorrectPhone as CorrectPhone,
    InvitationCommand as InvitationCommand,
    IssueLink as IssueLink,
    OpenLink as OpenLink,
    RevokeLink as RevokeLink,
    Schedule as Schedule,
)
from rooms.commands.joining import (
    Admit as Admit,
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
    NoteCodeSent as NoteCodeSent,
    NoteConnection as NoteConnection,
    Observe as Observe,
    Remove as Remove,
    SendBack as SendBack,
    StateAge as StateAge,
    WithdrawConsent as WithdrawConsent,
)
from rooms.commands.law import (
    LawCommand as LawCommand,
    PutLawAway as PutLawAway,
    ShowLaw as ShowLaw,
)
from rooms.commands.network import (
    NetworkCommand as NetworkCommand,
    NoteMediaAwaited as NoteMediaAwaited,
    NoteMediaConnected as NoteMediaConnected,
    NotePictures as NotePictures,
    NoteQuality as NoteQuality,
)
from rooms.commands.outcome import (
    Close as Close,
    Correct as Correct,
    OutcomeCommand as OutcomeCommand,
    ProposeOutcome as ProposeOutcome,
    SeeOutcome as SeeOutcome,
    TakeBackOutcome as TakeBackOutcome,
)
from rooms.commands.record import (
    AddNote as AddNote,
    CorrectEntry as CorrectEntry,
    GrantViewing as GrantViewing,
    LiftHold as LiftHold,
    NoteErased as NoteErased,
    NoteExport as NoteExport,
    NoteView as NoteView,
    NoteViewing as NoteViewing,
    OrderErasure as OrderErasure,
    PlaceHold as PlaceHold,
    RecordCommand as RecordCommand,
)
from rooms.commands.recording import (
    NoteRecording as NoteRecording,
    RecordingCommand as RecordingCommand,
    Resume as Resume,
)
from rooms.commands.script import (
    CheckItem as CheckItem,
    ScriptCommand as ScriptCommand,
)
from rooms.commands.signing import (
    AgreeElectronicForm as AgreeElectronicForm,
    CallOffSigning as CallOffSigning,
    ConfirmSigner as ConfirmSigner,
    ConfirmSignerByVoice as ConfirmSignerByVoice,
    ConsentHandwriting as ConsentHandwriting,
    NoteCopy as NoteCopy,
    OfferSigning as OfferSigning,
    ReadThrough as ReadThrough,
    RefuseSigning as RefuseSigning,
    SealDocument as SealDocument,
    Sign as Sign,
    SigningCommand as SigningCommand,
    WithdrawSignature as WithdrawSignature,
)
from rooms.commands.typical import (
    PutTypicalAway as PutTypicalAway,
    ShowTypical as ShowTypical,
    TypicalCommand as TypicalCommand,
)

Later = (
    InvitationCommand
    | JoiningCommand
    | FloorCommand
    | CirclesCommand
    | ConcessionsCommand
    | NetworkCommand
    | RecordingCommand
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
)
"""Asked of a session that there is."""

Command = Schedule | Later
