"""What a killed process leaves behind is found, sealed as it is, and lacks less than a second."""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from pathlib import Path

import pytest

from media.engine import MediaEvent
from recordings import Damaged
from recordings.files import PART, encrypted_file_store
from recordings.files.encrypted_file import END
from recordings.files.encrypted_file_store import DAMAGED
from recordings.native import NativeWriter
from recordings.recorder import Recorder
from recordings.writer import Writer
from tests import ROOT
from tests.recordings.keyring import AnyKey, file_store, plain
from tests.recordings.playback import packet_times, play
from tests.recordings.sender import Sender, in_time
from tests.recordings.studio import Studio, clean


def _path(writer: Writer) -> list[str]:
    return [str(writer.path)] if isinstance(writer, NativeWriter) else []


@pytest.mark.media
async def test_a_killed_recorder_loses_less_than_a_second(tmp_path: Path, writer: Writer) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.recordings.broadcast", str(tmp_path), *_path(writer),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for _ in ("a", "b"):
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"recording\n"
    for _ in ("a", "b"):
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"three seconds\n"
    assert encrypted_file_store.find_orphans(tmp_path, set()) == []  # still being written
    process.kill()
    killed = time.time()
    await asyncio.wait_for(process.wait(), 30)

    found = encrypted_file_store.find_orphans(tmp_path, set())
    assert [(orphan.session, orphan.seat, orphan.sealed) for orphan in found] == [
        ("s1", "a", False),
        ("s1", "b", False),
    ]
    for orphan in found:
        before = orphan.file.read_bytes()
        sealed = encrypted_file_store.seal_orphan(orphan, file_store(tmp_path))
        assert sealed is not None
        assert killed - sealed.ended.timestamp() < 1.0
        stored = (tmp_path / sealed.path).read_bytes()
        assert stored == before  # nothing is repaired: it has no end, and stays without
        assert (sealed.stored_sha256, sealed.stored_size) == (hashlib.sha256(stored).hexdigest(), len(stored))
        with plain(tmp_path / sealed.path) as file:
            data = file.read()
        assert (sealed.sha256, sealed.size) == (hashlib.sha256(data).hexdigest(), len(data))
        assert (sealed.width, sealed.height) == (320, 240)
        times = packet_times(tmp_path / sealed.path)
        begun = sealed.started.timestamp()
        assert killed - begun > 2.5
        assert all(killed - begun - stream[-1] < 1.0 for stream in times.values())
        assert len(play(tmp_path / sealed.path).video) == len(times["video"])
    assert [orphan.sealed for orphan in encrypted_file_store.find_orphans(tmp_path, set())] == [True, True]
    assert encrypted_file_store.find_orphans(tmp_path, {orphan.path for orphan in found}) == []


async def test_a_sealed_file_the_journal_does_not_know_is_an_orphan_of_its_session(tmp_path: Path) -> None:
    studio, sender = Studio(tmp_path), Sender()
    studio.send(clean(in_time(sender.picture(0, 1), sender.sound(0, 1))))
    (segment,) = await studio.end(1.1)
    assert encrypted_file_store.find_orphans(tmp_path, {segment.path}) == []
    assert encrypted_file_store.find_orphans(tmp_path, set(), session="another") == []
    (orphan,) = encrypted_file_store.find_orphans(tmp_path, set(), session="s1")
    sealed = encrypted_file_store.seal_orphan(orphan, file_store(tmp_path))
    assert sealed is not None
    assert (sealed.path, sealed.sha256, sealed.started) == (segment.path, segment.sha256, segment.started)
    own = file_store(tmp_path).identify("s1", segment.path, segment.sha256)
    assert (sealed.stored_sha256, sealed.stored_size) == (own, segment.stored_size)
    assert abs((sealed.ended - segment.ended).total_seconds()) < 0.05


async def test_a_file_whose_writer_was_killed_between_its_end_and_its_cut_is_accounted_for(tmp_path: Path) -> None:
    studio, sender = Studio(tmp_path), Sender()
    studio.send(clean(in_time(sender.picture(0, 1), sender.sound(0, 1))))
    (segment,) = await studio.end(1.1)
    finished = tmp_path / segment.path
    with finished.open("ab") as file:
        file.write(bytes(100_000))
    finished.rename(f"{finished}{PART}")
    (orphan,) = encrypted_file_store.find_orphans(tmp_path, set())
    sealed = encrypted_file_store.seal_orphan(orphan, file_store(tmp_path))
    assert sealed is not None
    assert (sealed.path, sealed.sha256, sealed.size) == (segment.path, segment.sha256, segment.size)
    assert sealed.stored_size == segment.stored_size + 100_000
    assert len(play(finished).video) == len(packet_times(finished)["video"])


@pytest.mark.parametrize("lost", [slice(-9000, -8000), slice(-5000, -4000), slice(-16, None)])
async def test_of_a_write_that_a_power_cut_tore_what_comes_before_is_kept_and_all_of_it_beside(
    tmp_path: Path, lost: slice
) -> None:
    studio, sender = Studio(tmp_path), Sender()
    for second in range(3):
        studio.send(clean(in_time(sender.picture(second, 1), sender.sound(second, 1))))
        studio.step(second + 1.1)
    (segment,) = await studio.end(3.1)
    file = tmp_path / segment.path
    torn = bytearray(file.read_bytes()[:-END])  # it was not finished
    torn[lost] = bytes(len(torn[lost]))  # blocks that did not get there, of a file whose size had
    part = file.with_name(file.name + PART)
    part.write_bytes(torn)
    file.unlink()
    with pytest.raises(Damaged), plain(part) as whole:
        whole.read()

    (orphan,) = encrypted_file_store.find_orphans(tmp_path, set())
    sealed = encrypted_file_store.seal_orphan(orphan, file_store(tmp_path))
    assert sealed is not None
    assert torn.startswith(file.read_bytes())
    assert part.with_name(part.name + DAMAGED).read_bytes() == torn
    with plain(file) as good:
        data = good.read()
    assert 0 < sealed.size == len(data)
    assert sealed.sha256 == hashlib.sha256(data).hexdigest()
    assert 1.0 < (sealed.ended - sealed.started).total_seconds() < 3.0
    assert len(play(file).video) == len(packet_times(file)["video"])
    assert [one.sealed for one in encrypted_file_store.find_orphans(tmp_path, set())] == [True]


async def test_killed_while_it_puts_the_good_part_in_place_it_does_so_the_next_time(tmp_path: Path) -> None:
    studio, sender = Studio(tmp_path), Sender()
    studio.send(clean(in_time(sender.picture(0, 1), sender.sound(0, 1))))
    (segment,) = await studio.end(1.1)
    file = tmp_path / segment.path
    torn = file.read_bytes()[:-30] + bytes(30)
    file.write_bytes(torn)
    beside = file.with_name(file.name + DAMAGED)
    beside.hardlink_to(file)
    (orphan,) = encrypted_file_store.find_orphans(tmp_path, set())
    assert encrypted_file_store.seal_orphan(orphan, file_store(tmp_path)) is not None
    assert torn.startswith(file.read_bytes())
    assert beside.read_bytes() == torn


def test_files_with_nothing_or_rubbish_in_them_do_not_stop_the_search(tmp_path: Path) -> None:
    folder = tmp_path / "s1" / "a"
    folder.mkdir(parents=True)
    (folder / "20261125T020000000Z-camera.webm.part").touch()
    (folder / "20261125T020001000Z-camera.webm.part").write_bytes(b"\x1a\x45rubbish")
    (folder / "20269925T020001000Z-camera.webm").touch()
    (folder / "notes.webm").touch()
    (folder / "20261125T015959000Z-camera.webm.part").write_bytes(bytes(8192))  # only its size had been set
    zeros, empty, rubbish = encrypted_file_store.find_orphans(tmp_path, set())
    for nothing in (zeros, empty):
        assert encrypted_file_store.seal_orphan(nothing, file_store(tmp_path)) is None
        assert not nothing.file.exists()
    sealed = encrypted_file_store.seal_orphan(rubbish, file_store(tmp_path))
    assert sealed is not None
    assert sealed.ended == sealed.started
    assert sealed.size == 9


async def test_the_recorder_lets_go_of_its_lock_when_it_stops(tmp_path: Path) -> None:
    events: list[MediaEvent] = []
    recorder = Recorder(tmp_path, 0, AnyKey())
    tap = recorder.open("s1", "a", events.append, lambda source: None)
    for packet in Sender().sound(0, 1):
        tap.packet("mic", packet.sequence, packet.timestamp, True, packet.payload, time.time())
    await recorder.stop()
    assert len(encrypted_file_store.find_orphans(tmp_path, set())) == 1
