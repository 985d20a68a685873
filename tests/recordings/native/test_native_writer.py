"""What is written in C is what is written in Python, whatever comes: every block, every record, every word about it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from media import RUN_HEADER
from media.engine import MediaEvent, Segment
from recordings.native import NativeFrameWriter, NativeWriter, loaded
from recordings.recorder import ParticipantRecorder
from tests.recordings.happenings import (
    FATE,
    HAPPENINGS,
    WAYS,
    Collected,
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
    files_in,
    talk,
)
from tests.recordings.keyring import AnyKey, plain
from tests.recordings.studio import ORIGIN

pytestmark = pytest.mark.native


@pytest.fixture(scope="module", params=["own sums", "libcrypto's sums"])
def writer(request: pytest.FixtureRequest, library: Path, tmp_path_factory: pytest.TempPathFactory) -> NativeWriter:
    """As on a new machine, and as on one whose processor and system can less."""
    # A library of its own for each, because what it can is the library's.
    made = Path(shutil.copy(library, tmp_path_factory.mktemp("native")))
    return loaded(made) if request.param == "own sums" else NativeWriter(made, own_sums=False, direct=False)


def both(writer: NativeWriter, script: list[Happening], sm3: bool = False, way: Way = "one by one") -> Room:
    """Play it to both and compare."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        reference, compiled = Room(Path(one), None, way), Room(Path(other), writer, way)
        asyncio.run(reference.play(script, sm3))
        asyncio.run(compiled.play(script, sm3))
        assert compiled.result() == reference.result()
    return compiled


# ---------------------------------------------------------------- that it can be done without


async def test_a_fault_in_c_ends_a_file_and_the_take_goes_on_in_python(
    writer: NativeWriter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[MediaEvent] = []
    recorder = ParticipantRecorder(
        tmp_path, "s1", "seat", told.append, lambda _: None, lambda: None, 5.0, AnyKey(), writer=writer
    )
    other = ParticipantRecorder(
        tmp_path, "s1", "other", told.append, lambda _: None, lambda: None, 5.0, AnyKey(), writer=writer
    )
    for tick in range(40):
        at = tick / 10
        for each in (recorder, other):
            for number in range(tick * 5, tick * 5 + 5):
                each.packet("mic", number, number * 960, True, b"\x78sound", ORIGIN + number / 50)
        if tick == 20:
            run = RUN_HEADER.pack(ORIGIN + at, 0, 1000, 0, 1, 1) + b"less than a thousand"
            recorder.batch("mic", Collected(run, 1))
        for each in (recorder, other):
            each.work(100.0 + at, ORIGIN + at)
    for each in (recorder, other):
        each.close("closed")
        assert each.work(104.1, ORIGIN + 4.1)
    await asyncio.sleep(0)
    files = await asyncio.to_thread(files_in, tmp_path)
    segments = [event for event in told if isinstance(event, Segment)]
    assert {segment.path for segment in segments} == files
    assert sorted(segment.participant for segment in segments) == ["other", "seat", "seat"], "one file more"
    for segment in segments:
        with plain(tmp_path / segment.path) as opened:
            assert hashlib.sha256(opened.read()).hexdigest() == segment.sha256
    assert recorder.writer is not writer
    assert other.writer is writer
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_frame_that_hardly_ends_fills_no_more_memory_than_it_may(writer: NativeWriter) -> None:
    endless = [Picture(parts=100, ended=False, heavy=True)] * 7
    instant = [*endless, Picture(parts=100, heavy=True)]  # 5.6 MB
    room = both(writer, [Picture(key=True), *talk(0.2), *instant, *talk(0.2), Picture(key=True), *talk(0.2)])
    assert sum(segment.size for segment in room.segments) < 100_000


# ---------------------------------------------------------------- that it is the same


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
def test_an_ordinary_talk_is_the_same(writer: NativeWriter, cipher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_CIPHER", cipher)
    assert writer.sm4, "the newest libcrypto there is has it"
    room = both(writer, [Picture(key=True), Report("mic", 0.2), Report("camera", 0.2), *talk(4)])
    (segment,) = room.segments
    assert segment.width == 320
    assert segment.size > 8000


def test_sums_are_the_processors_where_it_has_them(writer: NativeWriter, request: pytest.FixtureRequest) -> None:
    flags = Path("/proc/cpuinfo")
    if not flags.exists() or "sha_ni" not in flags.read_text():
        pytest.skip("a processor without instructions for SHA-256")
    assert writer.own_sums == (request.node.callspec.params["writer"] == "own sums")


@pytest.mark.parametrize("seed", range(6))
async def test_what_many_say_at_once_is_hashed_for_each(writer: NativeWriter, tmp_path: Path, seed: int) -> None:
    """Two at a time, of whatever lengths: who says nothing, little, or more than fits into a record."""
    chance, told = random.Random(seed), list[MediaEvent]()
    recorders = [
        ParticipantRecorder(
            tmp_path, "s1", f"seat-{n}", told.append, lambda _: None, lambda: None, 5.0, AnyKey(), writer=writer
        )
        for n in range(chance.randint(1, 9))
    ]
    for turn in range(12):
        for recorder in recorders:
            for number in range(turn * 20, turn * 20 + 20):
                size = chance.choice((1, 3, 40, 64, 200, 5000, 70_000))
                if number < 3 or chance.random() < 0.5:
                    recorder.packet("mic", number, number * 960, True, b"\x78" * size, ORIGIN + number / 50)
            recorder.collect(100 + turn * 0.4)
        writer.work(
            [recorder.track_writer for recorder in recorders if isinstance(recorder.track_writer, NativeFrameWriter)],
            ORIGIN + turn * 0.4,
        )
        for recorder in recorders:
            recorder.work(100 + turn * 0.4, ORIGIN + turn * 0.4)
    for recorder in recorders:
        recorder.close("closed")
        assert recorder.work(105.0, ORIGIN + 5.0)
    await asyncio.sleep(0)
    segments = [event for event in told if isinstance(event, Segment)]
    assert {segment.participant for segment in segments} == {f"seat-{n}" for n in range(len(recorders))}
    for segment in segments:
        with plain(tmp_path / segment.path) as opened:
            assert hashlib.sha256(opened.read()).hexdigest() == segment.sha256


async def test_a_finished_file_takes_no_more_of_the_disk_than_it_needs(writer: NativeWriter, on_disk: Path) -> None:
    """While it is written, blocks are set aside ahead of it."""
    room = Room(on_disk, writer, "collected")
    await room.play([Picture(key=True), *talk(3)])
    for segment in room.segments:
        used = (on_disk / segment.path).stat()
        assert used.st_blocks * 512 < used.st_size + (1 << 16)


def test_two_files_that_would_begin_at_the_same_time_are_two(writer: NativeWriter) -> None:
    """Two key frames of one instant, each of a size of its own: the first one's file stays as it was told."""
    room = both(writer, [Picture(key=True), Picture(key=True, wide=640), Picture(key=True, wide=320), *talk(0.3)])
    assert [segment.width for segment in room.segments] == [320, 640, 320]
    assert len({segment.path for segment in room.segments}) == 3


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_of_another_size_is_not_written_before_its_key_frame(writer: NativeWriter, way: Way) -> None:
    """A report has moved it to before that."""
    key = Picture(key=True, wide=640)
    both(writer, [Picture(key=True), *talk(0.4), key, Report("mic", 0.2), Report("camera", -1.8), *talk(1)], way=way)
    both(writer, [Picture(key=True), *talk(0.4), key, Report("camera", 0.2), Report("mic", 2.2), *talk(1)], way=way)


def test_sm3_is_the_same(writer: NativeWriter) -> None:
    room = both(writer, [Picture(key=True), *talk(1)], sm3=True)
    assert len(room.segments[0].sm3) == 64


def test_a_base_layer_is_followed_past_its_last_number(built: NativeWriter) -> None:
    upper = Picture(layer=1, fates=("is lost",))
    script = [Picture(key=True), *[Picture()] * 4]  # up to 255
    waited = [each for picture in (*script, upper, *[Picture()] * 3) for each in (picture, Wait(0.04))]
    room = both(built, [*waited, *talk(1)])
    assert room.asked == []


def test_more_than_may_be_held_back_is_let_go(built: NativeWriter) -> None:
    both(built, [Sound(), Sound(fates=("is lost",)), Sound(1100), Wait(0.2), *talk(1)])


def rough(chance: random.Random) -> Iterator[Happening]:
    """Half a minute of somebody on a bad line: everything at once, so that no rule is met by chance only."""
    at = 0.0
    while at < 30:
        lost, late, twice = (chance.random() * 0.3 if chance.random() < 0.4 else 0.0 for _ in range(3))
        for number in range(chance.randint(1, 40)):
            fates = tuple(
                chance.choices(FATE, (1.0 - (lost + late + twice) / 3, lost / 3, late / 3, twice / 3))[0]
                for _ in range(5)
            )
            gone = lost and number % 2 and chance.random() < 0.5
            yield Picture(
                "camera", chance.randint(1, 5), key=chance.random() < 0.04, wide=chance.choice((320,) * 9 + (640,)),
                fates=("is lost",) if gone else fates, layer=number % 2,
            )  # fmt: skip
            yield Sound(2, chance.choice((b"\x78sound", b"\xfb\x03three", b"\x0a", b"\x43")), fates[:2])
            if chance.random() < 0.1:
                yield Picture("screen", key=chance.random() < 0.3, fates=fates[:3], ended=chance.random() < 0.9)
            yield Wait(0.04)
            at += 0.04
        pause = chance.choice((0.0, 0.3, 0.61, 1.02, 1.3, 1.9, 2.3, 3.0))
        yield Wait(pause)
        at += pause
        yield chance.choice(
            (
                Restart(chance.choice(("mic", "camera"))),
                Report("mic", chance.uniform(-1, 1)),
                Report("camera", chance.uniform(-1, 1)),
                Jump("camera", chance.choice((1, 5, 40, 65_000)), chance.choice((0, 9000, 270_000))),
                Jump("mic", chance.choice((1, 30)), chance.choice((0, 96_000, -9600))),
                Overflow("mic", 1),
            )
        )


@pytest.mark.parametrize("seed", range(24))
def test_half_a_minute_on_a_bad_line_is_the_same(built: NativeWriter, seed: int) -> None:
    room = both(built, [Picture(key=True), *rough(random.Random(seed))], way=WAYS[seed % 3])
    assert sum(segment.size for segment in room.segments) > 5000


@settings(
    max_examples=int(os.environ.get("YUNTIAO_FUZZ", "80")), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.lists(st.lists(HAPPENINGS, max_size=8), min_size=1, max_size=6), st.sampled_from(WAYS), st.booleans())
def test_whatever_comes_it_is_the_same(
    built: NativeWriter, stretches: list[list[Happening]], way: Way, begun: bool
) -> None:
    script: list[Happening] = [Picture(key=True)] if begun else []
    for stretch in stretches:
        script += [*talk(0.3), *stretch]
    both(built, script, way=way)
