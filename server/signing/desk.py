"""Signing and its documents, for pages. Implements `Signing`.

A file is there before the journal names it; what the journal then does not take is removed. Whether something may
happen is decided by the session (`rooms.signing.rules`), never here.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import structlog

from complaints.complaint import local_day
from complaints.notices import AGREEMENT, series
from complaints.state import Complaint
from journal import Draft, Event, append_decided
from journal.refusals import NotAllowed, Refused, refusal_of
from offices import Office, Officer
from recordings import VaultError
from recordings.transcripts import Transcript
from recordings.transcripts.condensing import condense
from recordings.transcripts.statements import RecordStatement, stated
from recordings.views import unread
from rooms import NobodyThere, NotAgreed, NotSigning, OtherText, OutOfOrder, commands as c
from rooms.agreement import outcome
from rooms.agreement.outcome import decider
from rooms.agreement.state import SIDES
from rooms.events import DocumentSealed, SessionEntry, history, stream
from rooms.joining.consents import HANDWRITING
from rooms.joining.invitations import Guest
from rooms.record.minutes import Minutes, minutes
from rooms.session import Session
from rooms.signing import Ink, ink
from rooms.signing.rules import record_kind, record_signer
from rooms.signing.state import RECORD, SignatureState
from rooms.views import Handwriting
from server.documents import NoFont, Unprintable
from server.identity.codes import COPY
from server.outbox import copy_text
from server.signing import Making, Paper
from server.signing.certificates import SealPanel
from server.signing.copies import SealedCopies, SigningServices, copy_for_others, is_party, signed_sheet
from server.signing.forms import PaperWording, for_file, to_sign
from server.signing.seals import SIGNATURES, NoSeal, UnderSeal, assurance_sentence, put_under_seal

COPY_LASTS = timedelta(days=30)

log = structlog.get_logger(__name__)


class SigningService(SealedCopies):
    def __init__(self, services: SigningServices) -> None:
        super().__init__(services)
        self._sealing: dict[str, asyncio.Lock] = {}  # one at a time of a session: a second tap finds it done

    # ------------------------------------------------------------ before the room

    async def offer(self, officer: Officer, session: str) -> str:
        state, complaint, office = await self._known(officer, session)
        if not outcome.agreed(state):
            raise NotAgreed(clauses=sorted({clause.number for clause, _ in outcome.missing(state)}))
        signers = [decider(state, side) for side in SIDES]
        if "" in signers:
            raise NobodyThere(side=next(side.value for side in SIDES if not decider(state, side)))
        number = state.signing.number if state.signing else await self._number(officer, state, office)
        made = await self._minutes(session)
        wording = to_sign(state, complaint, office, number, signers, await self._making(), made)
        text = await asyncio.to_thread(self._at.papers.put_wording, session, wording)
        await self._at.sessions.submit(
            session, c.OfferSigning(wording.draft, text, number, tuple(signers), office.seal_only), officer.actor
        )
        return text

    # ------------------------------------------------------------ the record of what ended

    async def offer_record(self, officer: Officer, session: str) -> str:
        """The record with what it quotes is made and lies there to be confirmed and signed: its hash. NobodyThere."""
        state, complaint, office = await self._known(officer, session)
        spoken = await self.spoken(state)
        signers = [seat for side in SIDES if (seat := record_signer(state, side))]
        number = await self._record_number(officer, state, office)
        made = await self._minutes(session)
        wording = for_file(state, complaint, office, number, await self._making(), made, spoken, signers)
        statements: dict[str, dict[str, str]] = {seat: {} for seat in signers}
        for seat, line, of, _ in wording.statements:
            statements[seat][line] = of
        text = await asyncio.to_thread(self._at.papers.put_wording, session, wording)
        await self._at.sessions.submit(
            session,
            c.OfferRecord(state.statements.digest, text, number, statements, office.seal_only),
            officer.actor,
        )
        return text

    async def spoken(self, state: Session) -> list[RecordStatement]:
        """What its record would quote now, of a transcript and of what was written to everybody."""
        return (await self.said(state))[0]

    async def said(self, state: Session) -> tuple[list[RecordStatement], int, bool]:
        """Every line with what the record does with it; how many were of private talks; if there is a transcript."""
        found = await self.heard(state.id)
        transcript, events = found or (None, history(await self._at.journal.read(stream(state.id))))
        draft = await asyncio.to_thread(condense, transcript, events)
        return stated(draft, state.statements), draft.private, transcript is not None

    async def heard(self, session: str) -> tuple[Transcript, list[SessionEntry]] | None:
        """Its transcript, and the journal that says when what was said."""
        transcript = await self._at.transcripts.of(session) if self._at.transcripts is not None else None
        return None if transcript is None else (transcript, history(await self._at.journal.read(stream(session))))

    async def _record_number(self, officer: Officer, state: Session, office: Office) -> str:
        return state.signing.number if state.signing else await self._number(officer, state, office)

    async def text(self, session: str, text: str, seat: str = "") -> Mapping[str, Any]:
        state = await self._at.sessions.state(session)
        if state.signing is None or state.signing.text != text:
            raise Refused("not_found", 404)
        wording = await self._wording(session, text)
        if seat and not is_party(state, seat):
            wording = wording.for_others
        told = asdict(wording)
        del told["masked"]
        return {**told, "text": text}

    # ------------------------------------------------------------ who signs

    async def send_code(self, guest: Guest, text: str, ip: str) -> str:
        state = await self._open(guest.session, text)
        assert state.signing is not None
        if guest.seat.id not in state.signing.parties:
            raise Refused("not_allowed", 403)
        return await self._at.codes.send(
            "sign", state.office, state.complaint, state.id, guest.seat.id, text, state.signing.number, ip
        )

    async def sign(self, guest: Guest, text: str, code: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        state = await self._open(guest.session, text)
        assert state.signing is not None
        seat = guest.seat.id
        made = well_drawn(drawn)
        if seat not in state.signing.confirmed:
            await self._at.codes.check("sign", state.id, seat, text, code, ip)
            await self._at.sessions.submit(state.id, c.ConfirmSigner(text, "code"), guest.actor)
        await self._sign(state.id, text, name, made, guest.actor)

    async def sign_as_mediator(
        self, officer: Officer, session: str, text: str, name: str, drawn: Handwriting | None
    ) -> None:
        await self._known(officer, session)
        made = well_drawn(drawn)
        await self._at.sessions.submit(session, c.ConfirmSigner(text, "account"), officer.actor)
        await self._sign(session, text, name, made, officer.actor)

    async def sign_with_saved(self, officer: Officer, session: str, text: str, code: str) -> None:
        """Place a copy of the drawing that the mediator keeps. Refused: bad_signature_code (left), signature_locked,
        no_signature."""
        await self._known(officer, session)
        state = await self._open(session, text)
        signing = state.signing
        assert signing is not None
        if signing.seal_only:
            raise NotAllowed
        if not signing.parties_signed:  # before a try is counted
            raise OutOfOrder(missing="parties")
        made = await self._at.saved.use(officer, code)
        if state.by_link:  # in a room it is asked there; saving the drawing agreed that it is kept
            await self._at.sessions.submit(session, c.ConsentHandwriting(text, HANDWRITING), officer.actor)
        await self._at.sessions.submit(session, c.ConfirmSigner(text, "account"), officer.actor)
        await self._sign(session, text, officer.name, made, officer.actor, saved=True)

    async def _sign(
        self, session: str, text: str, name: str, made: Ink | None, actor: Any, saved: bool = False
    ) -> None:
        picture, sha256 = "", ""
        if made is not None:
            picture = uuid.uuid4().hex
            sha256 = await asyncio.to_thread(self._at.papers.put_ink, session, picture, made)
        try:
            events = await self._at.sessions.submit(session, c.Sign(text, name, picture, sha256, saved), actor)
        except BaseException:
            if picture:
                await asyncio.to_thread(self._at.papers.drop_ink, session, picture)
            raise
        if made is not None and not events:  # a second tap: the first one's is on file
            await asyncio.to_thread(self._at.papers.drop_ink, session, picture)

    # ------------------------------------------------------------ the seal

    async def seal(self, officer: Officer, session: str, text: str) -> None:
        async with self._sealing.setdefault(session, asyncio.Lock()):
            state, _, office = await self._known(officer, session)
            signing = state.signing
            if state.sealed and signing is not None and signing.text == text:
                return
            state = await self._open(session, text)
            signing = state.signing
            assert signing is not None
            if not signing.complete(state.mediator_seat):
                # The session says the same, before anything is printed.
                await self._at.sessions.submit(session, _unfinished(signing.kind, signing.number, text), officer.actor)
            wording = await self._wording(session, text)
            inks = {
                seat: await asyncio.to_thread(self._at.papers.ink, session, hand.picture, hand.sha256)
                for seat, hand in signing.hands.items()
                if hand.picture
            }
            paper = signed_sheet(
                wording,
                signing.hands,
                inks,
                self._at.now(),
                office.zone,
                self._at.public_url,
                office.mediation_seal,
                state.mediator_seat,
                by_voice=signing.recognised,
                by_link=state.by_link,
                officer=state.seats[state.mediator_seat].name,
            )
            await self._finish(officer, session, office, wording, text, paper, signing.hands)
            await self._tell(state, office, signing.number)

    async def file(self, officer: Officer, session: str, quoting: bool = False) -> None:
        """`quoting`: with what was chosen of the transcript."""
        async with self._sealing.setdefault(session, asyncio.Lock()):
            state, complaint, office = await self._known(officer, session)
            kind = record_kind(state)
            if any(one.sealed.kind == kind for one in state.documents):
                return
            if state.outcome is None:
                await self._at.sessions.submit(session, _unfinished(RECORD, "", ""), officer.actor)
            if state.signing is not None and state.signing.of_record and state.signing.open:
                await self._at.sessions.submit(session, c.CallOffSigning(), officer.actor)
            number = await self._record_number(officer, state, office)
            made = await self._minutes(session)
            spoken = await self.spoken(state) if quoting else []
            wording = for_file(state, complaint, office, number, await self._making(), made, spoken)
            paper = signed_sheet(
                wording, {}, {}, self._at.now(), office.zone, self._at.public_url, office.mediation_seal
            )
            await self._finish(officer, session, office, wording, "", paper, {})

    async def _finish(
        self,
        officer: Officer,
        session: str,
        office: Office,
        wording: PaperWording,
        text: str,
        paper: Paper,
        hands: Mapping[str, SignatureState],
    ) -> UnderSeal:
        pdf = await self._printed(await self._with_worth(paper, office))
        copy = b""
        if wording.masked or not text:
            copy = await self._printed(copy_for_others(wording, hands, paper))
        said = SealPanel(office.issuer, f"{wording.title} {wording.number}")
        try:
            made = await put_under_seal(self._at.seals, office.id, pdf, said, self._at.stamps)
        except NoSeal as fault:
            log.warning("there is no seal to be used", office=office.id, why=str(fault))
            raise Refused("no_seal", 409) from fault
        document = uuid.uuid4().hex
        await asyncio.to_thread(self._at.papers.put_document, session, document, made.content)
        if copy:
            await asyncio.to_thread(self._at.papers.put_copy, session, document, copy)
        event = DocumentSealed(
            document,
            wording.kind,
            wording.number,
            made.sha256,
            len(made.content),
            made.certificate,
            made.level,
            text,
            made.assurance,
            made.certifier,
        )
        await self._at.sessions.submit(session, c.SealDocument(event), officer.actor)
        return made

    async def _making(self) -> Making:
        return Making(self._at.open, library=await self._at.library())

    async def _with_worth(self, paper: Paper, office: Office) -> Paper:
        """With what its seal, and what it is signed by, is worth."""
        told = assurance_sentence(*await asyncio.to_thread(self._at.seals.standing, office.id))
        signed = SIGNATURES if any(hand.note for hand in paper.hands) else ""
        return replace(paper, verify=f"{paper.verify}{told}{signed}")

    async def _printed(self, paper: Paper) -> bytes:
        try:
            return await asyncio.to_thread(self._at.press.print, paper)
        except (Unprintable, NoFont) as fault:
            log.error("a document cannot be printed", why=str(fault))
            raise Refused("unprintable", 500) from fault

    async def _tell(self, state: Session, office: Office, number: str) -> None:
        """Both signers get their personal link; whoever has no number takes the copy in the room or at the office."""
        assert state.signing is not None
        for seat in state.signing.parties:
            try:
                phone = await self._at.codes.phone(state.complaint, state.id, seat)
            except Refused:
                continue
            what, ends = {"session": state.id, "seat": seat}, self._at.now() + COPY_LASTS
            secret = await self._at.tickets.issue(COPY, what, ends)
            url = f"{self._at.public_url}/c/{secret}"
            text = copy_text(office, number, url, COPY_LASTS.days, office.writes(self._at.language))
            await self._at.messages.put_once(
                self._at.outbox.compose(state.office, state.id, "copy", phone, text, number)
            )
        self._at.outbox.nudge()

    # ------------------------------------------------------------ steps of the above

    async def _minutes(self, session: str) -> Minutes:
        return minutes(history(await self._at.journal.read(stream(session))))

    async def _known(self, officer: Officer, session: str) -> tuple[Session, Complaint, Office]:
        """Another office's session does not exist; only its own mediator signs and seals."""
        state = await self._state(session)
        if state.office != officer.office.id:
            raise Refused("not_found", 404)
        if officer.id != state.mediator:
            raise Refused("not_allowed", 403)
        with refusal_of():
            return state, await self._at.complaints.state(state.complaint), officer.office

    async def _open(self, session: str, text: str) -> Session:
        state = await self._state(session)
        if state.signing is None or not state.signing.open:
            raise NotSigning
        if state.signing.text != text:
            raise OtherText
        return state

    async def _wording(self, session: str, text: str) -> PaperWording:
        try:
            return await asyncio.to_thread(self._at.papers.wording, session, text)
        except (VaultError, json.JSONDecodeError) as fault:
            raise unread(fault) from fault

    async def _number(self, officer: Officer, state: Session, office: Office) -> str:
        """Counted per series and year; one that came to nothing is not given again."""
        now = self._at.now()
        year = local_day(now, office.zone).year
        words = await self._at.offices.words(office.id)
        of = series(office.id, office.number_prefix, AGREEMENT, year, words)

        def of_session(given: list[Event]) -> str:
            return next((str(event.data["written"]) for event in given if event.data.get("session") == state.id), "")

        def decided(given: list[Event]) -> list[Draft]:
            number = len(given) + 1
            entry = {"number": number, "session": state.id, "written": of.written(year, number)}
            return [] if of_session(given) else [Draft("DocumentNumberGiven", entry, now, officer.actor)]

        await append_decided(self._at.journal, of.stream, decided)
        return of_session(await self._at.journal.read(of.stream))


def well_drawn(drawn: Handwriting | None) -> Ink | None:
    """DomainError: bad_ink."""
    return None if drawn is None else ink(drawn.width, drawn.height, drawn.strokes)


def _unfinished(kind: str, number: str, text: str) -> c.SealDocument:
    """Has the session refuse in its own words what is not ready."""
    return c.SealDocument(DocumentSealed("-", kind, number, "0" * 64, 1, "0" * 64, "B-B", text))
