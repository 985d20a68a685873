"""Python and C write the same files, for any number of participants in one pass, whatever comes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from recordings.native import NativeWriter
from recordings.writer import PythonWriter
from tests.recordings.happenings import (
    FATES,
    SELDOM,
    SHIFTS,
    STEP,
    Company,
    Happening,
    Jump,
    Overflow,
    Picture,
    Report,
    Restart,
    Room,
    Sound,
    Wait,
    Way,
    length,
    talk,
)

SOURCES = st.sampled_from(("mic", "camera"))
ORDINARY = ("arrives",)
HAPPENINGS = st.one_of(
    st.builds(
        Picture,
        source=st.just("camera"),
        parts=st.integers(1, 6),
        key=st.booleans(),
        wide=st.sampled_from((320, 320, 320, 640)),
        tl0=st.booleans(),
        fates=st.one_of(st.just(ORDINARY), FATES),
        damage=st.one_of(st.none(), st.none(), st.none(), st.binary(max_size=8)),
        ended=SELDOM.map(lambda it: not it),
        heavy=SELDOM,
        layer=st.integers(0, 2),
    ),
    st.builds(
        Sound, st.integers(1, 12), st.sampled_from((b"\x78sound", b"\xfb\x03three", b"\x0a", b"\xfb", b"\x43")),
        st.one_of(st.just(ORDINARY), FATES),
    ),
    st.builds(Wait, st.sampled_from((0.02, 0.04, 0.1, 0.1, 0.3, 0.7, 1.1, 2.2, 4.0))),
    st.builds(Restart, SOURCES),
    st.builds(Report, SOURCES, st.sampled_from((0.0, 0.0, 0.01, -0.4, 2.0, 7.0, -2e8))),
    st.builds(Jump, SOURCES, st.sampled_from((0, 0, 0, 1, -1)), st.one_of(SHIFTS, st.sampled_from((192, -9, -2000)))),
    st.builds(Overflow, SOURCES, st.integers(1, 5)),
)  # fmt: skip


def alone(writer: NativeWriter, script: list[Happening], way: Way, step: float) -> tuple[Any, ...]:
    """What comes of it in C."""
    with tempfile.TemporaryDirectory() as folder:
        room = Room(Path(folder), writer, way, step=step)
        asyncio.run(room.play(script))
        return room.result()


def together(scripts: list[list[Happening]], way: Way, step: float) -> list[tuple[Any, ...]]:
    async def play(folder: Path) -> list[tuple[Any, ...]]:
        writer = PythonWriter()
        company = Company(writer, len(scripts))
        rooms = [Room(folder / str(n), writer, way, company=company, step=step) for n in range(len(scripts))]
        await asyncio.gather(*(room.play(script) for room, script in zip(rooms, scripts, strict=True)))
        return [room.result() for room in rooms]

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(play(Path(folder)))


def same(writer: NativeWriter, scripts: list[list[Happening]], way: Way = "gathered", step: float = STEP) -> None:
    longest = max(length(script) for script in scripts)
    # The end lies between two passes.
    scripts = [[*script, Wait(longest - length(script) + 0.055)] for script in scripts]
    assert together(scripts, way, step) == [alone(writer, script, way, step) for script in scripts]


def again(times: int, *happenings: Happening) -> list[Happening]:
    return [*happenings] * times


BEGINS = Picture(key=True)
REPORTED = [Report("mic", 0.2), Report("camera", 0.2)]
ORDINARY_TALKS: dict[str, list[Happening]] = {
    "a talk": [BEGINS, *talk(4)],
    "with a sender's reports": [BEGINS, *talk(1), *again(8, *REPORTED, *talk(0.4))],
    "key frames only": [BEGINS, *again(100, Picture(key=True, layer=1), Sound(), Wait(0.04))],
    "sound alone": again(100, Sound(2), Wait(0.04)),
    "large pictures": [BEGINS, *again(70, Sound(2, b"\xfb\x03three"), Picture(heavy=True), Wait(0.06))],
    "a sound a pass": again(40, Sound(1, b"\x08long"), Wait(0.1)),
    "pictures ahead of sound": [
        BEGINS,
        Report("camera", 0.9),
        Report("mic", 0.0),
        *again(100, Picture(key=True), Sound(2), Wait(0.04)),
    ],
    "sound ahead of pictures": [BEGINS, Report("mic", 0.9), Report("camera", 0.0), *talk(4)],
}


@pytest.mark.parametrize("name", ORDINARY_TALKS)
@pytest.mark.native
def test_an_ordinary_talk_is_written_the_same(built: NativeWriter, name: str) -> None:
    begins, *rest = ORDINARY_TALKS[name]
    same(built, [[begins, *rest], [begins, Wait(0.3), *rest]], "one by one" if name == "a sound a pass" else "gathered")


# What ordinary talk is interrupted by, and seconds of talk behind each.
INTERRUPTED: dict[str, list[tuple[list[Happening], float]]] = {
    "sound whose time stands still": [([Jump("mic", 0, -960)], 0.9)],
    "sound whose time goes back": [([Jump("mic", 0, -2000)], 0.9)],
    "clocks that stood still": [([Wait(2.2), Jump("camera", 0, -198_000), Jump("mic", 0, -105_600)], 2.9)],
    "a clock that was set back": [([Jump("camera", 0, -300_000)], 2.9)],
    "sound that comes sooner, which moves pictures": [([Jump("mic", 0, 192)], 0.4)] * 3,
    "sound that comes much sooner": [([Jump("mic", 0, 960)], 0.4)] * 3,
    "a report that cannot be true": [([Report("camera", 7.0)], 0.9)],
    "a report of another age": [([Report("camera", 0.2), Jump("camera", 0, 1 << 31)], 0.9)],
    "a picture without a beginning": [([Picture(parts=1, damage=b"\x80\x00")], 0.4)],
    "a picture that is not ended": [([Picture(ended=False)], 0.4)],
    "pictures that are not ended": [([Picture(key=True), Wait(0.02), Picture(ended=False)], 0.2)] * 6,
    "pictures that stay away for a moment": [
        ([Report("mic", 0.3), Report("camera", 0.0)], 0.4),
        ([*again(3, Sound(2), Wait(0.04))], 0.4),
    ],
    "a lost picture": [([Picture(fates=("is lost",))], 0.9)],
    "a lost picture nothing refers to": [
        ([Picture(layer=1), Wait(0.02), Picture(), Wait(0.02), Picture(layer=1, fates=("is lost",))], 0.9),
    ],
    "a lost sound": [([Sound(1, fates=("is lost",))], 1.9)],
    "a lost packet": [([Picture(fates=("arrives", "is lost", "arrives"))], 0.9)],
    "the last sound is the shorter": [([Sound(1, b"\xfb\x03three"), Wait(0.02), Sound(1)], 0.0)],
    "reports behind what they are of": [
        ([Picture(), Sound(), Report("camera", 0.3), Report("mic", 0.0), Wait(0.1)], 0.4),
        ([Picture(), Sound(), Report("camera", 0.5), Report("mic", 0.0), Wait(0.1)], 0.4),
    ],
    "a file that is long enough": [([], 5.2), ([Picture(key=True)], 0.9)],
    "pictures of another size": [([Picture(key=True, wide=640)], 0.9)],
    "a key frame of another size by a late report": [([Picture(key=True, wide=640), Report("camera", -1.8)], 0.9)],
    "upper layers that are lost": [([Picture(layer=1, fates=("is lost",))], 0.2)] * 6,
    "two pictures of one instant": [([Jump("camera", 0, -3570)], 0.4)],
    "pictures far ahead of sound": [([Report("camera", 1.7), Picture(key=True)], 0.9)],
    "silence": [([], 2.2), ([Wait(1.3)], 0.9)],
    "a screen": [([Picture("screen", key=True)], 0.9), ([Picture("screen"), Sound(1)], 0.4)],
    "other numbers": [([Restart("mic"), Restart("camera"), Picture(key=True)], 0.9)],
    "numbers that only seem to go on": [([Restart("mic"), Jump("mic", -1000, 0)], 0.9)],
    "everything late": [([Wait(0.9), *again(20, Picture(), Sound(2))], 0.9)],
}


def interrupted(story: list[tuple[list[Happening], float]]) -> list[Happening]:
    script: list[Happening] = [BEGINS, *REPORTED, *talk(0.4)]
    for happenings, seconds in story:
        script += [*happenings, Wait(0.02), *talk(seconds)]
    return script


@pytest.mark.parametrize("pace", [STEP, 0.75, 2.0])
@pytest.mark.parametrize("name", INTERRUPTED)
@pytest.mark.native
def test_an_interrupted_talk_is_written_the_same(built: NativeWriter, name: str, pace: float) -> None:
    same(
        built,
        [[BEGINS, *talk(2)], interrupted(INTERRUPTED[name]), [*interrupted(INTERRUPTED[name]), *talk(1)]],
        step=pace,
    )


STORIES = st.lists(
    st.tuples(st.lists(HAPPENINGS, max_size=4), st.sampled_from((0.0, 0.2, 0.4, 0.9))), min_size=1, max_size=6
)


@pytest.mark.native
@settings(
    max_examples=int(os.environ.get("YUNTIAO_FUZZ", "60")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(
    st.lists(STORIES.map(interrupted), min_size=1, max_size=3),
    st.sampled_from(("gathered", "gathered", "one by one")),
    st.sampled_from((STEP, STEP, 0.75, 2.0)),
)
def test_whatever_comes_between_it_is_the_same(
    built: NativeWriter, scripts: list[list[Happening]], way: Way, step: float
) -> None:
    same(built, scripts, way, step)


def test_who_records_in_c_does_without_numpy() -> None:
    asked = "import sys, server.rooms.worker; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
