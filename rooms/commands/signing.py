"""What can be asked about signing. Every command names the text it is about, so that none reaches another one."""

from __future__ import annotations

from dataclasses import dataclass

from rooms.events.signing import DocumentSealed


@dataclass(frozen=True, slots=True)
class OfferSigning:
    """`document` is the draft's digest as the text was made of it, `signers` those it names, side by side; `text` the
    hash of that text."""

    document: str
    text: str
    number: str
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallOffSigning:
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReadThrough:
    text: str


@dataclass(frozen=True, slots=True)
class AgreeElectronicForm:
    """`notice` is filled in by the room: the edition of the question that it shows."""

    text: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class ConsentHandwriting:
    """`notice` is filled in by the room: the edition of the sentence that it shows under the pad."""

    text: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmSigner:
    """Asked only by who checked it: the server, for the person it checked."""

    text: str
    how: str


@dataclass(frozen=True, slots=True)
class ConfirmSignerByVoice:
    """By the mediator, of somebody who is in the room."""

    seat: str
    text: str
    recognised: str


@dataclass(frozen=True, slots=True)
class Sign:
    """`picture`, `sha256`: the sealed file of the handwriting; both "" when the name was typed."""

    text: str
    name: str
    picture: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class RefuseSigning:
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawSignature:
    text: str


@dataclass(frozen=True, slots=True)
class SealDocument:
    sealed: DocumentSealed


@dataclass(frozen=True, slots=True)
class NoteCopy:
    document: str


SigningCommand = (
    OfferSigning
    | CallOffSigning
    | ReadThrough
    | AgreeElectronicForm
    | ConsentHandwriting
    | ConfirmSigner
    | ConfirmSignerByVoice
    | Sign
    | RefuseSigning
    | WithdrawSignature
    | SealDocument
    | NoteCopy
)
