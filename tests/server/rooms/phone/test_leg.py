"""What the telephone says while a question is asked: all of it in time, a minute at most, and how much is heard."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import numpy as np

from server.rooms.phone.leg import FRAME, LONGEST_ANSWER, RATE, HeardAnswer
from tests.server.rooms.phone.telephone import decoded, pitch


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def tone(hz: float, seconds: float, loud: float = 9000) -> bytes:
    return (loud * np.sin(2 * np.pi * hz * np.arange(int(RATE * seconds)) / RATE)).astype("<i2").tobytes()


def told(answer: HeardAnswer) -> tuple[dict[str, Any], Any]:
    """And the sound that is in the file."""
    said = answer.file()
    return said, decoded(b64decode(said["sound"]))


def say(answer: HeardAnswer, clock: Clock, sound: bytes) -> None:
    """As it comes: every 20 ms."""
    for at in range(0, len(sound), FRAME * 2):
        clock.now += 0.02
        answer.add(sound[at : at + FRAME * 2])


def test_what_is_said_is_in_the_file_at_its_time_with_silence_where_nothing_came() -> None:
    clock = Clock()
    answer = HeardAnswer(clock)
    say(answer, clock, tone(600, 1.0))
    clock.now += 1.0  # the telephone sends nothing
    say(answer, clock, tone(900, 1.0))
    clock.now += 0.5
    said, sound = told(answer)
    assert abs(len(sound) / RATE - 3.5) < 0.1
    assert abs(said["ended"] - said["began"] - 3.5) < 0.001
    for start, hz in ((0.2, 600), (1.3, 0), (2.2, 900), (3.2, 0)):
        part = sound[int(start * RATE) : int((start + 0.2) * RATE)]
        assert abs(pitch(part, RATE) - hz) < 15, start
    assert abs(said["audible_ms"] - 2000) <= 40


def test_who_says_nothing_is_kept_as_silence_and_that_is_said() -> None:
    clock = Clock()
    answer = HeardAnswer(clock)
    say(answer, clock, tone(600, 2.0, loud=60))  # the line hums at 57 dB below
    said, sound = told(answer)
    assert said["audible_ms"] == 0
    assert len(sound) > RATE


def test_of_a_long_answer_the_last_minute_is_kept_which_has_the_yes() -> None:
    clock = Clock()
    answer = HeardAnswer(clock)
    began = answer.began
    say(answer, clock, tone(600, 12.0))
    say(answer, clock, tone(900, LONGEST_ANSWER - 2.0))
    said, sound = told(answer)
    assert abs(len(sound) / RATE - LONGEST_ANSWER) < 0.1
    assert abs(pitch(sound[RATE // 2 : RATE], RATE) - 600) < 15
    assert abs(pitch(sound[3 * RATE : 4 * RATE], RATE) - 900) < 15
    assert abs(said["began"] - began - 10.0) < 0.001
    assert len(said["sound"]) < 500_000, "one line between the processes is a megabyte at most"
