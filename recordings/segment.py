"""One recording file while it is written, the facts of a finished one, and where one ends and the next begins.

Owns the names: `<session>/<seat>/<start>-camera.webm`, with `.part` behind it and a lock on it until it is finished.
A finished file is never changed, and never repaired. What is in it is encrypted (`recordings.files.encrypted_file`).

Of each kind of file of one participant one `SegmentFile` is open. A new one begins: at a key frame once the segment is
long enough, when the picture changes size, when the picture comes or goes, and after a gap.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from media.engine import Gap, Source
from recordings import webm
from recordings.disk import DirectFile, DiskWriter
from recordings.files import PART, Kind, file_name, sync_folder
from recordings.files.encrypted_file import HEADER, LONGEST, Digest, RecordSealer, StoredDigest, sealed_size
from recordings.timeline import Ends, Holes, Interleaved, PacketTally
from recordings.webm import Blocks, Frame


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A finished file, as `media.engine.Segment` has it. `path` is relative to the recordings folder."""

    path: str
    sha256: str
    size: int
    started: datetime
    ended: datetime
    width: int
    height: int
    kind: Kind
    stored_sha256: str = ""
    stored_size: int = 0
    sm3: str = ""
    holes: tuple[Gap, ...] = ()


def utc(wall: float) -> datetime:
    """Seconds since the epoch as a time of whole milliseconds: what a file name can carry."""
    return datetime.fromtimestamp(round(wall * 1000) / 1000, UTC)


def keep(part: Path, final: Path) -> None:
    """Make what is there durable under its final name."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    if part != final:
        part.rename(final)
    sync_folder(final.parent)


def sources(kind: Kind, width: int) -> tuple[Source, ...]:
    """What a file of this kind holds."""
    return ("screen",) if kind == "screen" else ("mic", "camera") if width else ("mic",)


class SegmentPath:
    """Where a file lies while it is written, and its name after that. Everything here may raise OSError."""

    def __init__(self, folder: Path, seat: str, kind: Kind, wall: float) -> None:
        """`seat` is the folder below `folder`; `wall` is the time of the first block, seconds since the epoch."""
        self.started, self.kind = utc(wall), kind
        parent = folder / seat
        parent.mkdir(parents=True, exist_ok=True)
        # A sender's reports may move its time back to where a file has begun already, which stays as it is.
        while (parent / file_name(self.started, kind)).exists():
            self.started += timedelta(milliseconds=1)
        self.origin = self.started.timestamp()
        self.path = f"{seat}/{file_name(self.started, kind)}"
        self._final, self._part = folder / self.path, folder / (self.path + PART)
        self.descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        # Says that somebody is still writing; the kernel lets go of it when the process dies.
        fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def sync_folder(self) -> None:
        sync_folder(self._part.parent)

    def keep(self) -> None:
        keep(self._part, self._final)

    def drop(self) -> None:
        self._part.unlink()

    def close(self) -> None:
        os.close(self.descriptor)

    def sealed(self, end: float, width: int, height: int, stored: StoredDigest, holes: tuple[Gap, ...]) -> SealedFile:
        return SealedFile(
            self.path, stored.sha256, stored.size, self.started, utc(end), width, height, self.kind,
            stored.stored_sha256, stored.stored_size, stored.sm3, holes,
        )  # fmt: skip


class SegmentFile:
    """A file being written. Everything here may raise OSError; the caller then seals what there is.

    In each pass: `prepare`, its outlet is written, `wrote`, `add_up`; then its outlet is made durable.
    """

    def __init__(
        self,
        folder: Path,
        seat: str,
        kind: Kind,
        wall: float,
        width: int,
        height: int,
        key: bytes,
        tallies: Mapping[Source, PacketTally],
        disk: DiskWriter,
        sm3: bool = False,
        ends: Ends | None = None,
    ) -> None:
        self._part = part = SegmentPath(folder, seat, kind, wall)
        self.kind, self.width, self.height = kind, width, height
        self.durable = wall  # end of the newest block that is in the file
        self.origin = part.origin
        self._disk, self.outlet = disk, DirectFile(disk, part.descriptor)
        self._sealer, self._plain = RecordSealer(key), Digest(sm3)
        self._head = webm.webm_header(part.started, width, height, kind == "camera")
        # Texts of records on their way, and texts that are in the file and in no sum.
        self._begun: list[bytes] = []
        self._unsummed: list[bytes] = []
        self.size = 0  # bytes of text in the file
        self._finished = False
        self._holes = Holes(self.origin, tallies, sources(kind, width), ends)
        self.blocks = Blocks(kind, self.origin, wall, width, height, self._holes)

    @property
    def last(self) -> float:
        """End of the newest block."""
        return self.blocks.last

    @property
    def last_picture(self) -> float:
        return self.blocks.last_picture

    def write(self, items: Iterable[Interleaved[Frame | bytes]]) -> int:
        """As `Blocks.write`."""
        return self.blocks.write(items)

    def prepare(self) -> bool:
        """Put what was appended into the outlet, as one record (of a long standstill several); whether there is
        something to write."""
        head, self._head = self._head, b""
        text = head + self.blocks.text()
        for at in range(0, len(text), LONGEST):
            self._record(text[at : at + LONGEST])
        return bool(self._begun)

    def wrote(self) -> None:
        """All of it is in the file: it survives the death of this process."""
        self.size += sum(map(len, self._begun))
        self._unsummed += self._begun
        self._begun.clear()
        self.durable = self.last

    def add_up(self) -> None:
        """What is in the file, into its sums."""
        for text in self._unsummed:
            self._plain.update(text)
        self._unsummed.clear()

    def sync_folder(self) -> None:
        """From now on its name is found, too."""
        self._part.sync_folder()

    def seal(self) -> SealedFile | None:
        """Finish the file; None when nothing whole ever got into it."""
        try:
            if self.blocks.begun:
                with contextlib.suppress(OSError):  # a full disk: what is in the file is evidence as it is
                    self._finish()
                with contextlib.suppress(OSError):
                    self.outlet.cut()
            if not self.blocks.begun or not self.size:
                self._part.drop()
                return None
            self.add_up()
            self._part.keep()
        finally:
            self._part.close()
        end = max(self.durable, self.origin)
        plain = self._plain
        # The file's own hash is found when it goes into the archive (`recordings.files.archive`).
        stored = StoredDigest(plain.sha256, plain.size, "", self.outlet.stored_size, plain.sm3)
        return self._part.sealed(end, self.width, self.height, stored, self._holes.close(end, sources(self.kind, 1)))

    def _finish(self) -> None:
        self.prepare()
        self._flush()
        if not self._finished:
            self._finished = True
            self._record(b"")
        self._flush()

    def _flush(self) -> None:
        (fault,) = self._disk.write([self.outlet])
        if fault is not None:
            raise fault
        self.wrote()

    def _record(self, text: bytes) -> None:
        outlet = self.outlet
        if not self._sealer.number:  # an empty file never held anything
            outlet.room(HEADER)[:] = self._sealer.header
        self._sealer.seal_into(text, outlet.room(sealed_size(len(text))))
        self._begun.append(text)


# Sound waits this long for a picture before a file without one is begun.
PATIENCE = 0.6
# Silence of everything (or of the picture, beside sound) that ends a file. A still screen sends next to nothing.
FILE_GAP = 2.0
SCREEN_FILE_GAP = 10.0


class SegmentRotator:
    """Takes pictures and sounds in order of wall-clock time (seconds since the epoch)."""

    def __init__(
        self,
        begin: Callable[[float, int, int], SegmentFile],
        ended: Callable[[SealedFile], None],
        ask_key: Callable[[], None],
        segment_seconds: float,
        gap: float = FILE_GAP,
    ) -> None:
        self.file: SegmentFile | None = None
        self._begin, self._ended, self._ask_key = begin, ended, ask_key
        self._length, self._gap = segment_seconds, gap
        self._waiting: list[tuple[float, bytes]] = []  # sound before the first file

    def write(self, items: Sequence[Interleaved[Frame | bytes]]) -> None:
        """Pictures and sounds, in order."""
        file = self.file
        done = file.write(items) if file is not None and file.width and items and self._fits(items[-1][0]) else 0
        for wall, _, _, item, _ in items[done:]:
            if isinstance(item, Frame):
                self._picture(wall, item)
            else:
                self._sound(wall, item)

    def _fits(self, end: float) -> bool:
        """True unless something that ends then must start a new file; a picture of another size may still."""
        file = self.file
        if file is None:
            return False
        last = min(file.last, file.last_picture) if file.width else file.last
        return end - file.origin < self._length and end - last <= self._gap

    def _picture(self, wall: float, frame: Frame) -> None:
        file = self.file
        if file is not None and file.width and wall - file.last_picture <= self._gap:
            due = wall - file.origin >= self._length
            same = (frame.width, frame.height) == (file.width, file.height)
            if same and not (due and frame.key):
                if due:
                    self._ask_key()
                file.write([_alone(wall, frame)])
                return
        if not frame.key:
            self._ask_key()
            return
        self._cut(min(wall, self._waiting[0][0]) if self._waiting else wall, frame.width, frame.height)
        self._write_waiting()
        if self.file is not None:
            self.file.write([_alone(wall, frame)])

    def _sound(self, wall: float, data: bytes) -> None:
        file = self.file
        if file is not None and wall - file.last > self._gap:
            self.end()
            file = None
        if file is None:
            self._waiting.append((wall, data))
            if wall - self._waiting[0][0] >= PATIENCE:
                self._sound_only(self._waiting[0][0])
            return
        if file.width:
            if wall - file.last_picture > self._gap:
                self._sound_only(wall)
            elif wall - file.origin >= self._length:
                self._ask_key()
        elif wall - file.origin >= self._length:
            self._sound_only(wall)
        if self.file is not None:
            self.file.write([_alone(wall, data)])

    def tick(self, wall: float) -> bool:
        """Let time pass; whether a gap ended the file."""
        if self._waiting and not 0 <= wall - self._waiting[0][0] < 2 * PATIENCE:
            self._sound_only(self._waiting[0][0])
        if self.file is not None and wall - self.file.last > self._gap + 0.5:  # what is held back upstream
            self.end()
            return True
        return False

    def end(self) -> None:
        file, self.file = self.file, None
        if file is not None:
            sealed = file.seal()
            if sealed is not None:
                self._ended(sealed)

    def close(self) -> None:
        """End for good; sound still waiting for a picture gets its file."""
        if self._waiting:
            self._sound_only(self._waiting[0][0])
        self.end()

    def abandon(self) -> None:
        """The disk refuses: forget what is not written."""
        self._waiting.clear()
        self.end()

    def _sound_only(self, wall: float) -> None:
        self._cut(wall, 0, 0)
        self._write_waiting()

    def _cut(self, wall: float, width: int, height: int) -> None:
        self.end()
        self.file = self._begin(wall, width, height)

    def _write_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self.file is not None:
            self.file.write([_alone(wall, data) for wall, data in waiting])


def _alone(wall: float, item: Frame | bytes) -> Interleaved[Frame | bytes]:
    return wall, 0, "", item, wall
