"""From files to exhibits: takes them in, has them looked at and drawn, seals them, offers them in the room, and clears
away what was withdrawn. Implements `Exhibits`.

Owns `<recordings>/<session>/exhibits/<exhibit>/`: `original-<n>` as sent, `page-<n>` as shown, `film-…` once a film is
prepared; all sealed under the session's key, so that an exhibit is kept, archived and erased with the session's
recordings. Files are there before the journal names them; what it never named goes at once. What comes of a film that
was prepared is noted beside the pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

import structlog

from complaints.record import TakeAttachment
from complaints.record.rules import kept
from complaints.service import ComplaintService
from journal import SYSTEM, Event
from journal.refusals import Busy, DomainError, NotAllowed, Refused, WrongState, refusal_of, room_refusal
from offices import Officer
from recordings import BadName, VaultError
from recordings.composing.encoder import nameless
from recordings.files import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.views import unread
from rooms import NotInRoom, TooManyExhibits, commands as c
from rooms.commands import NoteExhibit
from rooms.events import ExhibitWithdrawn, Original, Picture
from rooms.exhibits.rules import MOST_EXHIBITS, MOST_PAGES, MOST_TITLE, promised
from rooms.live.registry import Sessions
from rooms.session import Session
from rooms.views import NewExhibit, SeatedPerson, UploadState
from rooms.vocabulary import SHARING, ExhibitKind, Purpose
from server.rooms import recording_jobs
from server.rooms.exhibits.uploads import (
    FOLDER as UPLOADS,
    LARGEST_EXHIBIT,
    LARGEST_SESSION,
    MOST_OPEN,
    MOST_PICTURES,
    PIECE,
    AnnouncedUpload,
    BadFile,
    DrawnFile,
    DrawnPage,
    ExhibitUploads,
    ImageWorker,
    checked_exhibit,
    kind_of,
)
from server.rooms.recording_jobs import forget_outdone
from server.serving.jobs.store import Job, JobQueue

OFFERED_WITHIN: Final = 5.0
"""Seconds after which a film is prepared all the same, and what comes of it noted if it was offered."""
_HEAD = 64
_LONGEST_NAME = 255

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file as it came, what it is, and what is shown instead."""

    file: BinaryIO
    form: str
    found: DrawnFile


class ExhibitService:
    """One per web process. `space`: whether the disk has room for more."""

    def __init__(
        self,
        shelf: EncryptedFileStore,
        sessions: Sessions,
        complaints: ComplaintService,
        attachments: EncryptedFileStore,
        queue: JobQueue,
    ) -> None:
        self._shelf, self._sessions, self._complaints = shelf, sessions, complaints
        self._attachments, self._queue = attachments, queue
        self._uploads, self._easel = ExhibitUploads(shelf), ImageWorker()
        self._locks: dict[str, asyncio.Lock] = {}

    # ------------------------------------------------------------ coming in

    async def begin(self, who: SeatedPerson, wanted: NewExhibit) -> UploadState:
        session = await self._room(who)
        _sound(wanted)
        if wanted.term and not promised(session, wanted.term):
            raise Refused("bad_value", 422, field="term")
        total = sum(file.size for file in wanted.files)
        _room_for(session, total)
        self._shelf.reserve.require(total)
        if not self._easel.rested((who.session, who.seat)):  # said before anything is sent for nothing
            raise Refused("bad_exhibit", 422, problem="often")
        if len(await asyncio.to_thread(self._uploads.open_of, who.session, who.seat)) >= MOST_OPEN:
            raise Refused("too_many_uploads", 409, most=MOST_OPEN)
        upload = uuid.uuid4().hex
        plan = AnnouncedUpload(
            who.seat, wanted.title.strip(), tuple(wanted.files), wanted.private, Purpose(wanted.purpose), wanted.term
        )
        await asyncio.to_thread(self._uploads.begin, who.session, upload, plan)
        return UploadState(upload, [0] * len(plan.files), PIECE)

    async def state(self, who: SeatedPerson, upload: str) -> UploadState:
        await self._room(who)
        plan = await self._plan(who, upload)
        return UploadState(upload, await self._received(who.session, upload, plan), PIECE)

    async def append(self, who: SeatedPerson, upload: str, file: int, at: int, content: bytes) -> UploadState:
        await self._room(who)
        async with self._lock(upload):
            plan = await self._plan(who, upload)
            received = await self._received(who.session, upload, plan)
            if not 0 <= file < len(plan.files):
                raise Refused("unknown_upload", 404)
            there, size = received[file], plan.files[file].size
            if at + len(content) > size or len(content) > PIECE:
                raise Refused("out_of_step", 409, received=there)
            if at + len(content) > there:
                if at != there:
                    raise Refused("out_of_step", 409, received=there)
                if at == 0:  # said now, before the rest is sent for nothing
                    self._checked(content[:_HEAD], plan.files[file].name, size)
                await asyncio.to_thread(self._uploads.append, who.session, upload, file, at, content)
                received[file] = at + len(content)
            return UploadState(upload, received, PIECE)

    async def cancel(self, who: SeatedPerson, upload: str) -> None:
        async with self._lock(upload):
            await self._plan(who, upload)
            await asyncio.to_thread(self._uploads.remove, who.session, upload)
        self._locks.pop(upload, None)

    async def finish(self, who: SeatedPerson, upload: str) -> str:
        async with self._lock(upload):
            session = await self._room(who)
            if upload in session.exhibits.items and session.exhibits.items[upload].seat == who.seat:
                return upload
            plan = await self._plan(who, upload)
            if plan.term and not promised(session, plan.term):  # taken back since: it proves no particular one
                plan = replace(plan, term=0)
            received = await self._received(who.session, upload, plan)
            if received != [file.size for file in plan.files]:
                raise Refused("incomplete", 409)
            with contextlib.ExitStack() as files:
                sent = [files.enter_context(nameless(self._shelf.folder)) for _ in plan.files]
                for number, file in enumerate(sent):
                    await asyncio.to_thread(self._uploads.pour, who.session, upload, number, file)
                try:
                    await self._offer(who, upload, plan, sent)
                except BadFile as no:
                    await asyncio.to_thread(self._uploads.remove, who.session, upload)
                    raise _refused(no) from None
            await asyncio.to_thread(self._uploads.remove, who.session, upload)
        self._locks.pop(upload, None)
        return upload

    async def bring(self, who: SeatedPerson, officer: Officer, attachment: str) -> str:
        session = await self._room(who)
        with refusal_of():
            found = kept(await self._complaints.state(session.complaint), attachment)
        exhibit = uuid.uuid4().hex
        _room_for(session, found.size)
        if any(one.attachment == attachment for one in session.exhibits.standing):
            raise Refused("already_exhibit", 409)
        plan = AnnouncedUpload(who.seat, found.name.rpartition(".")[0][:MOST_TITLE], (), False, Purpose(found.about), 0)
        with nameless(self._shelf.folder) as file:
            try:
                await asyncio.to_thread(self._copy, session.complaint, attachment, file)
            except (VaultError, BadName) as fault:
                raise unread(fault) from fault
            with refusal_of():
                await self._complaints.submit(session.complaint, TakeAttachment(attachment), officer.actor)
            try:
                await self._offer(who, exhibit, plan, [file], [found.name], attachment)
            except BadFile as no:
                raise _refused(no) from None
        return exhibit

    async def closed(self, session: str, state: Session) -> None:
        """For `rooms.live.registry.Rooms.on_closed`: nothing more comes in, and what the journal does not stand by
        goes."""
        own = self._shelf.folder / safe_id(session)
        await asyncio.to_thread(shutil.rmtree, own / UPLOADS, ignore_errors=True)
        standing = {one.id for one in state.exhibits.standing}
        folder = own / recording_jobs.FOLDER
        for one in await asyncio.to_thread(lambda: list(folder.glob("*"))):
            if one.name not in standing:
                await asyncio.to_thread(self._remove, session, one.name)

    async def withdrawn(self, session: str, exhibit: str) -> None:
        """Its files go: nobody was shown it."""
        await self._queue.forget(recording_jobs.JOB, exhibit)
        await asyncio.to_thread(self._remove, session, exhibit)

    async def note(self, job: Job) -> None:
        """A film is prepared, or cannot be. Busy."""
        try:
            await self._sessions.submit(job.subject, NoteExhibit(recording_jobs.fact_of(job)), SYSTEM)
        except Busy:
            raise  # then it is handed out once more
        except DomainError as no:
            log.warning("a prepared film is not noted", session=job.subject, exhibit=job.key, code=no.code)
        known = {one["path"] for one in (*job.result.get("pages", ()), job.result.get("film", {})) if one}
        folder = recording_jobs.preparation_folder(job.subject, job.arguments["exhibit"])
        for prefix in ("film-", "page-1-"):
            await asyncio.to_thread(forget_outdone, self._shelf, folder, prefix, job, known)

    # ------------------------------------------------------------ offering

    async def _offer(
        self,
        who: SeatedPerson,
        exhibit: str,
        plan: AnnouncedUpload,
        sent: Sequence[BinaryIO],
        names: Sequence[str] = (),
        attachment: str = "",
    ) -> None:
        """BadFile, DomainError as Refused."""
        taken = await self._looked_at(who, sent, names or [file.name for file in plan.files])
        kind = kind_of([one.form for one in taken])
        sheets = [sheet for one in taken for sheet in one.found.sheets]
        if len(sheets) > MOST_PAGES:
            raise BadFile("pages", most=MOST_PAGES)
        try:
            originals, pages = await asyncio.to_thread(self._seal, who.session, exhibit, taken, sheets)
            if kind is ExhibitKind.FILM:  # first: of what was offered nothing is forgotten
                await self._prepare(who.session, exhibit, originals[0], OFFERED_WITHIN)
            command = c.OfferExhibit(
                exhibit, plan.title, kind, originals, pages, plan.private, Purpose(plan.purpose), plan.term, attachment
            )
            with room_refusal():
                await self._sessions.submit(who.session, command, who.actor)
        except BaseException:
            await self.withdrawn(who.session, exhibit)
            raise
        if kind is ExhibitKind.FILM:
            await self._prepare(who.session, exhibit, originals[0], 0.0)

    async def _prepare(self, session: str, exhibit: str, original: Original, after: float) -> None:
        said: dict[str, Any] = {"original": original.path, "form": original.form}
        await self._queue.enqueue(recording_jobs.JOB, of=exhibit, after=after, session=session, exhibit=exhibit, **said)

    async def _looked_at(self, who: SeatedPerson, sent: Sequence[BinaryIO], names: Sequence[str]) -> list[_Taken]:
        heads = [_head(file) for file in sent]
        forms = [checked_exhibit(head, name, size) for (head, size), name in zip(heads, names, strict=True)]
        kind_of(forms)
        taken, left = [], MOST_PAGES
        for file, form in zip(sent, forms, strict=True):
            found = await self._easel.draw(file, form, max(1, left), (who.session, who.seat))
            left -= len(found.sheets)
            taken.append(_Taken(file, form, found))
        return taken

    def _seal(
        self, session: str, exhibit: str, taken: Sequence[_Taken], sheets: Sequence[DrawnPage]
    ) -> tuple[tuple[Original, ...], tuple[Picture, ...]]:
        originals, pages = [], []
        for number, one in enumerate(taken, 1):
            path = f"{recording_jobs.preparation_folder(session, exhibit)}/original-{number}"
            one.file.seek(0)
            stored = self._shelf.put(session, path, one.file)
            originals.append(
                Original(
                    path, one.form, stored.sha256, stored.size, stored.stored_sha256, stored.stored_size, stored.sm3
                )
            )
        for number, sheet in enumerate(sheets, 1):
            path = f"{recording_jobs.preparation_folder(session, exhibit)}/page-{number}"
            stored = self._shelf.put(session, path, io.BytesIO(sheet.content))
            pages.append(Picture(path, sheet.width, sheet.height, stored.sha256, stored.size, stored.stored_sha256))
        return tuple(originals), tuple(pages)

    def _remove(self, session: str, exhibit: str) -> None:
        with contextlib.suppress(OSError):  # it goes with the record
            self._shelf.remove(recording_jobs.preparation_folder(session, exhibit))

    def _copy(self, complaint: str, attachment: str, into: BinaryIO) -> None:
        with self._attachments.open(complaint, f"{safe_id(complaint)}/{safe_id(attachment)}") as file:
            shutil.copyfileobj(file, into)

    # ------------------------------------------------------------ who, and how far

    async def _room(self, who: SeatedPerson) -> Session:
        """As the room would decide; said before anything is taken in."""
        with room_refusal():
            session = await self._sessions.state(who.session)
            if not session.under_way:
                raise WrongState(status=session.status.value)
            seat = session.seats.get(who.seat)
            if seat is None or not session.attends(seat):
                raise NotInRoom
            if seat.role not in SHARING:
                raise NotAllowed
        return session

    async def _plan(self, who: SeatedPerson, upload: str) -> AnnouncedUpload:
        try:
            plan = await asyncio.to_thread(self._uploads.plan, who.session, upload)
        except BadName:
            plan = None
        if plan is None or plan.seat != who.seat:
            raise Refused("unknown_upload", 404)
        return plan

    async def _received(self, session: str, upload: str, plan: AnnouncedUpload) -> list[int]:
        return await asyncio.to_thread(self._uploads.received, session, upload, len(plan.files))

    def _checked(self, head: bytes, name: str, size: int) -> None:
        try:
            checked_exhibit(head, name, size)
        except BadFile as no:
            raise _refused(no) from None

    def _lock(self, upload: str) -> asyncio.Lock:
        return self._locks.setdefault(upload, asyncio.Lock())


def _sound(wanted: NewExhibit) -> None:
    """What is announced is within limits; whether it is true shows when it comes."""
    if not wanted.title.strip():
        raise Refused("missing", 400, field="title")
    if len(wanted.title.strip()) > MOST_TITLE:
        raise Refused("too_long", 400, field="title", most=MOST_TITLE)
    if not wanted.files:
        raise Refused("bad_exhibit", 422, problem="empty")
    if len(wanted.files) > MOST_PICTURES:
        raise Refused("bad_exhibit", 422, problem="many", most=MOST_PICTURES)
    if any(len(file.name) > _LONGEST_NAME for file in wanted.files):
        raise Refused("too_long", 400, field="name", most=_LONGEST_NAME)
    if any(file.size < 1 for file in wanted.files):
        raise Refused("bad_exhibit", 422, problem="empty")
    if sum(file.size for file in wanted.files) > LARGEST_EXHIBIT:
        raise Refused("bad_exhibit", 422, problem="large", most=LARGEST_EXHIBIT >> 20)


def _room_for(session: Session, size: int) -> None:
    standing = session.exhibits.standing
    if len(standing) >= MOST_EXHIBITS:
        raise Refused(TooManyExhibits.code, 409, most=MOST_EXHIBITS)
    if size + sum(original.size for one in standing for original in one.originals) > LARGEST_SESSION:
        raise Refused("too_much", 409, most=LARGEST_SESSION >> 20)


def _head(file: BinaryIO) -> tuple[bytes, int]:
    """First bytes and size."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return file.read(_HEAD), size


def _refused(no: BadFile) -> Refused:
    return Refused("bad_exhibit", 422, problem=no.why, **no.params)


class ExhibitUpkeep:
    """One per web process. `follow` gives the sessions' events as they come."""

    def __init__(self, desk: ExhibitService, follow: Callable[[], AsyncIterator[Event]]) -> None:
        self._desk, self._follow = desk, follow
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._hear(self._follow()), name="exhibits withdrawn")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _hear(self, following: AsyncIterator[Event]) -> None:
        while True:
            try:
                async for event in following:
                    if event.type == ExhibitWithdrawn.__name__:
                        await self._desk.withdrawn(event.stream.partition("/")[2], event.data["exhibit"])
            except Exception:
                log.exception("following the journal failed, going on")
            following = self._follow()
