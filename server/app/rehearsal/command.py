"""`yuntiao rehearse`: plays the story on a given server or in a throw-away office, and reports.

A throw-away office is the real program in its own process, on loopback, with a data folder of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp

from server.app.rehearsal import RehearsalReport
from server.app.rehearsal.story import Story

START_SECONDS = 60
PASSWORD = "rehearsal-only-password"  # noqa: S105 - of an office that lives for a minute on loopback


class VenueFault(Exception):
    """There is no program to play on: it did not start, died (the text ends with its last words) or is not reached."""


class Process(Protocol):
    """What a venue needs of `asyncio.subprocess.Process`."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    async def wait(self) -> int: ...
    def terminate(self) -> None: ...


async def launched(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Process:
    """`yuntiao` with these arguments, in a process group of its own; what it says is appended to `log`."""
    with log.open("ab") as file:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", *arguments,
            stdout=file, stderr=asyncio.subprocess.STDOUT, start_new_session=True, env=environment,
        )  # fmt: skip


Launch = Callable[[Sequence[str], dict[str, str], Path], Awaitable[Process]]


@dataclass
class Venue:
    """A running `yuntiao serve --demo --small`. `password` signs in every demo officer."""

    url: str
    data: Path
    password: str
    log: Path
    options: tuple[str, ...] = ()
    launch: Launch = field(default=launched, repr=False)
    process: Process | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start the program (again, on the same data and ports) and wait until it is ready."""
        port = self.url.rpartition(":")[2]
        arguments = ["serve", "--demo", "--small", "--host", "127.0.0.1", "--port", port]
        arguments += ["--data", str(self.data), *self.options]
        self.process = await self.launch(arguments, {**os.environ, "YUNTIAO_DEMO_PASSWORD": self.password}, self.log)
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
async def throw_away(folder: Path, *options: str, launch: Launch = launched) -> AsyncIterator[Venue]:
    """A demo office in `folder` while the context lasts."""
    venue = Venue(
        url=f"http://127.0.0.1:{free_port()}",
        data=folder / "data",
        password=PASSWORD,
        log=folder / "server.evidence",
        options=("--media-port", "0", *options),
        launch=launch,
    )
    await venue.start()
    try:
        yield venue
    finally:
        await venue.stop()


ANSWER_SECONDS = 10


async def rehearse(server: str = "", password: str = "", cafile: Path | None = None) -> dict[str, Any]:
    """The report as plain values; `ok` says whether everything held.

    `server` is the address of a running demo office with `password`; empty: one is started and thrown away. `cafile`
    holds the authority that signed its certificate, or a self-signed one itself.
    """
    report = RehearsalReport()
    try:
        if server:
            server = server.rstrip("/")
            with report.step("the server answers"):
                tls = _trusting(server, cafile)
                await _answers(server, tls)
            here = urlsplit(server).hostname in ("127.0.0.1", "localhost", "::1")
            await Story(server, password, report, ("127.0.0.1",) if here else None, tls).play()
        else:
            with tempfile.TemporaryDirectory(prefix="yuntiao-rehearsal-") as folder:
                await _in_throw_away(Path(folder), report)
    except VenueFault:
        pass  # its step says so
    except Exception:
        if report.ok:
            raise
    return report.json()


def _trusting(server: str, cafile: Path | None) -> ssl.SSLContext | None:
    scheme = urlsplit(server).scheme
    if scheme not in ("http", "https"):
        raise VenueFault(f"{server} is no address: it begins with http:// or https://")
    if cafile is None:
        return None
    if scheme == "http":
        raise VenueFault("a certificate authority is of use only for an https:// server")
    try:
        return ssl.create_default_context(cafile=cafile)
    except (OSError, ssl.SSLError) as fault:
        raise VenueFault(f"{cafile} holds no certificate that can be used: {fault}") from None


async def _answers(server: str, tls: ssl.SSLContext | None) -> None:
    """Before a password is sent anywhere."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    connector = aiohttp.TCPConnector(ssl=tls or True)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as http,
            http.get(f"{server}/readyz") as answer,
        ):
            if answer.status != 200:
                raise VenueFault(f"{server} is not ready: it answers {answer.status}")
    except aiohttp.ClientConnectorCertificateError as fault:
        raise VenueFault(
            f"the certificate of {server} is not trusted ({fault.certificate_error}); "
            "name its authority with --cafile; a self-signed server's is tls/certificate.pem in its data folder"
        ) from None
    except (aiohttp.ClientError, TimeoutError) as fault:
        raise VenueFault(f"{server} is not reached: {fault or type(fault).__name__}") from None


async def _in_throw_away(folder: Path, report: RehearsalReport) -> None:
    office = throw_away(folder)
    with report.step("a throw-away office starts"):
        venue = await office.__aenter__()
    try:
        await Story(venue.url, venue.password, report, ("127.0.0.1",)).play()
    finally:
        await office.__aexit__(None, None, None)
