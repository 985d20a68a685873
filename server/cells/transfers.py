"""A complaint as a document, and such a document as a complaint; and delivering: what another installation has to
confirm is told again and again, with growing pauses, until it has, signed.

One task delivers (a duty, where there are several nodes). Only what the other installation signed changes anything
here: whatever else comes back is tried again. Only addresses this installation allows (`YUNTIAO_CELL_ORIGINS`) are
called, never along a redirect.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import structlog

from complaints import Mode, events as e, procedure as p
from complaints.complaint import fold
from complaints.notices import NoticeIssued
from complaints.notices.messages import AnswerAdded, AnswerGiven, AnswerInvited
from complaints.procedure.rules import ComplaintWithdrawn
from complaints.record import CODE, IDENTITY, ObjectRecord, PartyRecord, PartyTyped, SourceNumber
from complaints.record.changes import (
    MOST_STEPS,
    NoteTransfer,
    RecordAmended,
    TransferAcknowledged,
    TransferDeclined,
    TransferReported,
    TransferReturned,
    TransferSent,
)
from complaints.record.identifiers import PHONE
from complaints.service import Authorised, ComplaintService, Filing
from complaints.state import Complaint, stream
from journal import SYSTEM, Event, Journal
from journal.notes import Signer
from journal.refusals import DomainError, Refused
from law.grounds import ending_grounds, refusal_grounds
from offices import Office
from offices.systems import KnownCell
from server import cells as wire
from server.cells.store import TRANSFER, CellStore, StoredDelivery
from server.complaints.attachments import AttachmentService
from server.connections import TooLong, content_of
from server.identity.store import IdentityStore
from server.outbox.hook_store import origin_of
from server.outbox.service import backoff
from server.serving.addresses import private

LOOK: Final = timedelta(seconds=5)  # an event of another process is noticed by then
_TIMEOUT: Final = aiohttp.ClientTimeout(total=60, sock_connect=10)

log = structlog.get_logger(__name__)

Opens = Callable[[str, str], str]
"""A sealed number and what it was sealed for -> the number."""


def record_out(state: Complaint, opened: Opens) -> wire.RecordOut:
    """What another bureau needs: the record with its numbers. A report that was split off is no part of it any more
    (Order 121 Art 37), nor are the office's own areas."""
    record = state.record
    same = {name: getattr(record, name) for name in _SAME}
    proxy = record.proxy
    return wire.RecordOut(
        **same,
        consumer=_party_out(record.consumer, opened),
        business=_party_out(record.business, opened),
        joint=tuple(_party_out(one, opened) for one in record.joint),
        proxy=None
        if proxy is None
        else wire.ProxyOut(
            **{name: getattr(proxy, name) for name in wire.ProxyOut.model_fields if name != "phone"},
            phone=opened(proxy.phone, PHONE) if proxy.phone else "",
        ),
        object=wire.ObjectOut(**{name: getattr(record.object, name) for name in wire.ObjectOut.model_fields}),
        also_reports=record.also_reports and not state.report,
        sources=tuple(wire.SourceOut(channel=one.channel, number=one.number) for one in record.sources),
    )


_SAME: Final = tuple(
    name
    for name in wire.RecordOut.model_fields
    if name not in ("consumer", "business", "joint", "proxy", "object", "also_reports", "sources")
)


def _party_out(party: PartyRecord, opened: Opens) -> wire.PartyOut:
    sealed = {
        "phone": (party.phone, PHONE),
        "other_phone": (party.other_phone, PHONE),
        "id_number": (party.id_sealed, IDENTITY),
    }
    code = opened(party.code_sealed, CODE) if "*" in party.credit_code and party.code_sealed else party.credit_code
    return wire.PartyOut(
        **{name: getattr(party, name) for name in wire.PartyOut.model_fields if name not in (*sealed, "credit_code")},
        **{name: opened(*one) if one[0] else "" for name, one in sealed.items()},
        credit_code=code,
    )


def files_out(state: Complaint) -> tuple[wire.FileOut, ...]:
    """As they were sent to us where that is kept: whoever decides needs what the camera wrote."""
    return tuple(
        wire.FileOut(
            name=one.name,
            sha256=one.original_sha256 if one.original else one.sha256,
            size=(one.original_size if one.original else one.size) or one.size,
            about=one.about,  # type: ignore[arg-type]
            by=one.by,  # type: ignore[arg-type]
            note=one.note,
        )
        for one in state.attachments
    )


def history_out(entries: Sequence[Event]) -> tuple[wire.StepOut, ...]:
    """What was done with it, of what the other needs. Whatever is not named here stays: looks at numbers, who handles
    it, what supervisors asked, leads and reports, questions, sessions and whatever was noted in private."""
    told = []
    for entry in entries:
        if not entry.erased and entry.type in e.KINDS and (said := _step(e.from_event(entry))) is not None:
            told.append(wire.StepOut(at=entry.at, what=said[0], text=said[1][:6_000]))
    return tuple(told[-MOST_STEPS:])


def _step(fact: e.ComplaintEvent) -> tuple[str, str] | None:
    match fact:
        case e.ComplaintRegistered():
            return "registered", ""
        case RecordAmended(reason=text):
            return "amended", text
        case p.Dispatched(note=text):
            return "dispatched", text
        case p.ReturnedToIntake(reason=text):
            return "returned", text
        case p.CompetenceDisputed(other=other, reason=text):
            return "disputed", f"{other}：{text}"
        case p.CompetenceSettled(note=text):
            return "settled", text
        case p.OrderChosen(reason=text):
            return "order", text
        case NoticeIssued(number=number):
            return "notice", number
        case AnswerInvited():
            return "asked", ""
        case AnswerGiven(facts=text, by=by):
            return "answered", f"{by}：{text}"
        case AnswerAdded(text=text):
            return "answered", text
        case TransferSent(name=name, reason=text):
            return "sent", f"{name}：{text}"
        case TransferReported(what="returned", text=text):
            return "came_back", text
        case _:
            return None


def filing_in(record: wire.RecordOut, office: Office, received: datetime) -> Filing:
    """As this office registers it: received by it now (Order 121 Art 15), known under the other's number too."""
    proxy = record.proxy
    theirs = SourceNumber(record.channel, record.number)
    others = [SourceNumber(one.channel, one.number) for one in record.sources if one.number != record.number]
    same = {name: getattr(record, name) for name in _SAME if name not in ("number", "received")}
    return Filing(
        office=office.id,
        prefix=office.number_prefix,
        zone=office.zone,
        received=received,
        **same,
        consumer=PartyTyped(**record.consumer.model_dump()),
        business=PartyTyped(**record.business.model_dump()),
        joint=tuple(PartyTyped(**one.model_dump()) for one in record.joint),
        proxy=Authorised(**proxy.model_dump()) if proxy is not None else None,
        object=ObjectRecord(**record.object.model_dump()),
        also_reports=record.also_reports,
        sources=(theirs, *others)[:20],
        mode=Mode.TRANSFER.value,
    )


# ---------------------------------------------------------------- asking another installation


class CellLine:
    """Signs what goes to other installations, and reads what they sign. `signer` may raise ValueError, and blocks;
    `allowed`: addresses whose origins are called."""

    def __init__(self, signer: Callable[[], Signer], allowed: Collection[str], now: Callable[[], datetime]) -> None:
        self._make, self._now = signer, now
        self._allowed = frozenset(filter(None, map(origin_of, allowed)))
        self._signer: Signer | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def possible(self) -> bool:
        return bool(self._allowed)

    def callable(self, address: str) -> bool:
        """Allowed, and not in the clear but on this very machine."""
        parts = urlsplit(address)
        return private(address) and not parts.query and not parts.fragment and origin_of(address) in self._allowed

    async def signer(self) -> Signer:
        """Unconfirmed where there is no key to sign with."""
        if self._signer is None:
            try:
                self._signer = await asyncio.to_thread(self._make)
            except ValueError as fault:
                log.error("nothing can be signed for other installations", why=str(fault))
                raise wire.Unconfirmed("there is no key to sign with") from None
        return self._signer

    async def head(self, to: str, answers: str = "") -> dict[str, Any]:
        """What every document says first."""
        return {"sender": (await self.signer()).name, "to": to, "at": self._now(), "answers": answers}

    async def signed(self, said: wire.Document | str) -> wire.Signed:
        return await asyncio.to_thread(wire.sign, said, await self.signer())

    async def ask(self, cell: KnownCell, document: wire.Document) -> tuple[wire.Document, wire.Signed]:
        """What it answers and signs. Unconfirmed."""
        asked = await self.signed(document)
        status, text, signature = await self.post(
            cell, wire.MESSAGES, asked.text.encode(), asked.signature, "application/json; charset=utf-8"
        )
        if status != 200:
            raise wire.Unconfirmed(f"answered {status} {_code(text)}".strip())
        answer = wire.Signed(text, signature)
        try:
            said = wire.read(answer, cell.key, (await self.signer()).name)
        except wire.BadDocument as no:
            raise wire.Unconfirmed(f"its answer: {no.code}") from None
        if said.answers != asked.digest:
            raise wire.Unconfirmed("its answer: other_answer")
        return said, answer

    async def post(self, cell: KnownCell, path: str, body: bytes, signature: str, kind: str) -> tuple[int, str, str]:
        if not self.callable(cell.address):
            raise wire.Unconfirmed("the address is not allowed", away=True)
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        headers = {"Content-Type": kind, wire.SIGNATURE: signature}
        url = f"{cell.address}{path}"
        try:
            async with self._http.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                given = await content_of(answer, wire.MOST_BYTES)
                return answer.status, given.decode("utf-8", "replace"), answer.headers.get(wire.SIGNATURE, "")
        except TooLong:
            raise wire.Unconfirmed("its answer is too long") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise wire.Unconfirmed(f"unreachable ({type(fault).__name__})", away=True) from None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None


def _code(text: str) -> str:
    """Of an answer that says no and is not signed."""
    try:
        said = json.loads(text)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return said[:60] if isinstance(said, str) and said.isascii() else ""


# ---------------------------------------------------------------- delivering


class Deliveries:
    """Owns the task that delivers. `nudge` has it look at once."""

    def __init__(
        self,
        line: CellLine,
        store: CellStore,
        journal: Journal,
        complaints: ComplaintService,
        attachments: AttachmentService,
        offices: IdentityStore,
        opened: Opens,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._line, self._store, self._journal, self._complaints = line, store, journal, complaints
        self._attachments, self._offices, self._opened = attachments, offices, opened
        self._now, self._chance = now, chance
        self._news = asyncio.Event()

    def nudge(self) -> None:
        self._news.set()

    def transfer(
        self, entries: Sequence[Event], transfer: str, office: Office, reason: str, head: dict[str, Any]
    ) -> wire.Transfer:
        """What is sent of a complaint with these entries."""
        state = fold(entries)
        assert state is not None
        return wire.Transfer(
            **head,
            transfer=transfer,
            bureau=office.issuer,
            reason=reason,
            record=record_out(state, self._opened),
            files=files_out(state),
            history=history_out(entries),
        )

    async def deliver(self) -> None:
        """Until cancelled."""
        if not self._line.possible:
            return
        while True:
            self._news.clear()
            try:
                if await self.deliver_due():
                    continue
                await self._store.forget(self._now())
            except Exception:
                # The database may be locked for a while; what is to be told is still there afterwards.
                log.exception("telling other installations failed, going on")
            try:
                async with asyncio.timeout(LOOK.total_seconds()):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def deliver_due(self) -> int:
        """How many were tried. Installations are told at the same time, each of one thing after the other."""
        due: dict[str, list[StoredDelivery]] = {}
        for row in await self._store.due(self._now()):
            due.setdefault(row.cell, []).append(row)
        await asyncio.gather(*(self._deliver_to(cell, rows) for cell, rows in due.items()))
        return sum(map(len, due.values()))

    async def _deliver_to(self, cell: str, rows: Sequence[StoredDelivery]) -> None:
        known = await self._store.known(cell)
        for n, row in enumerate(rows):
            try:
                if known is None or known.revoked_at is not None:
                    raise wire.Unconfirmed("this installation is not known any more", away=True)
                await self._told(known, row)
            except wire.Unconfirmed as no:
                # Nobody is there: what waits behind it is not tried as well.
                for one in rows[n:] if no.away else [row]:
                    again = self._now() + backoff(row.tries + 1, self._chance())
                    values = {"state": "failed", "last_error": no.reason, "tries": one.tries + 1, "next_try": again}
                    await self._store.told(one.id, **values)
                if no.away:
                    return
            else:
                sent = {"state": "sent", "sent_at": self._now(), "tries": row.tries + 1, "last_error": ""}
                await self._store.told(row.id, **sent)

    async def _told(self, cell: KnownCell, row: StoredDelivery) -> None:
        """Unconfirmed, whatever kept it from being told: one complaint's fault must not keep the others waiting."""
        try:
            await self._tell(cell, row)
        except wire.Unconfirmed:
            raise
        except Exception as fault:
            log.exception("another installation could not be told", complaint=row.complaint, what=row.what)
            raise wire.Unconfirmed(f"a fault here ({type(fault).__name__})") from None

    async def _tell(self, cell: KnownCell, row: StoredDelivery) -> None:
        try:
            entries = await self._journal.read(stream(row.complaint))
            event = entries[row.version - 1]
            if event.erased:
                return
            if row.what == TRANSFER:
                await self._hand_over(cell, row, entries[: row.version - 1], e.from_event(event))
            else:
                await self._report(cell, row, fold(entries), event)
        except (DomainError, Refused) as no:
            raise wire.Unconfirmed(f"not noted here: {no.code}") from None

    async def _hand_over(
        self, cell: KnownCell, row: StoredDelivery, entries: Sequence[Event], sent: e.ComplaintEvent
    ) -> None:
        assert isinstance(sent, TransferSent)
        now = await self._complaints.state(row.complaint)
        away = now.transfers.away
        if away is None or away.sent != sent or away.acknowledged is not None:
            return  # it is known already what became of it
        office = await self._offices.office(row.office)
        assert office is not None
        asked = self.transfer(entries, sent.transfer, office, sent.reason, await self._line.head(cell.id))
        answer, signed = await self._line.ask(cell, asked)
        refused: list[str] = []
        if isinstance(answer, wire.Receipt) and answer.missing:
            refused = [one for one in answer.missing if not await self._send_file(cell, row.complaint, now, asked, one)]
            answer, signed = await self._line.ask(cell, asked.model_copy(update=await self._line.head(cell.id)))
        noted: TransferAcknowledged | TransferDeclined
        match answer:
            case wire.Receipt(transfer=sent.transfer, missing=missing):
                if not set(missing) <= set(refused):
                    raise wire.Unconfirmed("files are missing")
                if answer.digest not in (sent.digest, asked.digest):
                    raise wire.Unconfirmed("the receipt is of something else")
                noted = TransferAcknowledged(
                    sent.transfer, answer.number, answer.taken, answer.digest, *signed, left=tuple(missing)
                )
            case wire.Decline(transfer=sent.transfer, code="changed"):
                # They have it, as it was told before: were it ours again now, both would.
                raise wire.Unconfirmed("declined: changed")
            case wire.Decline(transfer=sent.transfer):
                noted = TransferDeclined(sent.transfer, answer.code, answer.field, *signed)
            case _:
                raise wire.Unconfirmed("other_answer")
        await self._complaints.submit(row.complaint, NoteTransfer(noted), SYSTEM)

    async def _send_file(
        self, cell: KnownCell, complaint: str, state: Complaint, asked: wire.Transfer, sha256: str
    ) -> bool:
        """Whether it was taken; Unconfirmed."""
        found = next((one for one in state.attachments if sha256 in (one.original_sha256, one.sha256)), None)
        content = b"" if found is None else await self._attachments.content(complaint, found)
        if not content:
            return False
        path = wire.FILES.format(transfer=asked.transfer, sha256=sha256)
        signed = await self._line.signed(path)
        status, _, _ = await self._line.post(cell, path, content, signed.signature, "application/octet-stream")
        if status not in (204, 422):
            raise wire.Unconfirmed(f"a file was answered with {status}")
        return status == 204

    async def _report(self, cell: KnownCell, row: StoredDelivery, state: Complaint | None, event: Event) -> None:
        if state is None or (came := state.transfers.came) is None:
            return
        what: Any = row.what
        said = _words(e.from_event(event), state)[:2_000]
        head = await self._line.head(cell.id)
        asked = wire.Report(
            **head, transfer=came.received.transfer, sequence=row.version, what=what, when=event.at, text=said
        )
        answer, _ = await self._line.ask(cell, asked)
        match answer:
            case wire.Noted(transfer=came.received.transfer, sequence=row.version):
                return
            case wire.Decline(code=code):
                raise wire.Unconfirmed(f"declined: {code}")
            case _:
                raise wire.Unconfirmed("other_answer")


def _words(fact: e.ComplaintEvent, state: Complaint) -> str:
    """What the bureau that sent it is told besides what happened: the ground as the order says it, and the note."""
    order = state.record.order
    match fact:
        case e.ComplaintRefused(ground=ground, note=note):
            said = [one.gist("zh") for one in refusal_grounds(order) if one.number == ground]
        case p.MediationEnded(ground=ground, note=note):
            said = [one.gist("zh") for one in ending_grounds(order) if one.number == ground]
        case e.MediationClosed(ground=ground, loss_recovered=recovered):
            said = [one.gist("zh") for one in ending_grounds(order) if one.number == ground]
            note = f"挽回经济损失{recovered}元" if recovered else ""
        case TransferReturned(reason=note) | ComplaintWithdrawn(reason=note) | e.NoteTakenBack(reason=note):
            said = []
        case _:
            return ""
    return "；".join([*said, *([note] if note else [])])
