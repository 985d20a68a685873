"""The composed video holds what was recorded: real files, the real encoder, two to four seconds."""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from media.engine import Segment
from recordings import CompositionError
from recordings.composing import CompositionPlan, subtitles
from recordings.composing.composition import ComposedVideo, Composition
from recordings.composing.planning import composition_plan
from recordings.composing.subtitles import Box
from tests.recordings.history import sealed, session
from tests.recordings.keyring import file_store, plain
from tests.recordings.playback import Playback, play
from tests.recordings.sender import Sender, in_time
from tests.recordings.studio import Studio, clean

pytestmark = pytest.mark.media

RED, BLUE = (200, 60, 60), (50, 80, 200)


async def record(folder: Path, seat: str, sender: Sender, start: float, seconds: float) -> list[Segment]:
    studio = Studio(folder, seat=seat)
    packets = in_time(sender.picture(start, seconds), sender.sound(start, seconds))
    studio.send(clean(packets))
    return await studio.end(start + seconds + 0.1)


def colour(seen: Playback, box: Box, index: int) -> tuple[int, ...]:
    x, y = box.x + box.width // 2, box.y + box.height // 2
    return tuple(int(value) for value in seen.pictures[index][y - 20 : y + 20, x - 20 : x + 20].mean(axis=(0, 1)))


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 25


def left(folder: Path) -> list[str]:
    """What a composition left beside the seats' folders."""
    return sorted(path.name for path in (folder / "s1").iterdir() if path.name.startswith(".") or path.is_file())


async def compose(
    planned: CompositionPlan, folder: Path, told: Callable[[float], None] = lambda share: None
) -> ComposedVideo:
    return await Composition(planned, file_store(folder)).make("s1/film.mp4", told)


async def played(planned: CompositionPlan, folder: Path) -> Playback:
    return film(folder, (await compose(planned, folder)).path)


def film(folder: Path, path: str) -> Playback:
    return play(file_store(folder).open("s1", path))


async def test_both_parties_are_seen_in_their_cells_and_heard_together(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    consumer = await record(folder, "c", Sender(RED, 440.0), 0.0, 3.0)
    business = await record(folder, "b", Sender(BLUE, 1000.0, width=240, height=320), 0.5, 3.0)
    history = session([sealed("c", part) for part in consumer] + [sealed("b", part) for part in business])
    told: list[float] = []
    made = await compose(composition_plan(history), folder, told.append)
    with file_store(folder).open("s1", made.path) as file:
        data = file.read()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (made.stored.sha256, made.stored.size)
    lying = (folder / made.path).read_bytes()
    assert (hashlib.sha256(lying).hexdigest(), len(lying)) == (made.stored.stored_sha256, made.stored.stored_size)
    assert b"moov" not in lying
    assert made.origin == consumer[0].started
    assert made.duration_ms == pytest.approx(3500, abs=120)
    assert data.index(b"moov") < data.index(b"mdat")  # plays while it loads
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert left(folder) == ["film.mp4"]

    seen = film(folder, made.path)
    assert sorted(seen.streams) == ["audio", "video"]
    cells = subtitles.grid_boxes(3)  # mediator (not recorded), consumer, business
    early, late = 4, 20 * 2 - 4
    assert near(colour(seen, cells[1], late), RED)
    assert near(colour(seen, cells[2], late), BLUE)
    assert not near(colour(seen, cells[2], early), BLUE)  # had not come yet
    assert seen.level(440) > 0.003
    assert seen.level(1000) > 0.003
    for cell, tone, expected in ((cells[1], 440.0, 3), (cells[2], 1000.0, 3)):
        x = slice(cell.x + cell.width // 2 - 20, cell.x + cell.width // 2 + 20)
        y = slice(cell.y + cell.height // 2 - 20, cell.y + cell.height // 2 + 20)
        flashes, beeps = seen.flashes(x, y), seen.beeps(tone)
        assert len(flashes) == expected
        skews = [min((flash - beep for beep in beeps), key=abs) for flash in flashes]
        assert max(map(abs, skews)) < 0.15, (tone, skews)
        assert abs(statistics.median(skews)) < 0.06


async def test_the_picture_carries_names_phase_and_clock(tmp_path: Path) -> None:
    parts = await record(tmp_path, "c", Sender(RED, steady=True), 0.0, 2.0)
    seen = await played(composition_plan(session([sealed("c", part) for part in parts])), tmp_path)

    def ink(box: Box, index: int) -> int:
        part = seen.pictures[index][box.y : box.y + box.height, box.x : box.x + box.width].astype(int)
        return int((part.min(axis=2) > 150).sum())

    bar, cells = subtitles.bar_box(), subtitles.grid_boxes(3)
    phase, clock = Box(0, bar.y, 300, bar.height), Box(bar.width - 300, bar.y, 300, bar.height)
    name = Box(cells[1].x, cells[1].y + cells[1].height - 50, 120, 50)
    assert min(ink(phase, 10), ink(clock, 10), ink(name, 10), ink(cells[0], 10)) > 60
    changed = seen.pictures[10].astype(int) - seen.pictures[30].astype(int)  # opening 0.5 s, statement 1.5 s
    assert np.abs(changed[phase.y :, :300]).max() > 100
    assert np.abs(changed[clock.y :, -300:]).max() > 100


async def test_a_person_who_reconnects_in_another_size_comes_back_into_their_cell(tmp_path: Path) -> None:
    sender = Sender(RED, steady=True)
    first = await record(tmp_path, "c", sender, 0.0, 1.0)
    green = Sender((40, 160, 60), width=180, height=320, steady=True)
    second = await record(tmp_path, "c", green, 2.0, 1.0)
    history = session([sealed("c", part) for part in first + second])
    seen = await played(composition_plan(history), tmp_path)
    cell = subtitles.grid_boxes(3)[1]
    assert near(colour(seen, cell, 10), RED)
    assert not near(colour(seen, cell, 30), RED)
    assert near(colour(seen, cell, 50), (40, 160, 60))
    silent = seen.samples[int(1.2 * 48_000) : int(1.8 * 48_000)]
    assert np.abs(silent).max() < 0.01
    assert np.abs(seen.samples[int(2.2 * 48_000) : int(2.8 * 48_000)]).max() > 0.05


async def test_a_shared_screen_is_large_and_people_stand_beside_it(tmp_path: Path) -> None:
    camera = await record(tmp_path, "c", Sender(RED, steady=True), 0.0, 3.0)
    studio = Studio(tmp_path, seat="b")
    shown = Sender(BLUE, width=640, height=360, steady=True)
    studio.send(clean(list(shown.picture(1.0, 1.0, "screen"))))
    screen = await studio.end(2.1)
    history = session([*(sealed("c", part) for part in camera), *(sealed("b", part) for part in screen)])
    seen = await played(composition_plan(history), tmp_path)
    assert near(colour(seen, subtitles.grid_boxes(3)[1], 10), RED)
    assert near(colour(seen, subtitles.screen_box(), 30), BLUE)
    assert near(colour(seen, subtitles.strip_boxes(3)[1], 30), RED)
    assert near(colour(seen, subtitles.grid_boxes(3)[1], 50), RED)


async def test_a_file_cut_off_in_mid_block_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    (part,) = await record(tmp_path, "c", Sender(RED, steady=True), 0.0, 2.0)
    path = tmp_path / part.path
    path.write_bytes(path.read_bytes()[: part.size * 2 // 3])
    with plain(path) as file:
        data = file.read()
    assert part.size // 3 < len(data) < part.size
    cut = replace(part, sha256=hashlib.sha256(data).hexdigest())
    seen = await played(composition_plan(session([sealed("c", cut)])), tmp_path)
    assert near(colour(seen, subtitles.grid_boxes(3)[1], 10), RED)


async def test_a_changed_or_missing_file_stops_the_composition_and_leaves_nothing(tmp_path: Path) -> None:
    (part,) = await record(tmp_path, "c", Sender(RED), 0.0, 1.0)
    path, planned = tmp_path / part.path, composition_plan(session([sealed("c", part)]))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(CompositionError) as fault:
        await compose(planned, tmp_path)
    assert fault.value.code == "source_changed"
    path.unlink()
    with pytest.raises(CompositionError) as fault:
        await compose(planned, tmp_path)
    assert fault.value.code == "source_missing"
    assert left(tmp_path) == []
