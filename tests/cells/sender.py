"""An installation in a process of its own that tells what waits and stops, or dies by kill -9 with a receipt in hand.

`python -m tests.cells.sender FOLDER PORT ORIGIN…`. With `YUNTIAO_TEST_DIES` it kills itself just before the
receipt is appended to the journal.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from complaints.commands import Command
from complaints.record.changes import NoteTransfer
from complaints.service import ComplaintService
from journal import Actor, Event
from tests.cells import CITY, listening, started


class Dying(ComplaintService):
    async def submit(self, complaint: str, command: Command, actor: Actor) -> Sequence[Event]:
        if isinstance(command, NoteTransfer):
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().submit(complaint, command, actor)


async def main(folder: Path, port: int, origins: tuple[str, ...]) -> None:
    cell = await started(folder, CITY, listening(port), origins)
    if os.environ.get("YUNTIAO_TEST_DIES"):
        cell.parts.complaints.__class__ = Dying
    while await cell.cells._at.deliveries.deliver_due():
        pass
    await cell.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:])))
