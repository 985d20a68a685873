"""Somebody whose client is a program of another maker, spoken to in lines of JSON on its standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from tests.media.stage import Stage


class ClientProgram:
    """What `Stage` needs of a person. The program says `{publish, sources}` first, and `{answer}` to each `{offer}`."""

    def __init__(self, stage: Stage, name: str, process: asyncio.subprocess.Process) -> None:
        self.said: list[dict[str, Any]] = []  # of its own accord
        self._stage, self._name, self._process = stage, name, process
        self._reader = asyncio.create_task(self._read())
        self._changed = asyncio.Condition()

    async def offer(self, sdp: str, tracks: Iterable[Mapping[str, Any]]) -> None:
        self._tell({"offer": sdp})

    async def until_said(self, *messages: dict[str, Any]) -> None:
        """Returns when all of these have been said."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: all(each in self.said for each in messages))

    async def hang_up(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), 10)
        await self._reader

    def _tell(self, message: Mapping[str, str]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            match json.loads(line):
                case {"publish": sdp, "sources": sources}:
                    self._tell({"answer": await self._stage.engine.publish(self._stage.room, self._name, sdp, sources)})
                case {"answer": sdp}:
                    await self._stage.engine.answer(self._stage.room, self._name, sdp)
                case message:
                    self.said.append(message)
            async with self._changed:
                self._changed.notify_all()


@contextlib.asynccontextmanager
async def joined(stage: Stage, name: str, *command: str) -> AsyncIterator[ClientProgram]:
    """The program in the room; at the end it has ended by itself."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20
    )
    await stage.engine.admit(stage.room, name)
    client = ClientProgram(stage, name, process)
    stage.people[name] = client  # type: ignore[assignment]  # it is asked for no more than this
    yield client
    await client.hang_up()
    del stage.people[name]
    assert process.returncode == 0
