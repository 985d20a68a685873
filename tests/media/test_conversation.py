"""Two and three people in real WebRTC over loopback, through a real worker process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.stage import InProcess, embedded, stage

pytestmark = pytest.mark.media


async def test_two_people_hear_and_see_each_other_through_a_worker_process(tmp_path: Path) -> None:
    async with stage(embedded(tmp_path)) as one:
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        await ann.until(lambda: ann.of("bob", "mic").hz > 0 and ann.of("bob", "camera").frames >= 10)
        await bob.until(lambda: bob.of("ann", "mic").hz > 0 and bob.of("ann", "camera").frames >= 10)
        print(ann.received, bob.received)


async def test_in_process(tmp_path: Path) -> None:
    async with stage(InProcess()) as one:
        ann, bob = await one.join("ann"), await one.join("bob")
        await one.everybody_hears_everybody()
        await ann.until(lambda: ann.of("bob", "mic").hz > 0 and ann.of("bob", "camera").frames >= 10)
        await bob.until(lambda: bob.of("ann", "mic").hz > 0 and bob.of("ann", "camera").frames >= 10)
