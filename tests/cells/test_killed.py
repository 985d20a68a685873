"""kill -9 between a receipt and its journaling: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests import ROOT
from tests.cells import CITY, OTHER, Cell, installations
from tests.cells.test_transfers import away, count, sent


async def tells(folder: Path, city: Cell, other: Cell, dies: bool) -> int:
    """The sender's installation in a process of its own, until it has told what waits; how it ended."""
    environment = os.environ | {"YUNTIAO_TEST_DIES": "1" if dies else ""}
    command = (sys.executable, "-m", "tests.cells.sender", str(folder), str(city.port), other.address)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    async with asyncio.timeout(90):
        return await process.wait()


async def test_a_sender_killed_between_the_receipt_and_its_journaling_notes_it_after_its_start(tmp_path: Path) -> None:
    async with installations(tmp_path, CITY, OTHER) as (city, other):
        await city.knows(other)
        await other.knows(city)
        filed = await sent(city, other)
        await city.close()
        assert await tells(tmp_path / CITY.id, city, other, dies=True) == -signal.SIGKILL
        assert await count(other) == 1  # taken in there, and the sender has no entry of it
        assert await tells(tmp_path / CITY.id, city, other, dies=False) == 0
        back = await city.back()
        going = await away(back, filed)
        assert going.acknowledged is not None
        assert (await back.entries(filed)).count("TransferAcknowledged") == 1
        assert await count(other) == 1
        await back.close()
