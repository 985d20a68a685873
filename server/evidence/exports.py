"""Exports of records: asked for, gathered from journal and log, made in the job process, noted in the journal, handed
out, deleted after a week. Implements `Exports`.

A file can be taken only when the journal says who took it and what it hashes to.
"""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

import structlog
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from journal import Actor, Event, Journal, stamp
from journal.notes import Signer, key_id, split
from journal.refusals import Busy, DomainError, Refused
from offices import Officer
from recordings import RecordingsError, evidence
from recordings.evidence import lines, stamps
from recordings.evidence.lines import JournalLine
from recordings.evidence.package import LogProofs, Record, TimestampAnswer, Witness
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import ExportRow
from rooms.commands import NoteExport
from rooms.events import Exported, history, stream
from rooms.joining.consents import TEXTS
from rooms.live.registry import Sessions
from rooms.vocabulary import Consent
from server.evidence.attesting import holds_under
from server.evidence.log_keeper import CheckpointKeeper
from server.evidence.log_store import AttestationStore, LogStore, StoredCheckpoint
from server.evidence.verifying import known_text
from server.serving.jobs.store import Job, JobQueue

Kind = Literal["package", "masked"]


@with_config(ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
@dataclass(frozen=True, slots=True)
class ExportOrder:
    """A session's record as it is to be packed, with who asked for it.

    It lies sealed beside the recordings, so that the job needs no database; the media it reads for itself. `session`
    and `complaint` as lines; `proofs` by leaf.
    """

    kind: Kind
    zone: str
    exporter: Mapping[str, str]  # id, name, role, office
    office: str  # its name, for the watermark
    installation: str
    software: str
    session: bytes
    complaint: bytes
    checkpoint: bytes
    size: int
    proofs: Mapping[int, tuple[bytes, ...]]
    stamps: tuple[tuple[bytes, bytes], ...]  # token, certificates
    witnesses: tuple[tuple[str, bytes, str], ...]  # name, key, line
    texts: Mapping[str, bytes]

    @property
    def record(self) -> Record:
        logged = LogProofs(
            self.checkpoint,
            self.size,
            self.proofs,
            [TimestampAnswer(*stamp) for stamp in self.stamps],
            [Witness(*witness) for witness in self.witnesses],
        )
        session, complaint = lines.from_text(self.session), lines.from_text(self.complaint)
        return Record(self.installation, self.software, session, complaint, logged, self.texts)


_ORDER = TypeAdapter(ExportOrder)


def export_order(kind: Kind, record: Record, zone: str, exporter: Mapping[str, str], office: str) -> ExportOrder:
    logged = record.logged
    return ExportOrder(
        kind=kind,
        zone=zone,
        exporter=exporter,
        office=office,
        installation=record.installation,
        software=record.software,
        session=lines.to_text(record.session),
        complaint=lines.to_text(record.complaint),
        checkpoint=logged.checkpoint,
        size=logged.size,
        proofs={leaf: tuple(path) for leaf, path in logged.proofs.items()},
        stamps=tuple((stamp.token, stamp.certificates) for stamp in logged.stamps),
        witnesses=tuple((witness.name, witness.key, witness.line) for witness in logged.witnesses),
        texts=record.texts,
    )


def order_to_json(one: ExportOrder) -> bytes:
    return _ORDER.dump_json(one)


def order_from_json(text: bytes) -> ExportOrder:
    """ValueError when it is none."""
    try:
        return _ORDER.validate_json(text)
    except ValidationError as fault:
        raise ValueError(f"not an order: {fault}") from fault


EXPORT: Final = "export"


def export_path(session: str, export: str, suffix: str) -> str:
    """Relative to the recordings folder."""
    return f"{safe_id(session)}/exports/{safe_id(export)}{suffix}"


PREFIX = "yuntiao/"
_LANGUAGES = ("zh", "en")


class NotCovered(Exception):
    """No checkpoint by the present key covers the record, and none could be made."""


class Gathering:
    """`signer` may raise ValueError, like the keeper's. `roots`: PEM of the authorities whose stamps are kept;
    `witnesses`: names and raw keys of those whose keys are known."""

    def __init__(
        self,
        journal: Journal,
        log: LogStore,
        attestations: AttestationStore,
        keeper: CheckpointKeeper,
        signer: Callable[[], Signer],
        roots: Path | None,
        witnesses: Sequence[tuple[str, bytes]] = (),
    ) -> None:
        self.journal, self._log, self._attestations, self._keeper = journal, log, attestations, keeper
        self._signer, self._roots, self._witnesses = signer, roots, witnesses

    async def record(self, session: str) -> Record:
        """NotCovered; ValueError when there is no key to sign with."""
        told = lines.withheld(await self._lines(stream(session)))
        complaint = await self._lines(f"complaint/{told[0].data['complaint']}")
        signer = await asyncio.to_thread(self._signer)
        return Record(
            installation=signer.name.removeprefix(PREFIX),
            software=f"yuntiao {version('yuntiao')}",
            session=told,
            complaint=complaint,
            logged=await self._logged([line.leaf for line in (*told, *complaint)], signer),
            texts=texts(told),
        )

    async def _lines(self, name: str) -> list[JournalLine]:
        events, leaves = await self.journal.read(name), await self._log.leaves(name)
        # What is appended between the two reads has a leaf and no event.
        return lines.until_last_fact([line_of(event, leaf) for event, leaf in zip(events, leaves, strict=False)])

    async def _logged(self, leaves: Sequence[int], signer: Signer) -> LogProofs:
        last = max(leaves)
        checkpoint = await self._covering(last, signer)
        if checkpoint is None:
            await self._keeper.make()
            checkpoint = await self._covering(last, signer)
        if checkpoint is None:
            raise NotCovered
        attested = await self._attestations.of(checkpoint.size)
        roots = self._roots.read_bytes() if self._roots is not None else b""
        return LogProofs(
            checkpoint.note.encode(),
            checkpoint.size,
            await self._log.proofs(leaves, checkpoint.size),
            [TimestampAnswer(one.answer, roots) for one in attested if one.kind == "timestamp" and one.answer],
            [
                Witness(*told)
                for one in attested
                if one.kind == "witness" and one.answer
                for told in self._told(checkpoint.note, one.answer)
            ],
        )

    def _told(self, note: str, answer: bytes) -> list[tuple[str, bytes, str]]:
        """A witness's lines, with its key where it is known and the line holds by it. Whose the others are, only
        whoever compares them knows."""
        told = []
        for line in answer.decode("utf-8", "replace").splitlines():
            signature = stamps.signature_line(line)
            if signature is not None:
                held = (key for name, key in self._witnesses if holds_under(note, line, name, key))
                told.append((signature.name, next(held, b""), line))
        return told

    async def _covering(self, leaf: int, signer: Signer) -> StoredCheckpoint | None:
        """The first one that the present key signed: the manifest will be signed by it too."""
        wanted = signer.name, key_id(signer.name, signer.public)
        for checkpoint in await self._log.since(leaf):
            if any((one.name, one.key_id) == wanted for one in split(checkpoint.note)[1]):
                return checkpoint
        return None


def line_of(event: Event, leaf: int) -> JournalLine:
    """Its data in the order in which a package has it, so that pages are the same when they are told from there."""
    actor = event.actor
    return JournalLine(
        stream=event.stream,
        version=event.version,
        type=event.type,
        data=evidence.parsed(evidence.canonical(event.data)),
        at=stamp(event.at),
        actor=(actor.kind, actor.id, actor.name, actor.role, actor.office),
        salt=event.salt,
        content=event.content,
        hash=event.hash,
        leaf=leaf,
    )


def texts(session: Sequence[JournalLine]) -> dict[str, bytes]:
    """What was agreed to, of versions this program has."""
    found: dict[str, bytes] = {}
    for line in session:
        if line.type in ("ConsentGiven", "ConsentRefused") and not line.erased and line.data["text"]:
            for language in _LANGUAGES:
                path = f"texts/{line.data['text']}/{TEXTS[Consent(line.data['kind'])]}.{language}.txt"
                if (text := known_text(path)) is not None:
                    found[path] = text
    return found


KEPT = timedelta(days=7)
CLEAN_SECONDS = 600.0

log = structlog.get_logger(__name__)


class ExportService:
    """One per web process. How far an export is, and who asked for it, its job says, which is told of for a week."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        gathering: Gathering,
        sessions: Sessions,
        queue: JobQueue,
        now: Callable[[], datetime],
    ) -> None:
        self._shelf, self.gathering, self._sessions = shelf, gathering, sessions
        self._queue, self._now = queue, now
        self._asking = asyncio.Lock()

    # ------------------------------------------------------------ Exports

    async def ask(self, officer: Officer, session: str, kind: Kind) -> str:
        state = await self._sessions.state(session)
        if not state.over:
            raise Refused("not_closed", 409)
        if state.erasure is not None:
            raise Refused("erased", 410)
        async with self._asking:  # two taps are one export
            for one in await self._of(session):
                if one.arguments["kind"] == kind and _by(one).id == officer.id and _under_way(one):
                    return _id(one)
            return await self._ask(officer, session, kind)

    async def _ask(self, officer: Officer, session: str, kind: Kind) -> str:
        try:
            record = await self.gathering.record(session)
        except (NotCovered, ValueError) as fault:
            log.error("no record to export", session=session, fault=str(fault))
            raise Refused("not_signed", 503) from fault
        who = {"id": officer.id, "name": officer.name, "office": officer.office.id, "role": officer.role}
        wanted = export_order(kind, record, officer.office.zone, who, officer.office.name)
        export = secrets.token_hex(8)
        try:
            await asyncio.to_thread(self._put, session, export, order_to_json(wanted))
        except RecordingsError as fault:
            raise Refused("erased", 410) from fault
        said: dict[str, Any] = {"kind": kind, "asked": self._now().isoformat(), "by": asdict(officer.actor)}
        await self._queue.enqueue(EXPORT, of=export, session=session, export=export, **said)
        return export

    def _put(self, session: str, export: str, order: bytes) -> None:
        self._shelf.put(session, export_path(session, export, ".order"), io.BytesIO(order))

    async def of(self, session: str) -> Sequence[ExportRow]:
        return [self._row(one) for one in await self._of(session)]

    async def one(self, session: str, export: str) -> ExportRow:
        return self._row(await self._known(session, export))

    async def path(self, session: str, export: str) -> str:
        found = await self._known(session, export)
        if found.state != "ready" or not found.noted or self._over(found):
            raise Refused("not_found", 404)
        return str(found.result["path"])

    async def _known(self, session: str, export: str) -> Job:
        found = await self._queue.of(EXPORT, export)
        if found is None or found.subject != session:
            raise Refused("not_found", 404)
        return found

    async def _of(self, session: str) -> list[Job]:
        found = [one for one in await self._queue.every(EXPORT, session) if not self._over(one)]
        return sorted(found, key=_asked, reverse=True)

    def _row(self, one: Job) -> ExportRow:
        # Until the journal knows of it, it is not there yet.
        stage = "working" if one.state == "ready" and not one.noted else one.state
        kind: Kind = one.arguments["kind"]
        return ExportRow(
            _id(one), kind, stage, one.progress, _asked(one), _by(one).name, _asked(one) + KEPT,
            one.result.get("size", 0), one.result.get("sha256", ""), one.error,
        )  # fmt: skip

    def _over(self, one: Job) -> bool:
        return _asked(one) + KEPT <= self._now()

    # ------------------------------------------------------------ afterwards

    async def note(self, job: Job) -> None:
        """It has ended. A file that cannot be noted is not handed out. Busy."""
        if job.state != "ready" or await self._is_noted(job):
            return
        command = NoteExport(job.arguments["kind"], _id(job), job.result["sha256"], job.result["size"])
        try:
            await self._sessions.submit(job.subject, command, _by(job))
        except Busy:
            raise  # the next time
        except DomainError as no:
            log.warning("an export cannot be noted and is not handed out", session=job.subject, code=no.code)
            await asyncio.to_thread(self._remove, job)
            await self._queue.forget(EXPORT, _id(job))

    async def _is_noted(self, job: Job) -> bool:
        """By whoever did not come to say so."""
        told = history(await self.gathering.journal.read(stream(job.subject)))
        facts = (entry.event for entry in told)
        return any(isinstance(fact, Exported) and fact.export == _id(job) for fact in facts)

    async def clean(self) -> None:
        """Delete what is over."""
        for one in await self._queue.every(EXPORT):
            if self._over(one) and not one.open:
                await asyncio.to_thread(self._remove, one)
                await self._queue.forget(EXPORT, _id(one))

    async def keep_clean(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.clean()
            except Exception:
                log.exception("exports that are over could not be deleted, trying again")
            await asyncio.sleep(CLEAN_SECONDS)

    def _remove(self, one: Job) -> None:
        """Of every claim."""
        folder, name = f"{safe_id(one.subject)}/exports", safe_id(_id(one))
        found = {file.name for file in (self._shelf.folder / folder).glob(f"{name}*")}
        for left in found | self._shelf.names_away(folder, name):
            self._shelf.remove(f"{folder}/{left}")


def _id(one: Job) -> str:
    return str(one.arguments["export"])


def _asked(one: Job) -> datetime:
    return datetime.fromisoformat(one.arguments["asked"])


def _by(one: Job) -> Actor:
    return Actor(**one.arguments["by"])


def _under_way(one: Job) -> bool:
    return one.open or (one.state == "ready" and not one.noted)
