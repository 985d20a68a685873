"""Signing without a room: each side reads and signs on their own phone, by a personal link and a code to it.

Of a mediation by telephone or on site (Order 121 Arts 20, 24). The signing is the session's own, with the same code,
text and seal; here is only how its signers come to it. Implements `SigningByLink`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from complaints.record.identifiers import masked_phone
from journal.refusals import Refused, room_refusal
from offices.people import Office, Officer
from rooms import commands as c
from rooms.joining.consents import ELECTRONIC, HANDWRITING
from rooms.joining.invitations import Guest
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.views import AskedStatement, Handwriting, SignerRow, SigningVisit, ToSign
from server.identity.codes import SigningCodes, Tickets
from server.identity.store import IdentityStore
from server.outbox.service import OutboxService
from server.outbox.store import MessageStore
from server.outbox.texts import sign_text
from server.signing.desk import SigningService, well_drawn

LINK, CONFIRMED = "sign", "signer"  # kinds of tickets
LASTS: Final = timedelta(days=7)
CONFIRMED_LASTS: Final = timedelta(minutes=30)


class LinkSigning:
    def __init__(
        self,
        desk: SigningService,
        codes: SigningCodes,
        sessions: Sessions,
        offices: IdentityStore,
        tickets: Tickets,
        outbox: OutboxService,
        messages: MessageStore,
        now: Callable[[], datetime],
        public_url: str,
        language: str = "zh",
    ) -> None:
        self._desk, self._codes, self._sessions, self._offices = desk, codes, sessions, offices
        self._tickets, self._outbox, self._messages, self._now = tickets, outbox, messages, now
        self._url, self._language = public_url, language

    # ------------------------------------------------------------ the officer

    async def ask(self, officer: Officer, session: str) -> None:
        """Make the text and send each side its link. Who has no mobile number can be sent neither it nor a code."""
        await self._send(officer, session, await self._desk.offer(officer, session))

    async def ask_record(self, officer: Officer, session: str) -> None:
        """Likewise of the record of what has ended."""
        with room_refusal():
            text = await self._desk.offer_record(officer, session)
        await self._send(officer, session, text)

    async def _send(self, officer: Officer, session: str, text: str) -> None:
        state = await self._state(session)
        assert state.signing is not None
        for seat in state.signing.parties:
            if seat in state.signing.hands:
                continue
            ends, what = self._now() + LASTS, _about(session, seat, text)
            url = f"{self._url}/g/{await self._tickets.issue(LINK, what, ends)}"
            try:
                phone = await self._codes.phone(state.complaint, session, seat)
            except Refused:
                continue
            record = state.signing.of_record
            language = officer.office.writes(self._language)
            said_ = sign_text(officer.office, state.signing.number, url, LASTS.days, language, record)
            offered = state.signing.offered.isoformat()
            await self._messages.put_once(self._outbox.compose(state.office, session, "link", phone, said_, offered))
        self._outbox.nudge()

    async def signers(self, officer: Officer, session: str) -> list[SignerRow]:
        """How far each has come; for who is asked and has not signed, a link to hand over. Their own office's only."""
        state = await self._state(session)
        if state.office != officer.office.id or state.signing is None or not state.by_link:
            return []
        signing = state.signing
        return [
            SignerRow(
                seat,
                state.seats[seat].name,
                state.seats[seat].role.value,
                signing.hands[seat].at if seat in signing.hands else None,
                signing.refusals[seat].reason if seat in signing.refusals else "",
                await self._link(session, seat, signing.text)
                if signing.open and seat in signing.parties and seat not in signing.hands
                else "",
            )
            for seat in (*signing.parties, *(() if signing.seal_only else (state.mediator_seat,)))
        ]

    async def own_link(self, session: str, seat: str) -> str:
        """Where this seat reads and signs what lies there to be signed; "" for who signs nothing, or has."""
        state = await self._state(session)
        signing = state.signing
        if not state.by_link or signing is None or not signing.open:
            return ""
        if seat not in signing.parties or seat in signing.hands:
            return ""
        return await self._link(session, seat, signing.text)

    # ------------------------------------------------------------ a side, by its link

    async def visit(self, secret: str) -> SigningVisit:
        state, seat, _, office = await self._asked(LINK, secret)
        try:
            phone = await self._codes.phone(state.complaint, state.id, seat)
        except Refused:
            phone = ""
        assert state.signing is not None
        signing = state.signing
        return SigningVisit(office, masked_phone(phone), signing.number, seat in signing.hands, signing.of_record)

    async def send_code(self, secret: str, ip: str) -> str:
        state, seat, text, office = await self._asked(LINK, secret)
        return await self._desk.send_code(self._guest(state, seat, office), text, ip)

    async def open(self, secret: str, code: str, ip: str) -> ToSign:
        """The code is right: what is to be signed, and a ticket to sign it with. Refused: bad_code …"""
        state, seat, text, office = await self._asked(LINK, secret)
        guest = self._guest(state, seat, office)
        await self._codes.check("sign", state.id, seat, text, code, ip)
        await self._ask(state.id, c.ConfirmSigner(text, "code"), guest)
        ticket = self._tickets.write(
            CONFIRMED, {"session": state.id, "seat": seat, "text": text}, self._now() + CONFIRMED_LASTS
        )
        return await self._to_sign(state, seat, text, ticket)

    async def look(self, ticket: str) -> ToSign:
        state, seat, text, _ = await self._asked(CONFIRMED, ticket)
        return await self._to_sign(state, seat, text, ticket)

    async def sign(self, ticket: str, name: str, drawn: Handwriting | None, ip: str) -> None:
        """They have read it to the end, agree to sign electronically (E-signature Law Art 3) and put their name to it;
        who writes it by hand has agreed that it is kept (Personal Information Protection Law Art 29).

        DomainError: bad_ink, other_text, not_signing …
        """
        with room_refusal():
            well_drawn(drawn)  # before anything is noted
        state, seat, text, office = await self._asked(CONFIRMED, ticket)
        guest = self._guest(state, seat, office)
        await self._ask(state.id, c.ReadThrough(text), guest)
        await self._ask(state.id, c.AgreeElectronicForm(text, ELECTRONIC), guest)
        if drawn is not None:
            await self._ask(state.id, c.ConsentHandwriting(text, HANDWRITING), guest)
        with room_refusal():
            await self._desk.sign(guest, text, "", name, drawn, ip)

    async def answer(self, ticket: str, answers: Mapping[str, tuple[bool, str]]) -> None:
        """By line, whether it is what they said, and how it was."""
        state, seat, text, office = await self._asked(CONFIRMED, ticket)
        for line, (right, words) in answers.items():
            await self._ask(state.id, c.AnswerStatement(text, line, right, words), self._guest(state, seat, office))

    async def refuse(self, ticket: str, reason: str) -> None:
        state, seat, text, office = await self._asked(CONFIRMED, ticket)
        await self._ask(state.id, c.RefuseSigning(text, reason), self._guest(state, seat, office))

    # ------------------------------------------------------------ steps of the above

    async def _to_sign(self, state: Session, seat: str, text: str, ticket: str) -> ToSign:
        wording: Mapping[str, Any] = await self._desk.text(state.id, text)
        assert state.signing is not None
        answers, found = state.statements.answers, []
        for whose, line, of, said in wording.get("statements", ()):
            known = answers.get(line, {}).get(seat)
            if whose == seat:
                same = known is not None and known.of == of
                right, words = (known.right, known.words) if known is not None and same else (None, "")
                found.append(AskedStatement(line, said, right, words))
        return ToSign(ticket, state.seats[seat].name, wording, found)

    async def _ask(self, session: str, command: c.Command, guest: Guest) -> None:
        with room_refusal():
            await self._sessions.submit(session, command, guest.actor)

    async def _asked(self, kind: str, secret: str) -> tuple[Session, str, str, Office]:
        """Refused(410): over, none of ours, or about a text that is not the one to be signed any more."""
        told = await self._tickets.read(kind, secret)
        if told is None:
            raise Refused("link_expired", 410)
        state = await self._state(told["session"])
        office = await self._offices.office(state.office)
        signing = state.signing
        if office is None or not state.by_link or signing is None or signing.text[:16] != told["text"][:16]:
            raise Refused("link_expired", 410)
        if told["seat"] not in signing.parties or (not signing.open and told["seat"] not in signing.hands):
            raise Refused("link_expired", 410)
        if state.erasure is not None and state.erasure.done is not None:
            raise Refused("link_expired", 410, office_name=office.name, office_phone=office.phone)
        return state, told["seat"], signing.text, office

    async def _state(self, session: str) -> Session:
        with room_refusal():
            return await self._sessions.state(session)

    def _guest(self, state: Session, seat: str, office: Office) -> Guest:
        return Guest(state.id, state.seats[seat].seat, "", office, verified=True)

    async def _link(self, session: str, seat: str, text: str) -> str:
        """As it was sent; a whole one where that is over."""
        what = _about(session, seat, text)
        secret = await self._tickets.standing(LINK, what) or self._tickets.write(LINK, what, self._now() + LASTS)
        return f"{self._url}/g/{secret}"


def _about(session: str, seat: str, text: str) -> dict[str, str]:
    return {"session": session, "seat": seat, "text": text[:16]}
