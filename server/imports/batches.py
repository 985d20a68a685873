"""Batches: an import is asked for, goes on by itself, can be looked into, mended and taken back.

Journaled under `import/<batch>`: who began it, with which file and mapping, how it ended, who undid it and why. The
file itself lies in `<data>/imports` until it was read, readable by the installation's owner alone. It is read by a
confined child (`ConfinedTable`, `attachments`).

`<data>/imports/<batch>.reading` is there from before a file is read until that ended (`Attempts`). A process that dies
while it reads leaves it, with the row it began behind. Whoever finds it with no row noted since sets the file aside
instead of dying of it once more.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import io
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from complaints.channels import ChannelError, UnreadableFile, mapping as mappings
from complaints.channels.cells import Cell
from complaints.channels.mapping import ChannelMapping, Header, builtin, from_plain, knowing
from complaints.channels.platforms import Platform, reads_by
from complaints.channels.reading import ChannelRow, Numbered, ReadingContext, RowReader
from complaints.complaint import local_day
from complaints.record.changes import ImportUndone, UndoImport
from complaints.record.identifiers import Sealer
from complaints.service import ComplaintService, Filing
from complaints.state import stream
from journal import Actor, Draft, Event, append_next, append_once
from journal.refusals import DomainError
from law import WorkingCalendar, accept_by
from offices import Office
from recordings.files import NO_RESERVE, FreeSpace, sync_folder
from server.confinement import Declined, ReaderStopped
from server.confinement.reader import SECONDS, Reading, ReadingLimits, in_thread, read_now
from server.db.journal import SqlJournal
from server.imports import tables
from server.imports.encoding import ROW, RowFrame, RowOutcome
from server.imports.importing import FEW, EncoderPool, Importer, Target
from server.imports.store import COUNTED, Batch, IntakeStore
from server.imports.tables import attachment_of, header_of
from server.imports.values import BatchValues


class Attempts:
    """Of one folder of imports; whoever calls holds the batch's file. Blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, batch: str, row: int) -> None:
        """Durable when it returns. `row`: the last one noted."""
        with self._path(batch).open("w", encoding="ascii") as file:
            file.write(f"{os.getpid()} {row}\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)

    def end(self, batch: str) -> None:
        """However it ended, this process outlived it."""
        self._path(batch).unlink(missing_ok=True)

    def died_behind(self, batch: str) -> int | None:
        """The row behind which a process began that did not outlive the reading; None when none is known."""
        try:
            return int(self._path(batch).read_text("ascii").split()[1])
        except FileNotFoundError:
            return None
        except (ValueError, IndexError):  # it died while it wrote this
            return 0

    def put_back(self) -> None:
        """An orderly end of this process is no file's fault."""
        for path in self._folder.glob("*.reading"):
            if path.read_text("ascii").split()[:1] == [str(os.getpid())]:
                path.unlink(missing_ok=True)

    def _path(self, batch: str) -> Path:
        return self._folder / f"{batch}.reading"


SHOWN: Final = 20  # rows of a preview
FOLDER: Final = "imports"
WEBHOOK: Final = "webhook"
MAIL: Final = "mail"
UNDONE_AT_ONCE: Final = 500  # complaints that are taken back between two commits
_STREAM = "import"


@dataclass(frozen=True, slots=True)
class Dated:
    """The day of receipt a row would be registered with, where the office is, and until when to decide on it."""

    received: date
    due: date


@dataclass(frozen=True, slots=True)
class Preview:
    """What a mapping would make of a file. Nothing is kept of it. `dated`: by row, of those that would be taken."""

    header: Header
    rows: list[ChannelRow]
    dated: dict[int, Dated]


class Batches:
    def __init__(
        self,
        complaints: ComplaintService,
        journal: SqlJournal,
        store: IntakeStore,
        seal: Sealer,
        data: Path,
        now: Callable[[], datetime],
        pool: EncoderPool | None = None,
        reserve: FreeSpace = NO_RESERVE,
    ) -> None:
        """`pool`: where rows of great files are made; this process unless said."""
        self.complaints, self._journal, self.store = complaints, journal, store
        self._seal, self._folder, self._now = seal, data / FOLDER, now
        self._attempts = Attempts(self._folder)
        self.reserve = reserve
        self._importer = Importer(complaints, journal, store, seal, now, pool)
        self.leads = self._importer.apart.leads
        self.values = BatchValues(complaints, journal, store, now)
        self.platforms: Mapping[tuple[str, str], Platform] = {}  # by office and channel: how it calls its columns

    # ------------------------------------------------------------ mappings

    async def mapping(self, office: str, channel: str) -> ChannelMapping:
        """The office's own, or the one the channel comes with, and what it has said of values. BadMapping."""
        mapping = knowing((await self.own_mapping(office, channel))[0], await self.values.known(office))
        platform = self.platforms.get((office, channel))
        return mapping if platform is None else reads_by(platform, mapping)

    async def own_mapping(self, office: str, channel: str) -> tuple[ChannelMapping, bool]:
        """Also whether it is the office's own."""
        changed = await self._journal.read(_mapping_stream(office, channel))
        plain = changed[-1].data["mapping"] if changed else None
        return (builtin(channel), False) if plain is None else (from_plain(plain), True)

    async def set_mapping(self, office: str, mapping: ChannelMapping | None, channel: str, actor: Actor) -> None:
        """None: the channel's own again."""
        said = {"mapping": None if mapping is None else mapping.plain()}
        draft = Draft("MappingSet", said, self._now(), actor)
        await append_next(self._journal, _mapping_stream(office, channel), draft)

    async def preview(self, path: Path, mapping: ChannelMapping, office: Office) -> Preview:
        """The first rows. ChannelError."""
        calendar = await self.store.calendar(office.id)
        return await in_thread(partial(self._preview, path, mapping, self.place(office), calendar), long=True)

    def _preview(
        self, path: Path, mapping: ChannelMapping, place: ReadingContext, calendar: WorkingCalendar
    ) -> Preview:
        with ConfinedTable(path, mapping) as table:
            reader = RowReader(mapping, table.header, place)
            rows = list(islice(reader.rows(table.rows), SHOWN))
        taken = [(row.row, row.filing) for row in rows if row.filing is not None]
        return Preview(table.header, rows, {number: self._dated(filing, calendar) for number, filing in taken})

    def _dated(self, filing: Filing, calendar: WorkingCalendar) -> Dated:
        day = local_day(filing.received, filing.zone)
        return Dated(day, accept_by(day, self.complaints.order(filing), calendar).due)

    def place(self, office: Office) -> ReadingContext:
        return ReadingContext(office.id, office.number_prefix, office.zone, self._now())

    # ------------------------------------------------------------ a batch's life

    async def begin(
        self,
        office: Office,
        actor: Actor,
        mapping: ChannelMapping,
        content: Path | bytes,
        name: str,
        source: str = "file",
        state: str = "queued",
        id: str = "",
    ) -> Batch:
        """Durable when it returns; `run` does the work. A file is copied. `id`: its own choice unless given."""
        id = id or secrets.token_hex(16)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sha256, size = await asyncio.to_thread(_kept, content, self.path(id), self.reserve)
        batch = Batch(
            id=id,
            office=office.id,
            channel=mapping.channel,
            source=source,
            name=name[:200],
            size=size,
            sha256=sha256,
            mapping=mapping.plain(),
            by=asdict(actor),
            created=self._now(),
            state=state,
        )
        started = {"office": office.id, "channel": mapping.channel, "source": source, "name": batch.name}
        if not await self._journal.last(f"{_STREAM}/{id}"):  # begun by a process that died here
            await self._tell(
                id, "ImportStarted", {**started, "sha256": sha256, "size": size, "mapping": batch.mapping}, actor
            )
        await self.store.add(batch)
        return batch

    async def run(self, batch: Batch, office: Office, again: bool = False) -> Batch:
        """Read it to its end, from where it was left. As it is when another process is reading it.

        A file whose reading a process did not outlive, without a row noted, is set aside; `again`: a person wants it
        tried once more."""
        with _held(self.path(batch.id)) as ours:
            batch = await self._known(batch.id)  # who held it before may have finished it
            if ours and batch.state in ("queued", "running"):
                return await self._run(batch, office, again)
        return batch

    async def _run(self, batch: Batch, office: Office, again: bool) -> Batch:
        await self.store.change(batch.id, state="running")
        actor = Actor(**batch.by)  # type: ignore[arg-type]
        error: dict[str, Any] | None = None
        if not again and await asyncio.to_thread(self._attempts.died_behind, batch.id) == batch.last_row:
            error = {"code": "cut_off", "params": {}}
        else:
            try:
                await self._read(batch, office, actor)
            except ChannelError as no:
                error = {"code": no.code, "params": no.params}
            except FileNotFoundError:
                error = {"code": "gone", "params": {}}
        await self.store.settle_sums()
        await self.store.change(batch.id, state="failed" if error else "done", error=error, ended=self._now())
        after = await self._known(batch.id)
        counts = {name: getattr(after, name) for name in COUNTED}
        await self._tell(batch.id, "ImportEnded", {"counts": counts, "error": error}, actor)
        await asyncio.to_thread(self.path(batch.id).unlink, missing_ok=True)
        await asyncio.to_thread(self._attempts.end, batch.id)
        return after

    async def _read(self, batch: Batch, office: Office, actor: Actor) -> None:
        """ChannelError, FileNotFoundError."""
        path, mapping = self.path(batch.id), from_plain(batch.mapping)
        place = ReadingContext(office.id, office.number_prefix, office.zone, batch.created)
        target = Target(batch.id, place, mapping, actor, batch.size)
        if batch.source == WEBHOOK:  # a body of at most `web.api.document.MOST_BYTES`, and 200 rows
            table = await asyncio.to_thread(tables.of_body, path, mapping)
            rows = [one for one in table.rows if one[0] > batch.last_row]
            await self._importer.take(target, table.header, [rows], FEW)
            return
        await asyncio.to_thread(self._attempts.begin, batch.id, batch.last_row)
        try:
            confined = await in_thread(
                partial(ConfinedTable, path, mapping, batch.source, batch.name, batch.last_row), long=True
            )
            with confined:
                await self._importer.take(target, confined.header, confined.frames)
        finally:
            await asyncio.to_thread(self._attempts.end, batch.id)

    async def cells(self, batch: Batch, row: int) -> dict[str, str]:
        """What a refused row says, to be mended. LookupError when there is no such row."""
        handled = await self.store.row(batch.id, row)
        if handled is None or handled.cells_sealed is None:
            raise LookupError(row)
        found: dict[str, str] = json.loads(self._seal.open(handled.cells_sealed, ROW))
        return found

    async def mend(self, batch: Batch, row: int, office: Office, actor: Actor, cells: dict[str, str]) -> RowOutcome:
        """Try a refused row with other words in it; "taken", "apart", "updated", "duplicate", or "refused" once
        more.

        LookupError: there is no such row any more; somebody was faster.
        """
        mapping = knowing(from_plain(batch.mapping), await self.values.known(office.id))
        named: dict[str, Cell] = dict(cells)
        place = ReadingContext(office.id, office.number_prefix, office.zone, batch.created)
        await self.cells(batch, row)
        handled = await self._importer.take_one(
            Target(batch.id, place, mapping, actor),
            named,
            mappings.header_of(mapping, list(named)),
            partial(self.store.settle_in, batch=batch.id, row=row, outcome="fixed"),
            row,
        )
        if handled.outcome == "refused":
            assert handled.cells_sealed is not None
            await self.store.retold(batch.id, row, handled.problems or [], handled.cells_sealed)
        elif handled.outcome == "apart":
            await self.store.settle(batch.id, row, "apart", handled.complaint)
        elif handled.outcome != "taken":
            await self.store.settle(batch.id, row, "dropped", handled.complaint)
        return handled

    async def drop(self, batch: Batch, row: int, actor: Actor, reason: str) -> bool:
        """A refused row is not wanted after all: a clerk says so, and what it said is let go of."""
        if not await self.store.settle(batch.id, row, "dropped"):
            return False
        await self._tell(batch.id, "ImportRowDropped", {"row": row, "reason": reason}, actor)
        return True

    async def undo(self, batch: Batch, actor: Actor, reason: str) -> tuple[int, int]:
        """Take back what nobody has touched yet: (complaints undone, left because something was done with them).

        So many at once; one that was interrupted is asked for again, and counts what it had undone."""
        undone = left = after = 0
        command = UndoImport(batch.id, reason)

        def decided(entries: list[Event]) -> list[Draft]:
            if len(entries) != 1:
                return []
            try:
                return self.complaints.decided(entries, command, actor)
            except DomainError:
                return []

        while rows := await self.store.complaints_of(batch.id, after, UNDONE_AT_ONCE):
            after = rows[-1].row
            streams = [stream(row.complaint) for row in rows]
            for name, appended in zip(streams, await self._journal.append_each(streams, decided), strict=True):
                if appended or await self._taken_back(name, batch.id):
                    undone += 1
                else:
                    left += 1
        after = 0
        while rows := await self.store.complaints_of(batch.id, after, UNDONE_AT_ONCE, ("apart",)):
            after = rows[-1].row
            for row in rows:
                if await self._importer.apart.undo(row.complaint, reason, actor):
                    undone += 1
                else:
                    left += 1
        told = {"reason": reason, "undone": undone, "left": left}
        await append_once(self._journal, f"{_STREAM}/{batch.id}", Draft("ImportUndone", told, self._now(), actor))
        await self.store.change(batch.id, state="undone", undone=self._now())
        return undone, left

    async def _taken_back(self, name: str, batch: str) -> bool:
        """Whether this batch's undoing, interrupted, had got to it."""
        last = (await self._journal.read(name, 1))[-1:]
        return any(one.type == ImportUndone.__name__ and one.data["batch"] == batch for one in last)

    async def _known(self, batch: str) -> Batch:
        found = await self.store.batch(batch)
        assert found is not None
        return found

    async def _tell(self, batch: str, type: str, data: dict[str, Any], actor: Actor) -> None:
        await append_next(self._journal, f"{_STREAM}/{batch}", Draft(type, data, self._now(), actor))

    def path(self, batch: str) -> Path:
        return self._folder / f"{batch}.bin"


def _mapping_stream(office: str, channel: str) -> str:
    return f"office/{office}/mapping/{channel}"


def _kept(content: Path | bytes, to: Path, reserve: FreeSpace) -> tuple[str, int]:
    """There whole and on disk, or not at all. ReserveReached."""
    part = to.with_suffix(".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as write:
            with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as read:
                reserve.copy(read, write)
            write.flush()
            os.fsync(write.fileno())
        part.replace(to)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    with to.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), to.stat().st_size


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Whoever reads a batch holds its file, so that nobody else does; the hold goes when the process does."""
    try:
        file = path.open("rb")
    except FileNotFoundError:  # then there is nothing two could read
        yield True
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


# ------------------------------------------------------------ read by a child of its own

HARD: Final = "hard"  # what a file is refused for that took its reader beyond a limit
_MEGABYTE: Final = 1 << 20
_GROWN: Final = 40  # bytes told per byte of a file at most: a packed workbook's


class ConfinedTable:
    """A file of a batch, read by a child of its own: its header, and frames of the rows below it, which come once.

    Raises Unreadable for what the file is refused for, `hard` among it, when it is opened and while its rows are read.
    Blocks. Close it.
    """

    def __init__(
        self, path: Path, mapping: ChannelMapping, source: str = "file", name: str = "", after: int = 0
    ) -> None:
        """Only rows behind number `after` are told."""
        self._file = path.open("rb")
        size = path.stat().st_size
        order = {"mapping": mapping.plain(), "source": source, "name": name, "after": after}
        # A long export takes as long as it is long; it is read while it is written, so nothing waits for it.
        seconds = SECONDS + size // _MEGABYTE if source != "mail" else SECONDS
        limits = ReadingLimits(seconds=seconds, patience=60.0 + 10 * seconds, output=512 * _MEGABYTE + _GROWN * size)
        try:
            self._reading = Reading("table", self._file, order, limits)
        except BaseException:
            self._file.close()
            raise
        told = self._told()
        try:
            self.header = header_of(next(told))
        except BaseException:
            self.close()
            raise
        self.frames: Iterator[Sequence[Numbered]] = map(RowFrame, told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def rows(self) -> Iterator[Numbered]:
        """Of all frames, one by one."""
        return chain.from_iterable(self.frames)

    def close(self) -> None:
        self._reading.close()
        self._file.close()

    def _told(self) -> Iterator[bytes]:
        try:
            yield from self._reading
        except Declined as no:
            raise UnreadableFile(no.code, **no.params) from None
        except ReaderStopped:
            raise UnreadableFile(HARD) from None


def attachments(raw: bytes) -> list[tuple[str, bytes]]:
    """(name, content) of the files in a message. Unreadable: hard. Blocks."""
    limits = ReadingLimits(frame=len(raw) + _MEGABYTE, output=2 * len(raw) + _MEGABYTE)
    try:
        return [attachment_of(frame) for frame in read_now("attached", raw, limits=limits).frames]
    except (Declined, ReaderStopped):
        raise UnreadableFile(HARD) from None
