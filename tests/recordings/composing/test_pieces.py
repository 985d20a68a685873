"""How a film is cut, and what a piece's part of a plan is."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from recordings.composing import subtitles, window
from recordings.composing.pieces import cut_pieces
from recordings.composing.planning import composition_plan
from tests.recordings.composing.test_plans import segment
from tests.recordings.history import session


@given(st.floats(0.01, 20_000), st.sampled_from([15, 20, 25]), st.floats(1, 300))
def test_pieces_are_the_whole_film_and_much_alike(seconds: float, fps: int, wanted: float) -> None:
    made = cut_pieces(seconds, fps, wanted)
    assert made[0].first == 0
    for one, after in pairwise(made):
        assert after.first == one.first + one.frames
    frames = made[-1].first + made[-1].frames
    assert -0.001 <= frames / fps - seconds < 1 / fps + 0.001
    assert len({piece.name for piece in made}) == len(made)
    lengths = [piece.frames / fps for piece in made]
    assert max(lengths) - min(lengths) <= 1 / fps + 0.001
    assert max(lengths) <= 1.5 * wanted + 2 / fps


def test_a_window_of_a_plan_begins_where_it_is_cut() -> None:
    whole = composition_plan(
        session([segment("c", 0, 20), segment("c", 30, 40), segment("b", 5, 35), segment("b", 16, 18, 640, "screen")])
    )
    part = window(whole, 15.0, 32.0)
    assert part.origin == whole.origin + timedelta(seconds=15)
    assert part.seconds == 17.0
    assert [[(clip.start, clip.end) for clip in person.clips] for person in part.people] == [
        [], [(-15.0, 5.0), (15.0, 25.0)], [(-10.0, 20.0)],
    ]  # fmt: skip
    assert subtitles.screen_spans(part) == [(1.0, 3.0)]
    assert [(caption.start, caption.end, caption.text) for caption in part.captions] == [(0.0, 17.0, "消费者陈述")]


def test_what_is_written_into_the_picture_is_the_same_in_pieces() -> None:
    whole = composition_plan(
        session([segment("c", 0, 7), segment("b", 2, 5), segment("b", 5.1, 9, 0), segment("c", 3, 4, 640, "screen")])
    )

    def said(text: str, moment: float) -> list[str]:
        found = []
        for line in text.splitlines():
            if line.startswith("Dialogue"):
                _, start, end, rest = line.split(",", 3)
                if seconds(start) <= moment < seconds(end):
                    found.append(rest)
        return sorted(found)

    for moment in [number / 20 + 0.013 for number in range(175)]:
        start = moment // 2.5 * 2.5
        part = window(whole, start, min(start + 2.5, whole.seconds))
        assert said(subtitles.subtitle_script(part), moment - start) == said(
            subtitles.subtitle_script(whole), moment
        ), moment


def seconds(stamp: str) -> float:
    hours, minutes, rest = stamp.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def test_a_picture_of_a_second_is_one_piece() -> None:
    assert [(piece.first, piece.frames) for piece in cut_pieces(1.0, 20)] == [(0, 20)]
    assert [piece.frames for piece in cut_pieces(400.0, 20)] == pytest.approx([4000, 4000])
