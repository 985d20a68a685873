"""A film made in pieces is the film made at once, whatever ends its making on the way: real encoder, six seconds."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from recordings import CompositionError
from recordings.composing import CompositionPlan, from_json, subtitles, to_json
from recordings.composing.composition import Composition
from recordings.composing.encoder import EncoderInput, encode, nameless
from recordings.composing.planning import composition_plan
from tests import ROOT
from tests.recordings.composing.test_compositions_real import BLUE, RED, film, record
from tests.recordings.history import sealed, session
from tests.recordings.keyring import file_store
from tests.recordings.playback import Playback
from tests.recordings.sender import Sender

pytestmark = pytest.mark.media


@dataclass
class Studio:
    """A plan of six seconds with two people, one of whom is away for two of them."""

    folder: Path
    plan: CompositionPlan

    def composition(self, piece: float = 2.0, live: Callable[[], bool] = lambda: False) -> Composition:
        return Composition(self.plan, file_store(self.folder), live=live, piece_seconds=piece)

    async def film(self, name: str, piece: float) -> Playback:
        made = await self.composition(piece).make(f"s1/{name}.mp4", lambda share: None)
        return film(self.folder, made.path)

    @property
    def kept(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("s1/.composing-*/*.piece"))


@pytest.fixture
async def studio(tmp_path: Path) -> Studio:
    consumer = await record(tmp_path, "c", Sender(RED, 440.0), 0.0, 6.0)
    first = await record(tmp_path, "b", Sender(BLUE, 1000.0, width=240, height=320), 0.5, 2.4)
    then = await record(tmp_path, "b", Sender(BLUE, 1000.0), 4.2, 1.8)
    return Studio(
        tmp_path,
        composition_plan(
            session([*(sealed("c", part) for part in consumer), *(sealed("b", part) for part in first + then)])
        ),
    )


async def test_a_film_in_pieces_is_the_film_made_at_once(studio: Studio) -> None:
    whole, pieces = await studio.film("whole", 60.0), await studio.film("pieces", 1.5)
    assert len(pieces.video) == len(whole.video) == pytest.approx(6 * 20, abs=4)
    assert np.diff(pieces.video) == pytest.approx(1 / 20, abs=0.0011)  # no seam in time
    apart = [
        float(np.abs(one.astype(int) - other.astype(int)).mean())
        for one, other in zip(whole.pictures, pieces.pictures, strict=True)
    ]
    assert max(apart) < 3.0, [round(each, 2) for each in apart]  # what the encoder rounds differently
    assert np.array_equal(whole.samples, pieces.samples)
    assert pieces.audio_start == whole.audio_start


async def test_sound_and_picture_stay_together_across_pieces(studio: Studio) -> None:
    seen = await studio.film("film", 1.0)
    for cell, tone, expected in ((subtitles.grid_boxes(3)[1], 440.0, 6), (subtitles.grid_boxes(3)[2], 1000.0, 3)):
        x, y = cell.x + cell.width // 2, cell.y + cell.height // 2
        flashes = seen.flashes(slice(x - 20, x + 20), slice(y - 20, y + 20))
        beeps = seen.beeps(tone)
        assert len(flashes) >= expected
        skews = [min((flash - beep for beep in beeps), key=abs) for flash in flashes]
        assert max(map(abs, skews)) < 0.15, (tone, skews)


async def test_whoever_comes_after_an_interruption_goes_on_where_it_was(studio: Studio) -> None:
    second = asyncio.Event()

    def kept() -> None:
        if len(studio.kept) == 2:  # the sound and a piece of pictures
            second.set()

    task = asyncio.create_task(studio.composition().make("s1/film.mp4", lambda share: None, kept))
    await second.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (work,) = studio.folder.glob("s1/.composing-*")
    assert work.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in work.iterdir()) == ["picture-0000.piece", "pieces.json", "sound.piece"]
    before = {path.name: path.stat().st_ino for path in work.iterdir()}

    told: list[float] = []
    again: list[str] = []
    made = await studio.composition().make("s1/film.mp4", told.append, lambda: again.extend(studio.kept[-1:]))
    assert again == ["picture-0001.piece", "picture-0002.piece"] or again == ["sound.piece"] * 2, before
    assert told[0] == pytest.approx((2 + 6 * 0.06) / 6.36, abs=0.02)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(film(studio.folder, made.path).video) == pytest.approx(120, abs=4)
    assert studio.kept == []


async def interrupted_at_the_first_piece(studio: Studio) -> None:
    def enough() -> None:
        task.cancel()

    task = asyncio.create_task(studio.composition().make("s1/film.mp4", lambda share: None, enough))
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_damaged_piece_is_made_again_and_one_of_another_plan_is_not_taken(studio: Studio) -> None:
    await interrupted_at_the_first_piece(studio)
    (sound,) = studio.folder.glob("s1/.composing-*/sound.piece")
    sound.write_bytes(sound.read_bytes()[:-1] + b"?")
    kept: list[str] = []
    await studio.composition().make("s1/film.mp4", lambda share: None, lambda: kept.append(""))
    assert len(kept) == 4

    await interrupted_at_the_first_piece(studio)
    other = studio.composition(3.0)
    await other.make("s1/other.mp4", lambda share: None, lambda: kept.append(""))
    assert len(kept) == 4 + 3
    assert studio.kept == []


async def test_a_killed_process_takes_its_encoder_along_and_leaves_no_picture_in_plain(studio: Studio) -> None:
    (studio.folder / "plan.json").write_bytes(to_json(studio.plan))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.recordings.composing.test_pieces_real", str(studio.folder),
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert (await process.stdout.readline()).strip() == b"kept"
        child = await _child(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.wait_for(process.wait(), 30)
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    (work,) = studio.folder.glob("s1/.composing-*")
    assert {path.name for path in work.iterdir()} == {"sound.piece", "pieces.json", "scratch"}
    assert not [path for path in (work / "scratch").iterdir() if path.suffix in (".mp4", ".piece", ".webm")]


async def _child(process: int) -> psutil.Process:
    while True:
        for child in psutil.Process(process).children():
            if "ffmpeg" in child.name():
                return child
        await asyncio.sleep(0.01)


async def test_an_encoder_gives_way_while_rooms_are_live(studio: Studio) -> None:
    seen: list[tuple[int, int, int]] = []

    def told(_share: float) -> None:
        for child in psutil.Process().children():
            with_threads = child.threads()
            if "ffmpeg" in child.name() and with_threads:
                seen.append((child.nice(), os.sched_getscheduler(child.pid), len(os.sched_getaffinity(child.pid))))

    await studio.composition(60.0, lambda: True).make("s1/film.mp4", told)
    assert (19, os.SCHED_IDLE, max(1, (os.cpu_count() or 1) // 4)) in seen


async def test_an_input_that_cannot_be_read_ends_the_encoder_and_is_told(tmp_path: Path) -> None:
    def broken(file: BinaryIO) -> None:
        file.write(b"\x1a\x45\xdf\xa3")
        raise OSError(5, "the disk is going")

    with nameless(tmp_path) as made, pytest.raises(OSError, match="going"):
        await encode([EncoderInput(broken)], ["-f", "mp4"], made, tmp_path, lambda at: None, lambda: False)


async def test_what_the_encoder_complains_about_is_told(tmp_path: Path) -> None:
    with nameless(tmp_path) as made, pytest.raises(CompositionError, match=r"encoder: .*[Ii]nvalid"):
        await encode([EncoderInput(lambda file: None)], ["-f", "mp4"], made, tmp_path, lambda at: None, lambda: False)


if __name__ == "__main__":
    recordings = Path(sys.argv[1])

    def say() -> None:
        sys.stdout.write("kept\n")
        sys.stdout.flush()

    asyncio.run(
        Composition(from_json((recordings / "plan.json").read_bytes()), file_store(recordings), piece_seconds=2.0).make(
            "s1/film.mp4", lambda share: None, say
        )
    )
