"""The other end of the line: Debian's baresip as somebody's telephone; a tone is its voice, a file its ear."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import random
import re
import shutil
import socket
import tempfile
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.machine import BARESIP_MODULES

RATE = 8000
TRUNK = "127.0.0.2"
STRANGER = "127.0.0.3"


def free_port(address: str = TRUNK) -> int:
    """Of two that follow each other, the even one: baresip takes the next for TLS. Below those that the system gives to
    connections on their way out: such a one would be taken again by the time it is listened on."""
    while True:
        port = random.randrange(10_240, 19_998, 2)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                for one in (port, port + 1):
                    held.enter_context(socket.socket(socket.AF_INET, kind)).bind((address, one))
            return port


def tone(path: Path, hz: float, seconds: float = 60.0, rate: int = RATE, channels: int = 1) -> Path:
    samples = (9000 * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(samples, channels).tobytes())
    return path


@dataclass
class Telephone:
    """Its `events` are those of ctrl_tcp; whatever it says is said for the one call it has."""

    ears: Path  # what it heard is here
    address: str
    port: int
    process: asyncio.subprocess.Process
    writer: asyncio.StreamWriter
    reader: asyncio.StreamReader
    events: list[dict[str, Any]] = field(default_factory=list)
    rate: int = RATE
    channels: int = 1
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    listening: asyncio.Task[None] | None = None
    before: set[Path] = field(default_factory=set)  # what it heard in calls before

    @property
    def uri(self) -> str:
        return f"sip:13800000000@{self.address}:{self.port}"

    async def do(self, command: str, params: str = "") -> None:
        text = json.dumps({"command": command, "params": params, "token": command})
        self.writer.write(f"{len(text)}:{text},".encode())
        await self.writer.drain()

    async def keys(self, digits: str, held: float = 0.12) -> None:
        """RFC 4733, one after another."""
        for digit in digits:
            await self.do("sndcode", digit)
            await asyncio.sleep(held)  # the key is held; nothing tells when it is up
            await self.do("sndcode", "\x04")

    async def until(self, holds: Callable[[dict[str, Any]], bool], seconds: float = 20) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found.extend(event for event in self.events if holds(event))
            return bool(found)

        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(look)
        return found[0]

    async def until_told(self, kind: str, seconds: float = 20) -> dict[str, Any]:
        return await self.until(lambda event: event.get("type") == kind, seconds)

    def heard(self) -> Any:
        """Samples so far of the call that it is in, or was in last."""
        own = set(self.ears.glob("dump-*-dec.wav")) - self.before
        newest = max(own, key=lambda path: path.stat().st_mtime, default=None)
        content = newest.read_bytes()[44:] if newest is not None else b""
        return np.frombuffer(content[: len(content) // 4 * 4], "<i2")[:: self.channels]

    async def until_heard(self, hz: float, seconds: float = 40) -> None:
        """A tone of this pitch in a fifth of a second of the newest one, where a busy machine leaves gaps; the file is
        looked at again as it grows."""
        async with asyncio.timeout(seconds):
            while not self._hears(hz):  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.05)

    def _hears(self, hz: float) -> bool:
        newest, part = self.heard()[-self.rate :], self.rate // 5
        return any(
            abs(pitch(newest[at : at + part], self.rate) - hz) < 15 for at in range(0, self.rate - part, part // 2)
        )

    async def listen(self) -> None:
        while True:
            size = int((await self.reader.readuntil(b":"))[:-1])
            body = json.loads((await self.reader.readexactly(size + 1))[:-1])
            if body.get("type") in ("CALL_INCOMING", "CALL_OUTGOING"):
                self.before = set(self.ears.glob("dump-*-dec.wav"))
            async with self.changed:
                self.events.append(body)
                self.changed.notify_all()


def pitch(samples: Any, rate: int = RATE) -> float:
    """The loudest frequency of a window; 0 for silence."""
    if len(samples) < rate // 10 or np.abs(samples).max(initial=0) < 500:
        return 0.0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def decoded(sound: bytes) -> Any:
    """Samples of 16 bits of a file with sound in it."""
    with av.open(io.BytesIO(sound), "r") as file:
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)])
    return (samples * 32767).astype(np.int16) if samples.dtype.kind == "f" else samples


@contextlib.asynccontextmanager
async def telephone(
    folder: Path,
    hz: float = 770.0,
    answers: bool = True,
    address: str = TRUNK,
    codecs: str = "pcma",
    user: str = "13800000000",
    srtp: bool = False,
    voice: Path | None = None,
) -> AsyncIterator[Telephone]:
    """`voice`: a WAV file that is its voice instead, of 8 kHz and one channel."""
    folder.mkdir()  # noqa: ASYNC240
    ears = Path(tempfile.mkdtemp(prefix="ear", dir="/tmp"))  # it cuts longer paths off
    port, control = free_port(address), free_port(address)
    rate, channels = (48_000, 2) if codecs.startswith("opus") else (RATE, 1)  # it resamples nothing
    say = voice or tone(folder / "say.wav", hz, rate=rate, channels=channels)
    account = f"<sip:{user}@{address}:{port}>;regint=0;audio_codecs={codecs}"
    account += f";answermode={'auto' if answers else 'manual'}" + (";mediaenc=srtp-mand" if srtp else "")
    (folder / "accounts").write_text(account + "\n")
    (folder / "contacts").touch()
    (folder / "config").write_text(
        f"sip_listen {address}:{port}\nnet_interface {address}\nmodule_path {BARESIP_MODULES}\n"
        f"audio_source aufile,{say}\naudio_alert aufile,/dev/null\nsnd_path {ears}\n"
        "module g711.so\nmodule opus.so\nmodule aufile.so\nmodule sndfile.so\nmodule srtp.so\nmodule_tmp account.so\n"
        f"module_app ctrl_tcp.so\nmodule_app menu.so\nctrl_tcp_listen {address}:{control}\n"
    )
    process = await asyncio.create_subprocess_exec(
        "baresip",
        "-f",
        str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            while b"baresip is ready" not in (line := await process.stdout.readline()):
                assert line, "baresip ended"
        drained = asyncio.create_task(_drain(process.stdout))
        reader, writer = await asyncio.open_connection(address, control)
        one = Telephone(ears, address, port, process, writer, reader, rate=rate, channels=channels)
        one.listening = asyncio.create_task(one.listen())
        yield one
        one.listening.cancel()
        await asyncio.gather(one.listening, return_exceptions=True)
        drained.cancel()
        writer.close()
    finally:
        shutil.rmtree(ears, ignore_errors=True)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(1 << 16):
        pass


@contextlib.asynccontextmanager
async def exchange(extensions: Mapping[str, Telephone]) -> AsyncIterator[int]:
    """A stateless proxy (RFC 3261 16.11) at the trunk's address: which telephone has which number."""

    class Exchange(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: Any) -> None:
            first, _, rest = data.partition(b"\r\n")
            if first.startswith(b"SIP/2.0"):
                _, _, rest = rest.partition(b"\r\n")  # our Via
                found = re.search(rb"^Via: SIP/2.0/UDP ([0-9.]+):([0-9]+)", rest, re.MULTILINE)
                assert found is not None
                self.transport.sendto(first + b"\r\n" + rest, (found[1].decode(), int(found[2])))
                return
            called = re.match(rb"[A-Z]+ sip:([^@]+)@", first)
            one = extensions.get(called[1].decode()) if called is not None else None
            if one is not None:
                branch = re.search(rb"branch=(z9hG4bK[^;\s]+)", rest)
                via = b"Via: SIP/2.0/UDP %s:%d;branch=%sx\r\n" % (TRUNK.encode(), port, branch[1] if branch else b"")
                self.transport.sendto(first + b"\r\n" + via + rest, (one.address, one.port))

    port = free_port()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Exchange, (TRUNK, port))
    try:
        yield port
    finally:
        transport.close()
