"""Signing an agreement in the room: who reads, shows who they are and signs, and the office's seal; its commands and
events, and handwriting as numbers.

Every command names the text it is about, so that none reaches another one. `text` is the SHA-256 of everything the
signers read, which `SigningOffered` bound to the draft's own digest. Handwriting is not in the journal: `picture` names
a sealed file, `sha256` says what is in it. Strokes are points (x, y, pressure in thousandths) in a box of `width` ×
`height` units, as the pad counted them; what a drawn signature may be, and when it is none, is said here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rooms import BadInk, Digest, Id, Text
from rooms.vocabulary import CONFERRING, MEDIATOR, OFFICER, PARTIES, command


@command(MEDIATOR, in_room=True)
@dataclass(frozen=True, slots=True)
class OfferSigning:
    """`document` is the draft's digest as the text was made of it, `signers` those it names, side by side; `text` the
    hash of that text. `seal_only`: the text says that the mediator does not sign it."""

    document: str
    text: str
    number: str
    signers: tuple[str, ...]
    seal_only: bool = False


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class OfferRecord:
    """The record of a session that has ended, as its text was made. `choices`: the digest of what it quotes;
    `statements`: who signs, each with the lines that quote their side and which wording of each."""

    choices: str
    text: str
    number: str
    statements: dict[str, dict[str, str]]
    seal_only: bool = False


@command(MEDIATOR, "call_off_signing", in_room=True)
@dataclass(frozen=True, slots=True)
class CallOffSigning:
    reason: Text = ""


@command(CONFERRING, "read_through", in_room=True)
@dataclass(frozen=True, slots=True)
class ReadThrough:
    """The end of the text was seen."""

    text: Digest


@command(CONFERRING, "agree_electronic_form", in_room=True, filled=frozenset({"notice"}))
@dataclass(frozen=True, slots=True)
class AgreeElectronicForm:
    """`notice` is filled in by the room: the edition of the question that it shows."""

    text: Digest
    notice: str = ""


@command(CONFERRING | MEDIATOR, "consent_handwriting", in_room=True, filled=frozenset({"notice"}))
@dataclass(frozen=True, slots=True)
class ConsentHandwriting:
    """`notice` is filled in by the room: the edition of the sentence that it shows under the pad."""

    text: Digest
    notice: str = ""


@command(CONFERRING | MEDIATOR, in_room=True)
@dataclass(frozen=True, slots=True)
class ConfirmSigner:
    """Asked only by who checked it: the server, for the person it checked."""

    text: str
    how: str


@command(MEDIATOR, "confirm_signer_by_voice", in_room=True)
@dataclass(frozen=True, slots=True)
class ConfirmSignerByVoice:
    """By the mediator, of somebody who is in the room."""

    seat: Id
    text: Digest
    recognised: Text


@command(CONFERRING | MEDIATOR, in_room=True)
@dataclass(frozen=True, slots=True)
class Sign:
    """`picture`, `sha256`: the sealed file of the handwriting; both "" when the name was typed. `saved`: it is a copy
    of the drawing that the mediator keeps, placed after its own code."""

    text: str
    name: str
    picture: str = ""
    sha256: str = ""
    saved: bool = False


@command(CONFERRING, "refuse_signing", in_room=True)
@dataclass(frozen=True, slots=True)
class RefuseSigning:
    text: Digest
    reason: Text


@command(CONFERRING | MEDIATOR, "withdraw_signature", in_room=True)
@dataclass(frozen=True, slots=True)
class WithdrawSignature:
    """Before the seal."""

    text: Digest


@command(MEDIATOR)
@dataclass(frozen=True, slots=True)
class SealDocument:
    sealed: DocumentSealed


@command(PARTIES | OFFICER)
@dataclass(frozen=True, slots=True)
class NoteCopy:
    document: str


SigningCommand = (
    OfferSigning
    | OfferRecord
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


# ------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class SigningOffered:
    """The mediator asked both sides to sign. `signers`: side -> the seat that signs for it. `seal_only`: the mediator
    does not sign, as the office has set; the text says so, and the seal follows both sides.

    `statements`: of the record of a session that has ended, and of nothing else: by signer the lines that quote their
    side, each with which wording of it. `document` is then the digest of what the record quotes."""

    document: str  # rooms.agreement.outcome.digest
    text: str
    number: str  # 东高一调〔2026〕0312号
    kind: str  # "agreement", or "record" when both want no written agreement
    signers: dict[str, str] = field(default_factory=dict)
    seal_only: bool = False
    statements: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SigningRead:
    """The text was scrolled through to its end."""

    seat: str
    text: str


@dataclass(frozen=True, slots=True)
class ElectronicFormAgreed:
    """A side agreed to sign this text electronically (E-signature Law Art 3); `notice` is the version of what was
    shown. No side's signature stands before its own agreement."""

    seat: str
    text: str
    notice: str


@dataclass(frozen=True, slots=True)
class HandwritingConsented:
    """Agreed that the handwriting is kept; `notice` is the version of what was shown (PIPL Arts 17, 29)."""

    seat: str
    text: str
    notice: str


@dataclass(frozen=True, slots=True)
class SignerConfirmed:
    """Who signs showed again who they are, for this text. `how`: "code" | "account" (of an officer)."""

    seat: str
    text: str
    how: str


@dataclass(frozen=True, slots=True)
class SignerConfirmedByVoice:
    """The mediator knew who is about to sign this text, where no code came. `recognised`: how."""

    seat: str
    text: str
    recognised: str


@dataclass(frozen=True, slots=True)
class Signed:
    """`how`: "drawn" | "typed" (by who cannot draw) | "saved" (the mediator's stored drawing was placed after its own
    code). `capacity`, `basis`: in what capacity they act for a side, and the paper that shows it."""

    seat: str
    text: str
    how: str
    name: str
    picture: str = ""
    sha256: str = ""
    capacity: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class SigningRefused:
    seat: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignatureWithdrawn:
    """Before the seal. `voids`: the mediator's signature, which stood under theirs."""

    seat: str
    text: str
    voids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningVoided:
    """What was signed is not what stands there now, or it is not to be signed any more. `seats`: whose signatures went.

    `reason`: "edited" | "called_off" | "closed".
    """

    text: str
    reason: str
    seats: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class DocumentSealed:
    """A document went out under the office's seal: PDF `document` in the case's files, of which `sha256` is the hash.

    `kind`: "agreement" | "record" | "failure". `text`: what was signed, "" of one that nobody signs. `certificate` is
    the seal's fingerprint, `level` "B-B" or "B-T"; both "" where a platform sealed. `assurance`: "own" | "provider" |
    "unified", "" of what was sealed before it was told apart; `certifier`: who issued the certificate, or the platform.
    """

    document: str  # id
    kind: str
    number: str
    sha256: str
    size: int
    certificate: str
    level: str
    text: str = ""
    assurance: str = ""
    certifier: str = ""


@dataclass(frozen=True, slots=True)
class CopyTaken:
    """A side took its copy: `seat`, or "" when an officer did."""

    document: str
    seat: str = ""


SigningEvent = (
    SigningOffered
    | SigningRead
    | ElectronicFormAgreed
    | HandwritingConsented
    | SignerConfirmed
    | SignerConfirmedByVoice
    | Signed
    | SigningRefused
    | SignatureWithdrawn
    | SigningVoided
    | DocumentSealed
    | CopyTaken
)

MOST_STROKES = 80
MOST_POINTS = 4_000
SMALLEST, LARGEST = 80, 4_000  # units of a side of the pad
PRESSURE = 1_000
LEAST_INK = 0.08  # of the pad's width, along all strokes: a slip of the finger is no name

Point = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ink:
    width: int
    height: int
    strokes: tuple[tuple[Point, ...], ...]


def ink(width: int, height: int, strokes: Sequence[Sequence[Sequence[int]]]) -> Ink:
    """Checked: BadInk with the problem "size" | "much" | "outside" | "little"."""
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise BadInk(problem="size")
    if len(strokes) > MOST_STROKES or sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        raise BadInk(problem="much")
    made = tuple(tuple(_point(point, width, height) for point in stroke) for stroke in strokes if len(stroke))
    if sum(_length(stroke) for stroke in made) < LEAST_INK * width:
        raise BadInk(problem="little")
    return Ink(width, height, made)


def _point(point: Sequence[int], width: int, height: int) -> Point:
    if len(point) != 3 or any(type(number) is not int for number in point):
        raise BadInk(problem="outside")
    x, y, pressure = point
    if not (0 <= x <= width and 0 <= y <= height and 0 <= pressure <= PRESSURE):
        raise BadInk(problem="outside")
    return x, y, pressure


def _length(stroke: tuple[Point, ...]) -> float:
    return float(sum(((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5 for a, b in pairwise(stroke)))
