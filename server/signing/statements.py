"""Preparing the record that quotes what was said (lines chosen, sent to both, sealed), and signing without a room: each
side reads and signs on their own phone, by a personal link and a code to it. Implements `Statements` and
`SigningByLink`.

Every choice is an entry of the journal at once: a page that is closed loses nothing. A language model of the office's
own network may propose choices (`Condenser`); what it says is taken only where each of its sentences is a line with
nothing but omissions, and stays marked as its own.

A mediation by telephone or on site (Order 121 Arts 20, 24) is signed as any session is, with the same code, text and
seal; here is only how its signers come to it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import aiohttp
import aiohttp.abc
import structlog
from pydantic import BaseModel, Field, ValidationError

from complaints.record.identifiers import masked_phone
from journal.refusals import Refused, room_refusal
from offices import Office, Officer
from recordings.transcripts.condensing import ProposedLine, Rule, Sighting, faithful, moments, omitting
from recordings.transcripts.statements import RecordDraft, RecordStatement
from rooms import MOST_LINE, commands as c
from rooms.joining.consents import ELECTRONIC, HANDWRITING
from rooms.joining.invitations import Guest
from rooms.live.registry import Sessions
from rooms.record.minutes import PHASES, SIDES
from rooms.record.rules import MOST_CHOICES
from rooms.session import Session
from rooms.signing.state import FAILURE, RECORD
from rooms.views import AskedStatement, Handwriting, SignerRow, SigningVisit, ToSign
from rooms.vocabulary import Status
from server.connections import TooLong, content_of
from server.identity.codes import SigningCodes, Tickets
from server.identity.store import IdentityStore
from server.outbox import sign_text
from server.outbox.service import OutboxService
from server.outbox.store import MessageStore
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


log = structlog.get_logger(__name__)


class CondenserFailed(Exception):
    """It was not reached in time, or what it said cannot be used. The text is one sentence."""


class Condenser(Protocol):
    """Proposes which of these lines a record quotes, and shorter where that says the same. CondenserFailed."""

    @property
    def name(self) -> str: ...

    async def condense(self, lines: Sequence[ProposedLine]) -> Sequence[c.StatementChoice]:
        """Of every line whether it is taken; `text` is faithful to what was heard, or "" for all of it."""
        ...


class StatementService:
    def __init__(
        self, desk: SigningService, links: LinkSigning, sessions: Sessions, condenser: Condenser | None = None
    ) -> None:
        self._desk, self._links, self._sessions, self._condenser = desk, links, sessions, condenser

    async def draft(self, officer: Officer, session: str) -> RecordDraft:
        state = await self._own(officer, session)
        rows, private, heard = await self._desk.said(state)
        sealed = any(one.sealed.kind in (RECORD, FAILURE) for one in state.documents)
        signing = state.signing
        return RecordDraft(
            tuple(rows),
            heard,
            private,
            len(state.statements.decided),
            "sealed" if sealed else "signing" if signing and signing.of_record and signing.open else "preparing",
            self._condenser.name if self._condenser is not None else "",
        )

    async def decide(self, officer: Officer, session: str, line: str, taken: bool, text: str) -> None:
        """`text`: as it stands in the field. What is no quotation is the mediator's own words. Refused(404)."""
        row = await self._row(officer, session, line)
        text = " ".join(text.split())
        if len(text) > MOST_LINE:
            raise Refused("too_long", 422, most=MOST_LINE)
        choice = c.StatementChoice(line, taken)
        if text and text != row.line.quote:
            choice = c.StatementChoice(line, taken, text, not faithful(text, row.line.heard))
        await self._ask(officer, session, c.DecideStatements((choice,)))

    async def undo(self, officer: Officer, session: str) -> None:
        await self._own(officer, session)
        await self._ask(officer, session, c.TakeBackStatements())

    async def propose(self, officer: Officer, session: str) -> None:
        """By the language model. Refused: no_condenser (404), condenser_failed (502)."""
        state = await self._own(officer, session)
        if self._condenser is None:
            raise Refused("no_condenser", 404)
        rows, _, _ = await self._desk.said(state)
        lines = [row.line for row in rows if row.line.rules[0] not in _NOT_ASKED and not row.own][:MOST_CHOICES]
        if not lines:
            return
        try:
            choices = await self._condenser.condense(lines)
        except CondenserFailed as fault:
            log.warning("the language model condensed nothing", session=session, why=str(fault))
            raise Refused("condenser_failed", 502) from fault
        sound = checked(lines, choices)
        if not sound:
            raise Refused("condenser_failed", 502)
        await self._ask(officer, session, c.DecideStatements(sound, self._condenser.name))

    async def send(self, officer: Officer, session: str) -> None:
        await self._own(officer, session)
        await self._links.ask_record(officer, session)

    async def seal(self, officer: Officer, session: str) -> None:
        """Without the sides' signatures. What lay there to be signed is called off."""
        await self._own(officer, session)
        with room_refusal():
            await self._desk.file(officer, session, quoting=True)

    async def moments(self, session: str) -> Sequence[Sighting]:
        """Where words speak of what a review asks. Asks nobody who they are."""
        found = await self._desk.heard(session)
        return () if found is None else await asyncio.to_thread(moments, *found)

    async def _row(self, officer: Officer, session: str, line: str) -> RecordStatement:
        rows, _, _ = await self._desk.said(await self._own(officer, session))
        found = next((row for row in rows if row.line.line == line), None)
        if found is None:
            raise Refused("not_found", 404)
        return found

    async def _own(self, officer: Officer, session: str) -> Session:
        """Of its mediator alone, once it is over. Another office's does not exist."""
        with room_refusal():
            state = await self._sessions.state(session)
        if state.office != officer.office.id:
            raise Refused("not_found", 404)
        if state.mediator != officer.id:
            raise Refused("not_allowed", 403)
        if state.status is not Status.CLOSED or state.held is not None or state.erasure is not None:
            raise Refused("not_found", 404)
        return state

    async def _ask(self, officer: Officer, session: str, command: c.Command) -> None:
        with room_refusal():
            await self._sessions.submit(session, command, officer.actor)


_NOT_ASKED: Final = frozenset({Rule.OFFER, Rule.UNSURE, Rule.OTHER})
"""An offer does not leave for the model, and what the machine was not sure of is for a person to hear."""


def checked(lines: Sequence[ProposedLine], choices: Sequence[c.StatementChoice]) -> tuple[c.StatementChoice, ...]:
    """Those of lines that there are, each once, with a text that is nothing but the line with omissions."""
    heard = {line.line: line.heard for line in lines}
    found = {
        one.line: one
        for one in choices
        if one.line in heard and not one.own and (not one.text or faithful(one.text, heard[one.line]))
    }
    return tuple(found.values())


# ------------------------------------------------------------ a language model of the office's own


class _Said(BaseModel):
    id: str = Field(max_length=64)
    text: str = Field(default="", max_length=MOST_LINE)


class _Answer(BaseModel):
    lines: list[_Said] = Field(max_length=MOST_CHOICES)


_TASK: Final = (
    "你为行政调解的调解记录选取当事人的原话。输入是JSON数组，每项有id、speaker、phase、text。"
    "选出陈述事实、金额、日期、请求、承认、否认和理由的句子，以及调解员的告知、提问和相应的回答；"
    "不选寒暄、重复、情绪、设备问题和为达成协议提出的让步。可以删去句中多余的词，删去处写“……”，"
    '不得改动、增加或调换任何一个字。只输出JSON：{"lines":[{"id":"…","text":"…"}]}，保持原来的顺序。'
)
MOST_ANSWER: Final = 512 << 10  # bytes


class LocalModel:
    """A server on the office's network that speaks the chat completions of OpenAI's interface. `url`: up to `/v1`."""

    def __init__(self, url: str, model: str, key: str = "", seconds: float = 60.0) -> None:
        self._url, self._model, self._key = url.rstrip("/") + "/chat/completions", model, key
        self._timeout = aiohttp.ClientTimeout(total=seconds, connect=min(5.0, seconds))

    @property
    def name(self) -> str:
        return self._model

    async def condense(self, lines: Sequence[ProposedLine]) -> Sequence[c.StatementChoice]:
        answer = await self._answer(json.dumps([_told(line) for line in lines], ensure_ascii=False))
        heard = {line.line: line for line in lines}
        chosen: dict[str, str] = {}
        for said in answer.lines:
            line = heard.get(said.id)
            if line is None or said.id in chosen:
                continue
            text = said.text.strip()
            quote = omitting(text, line.heard) if text else line.heard
            if quote:
                chosen[said.id] = "" if quote == line.quote else quote
        if not chosen:
            raise CondenserFailed("none of its sentences is a line of the transcript")
        return [c.StatementChoice(line.line, line.line in chosen, chosen.get(line.line, "")) for line in lines]

    async def _answer(self, asked: str) -> _Answer:
        body = {
            "model": self._model,
            "temperature": 0,
            "response_format": {"type": "json_object"},
            "messages": [{"role": "system", "content": _TASK}, {"role": "user", "content": asked}],
        }
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        connector = aiohttp.TCPConnector(resolver=_OfficeNetwork())
        host = urlsplit(self._url).hostname or ""
        if _address(host) is not None and not _inside(host):  # no resolver is asked about an address
            await connector.close()
            raise CondenserFailed("it is not on the office's network")
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
                ) as http,
                http.post(self._url, json=body, headers=headers, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise CondenserFailed(f"it answered {response.status}")
                content = await content_of(response, MOST_ANSWER)
        except TooLong:
            raise CondenserFailed("its answer is too long") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as fault:
            raise CondenserFailed(f"it cannot be reached: {type(fault).__name__}") from fault
        try:
            said: Mapping[str, Any] = json.loads(content)
            return _Answer.model_validate_json(_bare(str(said["choices"][0]["message"]["content"])))
        except (ValueError, KeyError, IndexError, TypeError, ValidationError) as fault:
            raise CondenserFailed("its answer is not what was asked for") from fault


class _OfficeNetwork(aiohttp.ThreadedResolver):
    """Names that lead to this machine or to private addresses; what was said leaves for no other."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        found = [one for one in await super().resolve(host, port, family) if _inside(one["host"])]
        if not found:
            raise OSError(f"{host} is not on the office's network")
        return found


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _inside(host: str) -> bool:
    address = _address(host)
    return address is not None and (address.is_loopback or address.is_private) and not address.is_unspecified


def _told(line: ProposedLine) -> dict[str, str]:
    who = SIDES[line.side] if line.side is not None else "调解员"
    return {"id": line.line, "speaker": who, "phase": PHASES[line.phase], "text": line.heard}


def _bare(text: str) -> str:
    """Without the fence that models like to put around JSON."""
    text = text.strip()
    return text.removeprefix("```json").removeprefix("```").removesuffix("```").strip() if text[:3] == "```" else text
