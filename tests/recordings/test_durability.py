"""What is written is durable and can be read when its pass ends, whenever somebody began and whoever writes."""

from __future__ import annotations

import errno
import mmap
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from media import FLUSH_INTERVAL
from recordings import disk
from recordings.disk import BLOCK, DirectFile, DiskWriter
from recordings.native import NativeFrameWriter, NativeWriter, loaded
from recordings.recorder import ParticipantRecorder
from recordings.writer import FrameWriter, PythonWriter, TrackWriter, Writer
from tests.recordings.keyring import AnyKey, plain
from tests.recordings.studio import ORIGIN

SOUNDS = round(FLUSH_INTERVAL * 50)  # of a pass
NATIVE = pytest.mark.native


@dataclass(frozen=True)
class Way:
    writer: Writer
    direct: bool


@pytest.fixture(
    params=[
        "python directly",
        "python through the page cache",
        pytest.param("native directly", marks=NATIVE),
        pytest.param("native through the page cache", marks=NATIVE),
    ]
)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    which, _, how = request.param.partition(" ")
    direct = how == "directly"
    if which == "python":
        return Way(PythonWriter(direct), direct)
    made = Path(shutil.copy(request.getfixturevalue("library"), tmp_path))
    return Way(loaded(made) if direct else NativeWriter(made, direct=False), direct)


@pytest.mark.parametrize("joins", [[0.0], [0.0, 0.2, 0.4], [0.0, 0.8, 0.9, 1.7, 2.5]])
async def test_a_pass_makes_durable_what_it_writes(way: Way, on_disk: Path, joins: list[float]) -> None:
    """Not finished, a file is read as far as it was written: zeros may stand behind that."""
    direct = way.direct and _lets_write_directly(on_disk)
    recorders = list[ParticipantRecorder]()
    for turn in range(8):
        now = turn * FLUSH_INTERVAL
        while len(recorders) < len(joins) and joins[len(recorders)] <= now:
            recorders.append(_joined(on_disk, f"seat-{len(recorders)}", way.writer))
        for recorder in recorders:
            for part in range(SOUNDS):
                at = now + part / 50
                recorder.packet("mic", turn * SOUNDS + part, round(at * 48_000), True, b"\x78sound", ORIGIN + at)
            recorder.collect(now)
        writers = [recorder.track_writer for recorder in recorders]
        before = [_lies(writer).stored for writer in writers]
        way.writer.work(writers, ORIGIN + now)
        for recorder, writer, size in zip(recorders, writers, before, strict=True):
            lies = _lies(writer)
            assert lies.stored == lies.durable
            assert lies.stored > size or not lies.stored, "sound waits for a picture first"
            recorder.work(now, ORIGIN + now)
            if lies.stored:
                _reads_as_it_lies_there(on_disk / recorder.seat, lies)
                assert lies.direct == direct
    assert all(_lies(recorder.track_writer).stored for recorder in recorders)


def _joined(folder: Path, seat: str, writer: Writer) -> ParticipantRecorder:
    told = list[object]()
    return ParticipantRecorder(
        folder, "s1", seat, told.append, told.append, lambda: None, 60.0, AnyKey(), False, writer
    )


@dataclass(frozen=True)
class Lies:
    """Of a file that is being written: bytes that are there and durable, those it holds, how they got there."""

    stored: int = 0
    durable: int = 0
    holds: int = 0
    direct: bool = False


def _lies(writer: TrackWriter) -> Lies:
    if isinstance(writer, NativeFrameWriter):
        file = writer.strand.reels[0].file
        return Lies(file.stored_size, file.synced_size, file.size, bool(file.direct)) if file else Lies()
    assert isinstance(writer, FrameWriter)
    found = Lies()
    for each in writer.files:
        outlet = each.outlet
        found = Lies(outlet.stored_size, outlet.synced_size, each.size, outlet.direct)
    return found


def _lets_write_directly(folder: Path) -> bool:
    with mmap.mmap(-1, 4096) as page:
        try:
            opened = os.open(folder / "tried", os.O_RDWR | os.O_CREAT | os.O_DIRECT)
            try:
                return os.pwrite(opened, page, 0) == len(page)
            finally:
                os.close(opened)
        except OSError:
            return False


def _reads_as_it_lies_there(folder: Path, lies: Lies) -> None:
    (part,) = folder.glob("*.part")
    with plain(part) as opened:
        assert len(opened.read()) == lies.holds
    assert not any(part.read_bytes()[lies.stored :])


# ---------------------------------------------------------------- many files' bytes on their way to the disk


class Files:
    """So many of them, written together in Python."""

    def __init__(self, folder: Path, count: int, disk: DiskWriter) -> None:
        self.paths = [folder / str(n) for n in range(count)]
        self.disk = disk
        self.outlets = [DirectFile(disk, os.open(path, os.O_RDWR | os.O_CREAT, 0o600)) for path in self.paths]
        self.said = [b""] * count

    def say(self, *pieces: bytes) -> None:
        for n, (outlet, piece) in enumerate(zip(self.outlets, pieces, strict=True)):
            if piece:
                outlet.room(len(piece))[:] = piece
                self.said[n] += piece

    def write(self) -> list[OSError | None]:
        return self.disk.write(self.outlets)

    def close(self) -> list[bytes]:
        for outlet in self.outlets:
            outlet.cut()
            os.close(outlet.descriptor)
        return [path.read_bytes() for path in self.paths]


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("count", [1, 3, disk.MOST_REQUESTS + 1])
def test_pieces_of_any_length_come_one_after_the_other(on_disk: Path, direct: bool, count: int) -> None:
    files = Files(on_disk, count, DiskWriter(direct))
    for length in (1, BLOCK - 1, BLOCK, 0, BLOCK + 1, 300_000, 7):
        files.say(*(bytes([n % 251]) * (length + n if length else 0) for n in range(count)))
        assert files.write() == [None] * count
        assert [outlet.stored_size for outlet in files.outlets] == [len(said) for said in files.said]
        lies = [path.read_bytes() for path in files.paths]
        assert all(a.startswith(b) and not any(a[len(b) :]) for a, b in zip(lies, files.said, strict=True))
    assert files.disk.sync(files.outlets) == [None] * count
    assert not any(outlet.waits for outlet in files.outlets)
    assert files.close() == files.said


@pytest.mark.parametrize("direct", [True, False])
def test_a_file_that_cannot_be_written_keeps_no_other_from_it_and_its_bytes_come_first_later(
    on_disk: Path, direct: bool
) -> None:
    files = Files(on_disk, 3, DiskWriter(direct))
    refuses = files.outlets[1]
    kept, nowhere = os.dup(refuses.descriptor), os.open(on_disk, os.O_RDONLY)
    os.dup2(nowhere, refuses.descriptor)  # nobody writes into a folder
    files.say(b"one" * 2000, b"two" * 2000, b"three" * 2000)
    first, second, third = files.write()
    assert first is None
    assert third is None
    assert second is not None
    assert second.errno in (errno.EBADF, errno.EISDIR)
    os.dup2(kept, refuses.descriptor)
    os.close(kept)
    os.close(nowhere)
    files.say(b"", b"more", b"")
    assert files.write() == [None] * 3
    assert files.close() == files.said


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    limits, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("fits", [BLOCK, 4608, 6144])
def test_what_comes_behind_a_write_that_was_cut_off_anywhere_is_written_whole(
    on_disk: Path, direct: bool, count: int, fits: int
) -> None:
    """Also where it was cut off in the zeros that fill its last block."""
    files = Files(on_disk, count, DiskWriter(direct))
    with largest_file(fits):
        files.say(*[b"a" * 5000] * count)
        faults = files.write()
        assert all(fault is not None and fault.errno == errno.EFBIG for fault in faults) or (not direct and fits > 5000)
    files.say(*[b"b" * 3000] * count)
    assert files.write() == [None] * count
    assert files.close() == files.said


def test_where_the_system_takes_no_requests_files_are_written_one_by_one(
    on_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "requests_of_thread", lambda: None)
    files = Files(on_disk, 2, DiskWriter())
    files.say(b"a" * 5000, b"b" * 9000)
    assert files.write() == [None, None]
    assert files.disk.sync(files.outlets) == [None, None]
    assert files.close() == files.said
