"""A full or failing disk stops recording visibly and nothing else; when there is space again it goes on."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from media import Tap
from media.engine import MediaEvent, Recording, RecordingAlarm, Segment
from recordings import BadName
from recordings.files import encrypted_file_store
from recordings.recorder import QUEUE, Recorder
from recordings.writer import Writer
from tests.recordings.broadcast import live
from tests.recordings.keyring import AnyKey, file_store
from tests.recordings.playback import play
from tests.recordings.sender import Sender, in_time


class Listener:
    def __init__(self) -> None:
        self.events: list[MediaEvent] = []
        self._news = asyncio.Event()

    def __call__(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._news.set()

    async def hear(self, wanted: Callable[[MediaEvent], bool], seconds: float) -> MediaEvent:
        async with asyncio.timeout(seconds):
            while True:
                for event in self.events:
                    if wanted(event):
                        self.events.remove(event)
                        return event
                self._news.clear()
                await self._news.wait()


def started(event: MediaEvent) -> bool:
    return isinstance(event, Recording) and event.on


def alarmed(event: MediaEvent) -> bool:
    return isinstance(event, RecordingAlarm)


@asynccontextmanager
async def speaking(tap: Tap, size: int = 320) -> AsyncIterator[None]:
    """Somebody is on air, with a key frame in every second."""
    sender = Sender(width=size, height=size * 3 // 4)

    async def speak() -> None:
        begin, second = time.time(), 0
        while True:
            sender.key_wanted = True
            await live(tap, in_time(sender.picture(second, 1), sender.sound(second, 1)), begin)
            second += 1

    task = asyncio.create_task(speak())
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.media
async def test_below_the_reserve_recording_stops_and_resumes_with_the_space(tmp_path: Path, writer: Writer) -> None:
    free = [1_000_000_000]
    recorder, heard = Recorder(tmp_path, 500_000_000, AnyKey(), writer=writer, free=lambda folder: free[0]), Listener()
    tap = recorder.open("s1", "a", heard, lambda source: None)
    async with speaking(tap):
        await heard.hear(started, 5)
        free[0] = 100
        assert await heard.hear(alarmed, 5) == RecordingAlarm("s1", "disk_reserve")
        assert await heard.hear(lambda event: isinstance(event, Recording), 2) == Recording("s1", "a", False, "disk")
        kept = await heard.hear(lambda event: isinstance(event, Segment), 2)
        late = recorder.open("s2", "b", heard, lambda source: None)  # another room is told too
        assert await heard.hear(alarmed, 2) == RecordingAlarm("s2", "disk_reserve")
        late.close("left")
        await recorder.drain("s2")
        free[0] = 1_000_000_000
        await heard.hear(started, 5)
    await recorder.stop()
    again = await heard.hear(lambda event: isinstance(event, Segment), 1)
    for segment in (kept, again):
        assert isinstance(segment, Segment)
        assert "audio" in play(tmp_path / segment.path).streams


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 120 KB when we may mount one, else a limit to the size of every file."""
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0 and libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=120k") == 0:
        try:
            yield folder
        finally:
            assert libc.umount(str(folder).encode()) == 0
        return
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.media
async def test_a_full_disk_raises_the_alarm_and_keeps_what_was_written(tmp_path: Path, writer: Writer) -> None:
    with small_disk(tmp_path / "full") as folder:
        recorder, heard = Recorder(folder, 0, AnyKey(), writer=writer), Listener()
        tap = recorder.open("s1", "a", heard, lambda source: None)
        async with speaking(tap, size=640):
            await heard.hear(started, 10)
            assert await heard.hear(alarmed, 20) == RecordingAlarm("s1", "disk_full")
        await recorder.stop()
        segments = [event for event in heard.events if isinstance(event, Segment)]
        assert segments
        for segment in segments:
            assert (folder / segment.path).stat().st_size == segment.stored_size
            assert len(play(folder / segment.path).video) > 3
            (orphan,) = [
                found for found in encrypted_file_store.find_orphans(folder, set()) if found.path == segment.path
            ]
            sealed = encrypted_file_store.seal_orphan(orphan, file_store(folder))
            assert sealed is not None
            assert (sealed.sha256, sealed.stored_size) == (segment.sha256, segment.stored_size)


@pytest.mark.media
async def test_a_folder_that_cannot_be_written_silences_one_person_only(tmp_path: Path, writer: Writer) -> None:
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "a").write_text("in the way")
    recorder, heard = Recorder(tmp_path, 0, AnyKey(), writer=writer), Listener()
    taps = [recorder.open("s1", seat, heard, lambda source: None) for seat in ("a", "b")]
    async with speaking(taps[0]), speaking(taps[1]):
        assert await heard.hear(alarmed, 5) == RecordingAlarm("s1", "io", "a")
        assert await heard.hear(started, 5) == Recording("s1", "b", True)
    await recorder.stop()
    assert [event.participant for event in heard.events if isinstance(event, Segment)] == ["b"]


@pytest.mark.media
async def test_without_its_key_nothing_is_recorded_rather_than_in_the_clear(tmp_path: Path, writer: Writer) -> None:
    keys = AnyKey()
    keys.destroy("s1")
    recorder, heard = Recorder(tmp_path, 0, keys, writer=writer), Listener()
    taps = [recorder.open(room, "a", heard, lambda source: None) for room in ("s1", "s2")]
    async with speaking(taps[0]), speaking(taps[1]):
        assert await heard.hear(alarmed, 5) == RecordingAlarm("s1", "io", "a")
        assert await heard.hear(started, 5) == Recording("s2", "a", True)
    await recorder.stop()
    assert not list((tmp_path / "s1").rglob("*.webm*"))


async def test_a_stalled_writer_costs_the_oldest_packets_and_never_the_loop(tmp_path: Path, writer: Writer) -> None:
    gate, entered = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def stuck(folder: Path) -> int:
        loop.call_soon_threadsafe(entered.set)
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(10)
        return 1 << 40

    recorder = Recorder(tmp_path, 0, AnyKey(), writer=writer, free=stuck)
    tap = recorder.open("s1", "a", lambda event: None, lambda source: None)
    await entered.wait()
    for number in range(QUEUE + 500):
        tap.packet("mic", number & 0xFFFF, number * 960, True, b"\xf8\xff\xfe", time.time())
    assert recorder.dropped == 500
    gate.set()
    await recorder.stop()


async def test_names_that_are_no_folder_are_refused(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, 0, AnyKey())
    for room, seat in (("..", "a"), ("s1", "a/b"), ("s1", "")):
        with pytest.raises(BadName):
            recorder.open(room, seat, lambda event: None, lambda source: None)
    await recorder.stop()
