"""What is written in C is durable and can be read when its pass ends, whenever somebody began."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from media.tap import COLLECTING
from recordings.native.library import WRITING
from recordings.native.writer import NativeScribe, Writer, loaded
from recordings.take import Take
from tests.recordings.keyring import AnyKey, plain
from tests.recordings.studio import ORIGIN

pytestmark = pytest.mark.native

SOUNDS = round(COLLECTING * 50)  # of a pass


@pytest.fixture(scope="module", params=["directly", "through the page cache"])
def writer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Writer:
    made = WRITING.build(tmp_path_factory.mktemp("native"))
    return loaded(made) if request.param == "directly" else Writer(made, direct=False)


@pytest.mark.parametrize("joins", [[0.0], [0.0, 0.2, 0.4], [0.0, 0.8, 0.9, 1.7, 2.5]])
async def test_a_pass_makes_durable_what_it_writes(writer: Writer, tmp_path: Path, joins: list[float]) -> None:
    """Not finished, a file is read as far as it was written: zeros may stand behind that."""
    direct = writer.direct and _lets_write_directly(tmp_path)
    takes = list[Take]()
    for turn in range(8):
        now = turn * COLLECTING
        while len(takes) < len(joins) and joins[len(takes)] <= now:
            takes.append(_joined(tmp_path, f"seat-{len(takes)}", writer))
        for take in takes:
            for part in range(SOUNDS):
                at = now + part / 50
                take.packet("mic", turn * SOUNDS + part, round(at * 48_000), True, b"\x78sound", ORIGIN + at)
            take.collect(now)
        scribes = [_scribe(take) for take in takes]
        before = [_sizes(scribe)[0] for scribe in scribes]
        writer.work(scribes, ORIGIN + now)
        for take, scribe, size in zip(takes, scribes, before, strict=True):
            stored, durable = _sizes(scribe)
            assert stored == durable
            assert stored > size or not stored, "sound waits for a picture first"
            take.work(now, ORIGIN + now)
            if stored:
                _reads_as_it_lies_there(tmp_path / take.seat, scribe)
                assert bool(scribe.strand.reels[0].file.direct) == direct
    assert all(_sizes(_scribe(take))[0] for take in takes)


def _joined(folder: Path, seat: str, writer: Writer) -> Take:
    told = list[object]()
    return Take(folder, "s1", seat, told.append, told.append, lambda: None, 60.0, AnyKey(), False, writer)


def _scribe(take: Take) -> NativeScribe:
    assert take.compiled is not None
    return take.compiled


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


def _reads_as_it_lies_there(folder: Path, scribe: NativeScribe) -> None:
    (part,) = folder.glob("*.part")
    file = scribe.strand.reels[0].file
    with plain(part) as opened:
        assert len(opened.read()) == file.size
    lies = part.read_bytes()
    assert not any(lies[file.stored_size :])


def _sizes(scribe: NativeScribe) -> tuple[int, int]:
    """Bytes of the file that are written, and of them durable."""
    file = scribe.strand.reels[0].file
    return (file.stored_size, file.synced_size) if file else (0, 0)
