"""A mediation goes on while bombs are read beside it, by the same process, in the same loop."""

from __future__ import annotations

import asyncio
import itertools
from functools import partial
from pathlib import Path

import pytest

from complaints.channels import UnreadableFile
from complaints.channels.mapping import builtin
from server.confinement.reader import in_thread
from server.imports.batches import ConfinedTable
from server.rooms.exhibits.uploads import BadFile
from tests.rooms.house import X
from tests.rooms.scene import CO, M
from tests.server.rooms.exhibits.test_drawing import draw
from tests.signaling.conftest import Line, line
from tests.tools.bench.attack.bombs import ALL

__all__ = ["line"]

LATE = 3.0  # seconds on a machine that others share; nothing of what is read takes less than a tenth of them


def _made(name: str) -> bytes:
    return next(bomb.make() for bomb in ALL if bomb.name == name)


@pytest.mark.long
async def test_a_live_room_is_undisturbed_by_bombs_beside_it(line: Line, tmp_path: Path) -> None:
    corner, scans = _made("a row in the last line and a cell that says no place"), _made("forms within forms")
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(corner)
    mediator = await line.connect(M, session=X)
    await mediator.ask("arrive")
    await line.house.prepare(CO)
    consumer = await line.connect(CO)
    await consumer.ask("arrive")
    await mediator.sees("Arrived")
    await mediator.ask("admit", {"seat": CO})

    async def read() -> list[str]:
        why = []
        for _ in range(5):
            try:
                await in_thread(partial(ConfinedTable, path, builtin("hotline")))
            except UnreadableFile as no:
                why.append(no.code)
        return why

    async def drawn() -> None:
        for _ in range(3):
            try:
                await draw(scans, "pdf")
            except BadFile:
                continue

    reading, drawing = asyncio.create_task(read()), asyncio.create_task(drawn())
    latest = 0.0
    for n in itertools.count():
        if reading.done() and drawing.done() and n >= 5:
            break
        asked = asyncio.get_running_loop().time()
        assert await consumer.ask("set_hand", {"raised": n % 2 == 0}) == {"ok": {}}
        latest = max(latest, asyncio.get_running_loop().time() - asked)
        await asyncio.wait({reading, drawing}, timeout=0.1)  # below the limit of messages
    assert await reading == ["hard"] * 5
    await drawing
    assert latest < LATE
    assert mediator.socket.connected
    assert consumer.socket.connected
