"""Transcripts on the side of the web process: asked for once a session's film is made or given up, noted in its
journal, read, searched, corrected by the mediator of the session, taken along.

Every look, every correction and every copy is in the journal before anything leaves. A transcript waits for its row of
the index from before it changes until after, and while it waits it is read by whoever searches: what is found does not
depend on how far the index is.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from casebook import Paragraph
from complaints.service import ComplaintService
from complaints.state import Complaint
from journal import SYSTEM, Journal
from journal.refusals import Busy, DomainError, Refused
from offices import Officer
from recordings import CompositionError, RecordingsError, VaultError
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.transcripts import Line, Transcript, from_json, hearing_plan, plan_to_json
from recordings.transcripts.statements import film_origin
from recordings.views import FoundLine, TranscriptHit, TranscriptHits, TranscriptStage, TranscriptState
from rooms.commands import CorrectTranscript, NoteExport, NoteRecording
from rooms.events import TranscriptFailed, TranscriptMade, history, stream
from rooms.live.registry import Sessions
from rooms.record.rules import RecordUse
from rooms.session import Session
from server.casebook.word import document
from server.complaints.store import SqlReads
from server.retention.erasure import RemovedFiles
from server.rooms.recording_jobs import forget_outdone, transcript_order
from server.rooms.transcript_store import (
    PAGE,
    IndexedTranscript,
    TranscriptIndex,
    Wanted,
    folded,
    may_have,
    open_filter,
    seal_filter,
    wanted_pieces,
    word_filter,
)
from server.serving.jobs.store import Job, JobQueue

TRANSCRIBE: Final = "transcribe"
PART: Final = "transcript"  # as looks call it
SEARCH_SECONDS: Final = 2.0
MOST_HITS: Final = 20  # sessions; those of the page of records that is being read are told all the same
LINES_TOLD: Final = 5
_TOLD_EACH: Final = 200

log = structlog.get_logger(__name__)


class TranscriptService:
    """One per web process. `model`: the folder where a speech model lies, or may come to lie."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        journal: Journal,
        sessions: Sessions,
        complaints: ComplaintService,
        reads: SqlReads,
        queue: JobQueue,
        model: Path,
        index: TranscriptIndex,
    ) -> None:
        self._index, self._indexing = index, asyncio.Lock()
        self._shelf = shelf
        self._journal, self._sessions, self._complaints = journal, sessions, complaints
        self._reads, self._queue, self._model = reads, queue, model
        self._asking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self.index_all(), name="index of transcripts")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    # ------------------------------------------------------------ making

    async def filmed(self, session: str) -> None:
        """The film of a closed session is made, or given up: its tracks are whole."""
        with contextlib.suppress(Refused):
            await self.ask(session)

    async def ask(self, session: str, again: bool = False) -> None:
        """`again`: also when it failed before. Refused: not_closed, erased, no_speech_model, nothing_to_hear."""
        async with self._asking:
            state = await self._sessions.state(session)
            if not state.over:
                raise Refused("not_closed", 409)
            if state.erasure is not None:
                raise Refused("erased", 410)
            if state.transcript is not None:
                return
            known = await self._queue.of(TRANSCRIBE, session)
            if known is not None and (known.open or not again):
                return
            if state.transcript_failed is not None and not again:
                return
            if not await asyncio.to_thread(self._has_model):
                raise Refused("no_speech_model", 409)
            await self._ask(session, state)

    async def _ask(self, session: str, state: Session) -> None:
        told = history(await self._journal.read(stream(session)))
        try:
            plan = hearing_plan(told, hot_words(state, await self._complaints.state(state.complaint)))
        except CompositionError as fault:
            await self._told(session, TranscriptFailed(fault.code))
            return
        if plan is None:
            raise Refused("nothing_to_hear", 409)
        try:
            await asyncio.to_thread(self._put, session, plan_to_json(plan))
        except RecordingsError as fault:
            raise Refused("erased", 410) from fault
        await self._queue.enqueue(TRANSCRIBE, of=session, session=session)

    def _put(self, session: str, order: bytes) -> None:
        self._shelf.put(session, transcript_order(session), io.BytesIO(order))

    def _has_model(self) -> bool:
        """One that cannot be used is asked all the same, and fails with a sentence."""
        return self._model.is_dir()

    async def state(self, session: str) -> TranscriptState:
        state = await self._sessions.state(session)
        if state.erasure is not None:
            return TranscriptState("erased")
        if state.transcript is not None:
            return TranscriptState("ready", 1.0, made=state.transcript)
        if not state.over or not state.segments:
            return TranscriptState("none")
        known = await self._queue.of(TRANSCRIBE, session)
        if known is not None and known.state == "failed":
            return TranscriptState("failed", error=known.error)
        if known is None and (failed := state.transcript_failed) is not None:
            return TranscriptState("failed", error=failed.cause)
        if known is not None:  # until the journal knows of it, it is not there yet
            stage: TranscriptStage = "queued" if known.state == "queued" else "working"
            return TranscriptState(stage, known.progress, known.error)
        if hearing_plan(history(await self._journal.read(stream(session)))) is None:
            return TranscriptState("nobody")
        return TranscriptState("unasked" if await asyncio.to_thread(self._has_model) else "no_model")

    async def note(self, job: Job) -> None:
        """A transcript has ended. Busy."""
        await self._told(job.subject, _fact(job))
        told = history(await self._journal.read(stream(job.subject)))
        known = {entry.event.path for entry in told if isinstance(entry.event, TranscriptMade)}
        await asyncio.to_thread(forget_outdone, self._shelf, safe_id(job.subject), "transcript-", job, known)
        if job.state == "ready":
            await self._index.expect([job.subject])
            async with self._indexing:
                await self._fill(job.subject)

    async def _told(self, session: str, fact: TranscriptMade | TranscriptFailed) -> None:
        try:
            await self._sessions.submit(session, NoteRecording(fact), SYSTEM)
        except Busy:
            raise  # then it is handed out once more
        except DomainError as no:
            log.warning("the end of a transcript cannot be noted", session=session, code=no.code)

    # ------------------------------------------------------------ reading

    async def of(self, session: str) -> Transcript | None:
        """With its corrections; None while there is none, or when it was erased. Asks nobody who they are."""
        state = await self._sessions.state(session)
        if state.transcript is None or state.erasure is not None:
            return None
        try:
            found = await asyncio.to_thread(self._read, session, state.transcript)
        except (VaultError, ValueError, OSError) as fault:
            log.warning("a transcript cannot be read", session=session, fault=str(fault))
            return None
        return found.with_corrections(state.transcript_corrections)

    def _read(self, session: str, made: TranscriptMade) -> Transcript:
        return from_json(self._content(session, made))

    def _content(self, session: str, made: TranscriptMade) -> bytes:
        with self._shelf.open(session, made.path) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != made.sha256:
            raise ValueError("it is not what the journal says")
        return content

    async def shown(self, officer: Officer, session: str) -> Transcript:
        """For whoever may watch the recording; whoever shows it notes the look first. Refused 403, 404."""
        await self._reads.record(officer, session, RecordUse.WATCH)
        found = await self.of(session)
        if found is None:
            raise Refused("not_found", 404)
        return found

    async def search(self, officer: Officer, words: str, after: str = "") -> TranscriptHits:
        """In the transcripts of the records that this officer may see, as they are read.

        Those that may have the words, by the index, are opened with their cases' keys, for `SEARCH_SECONDS`.
        """
        wanted, found, unindexed = folded(words.strip()), list[TranscriptHit](), 0
        until = time.monotonic() + SEARCH_SECONDS
        pieces = wanted_pieces(wanted)
        while wanted:
            rows = await self._index.page(officer, after)
            for row in await asyncio.to_thread(self._candidates, rows, pieces):
                unindexed += not row.sealed
                if hit := await self._found(officer, row.session, wanted):
                    found.append(hit)
                if len(found) >= MOST_HITS or time.monotonic() > until:
                    return TranscriptHits(found, row.session if row is not rows[-1] or _full(rows) else "", unindexed)
            if not _full(rows):
                break
            after = rows[-1].session
            if time.monotonic() > until:
                return TranscriptHits(found, after, unindexed)
        return TranscriptHits(found, "", unindexed)

    def _candidates(self, rows: Sequence[IndexedTranscript], pieces: Wanted) -> list[IndexedTranscript]:
        return [row for row in rows if not row.sealed or self._may_have(row, pieces)]

    def _may_have(self, row: IndexedTranscript, pieces: Wanted) -> bool:
        try:
            key = self._shelf.keys.existing(row.session)
        except VaultError:
            return False  # nothing of it can be read any more
        bits = open_filter(key, row.office, row.session, row.sealed)
        return bits is None or may_have(bits, pieces)

    async def _found(self, officer: Officer, session: str, wanted: str) -> TranscriptHit | None:
        try:
            transcript = await self.shown(officer, session)
        except Refused:
            return None
        has = [line for line in transcript.lines if wanted in folded(transcript.text(line))]
        if not has:
            return None
        state, row = await self._sessions.state(session), await self._reads.session(officer, session)
        origin = film_origin(state) if state.composed is not None or state.segments else None

        def told(line: Line) -> FoundLine:
            seat = state.seats[line.seat]
            seconds = (line.begins - origin).total_seconds() if origin is not None else None
            return FoundLine(line.id, seat.name, seat.role, transcript.text(line), seconds)

        return TranscriptHit(row, len(has), tuple(told(line) for line in has[:LINES_TOLD]))

    async def take(self, officer: Officer, session: str, form: str, told: Sequence[Paragraph]) -> bytes:
        """A copy of these paragraphs, a heading and then lines; `form`: "vtt" as they are, "docx". Noted first."""
        await self._reads.record(officer, session, RecordUse.TAKE)
        if form == "docx":
            content = await asyncio.to_thread(document, told)
        else:
            content = "\n".join(one.text for one in told).encode()
        note = NoteExport(PART, secrets.token_hex(8), hashlib.sha256(content).hexdigest(), len(content))
        await self._sessions.submit(session, note, officer.actor)
        return content

    async def correct(self, officer: Officer, session: str, line: str, text: str) -> None:
        """By the mediator of the session; "" takes the correction back, and so does what was heard."""
        await self._reads.record(officer, session, RecordUse.READ)
        if (await self._sessions.state(session)).mediator != officer.id:
            raise Refused("not_yours", 403)
        found = {one.id: one for one in (await self.shown(officer, session)).lines}
        if line not in found:
            raise Refused("not_found", 404)
        said = "" if text.strip() == found[line].text else text
        async with self._indexing:
            await self._index.put(session, b"")
            try:
                await self._sessions.submit(session, CorrectTranscript(line, said), officer.actor)
            finally:
                await self._fill(session)

    # ------------------------------------------------------------ what is searched

    async def index_all(self) -> None:
        """Those of before there was an index, and those that a process left that ended in between."""
        try:
            await self._index.expect(await self._index.made())
            waiting = await self._index.waiting()
            for number, session in enumerate(waiting, 1):
                async with self._indexing:
                    await self._fill(session)
                if number % _TOLD_EACH == 0 or number == len(waiting):
                    log.info("index of transcripts", indexed=number, of=len(waiting))
        except Exception:  # searching goes on, and reads what is not in the index
            log.exception("the index of transcripts is not whole")

    async def _fill(self, session: str) -> None:
        """What cannot be read goes on waiting, what is erased does not."""
        state = await self._sessions.state(session)
        if state.erasure is not None:
            await self._index.remove(session)
        elif (transcript := await self.of(session)) is not None:
            await self._index.put(session, await asyncio.to_thread(self._sealed, state.office, transcript))

    def _sealed(self, office: str, transcript: Transcript) -> bytes:
        """Empty where the key is gone."""
        bits = word_filter(transcript.text(line) for line in transcript.lines)
        try:
            return seal_filter(self._shelf.keys.existing(transcript.session), office, transcript.session, bits)
        except VaultError:
            return b""

    async def forget(self, session: str) -> RemovedFiles:
        """The record is erased."""
        async with self._indexing:
            await self._index.remove(session)
        return RemovedFiles()  # no files


def _full(rows: Sequence[IndexedTranscript]) -> bool:
    """Whether there may be more behind them."""
    return len(rows) == PAGE


def _fact(job: Job) -> TranscriptMade | TranscriptFailed:
    if job.state == "failed":
        return TranscriptFailed(job.error)
    return TranscriptMade(**job.result)


# ------------------------------------------------------------ hot words

MOST_HOT: Final = 40
STATUTES: Final = ("消费者权益保护法", "市场监督管理投诉举报处理办法")
_CITED: Final = re.compile("《([^《》]{2,30})》")


def hot_words(session: Session, complaint: Complaint) -> tuple[str, ...]:
    """Names and words that may occur: parties, the business, what was bought, the statutes that the complaint cites."""
    seats, record = session.seats.values(), complaint.record
    bought = record.object
    found = [seat.name for seat in seats] + [seat.seat.organisation for seat in seats]
    found += [record.business.title, bought.name, bought.brand, bought.model, bought.shop, bought.platform]
    found += [*record.keywords, *_CITED.findall(record.facts + record.request), *STATUTES]
    kept = dict.fromkeys(word.strip() for word in found)
    return tuple(word for word in kept if 2 <= len(word) <= 30)[:MOST_HOT]
