"""The state of a signing: who has read the text, who they are, who signed, and what lies under the office's seal.

Owns `Signing`, a fold of `rooms.signing`. What is decided about it is in `rooms.signing.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar, assert_never

from rooms import events as e
from rooms.events import SessionEntry

_Kept = TypeVar("_Kept")

AGREEMENT, RECORD, FAILURE = "agreement", "record", "failure"


@dataclass(frozen=True, slots=True)
class SignatureState:
    """A signature. `version` is its journal entry."""

    how: str
    name: str
    at: datetime
    version: int
    picture: str = ""
    sha256: str = ""
    capacity: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class SigningRefusal:
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VoidedSigning:
    """The last time it came to nothing."""

    reason: str
    seats: tuple[str, ...]
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """Under the office's seal."""

    sealed: e.DocumentSealed
    at: datetime
    copies: tuple[str, ...] = ()  # seats that took theirs


@dataclass(frozen=True, slots=True)
class SigningState:
    """`open`: something lies there to be signed. After a voiding the rest stays as it was, to be shown as void."""

    document: str
    text: str
    number: str
    kind: str
    signers: Mapping[str, str]  # side -> seat
    offered: datetime
    open: bool = True
    read: Mapping[str, datetime] = field(default_factory=dict)
    electronic: Mapping[str, str] = field(default_factory=dict)  # seat -> version of what they agreed to (Art 3)
    consents: Mapping[str, str] = field(default_factory=dict)  # seat -> version of the notice
    confirmed: Mapping[str, datetime] = field(default_factory=dict)
    recognised: Mapping[str, str] = field(default_factory=dict)  # seat -> how the mediator knew them, without a code
    hands: Mapping[str, SignatureState] = field(default_factory=dict)
    refusals: Mapping[str, SigningRefusal] = field(default_factory=dict)
    voided: VoidedSigning | None = None
    sealed: bool = False
    seal_only: bool = False  # the mediator does not sign
    statements: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # seat -> line -> which wording of it

    @property
    def of_record(self) -> bool:
        """What lies there is the record of a session that has ended."""
        return bool(self.statements)

    @property
    def parties(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.signers.values()))

    @property
    def parties_signed(self) -> bool:
        return all(seat in self.hands for seat in self.parties)

    def complete(self, mediator: str) -> bool:
        return self.parties_signed and (self.seal_only or mediator in self.hands)


def signing_after(signing: SigningState | None, event: e.SigningEvent, entry: SessionEntry) -> SigningState | None:
    if isinstance(event, e.SigningOffered):
        return SigningState(
            event.document,
            event.text,
            event.number,
            event.kind,
            event.signers,
            entry.at,
            seal_only=event.seal_only,
            statements=event.statements,
        )
    if signing is None:
        return None
    match event:
        case e.SigningRead(seat=seat):
            return replace(signing, read={**signing.read, seat: entry.at})
        case e.ElectronicFormAgreed(seat=seat, notice=notice):
            return replace(signing, electronic={**signing.electronic, seat: notice})
        case e.HandwritingConsented(seat=seat, notice=notice):
            return replace(signing, consents={**signing.consents, seat: notice})
        case e.SignerConfirmed(seat=seat):
            return replace(
                signing,
                confirmed={**signing.confirmed, seat: entry.at},
                recognised=_without(signing.recognised, seat),
            )
        case e.SignerConfirmedByVoice(seat=seat, recognised=recognised):
            return replace(
                signing,
                confirmed={**signing.confirmed, seat: entry.at},
                recognised={**signing.recognised, seat: recognised},
            )
        case e.Signed(seat=seat):
            hand = SignatureState(
                event.how,
                event.name,
                entry.at,
                entry.version,
                event.picture,
                event.sha256,
                event.capacity,
                event.basis,
            )
            return replace(signing, hands={**signing.hands, seat: hand}, refusals=_without(signing.refusals, seat))
        case e.SigningRefused(seat=seat, reason=reason):
            return replace(signing, refusals={**signing.refusals, seat: SigningRefusal(reason, entry.at)})
        case e.SignatureWithdrawn(seat=seat, voids=voids):
            # Who signs anew shows anew who they are.
            return replace(
                signing,
                hands=_without(signing.hands, seat, *voids),
                confirmed=_without(signing.confirmed, seat, *voids),
                recognised=_without(signing.recognised, seat, *voids),
            )
        case e.SigningVoided(reason=reason, seats=seats, note=note):
            return replace(signing, open=False, hands={}, voided=VoidedSigning(reason, seats, entry.at, note))
        case e.DocumentSealed(text=text):
            return replace(signing, open=False, sealed=True) if text == signing.text else signing
        case e.CopyTaken():
            return signing
        case _:
            assert_never(event)


def documents_after(
    documents: tuple[SealedDocument, ...], event: e.SigningEvent, entry: SessionEntry
) -> tuple[SealedDocument, ...]:
    """Everything under seal, in order."""
    match event:
        case e.DocumentSealed():
            return (*documents, SealedDocument(event, entry.at))
        case e.CopyTaken(document=document, seat=seat) if seat:
            return tuple(
                replace(one, copies=(*one.copies, seat))
                if one.sealed.document == document and seat not in one.copies
                else one
                for one in documents
            )
        case _:
            return documents


def _without(of: Mapping[str, _Kept], *seats: str) -> dict[str, _Kept]:
    return {seat: value for seat, value in of.items() if seat not in seats}
