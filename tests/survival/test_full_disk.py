"""A full disk: recording stops and everybody is told; the session, its journal and its outcome go on."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.app.rehearsal.aftermath import eventually
from tests.survival.conftest import Figures
from tests.survival.sitting import sitting

pytestmark = [pytest.mark.long, pytest.mark.media]

WITHIN = 5.0  # seconds until everybody sees it
A_WHILE = 30_000  # bytes recorded
SLACK = 200 * 1024 * 1024  # what other programs may write meanwhile


@dataclass
class Disk:
    """What recordings are written to. `trouble` is what the room calls it once it is `full`."""

    folder: Path
    trouble: str
    ballast_bytes: int
    reserve_bytes: int = 0

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            if self.ballast_bytes:
                os.posix_fallocate(file.fileno(), 0, self.ballast_bytes)
                return
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(65536))

    def clear(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A file system of 16 MB when we may mount one, else the disk there is, down to just above its reserve."""
    folder.mkdir(parents=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0 and libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=16m") == 0:
        try:
            yield Disk(folder, "disk_full", 0)
        finally:
            assert libc.umount(str(folder).encode()) == 0
        return
    disk = Disk(folder, "disk_reserve", 2 * SLACK, shutil.disk_usage(folder).free - SLACK)
    try:
        yield disk
    finally:
        disk.clear()


async def test_recording_stops_visibly_and_the_outcome_is_closed_and_filmed_when_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figures: Figures
) -> None:
    with small_disk(tmp_path / "data" / "recordings") as disk:
        monkeypatch.setenv("YUNTIAO_DISK_RESERVE", str(disk.reserve_bytes))
        async with sitting(tmp_path) as here:
            mediator, consumer = here.person("mediator"), here.person("consumer")
            begun = {file: file.stat().st_size for file in here.loose_files()}
            assert len(begun) >= len(here.callers)

            async def everybody_for_a_while() -> bool:
                return all(file.stat().st_size > size + A_WHILE for file, size in begun.items())

            await eventually(everybody_for_a_while, "something to see and hear of everybody", 20)
            disk.fill()
            began = time.monotonic()
            for person in (mediator, consumer):
                view = await person.until(lambda view: bool(view["recording"]["failed"]), "the alarm")
                assert view["recording"]["failed"] == disk.trouble
            shown = time.monotonic() - began
            figures["full_disk_shown_s"] = shown
            assert shown <= WITHIN, f"shown only after {shown:.1f} s"
            await mediator.until(lambda view: not view["recording"]["on"], "the sign to go out", 2)

            await here.all_meet()  # the conversation goes on
            await consumer.ask("say", {"text": "还能继续吗？", "to": ""})
            await here.settle()
            await mediator.ask("close", {"anyway": ""})
            await here.complaint_followed()
            events = await here.journal()
            kinds = [event.type for event in events]
            assert kinds.count("RecordingFailed") == 1
            assert "SessionClosed" in kinds
            assert {event.data["seat"] for event in here.segments(events)} == {here.seat(role) for role in here.callers}
            disk.clear()
            film = await here.film()
            assert all(film.seen(role) and film.heard(role) for role in here.callers)
