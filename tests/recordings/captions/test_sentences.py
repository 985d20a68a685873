"""Sound becomes utterances: where they begin and end, whatever the network does to it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from media import PacketRun
from recordings.captions.worker import LONGEST, LOOKS_BACK, Ear, Energy, Utterance
from tests.recordings.captions.sound import CLOCK, packets, silence, voice


def heard(runs: list[PacketRun], ear: Ear | None = None) -> list[Utterance]:
    ear = ear or Ear(Energy())
    return [*ear.hear(runs), *ear.end()]


def test_what_is_parted_by_a_pause_is_two_sentences_with_the_times_of_the_clock() -> None:
    one, other = heard(packets(silence(1), voice(1.5), silence(1), voice(2), silence(1)))
    assert one.began == pytest.approx(1001, abs=0.4)
    assert one.ended == pytest.approx(1003, abs=0.3)  # with the pause that ended it
    assert other.began == pytest.approx(1003.5, abs=0.4)
    assert other.seconds == pytest.approx(2.8, abs=0.4)


def test_silence_and_a_knock_are_no_sentence() -> None:
    assert heard(packets(silence(3))) == []
    assert heard(packets(silence(1), voice(0.06), silence(1))) == []


def test_whoever_never_pauses_is_cut_all_the_same() -> None:
    first, *rest = heard(packets(silence(0.5), voice(LONGEST + 5)))
    assert LONGEST - LOOKS_BACK - 0.1 <= first.seconds <= LONGEST + 0.1
    assert all(one.began == pytest.approx(before.ended, abs=0.01) for before, one in pairwise((first, *rest)))
    assert sum(one.seconds for one in (first, *rest)) == pytest.approx(LONGEST + 5, abs=0.8)


def test_whoever_never_pauses_is_cut_between_two_words() -> None:
    """A moment that is no pause, but quieter."""
    spoken = voice(20)
    spoken[round(6.9 * CLOCK) : round(7.0 * CLOCK)] //= 6
    first, *_ = heard(packets(spoken))
    assert first.ended - 1000 == pytest.approx(6.95, abs=0.12)


def test_packets_that_are_missing_doubled_and_late_change_no_times() -> None:
    runs = packets(silence(1), voice(2), silence(1))
    (whole,) = heard(runs)
    holes = [run for n, run in enumerate(runs) if n % 7]
    holes[40], holes[41] = holes[41], holes[40]
    (torn,) = heard([*holes[:60], *holes[50:]])
    assert (torn.began, torn.ended) == pytest.approx((whole.began, whole.ended), abs=0.2)


def test_a_microphone_that_stops_sending_ends_the_sentence() -> None:
    runs = packets(silence(0.5), voice(1.5))
    later = packets(voice(1), silence(1), start=1_010, timestamp=(runs[-1].timestamp + 8 * 48_000) & 0xFFFFFFFF)
    one, other = heard([*runs, *later])
    assert one.ended < 1_002.5
    assert other.began == pytest.approx(1_010, abs=0.4)


def test_another_track_with_other_numbers_is_heard_on() -> None:
    another = packets(voice(1.5), silence(1), timestamp=77, start=1_005)
    assert len(heard([*packets(voice(1.5), silence(1)), *another])) == 2


def test_what_is_no_opus_is_silence_and_ends_nothing() -> None:
    runs = packets(voice(2), silence(1))
    torn = [run._replace(payload=b"\xff" * 40) if 10 < n < 30 else run for n, run in enumerate(runs)]
    assert sum(one.seconds for one in heard(torn)) > 1.5


def test_what_is_forgotten_in_the_middle_never_comes() -> None:
    ear = Ear(Energy())
    runs = packets(silence(0.5), voice(2), silence(1))
    assert list(ear.hear(runs[:80])) == []
    assert ear.cutter.speaking
    ear.forget()
    assert list(ear.end()) == []
