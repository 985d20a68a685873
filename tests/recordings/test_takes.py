"""A participant's packets become files that decode, in simulated time: no thread, no waiting."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from media import RUN_HEADER, FrameBatch
from media.engine import Recording
from recordings.recorder import QUEUE, SEGMENT_SECONDS
from recordings.writer import Writer
from tests.recordings.happenings import Collected
from tests.recordings.keyring import plain
from tests.recordings.playback import packet_times, play
from tests.recordings.sender import Sender, feed, in_time, lossy, ntp
from tests.recordings.studio import ORIGIN, Studio, clean


@pytest.fixture
def studio(tmp_path: Path, writer: Writer) -> Callable[..., Studio]:
    return lambda **options: Studio(tmp_path, writer=writer, **options)


async def test_picture_and_sound_of_a_person_are_in_one_file_and_together(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    room.send(clean(in_time(sender.picture(0, 4), sender.sound(0, 4))))
    (segment,) = await room.end(4.1)
    assert segment.path == "s1/seat/20261125T020000030Z-camera.webm"
    assert (segment.width, segment.height, segment.source) == (320, 240, "camera")
    assert timedelta(seconds=3.9) < segment.ended - segment.started < timedelta(seconds=4.1)
    with plain(room.folder / segment.path) as file:
        data = file.read()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (segment.sha256, segment.size)
    seen = play(room.folder / segment.path)
    assert seen.streams == ["video", "audio"]
    assert len(seen.video) == 100
    assert len(seen.samples) / 48_000 == pytest.approx(4.0, abs=0.1)
    flashes, beeps = seen.flashes(), seen.beeps(440)
    assert len(flashes) == len(beeps) == 4
    assert all(abs(flash - beep) < 0.05 for flash, beep in zip(flashes, beeps, strict=True))


async def test_recording_is_told_once_bytes_are_there_and_again_when_it_ends(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    room.send(clean(in_time(sender.picture(0, 1), sender.sound(0, 1))))
    await asyncio.sleep(0)
    assert room.events == [Recording("s1", "seat", True)]
    (part,) = room.folder.rglob("*.part")
    assert part.stat().st_size > 1000
    await room.end(1.1, "consent")
    assert room.events[1] == Recording("s1", "seat", False, "consent")
    assert not list(room.folder.rglob("*.part"))


async def test_a_batch_of_nothing_ends_no_recording(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    room.recorder.batch("mic", FrameBatch(b"", [], 0))
    room.step(0.0)
    room.send(clean(in_time(sender.picture(0, 1), sender.sound(0, 1))))
    (segment,) = await room.end(1.1)
    assert play(room.folder / segment.path).streams == ["video", "audio"]


async def test_loss_and_reordering_cost_only_what_cannot_be_decoded(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    room.sender = sender
    lost = 0
    for second in range(8):  # by the second, so that asking for a key frame has an effect
        packets = in_time(sender.picture(second, 1), sender.sound(second, 1))
        arriving = lossy(packets, 0.03, seed=second + 3)
        lost += len(packets) - len(arriving)
        room.send(arriving)
        await asyncio.sleep(0)
    assert lost > 10
    segments = await room.end(8.5)
    assert "camera" in room.asked
    times = packet_times(room.folder / segments[0].path)
    for of_stream in times.values():
        assert all(later > before for before, later in itertools.pairwise(of_stream))
    seen = play(room.folder / segments[0].path)
    assert len(seen.video) == len(times["video"])  # everything kept decodes
    assert len(times["audio"]) > 360
    # Nothing of what is shown is garbage: every picture is the sender's colour or its flash.
    for picture in seen.pictures:
        red, green, blue = picture[120:, :].mean(axis=(0, 1))
        assert (red > 170 and green < 110 and blue < 110) or min(red, green, blue) > 225
    flashes, beeps = seen.flashes(), seen.beeps(440)
    pairs = [(f, b) for f in flashes for b in beeps if abs(f - b) < 0.5]
    assert pairs
    assert all(abs(f - b) < 0.1 for f, b in pairs)


async def test_sender_reports_pull_a_late_picture_back_to_its_sound(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    # The picture takes 400 ms longer than the sound all the way; only the reports can tell.
    arriving = clean(list(sender.sound(0, 4)), 0.03) + clean(list(sender.picture(0, 4)), 0.43)
    arriving.sort(key=lambda pair: pair[0])
    first = [pair for pair in arriving if pair[0] < 0.5]
    room.send(first)
    for source in ("mic", "camera"):
        room.recorder.report(source, ntp(5_000.0), sender.timestamp(source, 0.2))
    feed(room.recorder, arriving[len(first) :], ORIGIN, room.step)
    (segment,) = await room.end(4.6)
    seen = play(room.folder / segment.path)
    flashes, beeps = seen.flashes()[1:], seen.beeps(440)[1:]
    assert len(flashes) == len(beeps) == 3
    assert all(abs(flash - beep) < 0.06 for flash, beep in zip(flashes, beeps, strict=True))


async def test_who_sends_no_picture_gets_a_file_of_sound(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    room.send(clean(list(sender.sound(0, 2))))
    (segment,) = await room.end(2.1)
    assert (segment.width, segment.height) == (0, 0)
    seen = play(room.folder / segment.path)
    assert seen.streams == ["audio"]
    assert len(seen.beeps(440)) == 2


async def test_a_long_recording_is_cut_at_key_frames(studio: Callable[..., Studio]) -> None:
    room, sender = studio(segment_seconds=1.0), Sender()
    room.sender = sender
    for tenth in range(40):
        room.send(clean(in_time(sender.picture(tenth / 10, 0.12), sender.sound(tenth / 10, 0.1)), 0.03))
        await asyncio.sleep(0)
    segments = await room.end(4.1)
    assert 3 <= len(segments) <= 4
    for before, after in itertools.pairwise(segments):
        assert abs((after.started - before.ended).total_seconds()) < 0.08
        with_key = play(room.folder / after.path)
        assert with_key.video[0] < 0.05
    assert sum(len(packet_times(room.folder / segment.path)["audio"]) for segment in segments) == 200


async def test_segments_of_a_long_sitting_are_half_a_minute_to_a_minute_long(studio: Callable[..., Studio]) -> None:
    """With a publisher who takes three seconds to send the key frame it is asked for, and sends none by itself."""
    room = studio(segment_seconds=SEGMENT_SECONDS)
    key_at, wishes = 0.0, 0
    for tick in range(150 * 10):
        at = tick / 10
        for frame in range(5):
            sound = tick * 5 + frame
            room.recorder.packet("mic", sound & 0xFFFF, sound * 960, True, b"\xf8\xff\xfe", ORIGIN + at + frame / 50)
        key = at >= key_at
        head = b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00" if key else b"\x31"
        room.recorder.packet("camera", tick & 0xFFFF, tick * 9000, True, b"\x10" + head + bytes(50), ORIGIN + at)
        if key:
            key_at, wishes = float("inf"), len(room.asked)
        room.step(at)
        await asyncio.sleep(0)
        if len(room.asked) > wishes and key_at == float("inf"):
            key_at = at + 3
    segments = await room.end(150.2)
    lengths = [(segment.ended - segment.started).total_seconds() for segment in segments]
    assert len(segments) == 4
    assert all(30 <= length <= 60 for length in lengths[:-1]), lengths
    for before, after in itertools.pairwise(segments):
        assert abs((after.started - before.ended).total_seconds()) < 0.15


async def test_another_size_and_a_gap_begin_a_new_file(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    room.send(clean(in_time(sender.picture(0, 1), sender.sound(0, 1))))
    sender.resize(160, 120)
    room.send(clean(in_time(sender.picture(1, 1), sender.sound(1, 1))))
    for at in range(41, 100):
        room.step(at / 20)
    await asyncio.sleep(0)
    assert room.events[-1] == Recording("s1", "seat", False, "disconnected")
    sender.key_wanted = True
    sender.renumber("camera")
    room.recorder.restart("camera")
    room.send(clean(in_time(sender.picture(6, 1), sender.sound(6, 1))))
    segments = await room.end(7.1)
    assert [segment.width for segment in segments] == [320, 160, 160]
    assert segments[2].started - segments[1].ended == pytest.approx(timedelta(seconds=4), abs=timedelta(seconds=0.1))


async def test_a_picture_that_goes_and_comes_back_shows_in_the_files(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender()
    again = in_time(sender.picture(0, 1), sender.sound(0, 5))
    sender.key_wanted = True
    room.send(clean(in_time(iter(again), sender.picture(5, 1), sender.sound(5, 1))))
    segments = await room.end(6.1)
    assert [segment.width for segment in segments] == [320, 0, 320]


async def test_a_shared_screen_has_its_own_file(studio: Callable[..., Studio]) -> None:
    room, sender = studio(), Sender(steady=True)
    screen = Sender(colour=(20, 90, 200), width=640, height=360, steady=True)
    room.send(clean(in_time(sender.picture(0, 1), sender.sound(0, 1), screen.picture(0, 1, "screen"))))
    segments = await room.end(1.1)
    assert sorted((segment.source, segment.width) for segment in segments) == [("camera", 320), ("screen", 640)]
    (shared,) = [segment for segment in segments if segment.source == "screen"]
    assert shared.path.endswith("-screen.webm")
    assert play(room.folder / shared.path).streams == ["video"]


class Lent(Collected):
    """A batch that says whether it was given back."""

    back = False

    def release(self) -> None:
        assert not self.back, "twice"
        self.back = True


async def test_memory_of_what_is_not_written_comes_back(studio: Callable[..., Studio]) -> None:
    recorder = studio().recorder
    data = RUN_HEADER.pack(ORIGIN, 0, 3, 0, 1, 1) + b"\xf8\xff\xfe"
    waits, is_too_much, comes_in_a_pause, is_collected = (Lent(data, count) for count in (1, QUEUE, 1, 1))
    recorder.batch("mic", waits)
    recorder.batch("mic", is_too_much)
    assert (waits.back, is_too_much.back) == (True, False), "the oldest goes"
    recorder.skip()
    assert is_too_much.back
    recorder.batch("mic", comes_in_a_pause)
    recorder.pause("disk")
    assert comes_in_a_pause.back
    recorder.batch("mic", is_collected)
    recorder.collect(100.0)
    recorder.pause("disk")
    assert is_collected.back
    assert recorder.taken == recorder._put - recorder._thrown
