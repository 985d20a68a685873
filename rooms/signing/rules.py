"""Decisions about the signing of one text, up to the office's seal.

Order: each side's signer reads the text to its end, agrees to sign it electronically and that the handwriting is
kept, confirms what a record quotes of them, shows again who they are and signs; then the mediator, unless the office's
papers carry its seal alone (Order 121 Art 24 asks for both sides and the seal); then the seal. It is in effect when the
seal is on.
Every step names the text; whatever changes the draft before voids everything.
"""

from __future__ import annotations

from typing import assert_never

from journal.refusals import NotAllowed, WrongState
from rooms import (
    MOST_LINE,
    BadValue,
    DraftSealed,
    InCaucus,
    NobodyThere,
    NotAgreed,
    NotSigning,
    OtherText,
    OutOfOrder,
    commands as c,
    events as e,
    line,
    optional,
    recognition,
)
from rooms.agreement import outcome
from rooms.agreement.outcome import decider
from rooms.agreement.state import SIDES
from rooms.events import SessionEvent
from rooms.session import Asker, Session
from rooms.signing.state import AGREEMENT, FAILURE, RECORD, SigningState
from rooms.vocabulary import OutcomeKind, Side, Status

DIGEST = 64  # hex characters


def decide_signing(command: c.SigningCommand, session: Session, who: Asker) -> list[SessionEvent]:
    match command:
        case c.OfferSigning():
            return offer(command, session)
        case c.OfferRecord():
            return offer_record(command, session)
        case c.CallOffSigning():
            return call_off(command, session)
        case c.ReadThrough():
            signing = _turn(session, command.text, who.seat)
            return [] if who.seat in signing.read else [e.SigningRead(who.seat, signing.text)]
        case c.AgreeElectronicForm():
            signing, notice = _turn(session, command.text, who.seat), line(command.notice, "notice", 64)
            same = signing.electronic.get(who.seat) == notice
            return [] if same else [e.ElectronicFormAgreed(who.seat, signing.text, notice)]
        case c.ConsentHandwriting():
            signing, notice = _turn(session, command.text, who.seat), line(command.notice, "notice", 64)
            same = signing.consents.get(who.seat) == notice
            return [] if same else [e.HandwritingConsented(who.seat, signing.text, notice)]
        case c.ConfirmSigner():
            signing = _turn(session, command.text, who.seat)
            return [] if who.seat in signing.confirmed else [e.SignerConfirmed(who.seat, signing.text, command.how)]
        case c.ConfirmSignerByVoice():
            return confirm_by_voice(command, session)
        case c.Sign():
            return sign(command, session, who.seat)
        case c.RefuseSigning():
            return refuse(command, session, who.seat)
        case c.WithdrawSignature():
            return withdraw(command, session, who.seat)
        case c.SealDocument():
            return seal(command.sealed, session)
        case c.NoteCopy():
            return copied(command, session, who.seat)
        case _:
            assert_never(command)


def offer(command: c.OfferSigning, session: Session) -> list[SessionEvent]:
    """NotAgreed, OtherText (the draft went on while the text was made), NobodyThere, InCaucus, Sealed."""
    if session.sealed:
        raise DraftSealed
    if session.circles.caucus is not None:
        raise InCaucus
    if not outcome.agreed(session):
        raise NotAgreed(clauses=sorted({clause.number for clause, _ in outcome.missing(session)}))
    if command.document != outcome.digest(session):
        raise OtherText
    if len(command.text) != DIGEST:
        raise BadValue(field="text")
    current = session.signing
    if current is not None and current.open and current.text == command.text:
        return []
    signers = {side.value: decider(session, side) for side in SIDES}
    for side, seat in signers.items():
        if not seat:
            raise NobodyThere(side=side)
    if tuple(signers.values()) != command.signers:
        raise OtherText  # somebody came or went while it was written
    kind = RECORD if outcome.waived(session) else AGREEMENT
    before = voided(current, "called_off") if current is not None and current.open else []
    return [
        *before,
        e.SigningOffered(
            command.document, command.text, line(command.number, "number"), kind, signers, command.seal_only
        ),
    ]


def offer_record(command: c.OfferRecord, session: Session) -> list[SessionEvent]:
    """Of a session that has ended, once: the record of a settlement, or of a failure. WrongState, OtherText (what it
    quotes was changed while the text was made), NobodyThere."""
    if session.status is not Status.CLOSED or session.outcome is None or session.held is not None:
        raise WrongState(status=session.status.value)
    kind = record_kind(session)
    if session.erasure is not None or any(one.sealed.kind == kind for one in session.documents):
        raise DraftSealed
    if command.choices != session.statements.digest:
        raise OtherText
    if len(command.text) != DIGEST:
        raise BadValue(field="text")
    current = session.signing
    if current is not None and current.open and current.text == command.text:
        return []
    signers = {side.value: seat for side in SIDES if (seat := record_signer(session, side))}
    if not signers:
        raise NobodyThere(side=SIDES[0].value)
    if set(command.statements) != set(signers.values()):
        raise OtherText
    before = voided(current, "called_off") if current is not None and current.open else []
    number = line(command.number, "number")
    return [
        *before,
        e.SigningOffered(
            command.choices, command.text, number, kind, signers, command.seal_only, dict(command.statements)
        ),
    ]


def record_kind(session: Session) -> str:
    """Which record an ended session has: one of failure has a form of its own."""
    failed = session.outcome is not None and session.outcome.kind is OutcomeKind.NOT_SETTLED
    return FAILURE if failed else RECORD


def record_signer(session: Session, side: Side) -> str:
    """Who confirms the record for a side: of those who were there whoever may bind it, its principal first; else who
    spoke for it. A minor does not by themselves; "" for nobody."""
    there = [seat for seat in outcome.speakers(session, side) if seat.been_inside]
    able = [seat for seat in there if outcome.empowered(session, seat)]
    return next((seat.id for seat in (*able, *there) if outcome.decides_alone(session, seat)), "")


def call_off(command: c.CallOffSigning, session: Session) -> list[SessionEvent]:
    signing = session.signing
    if session.sealed and not (signing is not None and signing.of_record and signing.open):
        raise DraftSealed
    note = optional(command.reason, "reason", MOST_LINE)
    return [] if signing is None or not signing.open else voided(signing, "called_off", note)


def confirm_by_voice(command: c.ConfirmSignerByVoice, session: Session) -> list[SessionEvent]:
    """Of a party who is in the room, so that the mediator can hear them; who signs is still the one at their device."""
    signing = _turn(session, command.text, command.seat)
    if command.seat not in signing.parties:
        raise NotAllowed
    seat = session.seats[command.seat]
    if not seat.in_room:
        raise WrongState(status=seat.status.value)
    if seat.id in signing.confirmed:
        return []
    return [e.SignerConfirmedByVoice(seat.id, signing.text, recognition(command.recognised))]


def sign(command: c.Sign, session: Session, own: str) -> list[SessionEvent]:
    """OutOfOrder says what is missing before: read, electronic, code, consent, parties."""
    signing = _turn(session, command.text, own)
    if own in signing.hands:
        return []  # a second tap
    mediator = own == session.mediator_seat
    if (mediator and signing.seal_only) or (command.saved and not mediator):
        raise NotAllowed
    if mediator and not signing.parties_signed:
        raise OutOfOrder(missing="parties")
    if not mediator and own not in signing.read:
        raise OutOfOrder(missing="read")
    if not mediator and own not in signing.electronic:
        raise OutOfOrder(missing="electronic")
    if command.picture and own not in signing.consents:
        raise OutOfOrder(missing="consent")
    if own not in signing.confirmed:
        raise OutOfOrder(missing="code")
    if bool(command.picture) is not bool(command.sha256) or (command.sha256 and len(command.sha256) != DIGEST):
        raise BadValue(field="picture")
    if command.saved and not command.picture:
        raise BadValue(field="picture")
    if not mediator and not confirmed_statements(session, signing, own):
        raise OutOfOrder(missing="statements")
    held = session.draft.authorities.get(own)
    return [
        e.Signed(
            own,
            signing.text,
            "saved" if command.saved else "drawn" if command.picture else "typed",
            line(command.name, "name", 60),
            command.picture,
            command.sha256,
            "" if held is None else held.capacity.value,
            "" if held is None else held.basis,
        )
    ]


def confirmed_statements(session: Session, signing: SigningState, seat: str) -> bool:
    """Whether they said of every line that quotes them that it is right, as it stands now."""
    answers = session.statements.answers
    return all(
        (answer := answers.get(quoted, {}).get(seat)) is not None and answer.right and answer.of == of
        for quoted, of in signing.statements.get(seat, {}).items()
    )


def refuse(command: c.RefuseSigning, session: Session, own: str) -> list[SessionEvent]:
    signing = _turn(session, command.text, own)
    if own in signing.hands:
        raise WrongState(status="signed")  # they withdraw it first
    reason = line(command.reason, "reason", MOST_LINE)
    before = signing.refusals.get(own)
    return [] if before is not None and before.reason == reason else [e.SigningRefused(own, signing.text, reason)]


def withdraw(command: c.WithdrawSignature, session: Session, own: str) -> list[SessionEvent]:
    signing = _turn(session, command.text, own)
    if own not in signing.hands:
        return []
    above = session.mediator_seat
    voids = (above,) if own != above and above in signing.hands else ()
    return [e.SignatureWithdrawn(own, signing.text, voids)]


def seal(sealed: e.DocumentSealed, session: Session) -> list[SessionEvent]:
    """Of what was signed only when everybody has; of a record or a failure only of a session that has ended."""
    if any(one.sealed.kind == sealed.kind for one in session.documents):
        return []  # a second tap
    certificate = 0 if sealed.assurance == "unified" else DIGEST  # a platform's seal is not of a certificate here
    if len(sealed.sha256) != DIGEST or len(sealed.certificate) != certificate:
        raise BadValue(field="sealed")
    if sealed.size <= 0 or not sealed.document:
        raise BadValue(field="sealed")
    if sealed.text:
        signing = session.signing
        if signing is None or not signing.open:
            raise NotSigning
        if (sealed.text, sealed.kind, sealed.number) != (signing.text, signing.kind, signing.number):
            raise OtherText
        if not signing.complete(session.mediator_seat):
            raise OutOfOrder(missing="signatures")
        same = signing.document == (session.statements.digest if signing.of_record else outcome.digest(session))
        if not same or not (signing.of_record or outcome.agreed(session)):
            raise OtherText  # cannot be: whatever changes it voids the signing
        return [sealed]
    if session.status is not Status.CLOSED or session.outcome is None:
        raise WrongState(status=session.status.value)
    settled = session.outcome.kind is OutcomeKind.SETTLED
    if sealed.kind not in (RECORD, FAILURE) or (sealed.kind == FAILURE and settled):
        raise BadValue(field="kind")
    return [sealed]


def copied(command: c.NoteCopy, session: Session, own: str) -> list[SessionEvent]:
    if all(one.sealed.document != command.document for one in session.documents):
        raise NotSigning
    return [e.CopyTaken(command.document, "" if own == session.mediator_seat else own)]


def voided(signing: SigningState, reason: str, note: str = "") -> list[SessionEvent]:
    return [e.SigningVoided(signing.text, reason, tuple(sorted(signing.hands)), note)]


def _turn(session: Session, text: str, own: str) -> SigningState:
    """The signing that is open, of this text, of which this seat is a signer. NotSigning, OtherText, NotAllowed."""
    signing = session.signing
    if signing is not None and signing.sealed:
        raise DraftSealed
    if signing is None or not signing.open:
        raise NotSigning
    if own not in signing.parties and own != session.mediator_seat:
        raise NotAllowed
    if text != signing.text:
        raise OtherText
    return signing
