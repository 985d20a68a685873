"""The signing as one person in the room may know it: `signing` and `documents` in the view of docs/wire.md.

Everybody in the room sees who has read and signed. Why somebody refuses is told to the mediator and to nobody else but
themselves; handwriting is shown to nobody here.
"""

from __future__ import annotations

from typing import Literal

from rooms.agreement.state import side_of
from rooms.codec import wire_time
from rooms.session import Session
from rooms.signing.state import Signing
from rooms.view import messages as w


def signing_view(session: Session, seat: str) -> w.SigningView | None:
    signing = session.signing
    if signing is None:
        return None
    mediator = session.mediator_seat
    return {
        "text": signing.text,
        "number": signing.number,
        "kind": signing.kind,
        "offered": wire_time(signing.offered),
        "state": "sealed" if signing.sealed else "open" if signing.open else "void",
        "next": _next(signing, mediator),
        "signers": [_signer(session, signing, one, seat) for one in (*signing.parties, mediator)],
        "voided": None
        if signing.voided is None
        else {
            "reason": signing.voided.reason,
            "seats": list(signing.voided.seats),
            "at": wire_time(signing.voided.at),
            "note": signing.voided.note,
        },
    }


def documents_view(session: Session, seat: str) -> list[w.DocumentView]:
    """Under seal, for both sides and the mediator; `taken`: this person has taken theirs."""
    return [
        {
            "id": one.sealed.document,
            "kind": one.sealed.kind,
            "number": one.sealed.number,
            "at": wire_time(one.at),
            "sha256": one.sealed.sha256,
            "level": one.sealed.level,
            "assurance": one.sealed.assurance or "own",
            "certifier": one.sealed.certifier,
            "taken": seat in one.copies,
        }
        for one in session.documents
    ]


def _next(signing: Signing, mediator: str) -> Literal["parties", "mediator", "seal", ""]:
    """Whose turn it is: parties, mediator, seal; "" when nothing is open."""
    if not signing.open:
        return ""
    if not signing.parties_signed:
        return "parties"
    return "seal" if mediator in signing.hands else "mediator"


def _signer(session: Session, signing: Signing, seat: str, viewer: str) -> w.SignerView:
    state, hand, refusal = session.seats[seat], signing.hands.get(seat), signing.refusals.get(seat)
    side = side_of(state)
    authority = session.draft.authorities.get(seat)
    told = viewer in (seat, session.mediator_seat)
    return {
        "seat": seat,
        "side": side,
        "capacity": "" if authority is None else authority.capacity.value,
        "basis": "" if authority is None else authority.basis,
        "read": seat in signing.read,
        "electronic": seat in signing.electronic,
        "consented": signing.consents.get(seat, ""),
        "confirmed": seat in signing.confirmed,
        "by_voice": seat in signing.recognised,
        "signed": None if hand is None else wire_time(hand.at),
        "how": "" if hand is None else hand.how,
        "refused": refusal is not None,
        "reason": refusal.reason if refusal is not None and told else "",
    }
