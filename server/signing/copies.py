"""Signed documents: as sheets (`signed_sheet`), as they are given out once sealed (`SealedCopies`), and as files.

Files (`PapersOnFile`) are texts, handwriting and sealed documents; each sealed under its case's key, erased with it.
Owns `<data>/documents/<session>/{texts,hands,documents,copies}/…`. What works on files blocks.

And a notice behind the link of its message, for a side that has no other way to it: opened by a code to its phone
(`NoticeCopies`). The link names the notice and whom it went to, sealed under our own key; nothing of the case is shown
before the code. What signing and copies stand on is in `SigningServices`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from complaints.record.identifiers import masked_phone
from complaints.service import ComplaintService
from complaints.views import PrintedPaper
from journal import Actor, Journal
from journal.refusals import Refused, room_refusal
from law.library import Library
from offices import Office, Officer
from recordings import FileMissing, VaultError
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.transcripts import Transcript
from recordings.views import unread
from rooms import commands as c
from rooms.events import DocumentSealed
from rooms.joining.invitations import Guest
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.signing import Ink, ink
from rooms.signing.state import SealedDocument, SignatureState as Signature
from rooms.views import CopyRow, CopyVisit
from rooms.vocabulary import ACTING, PRINCIPALS
from server.documents import chinese_day
from server.documents.facts import Open
from server.evidence.attesting import TimestampAuthority
from server.identity.codes import COPY, NOTICE, SigningCodes, Tickets
from server.identity.store import IdentityStore
from server.outbox.service import OutboxService
from server.outbox.store import MessageStore
from server.retention.erasure import RemovedFiles, remove
from server.signing import Hand, Paper, PaperRenderer, seal_mark
from server.signing.forms import TITLES, PaperWording, wording_of
from server.signing.saved_signature_store import SavedSignatures
from server.signing.seals import SealKeys


@dataclass(frozen=True, slots=True)
class SigningServices:
    """What the desk stands on."""

    journal: Journal
    complaints: ComplaintService
    sessions: Sessions
    offices: IdentityStore
    codes: SigningCodes
    papers: PapersOnFile
    press: PaperRenderer
    seals: SealKeys
    stamps: TimestampAuthority | None
    outbox: OutboxService
    messages: MessageStore
    tickets: Tickets
    notices: SentNotices
    saved: SavedSignatures
    open: Open  # what the file keeps sealed
    library: Callable[[], Awaitable[Library]]  # with the official texts that offices imported
    now: Callable[[], datetime]
    public_url: str
    language: str = "zh"
    transcripts: TranscriptReader | None = None


class TranscriptReader(Protocol):
    async def of(self, session: str) -> Transcript | None:
        """None of what nobody transcribed, or whose transcript is erased."""
        ...


log = structlog.get_logger(__name__)


# ------------------------------------------------------------ as sheets

COPY_WORD = "脱敏副本"

_HOW = {"drawn": "手写签名", "typed": "输入姓名签名（不便手写）", "saved": "使用本人的已存签名，凭专用口令"}
_BY_LINK = "输入姓名签名"  # where no handwriting was asked for
_CONFIRMED = {"code": "一次性验证码核对身份", "account": "调解员账号登录"}


def signed_sheet(
    wording: PaperWording,
    signatures: Mapping[str, Signature],
    inks: Mapping[str, Ink],
    at: datetime,
    zone: str,
    url: str,
    purpose: str,
    mediator: str = "",
    draft: bool = False,
    by_voice: Collection[str] = (),
    by_link: bool = False,
    officer: str = "",
) -> Paper:
    """`signatures`, `inks` by seat; `at`: when it is sealed. `url`: of the installation. `purpose`: what the office's
    seal under agreements and records says. `by_voice`: seats whose person the mediator knew without a code; `by_link`:
    signed without a room, by name. `officer`: the mediator's name, also where they do not sign."""
    day = at.astimezone(ZoneInfo(zone)).date()
    text = wording.digest
    officer = officer or next((name for seat, _, name, _ in wording.hands if seat == mediator), "")

    def confirmed(seat: str) -> str:
        if seat in by_voice:
            return f"未用验证码，由调解员{officer}语音核实身份"
        return _CONFIRMED["account" if seat == mediator else "code"]

    return Paper(
        office=wording.office,
        title=wording.title,
        number=wording.number,
        rows=wording.rows,
        before=wording.before,
        clauses=wording.clauses,
        after=wording.after,
        hands=tuple(
            _hand(role, name, capacity, signatures.get(seat), inks.get(seat), zone, confirmed(seat), by_link)
            for seat, role, name, capacity in wording.hands
        ),
        seal=seal_mark(wording.office, not draft, purpose),
        date=chinese_day(day),
        day=(day.year, day.month, day.day),
        foot=f"{wording.title} {wording.number}",
        digest=f"正文校验码 {text}",
        verify=(
            f"核验本文书：打开{url}/verify-document，选择本PDF文件，即可看到是否由{wording.office}出具、盖章后有无改动。"
            "打印件、截图不带电子印章，以PDF原文件为准。"
        ),
        gloss=wording.gloss,
        contact=wording.contact,
        draft=draft,
        edition=wording.edition,
    )


def copy_for_others(wording: PaperWording, signatures: Mapping[str, Signature], original: Paper) -> Paper:
    """What others than the parties and who handles the case are given: numbers masked, no handwriting, no seal."""
    shown = wording.for_others
    return replace(
        original,
        title=f"{original.title}（{COPY_WORD}）",
        rows=shown.rows,
        hands=tuple(
            Hand(role, name, capacity, "已在原件上签名" if seat in signatures else "")
            for seat, role, name, capacity in shown.hands
        ),
        seal=None,
        verify=f"本件是原件{original.number}的脱敏副本，个人号码、地址已脱敏显示，不载签名笔迹，不加盖印章，"
        f"不具有原件效力。原件由{original.office}归档。",
        draft=True,
        draft_word=COPY_WORD,
        foot=f"{original.foot}（{COPY_WORD}）",
    )


def _hand(
    role: str, name: str, capacity: str, signed: Signature | None, ink: Ink | None, zone: str, how: str, by_link: bool
) -> Hand:
    if signed is None:
        return Hand(role, name, capacity)
    way = _BY_LINK if by_link and signed.how == "typed" else _HOW[signed.how]
    local = signed.at.astimezone(ZoneInfo(zone))
    note = f"{chinese_day(local.date())}{local:%H:%M:%S}\n{how}\n{way}"
    typed = signed.name if signed.how == "typed" else ""
    return Hand(role, name, capacity, note, f"{way}：{signed.name}", ink, typed)


# ------------------------------------------------------------ as they are given out

TICKET_LASTS = timedelta(minutes=15)


class SealedCopies:
    """Sealed documents as they are given out: to the sides the original, to others a copy with people's numbers masked.

    A side's own seats and who speaks for it hold the original, as do the mediator of the case and supervisors; whoever
    else may see the session (an observer, an interpreter, another mediator of the office) is given the copy. Each is
    noted.
    """

    def __init__(self, services: SigningServices) -> None:
        self._at = services
        self._notices = NoticeCopies(services.notices, services.offices, services.codes, services.tickets)

    async def documents(self, session: str) -> Sequence[CopyRow]:
        state = await self._state(session)
        return [replace(_row(one), taken=[state.seats[seat].name for seat in one.copies]) for one in state.documents]

    async def copy_for_guest(self, guest: Guest, document: str) -> PrintedPaper:
        state = await self._state(guest.session)
        return await self._copy(state, document, guest.actor, whole=is_party(state, guest.seat.id))

    async def copy_for_officer(self, officer: Officer, session: str, document: str) -> PrintedPaper:
        state = await self._state(session)
        whole = officer.id == state.mediator or officer.role == "supervisor"
        return await self._copy(state, document, officer.actor, whole)

    async def visit(self, secret: str) -> CopyVisit:
        if (notice := await self._notices.told(secret)) is not None:
            return await self._notices.visit(notice)
        state, seat, office = await self._visited(secret)
        phone = await self._at.codes.phone(state.complaint, state.id, seat)
        return CopyVisit(office, masked_phone(phone), state.documents[0].sealed.number)

    async def send_copy_code(self, secret: str, ip: str) -> str:
        if (notice := await self._notices.told(secret)) is not None:
            return await self._notices.send_code(notice, secret, ip)
        state, seat, _ = await self._visited(secret)
        number = state.documents[0].sealed.number
        return await self._at.codes.send("copy", state.office, state.complaint, state.id, seat, secret, number, ip)

    async def open_copies(self, secret: str, code: str, ip: str) -> Sequence[CopyRow]:
        if (notice := await self._notices.told(secret)) is not None:
            return await self._notices.open(notice, secret, code, ip, self._at.now())
        state, seat, _ = await self._visited(secret)
        await self._at.codes.check("copy", state.id, seat, secret, code, ip)
        ends, found = self._at.now() + TICKET_LASTS, []
        for one in state.documents:
            what = {"session": state.id, "seat": seat, "document": one.sealed.document}
            found.append(replace(_row(one), ticket=self._at.tickets.write("file", what, ends)))
        return found

    async def copy_by_ticket(self, ticket: str) -> PrintedPaper:
        if (notice := await self._notices.by_ticket(ticket)) is not None:
            return notice
        told = await self._at.tickets.read("file", ticket)
        if told is None:
            raise Refused("link_expired", 410)
        state = await self._state(told["session"])
        if told["seat"] not in state.seats:
            raise Refused("link_expired", 410)
        seat = state.seats[told["seat"]]
        actor = Actor("party", seat.id, seat.name, seat.role, state.office)
        return await self._copy(state, told["document"], actor, whole=is_party(state, seat.id))

    async def _copy(self, state: Session, document: str, actor: Actor, whole: bool) -> PrintedPaper:
        """`whole`: the sealed original; else, where it names people's numbers, the copy without them."""
        session = state.id
        found = next((one.sealed for one in state.documents if one.sealed.document == document), None)
        if found is None:
            raise Refused("not_found", 404)
        title = TITLES.get(found.kind, "")
        try:
            if whole:
                content = await asyncio.to_thread(self._at.papers.document, session, document, found.sha256)
            else:
                content = await self._for_others(session, found)
                title = f"{title}（{COPY_WORD}）"
        except VaultError as fault:
            log.error("a sealed document cannot be read", session=session, document=document, fault=str(fault))
            raise unread(fault) from fault
        await self._at.sessions.submit(session, c.NoteCopy(document), actor)
        return PrintedPaper(f"{title} {found.number}.pdf", content)

    async def _for_others(self, session: str, sealed: DocumentSealed) -> bytes:
        """Missing, VaultError. Signed texts from before originals named numbers have no copy and need none."""
        try:
            return await asyncio.to_thread(self._at.papers.copy, session, sealed.document)
        except FileMissing:
            if not sealed.text or (await asyncio.to_thread(self._at.papers.wording, session, sealed.text)).masked:
                raise
            return await asyncio.to_thread(self._at.papers.document, session, sealed.document, sealed.sha256)

    async def _visited(self, secret: str) -> tuple[Session, str, Office]:
        told = await self._at.tickets.read(COPY, secret)
        if told is None:
            raise Refused("link_expired", 410)
        state = await self._state(told["session"])
        office = await self._at.offices.office(state.office)
        if office is None or told["seat"] not in state.seats or not state.documents:
            raise Refused("link_expired", 410)
        if state.erasure is not None and state.erasure.done is not None:
            raise Refused("link_expired", 410, office_name=office.name, office_phone=office.phone)
        return state, told["seat"], office

    async def _state(self, session: str) -> Session:
        with room_refusal():
            return await self._at.sessions.state(session)


def _row(one: SealedDocument) -> CopyRow:
    sealed = one.sealed
    return CopyRow(sealed.document, sealed.kind, sealed.number, one.at, sealed.sha256, sealed.level)


def is_party(state: Session, seat: str) -> bool:
    """Whether the seat is a side's own or speaks for one: they hold originals, all others masked copies."""
    return state.seats[seat].role in PRINCIPALS or state.seats[seat].role in ACTING


# ------------------------------------------------------------ as files

_TEXTS, _HANDS, _DOCUMENTS, _COPIES = "texts", "hands", "documents", "copies"


class PapersOnFile:
    def __init__(self, shelf: EncryptedFileStore) -> None:
        self._shelf = shelf

    @property
    def shelf(self) -> EncryptedFileStore:
        return self._shelf

    def put_wording(self, session: str, wording: PaperWording) -> str:
        """Its hash, under which it is found again."""
        digest = wording.digest
        self._put(session, _TEXTS, digest, wording.kept())
        return digest

    def wording(self, session: str, text: str) -> PaperWording:
        """Missing, VaultError; also when it is not what the hash says."""
        kept = self._get(session, _TEXTS, text)
        if hashlib.sha256(kept).hexdigest() != text:
            raise FileMissing(text)
        return wording_of(kept)

    def put_ink(self, session: str, picture: str, drawn: Ink) -> str:
        """Its hash."""
        content = json.dumps(asdict(drawn), separators=(",", ":")).encode()
        self._put(session, _HANDS, picture, content)
        return hashlib.sha256(content).hexdigest()

    def ink(self, session: str, picture: str, sha256: str) -> Ink:
        content = self._get(session, _HANDS, picture)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileMissing(picture)
        kept = json.loads(content)
        return ink(kept["width"], kept["height"], kept["strokes"])

    def drop_ink(self, session: str, picture: str) -> None:
        """Of a signature that did not come about."""
        with contextlib.suppress(VaultError):
            self._shelf.remove(_path(session, _HANDS, picture))

    def put_document(self, session: str, document: str, content: bytes) -> None:
        self._put(session, _DOCUMENTS, document, content)

    def document(self, session: str, document: str, sha256: str) -> bytes:
        """Missing also when the bytes are not those that were sealed."""
        content = self._get(session, _DOCUMENTS, document)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileMissing(document)
        return content

    def put_copy(self, session: str, document: str, content: bytes) -> None:
        """For others than the parties: numbers masked, no seal. No journal names it; the case's key guards it."""
        self._put(session, _COPIES, document, content)

    def copy(self, session: str, document: str) -> bytes:
        """Missing where the document names nobody's numbers: then it may be given as it is."""
        return self._get(session, _COPIES, document)

    async def remove(self, session: str) -> RemovedFiles:
        """For `server.retention.erasure`: everything of a session. The key has been destroyed by then."""
        return await asyncio.to_thread(remove, self._shelf.folder / safe_id(session), self._shelf.away)

    def _put(self, session: str, folder: str, name: str, content: bytes) -> None:
        self._shelf.put(session, _path(session, folder, name), io.BytesIO(content))

    def _get(self, session: str, folder: str, name: str) -> bytes:
        with self._shelf.open(session, _path(session, folder, name)) as file:
            return file.read()


def document_path(session: str, document: str) -> str:
    return _path(session, _DOCUMENTS, document)


def text_path(session: str, text: str) -> str:
    return _path(session, _TEXTS, text)


def hand_path(session: str, picture: str) -> str:
    return _path(session, _HANDS, picture)


def _path(session: str, folder: str, name: str) -> str:
    return f"{safe_id(session)}/{folder}/{safe_id(name)}"


# ------------------------------------------------------------ a notice behind the link of its message

_NOTICE_FILE: Final = "notice file"


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice in force, as it went to one of those it is for. `phone` in full."""

    office: str
    phone: str
    kind: str
    number: str
    at: datetime
    sha256: str


class SentNotices(Protocol):
    async def sent(self, complaint: str, notice: str, whom: str) -> Sent:
        """Refused(404): it is no notice in force of theirs."""
        ...

    async def opened(self, complaint: str, notice: str, whom: str) -> PrintedPaper:
        """The very sheet; that they opened it is noted."""
        ...


class NoticeCopies:
    def __init__(self, notices: SentNotices, offices: IdentityStore, codes: SigningCodes, tickets: Tickets) -> None:
        self._notices, self._offices, self._codes, self._tickets = notices, offices, codes, tickets

    async def told(self, secret: str) -> dict[str, str] | None:
        """None of a link to something else."""
        return await self._tickets.read(NOTICE, secret)

    async def visit(self, told: dict[str, str]) -> CopyVisit:
        sent, office = await self._sent(told)
        return CopyVisit(office, masked_phone(sent.phone), sent.number)

    async def send_code(self, told: dict[str, str], secret: str, ip: str) -> str:
        sent, office = await self._sent(told)
        return await self._codes.send_to(sent.phone, "copy", office.id, "", _seat(told), secret, sent.number, ip)

    async def open(self, told: dict[str, str], secret: str, code: str, ip: str, now: datetime) -> Sequence[CopyRow]:
        sent, _ = await self._sent(told)
        await self._codes.check("copy", "", _seat(told), secret, code, ip)
        what = {name: told[name] for name in ("complaint", "notice", "whom")}
        ticket = self._tickets.write(_NOTICE_FILE, what, now + TICKET_LASTS)
        return [CopyRow(told["notice"], sent.kind, sent.number, sent.at, sent.sha256, ticket=ticket)]

    async def by_ticket(self, ticket: str) -> PrintedPaper | None:
        """None of a ticket to something else."""
        told = await self._tickets.read(_NOTICE_FILE, ticket)
        return None if told is None else await self._notices.opened(told["complaint"], told["notice"], told["whom"])

    async def _sent(self, told: dict[str, str]) -> tuple[Sent, Office]:
        try:
            sent = await self._notices.sent(told["complaint"], told["notice"], told["whom"])
        except Refused as no:  # withdrawn, replaced or erased meanwhile
            raise Refused("link_expired", 410) from no
        office = await self._offices.office(sent.office)
        if office is None:
            raise Refused("link_expired", 410)
        return sent, office


def _seat(told: dict[str, str]) -> str:
    return f"notice {told['notice']} {told['whom']}"
