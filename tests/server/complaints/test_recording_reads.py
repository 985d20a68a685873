"""How far a recording is, and which file is handed out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rooms import events as e
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.serving.jobs.store import JobQueue
from tests.server.db.history import MORNING, Teller, scheduled
from tests.server.db.readers import LIN, ZHOU

COMPOSED = e.RecordingComposed("m1/mediation.mp4", "00" * 32, 3, 600_000, MORNING)


async def test_the_page_can_follow_the_composition(reads: SqlReads, tell: Teller, database: Database) -> None:
    await tell.session("m1", scheduled())
    assert await shown(reads) == ("none", 0.0, None)
    queue = JobQueue(database)
    await queue.enqueue("compose", of="m1", session="m1")
    assert await shown(reads) == ("queued", 0.0, None)
    job = await queue.claim("w1", ["compose"])
    assert job is not None
    await queue.renew(replace(job, progress=0.4))
    assert await shown(reads) == ("composing", 0.4, None)
    assert await queue.end(job, "failed", "encoder", {})
    assert await shown(reads) == ("failed", 0.0, None)


async def shown(reads: SqlReads) -> tuple[str, float, Path | None]:
    recording = await reads.recording(ZHOU, "m1")
    return recording.state, recording.progress, recording.file


async def test_a_composed_recording_is_handed_out_as_a_file(reads: SqlReads, tell: Teller, tmp_path: Path) -> None:
    await tell.mediated("c1", "m1")
    file = _write(tmp_path, "mp4", "mediation.mp4")
    await tell.session("m1", e.CompositionFailed("ffmpeg"), COMPOSED)
    recording = await reads.recording(ZHOU, "m1")
    assert (recording.state, recording.file) == ("ready", file)
    assert (recording.duration_ms, recording.origin) == (600_000, MORNING)
    assert (await reads.audit(LIN, "m1", "recording")).recording == recording


async def test_a_composition_given_up_is_failed_until_it_is_tried_again(
    reads: SqlReads, tell: Teller, database: Database
) -> None:
    await tell.session("m1", scheduled(), e.CompositionFailed("ffmpeg"))
    assert (await reads.recording(ZHOU, "m1")).state == "failed"
    await JobQueue(database).enqueue("compose", of="m1", session="m1")
    assert (await reads.recording(ZHOU, "m1")).state == "queued"


@pytest.mark.parametrize("path", ["m1/gone.mp4", "../outside.mp4", "/etc/hostname"])
async def test_no_file_outside_the_recordings_and_no_lost_one_is_handed_out(
    reads: SqlReads, tell: Teller, tmp_path: Path, path: str
) -> None:
    (tmp_path / "outside.mp4").write_bytes(b"mp4")
    await tell.session("m1", scheduled(), replace(COMPOSED, path=path))
    recording = await reads.recording(ZHOU, "m1")
    assert (recording.state, recording.file) == ("failed", None)


async def test_a_film_that_lies_in_the_archive_is_ready(reads: SqlReads, tell: Teller) -> None:
    await tell.mediated("c1", "m1")
    await tell.session("m1", COMPOSED, e.Archived("m1/another.webm", "s3://first", "00" * 32))
    assert (await reads.recording(ZHOU, "m1")).state == "failed"
    await tell.session("m1", e.Archived(COMPOSED.path, "s3://first", "00" * 32))
    recording = await reads.recording(ZHOU, "m1")
    assert (recording.state, recording.duration_ms) == ("ready", 600_000)
    assert (await reads.audit(LIN, "m1", "recording")).recording == recording


def _write(data: Path, text: str, name: str) -> Path:
    folder = data / "recordings" / "m1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name
