"""From a journal to who stands where and when, with which words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from recordings import CompositionError
from recordings.composing import Span, from_json, subtitles as layout, to_json, union, within, without
from recordings.composing.planning import composition_plan
from recordings.composing.subtitles import EN
from rooms import events as e
from rooms.events import SegmentSealed
from rooms.vocabulary import Role, Seat, Side
from tests.recordings.history import OPENED, SEATS, at, session, told


def segment(seat: str, start: float, end: float, width: int = 320, source: str = "camera") -> SegmentSealed:
    path = f"s1/{seat}/{start}-{source}.webm"
    return SegmentSealed(seat, path, "0" * 64, 9, at(start), at(end), width, width * 3 // 4, source)


def test_everybody_has_a_cell_and_files_stand_at_their_times() -> None:
    made = composition_plan(session([segment("c", 10, 20), segment("c", 20.1, 30), segment("b", 12, 25, 0)]))
    assert made.origin == OPENED + timedelta(seconds=10)
    assert made.seconds == 20
    assert [(person.mark, person.name) for person in made.people][:2] == [("调", "陈立"), ("消", "张女士")]
    assert [[clip.start for clip in person.clips] for person in made.people] == [[], [0, 10.1], [2]]
    assert from_json(to_json(made)) == made


def test_captions_follow_the_phases_and_the_recess() -> None:
    made = composition_plan(session([segment("c", 0, 3)]))
    assert [(caption.start, caption.end, caption.text) for caption in made.captions] == [
        (0.0, 1.0, "开场"),
        (1.0, 1.6, "消费者陈述"),
        (1.6, 2.0, "休会"),
        (2.0, 3.0, "消费者陈述"),
    ]
    assert composition_plan(session([segment("c", 0, 3)]), EN).captions[2].text == "Recess"


def test_nothing_recorded_and_half_a_day_are_refused() -> None:
    for segments, code in (([], "nothing_recorded"), ([segment("c", 0, 13 * 3600)], "too_long")):
        with pytest.raises(CompositionError) as fault:
            composition_plan(session(segments))
        assert fault.value.code == code
    with pytest.raises(CompositionError):
        from_json(b'{"session": 1}')


def test_the_script_shows_names_as_they_are_and_cards_for_who_is_missing() -> None:
    text = layout.subtitle_script(
        composition_plan(session([segment("c", 0, 2), segment("c", 4, 6, 0), segment("b", 0, 6)]))
    )
    assert "商 良缘｛网｝客服＼N" in text
    cards = [line for line in text.splitlines() if ",Card," in line and "张女士" in line]
    assert [line.split(",")[1:3] for line in cards] == [
        ["0:00:02.00", "0:00:04.00"],
        ["0:00:04.00", "0:00:06.00"],
    ]
    assert "没有录制：未同意录制" in cards[0]
    assert "只用声音" in cards[1]
    clock = [line.rsplit("}", 1)[1] for line in text.splitlines() if "an6" in line]
    assert clock == [f"2026-11-25 10:00:0{second}" for second in range(6)]


def test_a_shared_screen_moves_everybody_aside_while_it_lasts() -> None:
    made = composition_plan(session([segment("c", 0, 6), segment("b", 2, 4, 640, "screen")]))
    names = [
        line for line in layout.subtitle_script(made).splitlines() if line.startswith("Dialogue") and ",Name," in line
    ]
    spans = sorted(line.split(",")[1] + "-" + line.split(",")[2] for line in names)
    assert spans == ["0:00:00.00-0:00:02.00", "0:00:02.00-0:00:04.00", "0:00:04.00-0:00:06.00"]


@pytest.mark.parametrize("count", range(1, 9))
def test_cells_are_equal_and_do_not_touch(count: int) -> None:
    for boxes in (layout.grid_boxes(count), layout.strip_boxes(count)):
        assert len(boxes) == count
        assert len({(box.width, box.height) for box in boxes}) == 1
        for index, box in enumerate(boxes):
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.width <= layout.WIDTH
            assert box.y + box.height <= layout.HEIGHT - layout.BAR
            assert not {box.x % 2, box.y % 2, box.width % 2, box.height % 2} - {0}
            assert min(box.width, box.height) >= 70
            for other in boxes[index + 1 :]:
                assert box.x + box.width <= other.x or other.x + other.width <= box.x or box.y + box.height <= other.y


def test_more_than_eight_people_are_cut_to_the_grid() -> None:
    many = (*SEATS, *(Seat(f"o{number}", Role.OBSERVER, f"观察员{number}") for number in range(7)))
    assert len(composition_plan(session([segment("c", 0, 2)], many)).people) == 8


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=8).map(
    lambda pairs: union((float(start), float(start + length)) for start, length in pairs)
)


@given(spans, spans)
def test_spans_are_split_without_loss(one: list[Span], other: list[Span]) -> None:
    def covers(some: list[Span], moment: float) -> bool:
        return any(start <= moment < end for start, end in some)

    for step in range(140):
        moment = step / 2 + 0.25
        assert covers(without(one, other), moment) == (covers(one, moment) and not covers(other, moment))
        assert covers(within(one, other), moment) == (covers(one, moment) and covers(other, moment))


def test_a_private_talk_is_named_below_the_film() -> None:
    history = session([segment("c", 0, 3)])
    talk: list[tuple[float, e.SessionEvent]] = [
        (1.7, e.CaucusStarted(1, Side.BUSINESS)),
        (1.9, e.CaucusEnded(1, "mediator")),
    ]
    told_ = sorted([*history, *told(talk)], key=lambda entry: entry.at)
    assert (1.7, "与商家单独谈，没有录制") in [
        (round(one.start, 1), one.text) for one in composition_plan(told_).captions
    ]
