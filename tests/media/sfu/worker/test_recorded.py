"""The product's own worker: what is said and shown ends up in a file that plays."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from pathlib import Path

import av
import pytest
from cryptography.hazmat.primitives import hashes

from media.engine import Recording, RoomLost, Segment
from media.sfu.engine import EmbeddedEngine
from recordings.files.encrypted_file_store import EncryptedFileStore
from recordings.files.keys import case_keys
from tests.media.stage import stage

pytestmark = pytest.mark.media

COMMAND = [sys.executable, "-m", "server.rooms.worker"]


async def test_a_recorded_conversation_plays(tmp_path: Path) -> None:
    engine = EmbeddedEngine(1, ["127.0.0.1"], 0, ["127.0.0.1"], COMMAND, tmp_path / "recordings", 0)
    async with stage(engine) as one:
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody(recorded=["ann"])
        await one.until(lambda e: e == Recording("r", "ann", True))
        frames = bob.of("ann", "camera").frames
        await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 30)
        await one.everybody_hears_everybody()
        await one.until(lambda e: e == Recording("r", "ann", False, "consent"))
        segment = await one.until(lambda e: isinstance(e, Segment))
        assert isinstance(segment, Segment)
        assert ann.of("bob", "mic").frames > 0
    files = EncryptedFileStore(tmp_path / "recordings", case_keys(tmp_path))
    assert files.stored(segment.path).stat().st_size == segment.stored_size
    with files.open("r", segment.path) as file:
        assert (hashlib.sha256(file.read()).hexdigest(), file.tell()) == (segment.sha256, segment.size)
    with av.open(files.open("r", segment.path), "r") as container:
        pictures = sum(1 for _ in container.decode(video=0))
        container.seek(0)
        sound = sum(frame.samples for frame in container.decode(audio=0)) / 48_000
    assert pictures >= 25
    assert sound > 1.5


async def test_terminating_a_worker_finishes_its_files(tmp_path: Path) -> None:
    engine = EmbeddedEngine(1, ["127.0.0.1"], 0, ["127.0.0.1"], [*COMMAND, "--sm3"], tmp_path / "recordings", 0)
    async with stage(engine) as one:
        await one.join("ann")
        bob = await one.join("bob")
        await one.everybody_hears_everybody(recorded=["ann"])
        await one.until(lambda e: e == Recording("r", "ann", True))
        frames = bob.of("ann", "camera").frames
        await bob.until(lambda: bob.of("ann", "camera").frames >= frames + 15)
        os.kill(engine.pids[0], signal.SIGTERM)
        segment = await one.until(lambda e: isinstance(e, Segment))
        await one.until(lambda e: e == RoomLost("r"))
        assert isinstance(segment, Segment)
        with EncryptedFileStore(tmp_path / "recordings", case_keys(tmp_path)).open("r", segment.path) as file:
            data = file.read()
        assert hashlib.sha256(data).hexdigest() == segment.sha256
        sm3 = hashes.Hash(hashes.SM3())
        sm3.update(data)
        assert sm3.finalize().hex() == segment.sm3
