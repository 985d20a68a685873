"""A copy says who took it, everywhere in the picture and all the time; nothing else of it is different."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recordings import CompositionError
from recordings.composing import composition, subtitles
from recordings.composing.composition import MOVES_EVERY, Composition, Watermark
from recordings.composing.planning import composition_plan
from tests.recordings.composing.test_compositions_real import RED, film, left, record
from tests.recordings.history import sealed, session
from tests.recordings.keyring import file_store
from tests.recordings.sender import Sender

WORDS = "2026-11-25 10:00　东湖高新区市场监管一所　周敏　导出"


def test_the_words_are_there_at_every_moment_and_move() -> None:
    text = composition.watermark_script(WORDS, 40.0, 30.0)
    lines = [line for line in text.splitlines() if line.startswith("Dialogue")]
    assert all("周敏" in line for line in lines)
    places = {line.split("\\pos")[1].split(")")[0] for line in lines}
    assert len(places) > 4
    assert [line.split(",")[1:3] for line in lines[:1]] == [["0:00:00.00", f"0:00:{36.0 - 30.0:05.2f}"]]
    assert MOVES_EVERY == 12.0
    foot = lines[-1]
    assert foot.split(",")[1:3] == ["0:00:00.00", "0:00:40.00"]


def test_words_cannot_become_signs_of_the_script() -> None:
    text = composition.watermark_script("{\\pos(0,0)}周\n敏", 5.0)
    assert "｛＼pos(0,0)｝周 敏" in text


@pytest.mark.media
async def test_the_copy_is_the_film_with_the_words_in_it(tmp_path: Path) -> None:
    (part,) = await record(tmp_path, "c", Sender(RED, 440.0), 0.0, 4.0)
    made = await Composition(composition_plan(session([sealed("c", part)])), file_store(tmp_path)).make(
        "s1/film.mp4", lambda share: None
    )
    told: list[float] = []
    mark = Watermark(file_store(tmp_path), "s1", made.path, WORDS, piece_seconds=1.3)
    stored = await mark.make("s1/copies/c1.mp4", told.append)
    assert file_store(tmp_path).size("s1", "s1/copies/c1.mp4") == stored.size
    assert told == sorted(told)
    assert left(tmp_path) == ["film.mp4"]

    whole, copy = film(tmp_path, made.path), film(tmp_path, "s1/copies/c1.mp4")
    assert copy.video == pytest.approx(whole.video, abs=0.0011)
    assert np.array_equal(copy.samples, whole.samples)
    top = slice(0, 40), slice(0, 500)
    for index in range(0, len(whole.pictures), 7):
        changed = np.abs(whole.pictures[index].astype(int) - copy.pictures[index].astype(int))
        assert (changed[top] > 60).sum() > 500, index  # the line at the top
        quarters = [
            changed[y : y + subtitles.HEIGHT // 2, x : x + subtitles.WIDTH // 2]
            for y in (0, subtitles.HEIGHT // 2)
            for x in (0, subtitles.WIDTH // 2)
        ]
        assert sum((quarter > 25).sum() > 300 for quarter in quarters) >= 3, index
        assert changed.mean() < 12  # people can still be seen
    cell = subtitles.grid_boxes(3)[1]
    x, y = cell.x + cell.width // 2, cell.y + cell.height * 3 // 4
    middle = slice(x - 20, x + 20), slice(y - 20, y + 20)
    assert len(whole.flashes(*middle)) == 4
    assert copy.flashes(*middle) == pytest.approx(whole.flashes(*middle), abs=0.06)


@pytest.mark.media
async def test_without_its_film_there_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(CompositionError) as fault:
        await Watermark(file_store(tmp_path), "s1", "s1/gone.mp4", WORDS).make("s1/c.mp4", lambda share: None)
    assert fault.value.code == "source_missing"
