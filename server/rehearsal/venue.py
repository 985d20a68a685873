"""A throw-away office: the real program in its own process, on loopback, with a data folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

START_SECONDS = 60
PASSWORD = "rehearsal-only-password"  # noqa: S105 - of an office that lives for a minute on loopback


class VenueFault(Exception):
    """There is no program to play on: it did not start, died (the text ends with its last words) or is not reached."""


@dataclass
class Venue:
    """A running `yuntiao serve --demo`. `password` signs in every demo officer."""

    url: str
    data: Path
    password: str
    log: Path
    options: tuple[str, ...] = ()
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start the program (again, on the same data and ports) and wait until it is ready."""
        port = self.url.rpartition(":")[2]
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server", "serve", "--demo", "--host", "127.0.0.1", "--port", port,
                "--data", str(self.data), *self.options,
                stdout=log, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "YUNTIAO_DEMO_PASSWORD": self.password},
            )  # fmt: skip
        await self._ready()

    async def kill(self) -> None:
        """kill -9 of the whole program, as a power cut would."""
        if self.process is not None and self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), 15)
        except TimeoutError:
            await self.kill()

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    async def _ready(self) -> None:
        assert self.process is not None
        try:
            async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as http:
                while True:
                    if self.process.returncode is not None:
                        raise VenueFault(f"the program ended with {self.process.returncode}: {self.last_words()}")
                    with contextlib.suppress(aiohttp.ClientError):
                        async with http.get(f"{self.url}/readyz") as response:
                            if response.status == 200:
                                return
                    await asyncio.sleep(0.1)  # polling another process is the only way to know
        except TimeoutError:
            await self.kill()
            raise VenueFault(f"not ready after {START_SECONDS} s: {self.last_words()}") from None


def free_port() -> int:
    """A TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def throw_away(folder: Path, *options: str) -> AsyncIterator[Venue]:
    """A demo office in `folder` while the context lasts."""
    venue = Venue(
        url=f"http://127.0.0.1:{free_port()}",
        data=folder / "data",
        password=PASSWORD,
        log=folder / "server.evidence",
        options=("--media-port", "0", *options),
    )
    await venue.start()
    try:
        yield venue
    finally:
        await venue.stop()
