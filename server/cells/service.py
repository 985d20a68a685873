"""Complaints between this installation and others, and figures of those below. Implements `Cells`.

What comes is idempotent: a complaint's id here follows from who sent which transfer, so what comes twice is there once,
and a receipt that was lost is given again, the same but for its time of signing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog

from complaints import UnknownComplaint
from complaints.complaint import deadlines, local_day
from complaints.decisions import decide
from complaints.record.changes import (
    EarlierStep,
    NoteTransfer,
    ReturnTransfer,
    SendTransfer,
    TransferFile,
    TransferReceived,
    TransferReported,
    TransferSent,
    complaint_of,
    transfer_id,
)
from complaints.service import ComplaintService
from complaints.state import Complaint, stream
from journal import Actor, Draft, Journal, NoteBroken, append_next
from journal.notes import public_key, public_key_of
from journal.refusals import Busy, DomainError, Refused, refusal_of
from offices import Office, Officer, require_role
from offices.systems import RELATIONS, KnownCell, OwnCell, UntakenDelivery
from server import cells as wire
from server.cells.store import CellFigures, CellStore
from server.cells.transfers import CellLine, Deliveries, files_out, filing_in
from server.complaints.attachments import AttachmentService
from server.complaints.office_store import working_calendar
from server.complaints.procedure import ProcedureService
from server.connections import WINDOW
from server.db.engine import Database
from server.identity.store import IdentityStore

SPACE: Final = uuid.UUID("6f2c7d0e-55d3-4a57-9a4e-0c3c6f4d6b51")
_LONGEST: Final = {"name": 60, "address": 300, "key": 300}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CellServices:
    """What it stands on."""

    database: Database
    store: CellStore
    journal: Journal
    complaints: ComplaintService
    procedure: ProcedureService
    attachments: AttachmentService
    offices: IdentityStore
    line: CellLine
    deliveries: Deliveries
    now: Callable[[], datetime]


class CellService:
    def __init__(self, services: CellServices) -> None:
        self._at, self._line = services, services.line
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # of installations that are known
        self.figures = CellFigures(services.store, services.line, services.offices, services.now)

    # ------------------------------------------------------------ the administrator's page

    @property
    def possible(self) -> bool:
        """Whether the installation allows any address."""
        return self._line.possible

    async def own(self) -> OwnCell:
        """Refused(503): the log cannot be signed, so nothing else can."""
        try:
            signer = await self._line.signer()
        except wire.Unconfirmed:
            raise Refused("busy", 503) from None
        return OwnCell(signer.name, public_key(signer.name, signer.public))

    async def cells(self, by: Officer) -> Sequence[KnownCell]:
        require_role(by, "administrator", "mediator")
        return await self._at.store.all(by.office.id)

    async def admit(self, by: Officer, name: str, address: str, key: str, relation: str) -> KnownCell:
        """Known from now on, or known otherwise. Refused: not_allowed, missing, too_long, bad_choice (field)."""
        require_role(by, "administrator")
        await self._of_the_bureau(by.office)
        name, address, key = name.strip(), address.strip().rstrip("/"), key.strip()
        for field, text in (("name", name), ("address", address), ("key", key)):
            if not text:
                raise Refused("missing", field=field)
            if len(text) > _LONGEST[field]:
                raise Refused("too_long", field=field, most=_LONGEST[field])
        if not self._line.callable(address):
            raise Refused("foreign_address", 422, field="address")
        if relation not in RELATIONS:
            raise Refused("bad_choice", 422, field="relation")
        try:
            id, _ = public_key_of(key)
        except NoteBroken:
            raise Refused("bad_choice", 422, field="key") from None
        if not wire.is_name(id):
            raise Refused("bad_choice", 422, field="key")
        known = await self._at.store.known(id)
        if id == (await self.own()).id or (known is not None and not known.revoked_at and known.office != by.office.id):
            raise Refused("bad_choice", 422, field="key")
        cell = KnownCell(id, by.office.id, name, address, key, relation, self._at.now(), by.id)
        data = {"office": by.office.id, "name": name, "address": address, "key": key, "relation": relation}
        await self._note(by, id, "CellAdmitted", data)
        await self._at.store.put(cell)
        await self._at.store.again(id, self._at.now())
        self._at.deliveries.nudge()
        return cell

    async def revoke(self, by: Officer, cell: str) -> None:
        """Nothing goes there and nothing is taken from there any more; what was sent stays as it is."""
        known = await self._own_cell(by, cell)
        await self._note(by, cell, "CellRevoked", {"office": by.office.id, "name": known.name})
        await self._at.store.revoke(cell, self._at.now())

    async def test(self, by: Officer, cell: str) -> tuple[str, str]:
        """("", the office that answered), or why there is none: a word or two of what came back."""
        known = await self._own_cell(by, cell)
        try:
            answer, _ = await self._line.ask(known, wire.Hello(**await self._line.head(known.id)))
        except wire.Unconfirmed as no:
            return no.reason, ""
        if not isinstance(answer, wire.Welcome):
            return f"declined: {answer.code}" if isinstance(answer, wire.Decline) else "other_answer", ""
        await self._at.store.again(cell, self._at.now())
        self._at.deliveries.nudge()
        return "", answer.office

    async def untaken(self, by: Officer) -> Sequence[UntakenDelivery]:
        require_role(by, "administrator", "mediator")
        names = {one.id: one.name for one in await self._at.store.all()}
        return [
            UntakenDelivery(
                row.id, names.get(row.cell, row.cell), row.complaint, row.number, row.what, row.created, row.tries,
                row.last_error,
            )
            for row in await self._at.store.untaken(by.office.id)
        ]  # fmt: skip

    async def _own_cell(self, by: Officer, cell: str) -> KnownCell:
        require_role(by, "administrator")
        known = await self._at.store.known(cell)
        if known is None or known.revoked_at is not None or known.office != by.office.id:
            raise Refused("not_found", 404)
        return known

    async def _of_the_bureau(self, office: Office) -> None:
        """Order 121 Art 41: the unit that receives for the bureau; where there is none, every office does."""
        if not office.intake and any(one.intake for one in await self._at.offices.offices()):
            raise Refused("not_allowed", 403)

    async def _note(self, by: Officer, cell: str, what: str, data: dict[str, Any]) -> None:
        draft = Draft(what, data, self._at.now(), by.actor)
        await append_next(self._at.journal, f"cell/{cell.rpartition('/')[2]}", draft)

    # ------------------------------------------------------------ the officer's

    async def send(self, officer: Officer, complaint: str, cell: str, reason: str) -> None:
        """Refused: not_found, not_allowed, bad_choice (to), wrong_state, missing, too_long, too_large, erased."""
        require_role(officer, "mediator")
        state = await self._at.procedure.seen(officer, complaint)
        await self._of_the_bureau(officer.office)
        known = await self._at.store.known(cell)
        if known is None or known.revoked_at is not None or known.office != officer.office.id:
            raise Refused("bad_choice", 400, field="to")
        if sum(one.size for one in files_out(state)) > wire.MOST_OF_FILES:
            raise Refused("too_large", 413)
        transfer = transfer_id(complaint, len(state.transfers.sent) + 1)
        going = TransferSent(transfer, known.id, known.name, reason, "", len(state.attachments))
        with refusal_of():
            decide(SendTransfer(going), state, self._at.now())
        # Before it leaves this office, whose notice it is.
        await self._at.procedure.tell_dispatch(officer, complaint, state, known.name)
        entries = await self._at.journal.read(stream(complaint))
        digest = self._at.deliveries.transfer(
            entries, transfer, officer.office, reason.strip(), await self._line.head(known.id)
        ).digest
        with refusal_of():
            await self._at.complaints.submit(complaint, SendTransfer(replace(going, digest=digest)), officer.actor)
        self._at.deliveries.nudge()

    async def give_back(self, officer: Officer, complaint: str, reason: str) -> None:
        """Refused: too_late once the period for the decision is over; else as `send`."""
        require_role(officer, "mediator")
        state = await self._at.procedure.seen(officer, complaint)
        zone = officer.office.zone
        calendar = await working_calendar(self._at.database, state.record.office)
        if local_day(self._at.now(), zone) > deadlines(state, zone, calendar)[0].due:
            raise Refused("too_late", 409)
        with refusal_of():
            await self._at.complaints.submit(complaint, ReturnTransfer(reason), officer.actor)
        self._at.deliveries.nudge()

    # ------------------------------------------------------------ what other installations ask

    async def knows(self, signature: str) -> str:
        """Who says that they signed, where that is an installation we let in; else "". Nobody else's body is read."""
        cell = await self._at.store.known(wire.signer_of(signature))
        return cell.id if cell is not None and cell.revoked_at is None else ""

    async def answer(self, body: bytes, signature: str) -> tuple[int, str, str]:
        """Status, body and signature. Only who is known is answered with a signature; nobody else learns anything."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return _unsigned(401, "bad_signature")
        asked = wire.Signed(text, signature)
        cell = await self._at.store.known(wire.signer_of(signature))
        if cell is None or cell.revoked_at is not None:
            return _unsigned(401, "unknown_sender")
        try:
            wire.check(asked, cell.key)
            mine = (await self._line.signer()).name
            head = await self._line.head(cell.id, asked.digest)
            said: wire.Document
            try:
                document = await asyncio.to_thread(wire.read, asked, cell.key, mine)
            except wire.BadDocument as no:
                if no.code != "schema":
                    raise
                said = wire.Decline(**head, transfer=_transfer_of(text), code=no.code, field=no.field)
            else:
                if abs(document.at - self._at.now()) > WINDOW:
                    return _unsigned(401, "stale")
                async with self._turns[cell.id]:
                    said = await self._said(cell, document, asked, head)
            answer = await self._line.signed(said)
        except wire.BadDocument as no:
            return _unsigned(401, no.code)
        except wire.Unconfirmed:
            return _unsigned(503, "no_key")
        except DomainError as no:
            return _unsigned(503, no.code)
        return 200, *answer

    async def _said(
        self, cell: KnownCell, document: wire.Document, asked: wire.Signed, head: dict[str, Any]
    ) -> wire.Document:
        """DomainError: not now. A decline is for good, so only what will hold at the next try is one."""
        office = await self._at.offices.office(cell.office)
        if office is None:
            return wire.Decline(**head, code="no_office")
        try:
            match document:
                case wire.Hello():
                    return wire.Welcome(**head, office=office.name)
                case wire.Transfer():
                    return await self._take(cell, office, document, head)
                case wire.Report():
                    await self._hear(cell, document)
                    return wire.Noted(**head, transfer=document.transfer, sequence=document.sequence)
                case wire.FiguresRequest() if cell.relation == "above":
                    return await self.figures.published(document, office.zone, head)
                case _:
                    return wire.Decline(**head, code="not_allowed")
        except DomainError as no:
            if _passes(no):
                raise
            field = str(no.params.get("field", ""))
            return wire.Decline(**head, transfer=getattr(document, "transfer", ""), code=no.code, field=field)

    async def _take(self, cell: KnownCell, office: Office, asked: wire.Transfer, head: dict[str, Any]) -> wire.Document:
        """A receipt; once nothing of it is missing the transfer is done. DomainError: it is not taken."""
        complaint = complaint_here(cell.id, asked.transfer)
        state = await self._state(complaint)
        if state is None:
            if sum(one.size for one in asked.files) > wire.MOST_OF_FILES:
                return wire.Decline(**head, transfer=asked.transfer, code="too_large", field="files")
            came = TransferReceived(
                asked.transfer,
                cell.id,
                asked.bureau,
                asked.record.number,
                asked.record.received,
                asked.reason,
                asked.digest,
                tuple(TransferFile(one.name, one.sha256, one.size, one.about, one.by, one.note) for one in asked.files),
                tuple(EarlierStep(one.at, one.what, one.text) for one in asked.history),
            )
            filing = filing_in(asked.record, office, self._at.now())
            try:
                await self._at.complaints.register(filing, _actor(cell), complaint, came=came)
            except DomainError:
                if await self._state(complaint) is None:  # else another node took the same in at this moment
                    raise
            state = await self._at.complaints.state(complaint)
        known = state.transfers.came
        if known is None or known.received.digest != asked.digest:
            return wire.Decline(**head, transfer=asked.transfer, code="changed")
        here = {one.original_sha256 for one in state.attachments}
        missing = () if state.transfers.rests else tuple(f.sha256 for f in known.received.files if f.sha256 not in here)
        return wire.Receipt(
            **head,
            transfer=asked.transfer,
            number=state.record.number,
            taken=known.at,
            digest=known.received.digest,
            missing=tuple(dict.fromkeys(missing)),
        )

    async def _hear(self, cell: KnownCell, asked: wire.Report) -> None:
        """DomainError."""
        complaint = complaint_of(asked.transfer)
        state = await self._at.complaints.state(complaint)
        sent = next((one.sent for one in state.transfers.sent if one.sent.transfer == asked.transfer), None)
        if sent is None or sent.cell != cell.id:
            raise UnknownComplaint
        told = TransferReported(asked.transfer, asked.sequence, asked.what, asked.when, asked.text)
        await self._at.complaints.submit(complaint, NoteTransfer(told), _actor(cell))

    async def take_file(
        self,
        transfer: str,
        sha256: str,
        signature: str,
        length: int | None,
        read: Callable[[], Awaitable[bytes]],
    ) -> tuple[int, str]:
        """Status, and why not. Nothing is read before it is known who sends it and that it is still wanted."""
        path = wire.FILES.format(transfer=transfer, sha256=sha256)
        cell = await self._at.store.known(wire.signer_of(signature))
        try:
            if cell is None or cell.revoked_at is not None:
                return 401, "unknown_sender"
            wire.check(wire.Signed(path, signature), cell.key)
        except wire.BadDocument as no:
            return 401, no.code
        complaint = complaint_here(cell.id, transfer)
        state = await self._state(complaint)
        came = state.transfers.came if state is not None else None
        wanted = next((one for one in came.received.files if one.sha256 == sha256), None) if came else None
        if state is None or wanted is None:
            return 404, "not_found"
        if any(one.original_sha256 == sha256 for one in state.attachments):
            return 204, ""
        if length != wanted.size:
            return 413, "too_large"
        content = await read()
        if hashlib.sha256(content).hexdigest() != sha256:
            return 400, "other_content"
        try:
            await self._at.attachments.put(
                _actor(cell), complaint, wanted.name, content, wanted.about, wanted.note, f"{transfer}/{sha256}"
            )
        except DomainError as no:
            return (503 if _passes(no) else 422), no.code
        return 204, ""

    async def _state(self, complaint: str) -> Complaint | None:
        try:
            return await self._at.complaints.state(complaint)
        except UnknownComplaint:
            return None


def complaint_here(cell: str, transfer: str) -> str:
    """The id of what an installation sent by this transfer."""
    return uuid.uuid5(SPACE, f"{cell}/{transfer}").hex


def _passes(no: DomainError) -> bool:
    """Whether it may be otherwise at the next try: somebody else was writing, or a disk is full."""
    return no.code == Busy.code or (isinstance(no, Refused) and no.status >= 500)


def _actor(cell: KnownCell) -> Actor:
    return Actor("system", cell.id, cell.name, "", cell.office)


def _unsigned(status: int, code: str) -> tuple[int, str, str]:
    return status, f'{{"error":"{code}"}}', ""


def _transfer_of(text: str) -> str:
    """Of a document that cannot be read otherwise."""
    try:
        said = json.loads(text)["transfer"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return said[:80] if isinstance(said, str) else ""
