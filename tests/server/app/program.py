"""The real program in its own process, on loopback, with a data folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.suite.fork_server import PROGRAM

START_SECONDS = 60
ANEW = "server"
"""The module of a program that starts from nothing."""


@dataclass
class Program:
    process: asyncio.subprocess.Process
    facts: dict[str, Any]  # what it printed when it was ready
    log: asyncio.Task[bytes]  # what it wrote to standard error, once it has ended

    @property
    def url(self) -> str:
        url: str = self.facts["url"]
        return url

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 30)


async def yuntiao(
    *arguments: str, within: Sequence[str] = (), module: str = PROGRAM, **more: str
) -> asyncio.subprocess.Process:
    """`within`: a command that runs another. `module`: `ANEW`, or it is forked from one that has loaded the program and
    not stopped by stopping what is started. `more` are variables. A demo has no two years unless they say so."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YUNTIAO_")}
    environment |= {"YUNTIAO_DEMO_COMPLAINTS": "0"} | more
    return await asyncio.create_subprocess_exec(
        *within, sys.executable, "-m", ANEW if within else module, *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def serving(
    data: Path, *options: str, within: Sequence[str] = (), module: str = PROGRAM, **more: str
) -> AsyncIterator[Program]:
    """As `yuntiao`, once it is ready."""
    ports = ("--port", "0", "--media-port", "0", "--workers", "1")
    words = ("serve", "--json", *ports, "--data", str(data), *options)
    process = await yuntiao(*words, within=within, module=module, **more)
    assert process.stdout is not None
    assert process.stderr is not None
    drain = asyncio.create_task(process.stderr.read())
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        assert line, (await drain).decode()
        yield Program(process, json.loads(line), drain)
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), 30)
        await drain
