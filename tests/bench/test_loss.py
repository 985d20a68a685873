"""The model that says what is heard and seen on a bad line, the line itself, and one short conversation over it."""

from __future__ import annotations

import random

import pytest

from tests.tools.bench import loss
from tests.tools.bench.media.network import Condition, Line
from tests.tools.bench.media.playout import FRAME, Ear, Eye


def talk(ear: Ear, frames: dict[int, float], until: float) -> None:
    """Frames by number and how long each took to come; frame n is spoken at n times 20 ms."""
    coming = sorted((n * FRAME + took, n) for n, took in frames.items())
    for tick in range(round(until / 0.01)):
        now = tick * 0.01
        while coming and coming[0][0] <= now:
            at, n = coming.pop(0)
            ear.arrived(n, n * FRAME, at)
        ear.play(now)


def test_all_that_comes_is_heard() -> None:
    ear = Ear()
    talk(ear, dict.fromkeys(range(500), 0.1), 10.0)
    assert (ear.missed, ear.longest_mute, ear.share) == (0, 0.0, 1.0)
    assert ear.delay == pytest.approx(0.14, abs=0.01)


def test_a_lost_frame_is_missed_and_those_around_it_are_not() -> None:
    ear = Ear()
    talk(ear, {n: 0.1 for n in range(500) if n % 10}, 9.5)
    assert ear.missed > 40
    assert ear.longest_mute == FRAME
    assert 0.89 < ear.share < 0.91


def test_what_comes_late_again_and_again_is_waited_for() -> None:
    ear = Ear()
    talk(ear, {n: 0.3 if n % 10 == 0 else 0.1 for n in range(1500)}, 30.0)
    ear.forgive()
    later = Ear()
    talk(later, {n: 0.3 if n % 10 == 0 else 0.1 for n in range(3000)}, 60.0)
    assert later.missed < 30, "only until it is known"
    assert 0.28 < later.delay < 0.35


def test_where_nothing_comes_playing_stands_still_and_goes_on_later() -> None:
    ear = Ear()
    talk(ear, {n: (0.1 if n < 100 or n >= 130 else 0.1 + (130 - n) * FRAME) for n in range(300)}, 5.0)
    assert 0.5 < ear.longest_mute <= 0.62
    assert ear.missed == 0


def test_a_picture_that_stands_too_long_is_a_freeze() -> None:
    eye = Eye()
    times = [n / 15 for n in range(30)]
    times += [times[-1] + 0.7 + n / 15 for n in range(30)]
    for n, at in enumerate(times):
        eye.arrived(n, 0, 1, n == 0, at)
    assert (eye.shown, eye.freezes) == (60, 1)
    assert eye.frozen == pytest.approx(0.7)


def test_a_picture_needs_all_its_packets_and_the_one_before_or_to_be_a_key_frame() -> None:
    eye = Eye()
    eye.arrived(0, 0, 1, True, 0.0)
    eye.arrived(2, 0, 1, False, 0.2)
    eye.arrived(1, 0, 2, False, 0.3)
    assert eye.shown == 1
    assert eye.waiting_since == 0.2
    eye.arrived(1, 1, 2, False, 0.4)
    assert eye.shown == 3
    eye.arrived(9, 0, 1, True, 0.5)
    assert eye.shown == 4


def carried(condition: Condition, count: int, every: float, size: int = 100) -> list[float | None]:
    line = Line(condition, random.Random(3))
    return [line.due(size, n * every) for n in range(count)]


def test_a_line_loses_as_much_as_it_should_alone_or_in_bursts() -> None:
    for burst in (1, 4):
        came = carried(Condition(loss=0.1, burst=burst), 20_000, 0.01)
        lost = [at is None for at in came]
        assert 0.085 < sum(lost) / len(lost) < 0.115
        runs = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))
        assert sum(lost) / runs == pytest.approx(burst if burst > 1 else 1.11, rel=0.15)


def test_a_narrow_line_makes_packets_wait_and_then_drops_them() -> None:
    came = carried(Condition(delay=0.1, rate=80_000, queue=0.2), 1000, 0.01, size=172)  # 200 bytes: twice too much
    took = [at - n * 0.01 for n, at in enumerate(came) if at is not None]
    assert 0.11 < took[0] < 0.13
    assert max(took) < 0.1 + 0.2 + 0.03
    assert 0.45 < len(took) / len(came) < 0.55


def test_packets_keep_their_order_whatever_the_jitter() -> None:
    came = [at for at in carried(Condition(delay=0.05, jitter=0.04), 500, 0.005) if at is not None]
    assert came == sorted(came)


@pytest.mark.media
def test_a_conversation_on_bad_lines_is_heard_and_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six seconds of chance on a machine that may be busy: a mute that comes twice in a row is no bad luck."""
    monkeypatch.setattr(loss, "SETTLED", 5.0)
    for _ in range(2):
        figures = loss.measure(quick=False, minutes=0.1)["figures"]
        if figures["edge_longest_mute_s"] <= loss.MOST_MUTE:
            break
    assert figures["edge_longest_mute_s"] <= loss.MOST_MUTE
    assert figures["edge_sound_recorded_share"] > 0.8
    assert figures["lossy_sound_heard_share"] > 0.8
