"""Two microphones in one room are found by what the packets say of their loudness, and by nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest

from media.engine import Echo, MediaEvent
from media.sfu.speakers import FRAME, WINDOW, EchoDetector, Envelope, VoiceDetector

PACKET = 0.02


def speech(seed: int) -> Iterator[int]:
    """How loud each packet of somebody who talks is, in -dBov: syllables, words and pauses."""
    dice = random.Random(seed)
    while True:
        for _ in range(dice.randint(2, 6)):
            peak = dice.uniform(18, 34)
            for n in range(dice.randint(5, 12)):
                yield round(peak + abs(n - 4) * dice.uniform(1.5, 4.0))
        yield from (75 for _ in range(dice.randint(6, 45)))


def silence() -> Iterator[int]:
    while True:
        yield 82


def turns(mine: Iterator[int], first: bool) -> Iterator[int]:
    """Three seconds of talk, three of silence."""
    n = 0
    while True:
        talks = (n // 150) % 2 == (0 if first else 1)
        yield next(mine) if talks else 80
        n += 1


def heard(seed: int, softer: float, late: int = 0, noise: float = 3.0) -> Iterator[int]:
    """The same voice at another microphone."""
    dice, source = random.Random(seed + 99), speech(seed)
    yield from (82 for _ in range(late))
    for level in source:
        yield round(min(74, level + softer) + dice.gauss(0, noise))


class Table:
    """Whose packets come to one room, and what is told of them."""

    def __init__(self, **people: Iterator[int]) -> None:
        self.people = people
        self.voices = {name: VoiceDetector() for name in people}
        self.told: list[MediaEvent] = []
        self.detector = EchoDetector("r", self.told.append)
        self.apart: set[str] = set()  # who is muted, or talks to nobody here
        self.now = 100.0

    def pass_(self, seconds: float, lost: float = 0.0) -> Sequence[MediaEvent]:
        """Everybody's packets of a while; what was told then."""
        told, dice = len(self.told), random.Random(7)
        for n in range(round(seconds / PACKET)):
            self.now += PACKET
            for name, levels in self.people.items():
                level = next(levels)
                if dice.random() >= lost:
                    self.voices[name].on_level(level, self.now + dice.uniform(0, 0.015))
            if n % 4 == 3:
                self.detector.update(self.voices, lambda a, b: not {a, b} & self.apart, self.now)
        return self.told[told:]


@pytest.mark.parametrize("seed", range(8))
def test_one_voice_at_two_microphones_is_found_and_the_softer_one_is_the_echo(seed: int) -> None:
    table = Table(ann=heard(seed, 12), bob=speech(seed), cho=silence())
    assert table.pass_(20) == [Echo("r", "ann", "bob", True)]
    assert table.pass_(60) == [], "it is told once"


def test_it_is_found_in_noise_with_losses_and_some_delay() -> None:
    table = Table(ann=speech(3), bob=heard(3, 15, late=5, noise=4.0))
    assert table.pass_(30, lost=0.05) == [Echo("r", "bob", "ann", True)]


def test_of_two_as_loud_the_later_one_is_the_echo() -> None:
    assert Table(ann=heard(5, 0, late=5), bob=speech(5)).pass_(20) == [Echo("r", "ann", "bob", True)]
    assert Table(ann=speech(5), bob=heard(5, 0, late=5)).pass_(20) == [Echo("r", "bob", "ann", True)]


def test_what_a_loudspeaker_gives_back_later_is_not_said_to_be_one_room() -> None:
    for late in (12, 16, 20):
        assert Table(ann=speech(4), bob=heard(4, 10, late=late)).pass_(120) == []


@pytest.mark.parametrize("seed", range(12))
def test_people_who_talk_at_once_are_not_taken_for_one_room(seed: int) -> None:
    assert Table(ann=speech(seed), bob=speech(seed + 100), cho=speech(seed + 200)).pass_(300) == []


def test_people_who_talk_in_turn_are_not() -> None:
    assert Table(ann=turns(speech(1), True), bob=turns(speech(2), False)).pass_(300) == []


def test_silence_is_like_nothing() -> None:
    assert Table(ann=silence(), bob=silence()).pass_(60) == []


def test_signals_of_machines_are_no_voices() -> None:
    def beeps() -> Iterator[int]:
        while True:
            yield from (20 for _ in range(10))
            yield from (127 for _ in range(40))

    def tone() -> Iterator[int]:
        while True:
            yield 20

    assert Table(ann=beeps(), bob=beeps()).pass_(60) == []
    assert Table(ann=tone(), bob=tone()).pass_(60) == []


def test_it_ends_when_one_goes_elsewhere_and_not_by_a_moment() -> None:
    table = Table(ann=speech(6), bob=heard(6, 10))
    assert table.pass_(20) == [Echo("r", "bob", "ann", True)]
    table.people["bob"] = silence()
    assert table.pass_(3) == []
    table.people |= {"ann": speech(7), "bob": heard(7, 10)}  # together again
    assert table.pass_(20) == []
    table.people["bob"] = speech(700)
    assert table.pass_(40) == [Echo("r", "bob", "ann", False)]


def test_whoever_is_muted_or_talks_apart_is_compared_with_nobody() -> None:
    table = Table(ann=speech(6), bob=heard(6, 10))
    table.apart.add("bob")
    assert table.pass_(60) == []
    table.apart.clear()
    assert table.pass_(20) == [Echo("r", "bob", "ann", True)]
    table.apart.add("ann")
    assert table.pass_(0.1) == [Echo("r", "bob", "ann", False)], "at once"
    assert table.pass_(30) == []


@pytest.mark.parametrize("audible", ["ann", "bob"])
def test_whoever_hears_without_being_heard_is_compared_with_nobody(audible: str) -> None:
    # Two who whisper go on hearing the room, which does not hear them.
    told: list[MediaEvent] = []
    table, detector = Table(ann=speech(6), bob=heard(6, 10)), EchoDetector("r", told.append)
    for _ in range(300):
        table.pass_(0.1)
        detector.update(table.voices, lambda who, whom: whom == audible, table.now)
    assert table.told
    assert told == []


def test_that_two_begin_to_be_heard_at_once_is_no_likeness() -> None:
    envelope = Envelope()
    assert envelope.until(2_500) == []
    for n in range(WINDOW):
        assert envelope.until(2_500 + n) == []
        envelope.note(30, (2_500.5 + n) * FRAME)
    assert envelope.until(2_500 + WINDOW) == [40.0] * WINDOW
    assert envelope.until(2_500 + WINDOW + 20) == [*[40.0] * (WINDOW - 20), *[0.0] * 20]
    envelope.clear()
    assert envelope.until(2_500 + WINDOW) == []


def test_whoever_leaves_is_forgotten_at_once() -> None:
    table = Table(ann=speech(6), bob=heard(6, 10))
    table.pass_(20)
    del table.people["bob"], table.voices["bob"]
    assert table.pass_(0.1) == [Echo("r", "bob", "ann", False)]


def test_packets_of_sixty_milliseconds_leave_no_holes() -> None:
    envelope = Envelope()
    for n in range(WINDOW):
        envelope.note(30, n * 0.06)
    assert envelope.until(int((WINDOW - 1) * 0.06 / FRAME) + 1) == [40.0] * WINDOW
    envelope.note(30, WINDOW * 0.06 + 1.0)
    assert 0.0 in envelope.until(int((WINDOW * 0.06 + 1.0) / FRAME) + 1), "a second without packets is silence"
