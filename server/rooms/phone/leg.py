"""A telephone's leg into a room: a standard WebRTC client (docs/wire.md) whose microphone and ears are a call's sound;
and who may send to the phone's sockets.

What the person says goes up as Opus, at the times it came: where the telephone sent nothing, nothing is sent, so that
a recording has the gap. What the room says is mixed. Pictures are refused. Sound is 16 bits, one channel, 48 kHz.

The SIP stack takes INVITEs and RTP from whoever sends them. A trunk has known addresses, so the kernel drops at every
socket of ours that speaks to it what comes from others (SO_ATTACH_FILTER, IPv4; Linux only): a stranger's packet
reaches no parser at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fractions
import io
import os
import socket
import struct
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, AudioResampler

ATTACH_FILTER: Final = 26  # SO_ATTACH_FILTER, asm-generic/socket.h
SOURCE: Final = 0xFFF00000 + 12  # SKF_NET_OFF: from the start of the IP header, where the source's address is
LOAD, AND, EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06  # BPF: ld [k], and #k, jeq #k, ret #k
OWN: Final = Path("/proc/self/fd")


def program(allowed: Sequence[IPv4Network]) -> bytes:
    """Classic BPF that keeps packets from these networks and drops all others."""
    lines = []
    for network in allowed:
        lines += [
            (LOAD, 0, 0, SOURCE),
            (AND, 0, 0, int(network.netmask)),
            (EQUAL, 0, 1, int(network.network_address)),
            (RETURN, 0, 0, 0xFFFFFFFF),
        ]
    lines.append((RETURN, 0, 0, 0))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


class SocketGuard:
    """Of this process. `look` after sockets were opened; those it has seen are left alone."""

    def __init__(self, allowed: Iterable[IPv4Network], ports: range, also: Iterable[int]) -> None:
        self._program = program(list(allowed))
        self._ports, self._also = ports, frozenset(also)
        self._seen: set[str] = set()

    def look(self) -> int:
        """Put the filter on every socket of these ports; how many there were new. OSError where the kernel has none."""
        found = 0
        for entry in OWN.iterdir():
            with contextlib.suppress(FileNotFoundError):
                name = str(entry.readlink())
                if name.startswith("socket:") and name not in self._seen:
                    found += self._filter(int(entry.name), name)
        return found

    def _filter(self, descriptor: int, name: str) -> bool:
        with socket.socket(fileno=os.dup(descriptor)) as one:
            if one.family not in (socket.AF_INET, socket.AF_INET6):
                return False
            port = one.getsockname()[1]
            if port not in self._ports and port not in self._also:
                return False
            code = ctypes.create_string_buffer(self._program, len(self._program))
            lines = len(self._program) // 8
            one.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, struct.pack("HxxxxxxP", lines, ctypes.addressof(code)))
        self._seen.add(name)
        return True


RATE: Final = 48_000
FRAME: Final = RATE // 50  # samples of 20 ms
BEHIND: Final = 10  # frames of one speaker that wait; older ones go
LONGEST_ANSWER: Final = 60  # seconds
AUDIBLE: Final = 32768 * 10 ** (-45 / 20)  # root mean square of 20 ms
LATE: Final = 0.06  # seconds without sound after which what follows is told at its own time

Tell = Callable[[dict[str, Any]], None]


class Rates:
    """Sound from one rate and number of channels to another, as it streams."""

    def __init__(self, source: int, channels: int, target: int, wanted: int = 1) -> None:
        self._source, self._layout = source, "stereo" if channels == 2 else "mono"
        self._same = source == target and channels == wanted
        self._resampler = AudioResampler("s16", "stereo" if wanted == 2 else "mono", target)

    def __call__(self, sound: bytes) -> bytes:
        if self._same or not sound:
            return sound
        frame = AudioFrame.from_ndarray(np.frombuffer(sound, np.int16).reshape(1, -1), "s16", self._layout)
        frame.sample_rate = self._source
        return b"".join(one.to_ndarray().tobytes() for one in self._resampler.resample(frame))


class HeardAnswer:
    """What the telephone says while a question is asked: in memory alone, the last `LONGEST_ANSWER` seconds of it.
    Where it sent nothing there is silence."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.began, self._clock = time.time(), clock
        self._since = clock()
        self._sound = bytearray()
        self._gone = 0  # bytes of what was too long ago

    def add(self, sound: bytes) -> None:
        self._fill(len(sound))
        self._sound += sound
        surplus = max(0, len(self._sound) - LONGEST_ANSWER * RATE * 2)
        self._gone += surplus
        del self._sound[:surplus]

    def _fill(self, coming: int, least: float = LATE) -> None:
        due = int((self._clock() - self._since) * RATE) * 2
        missing = due - self._gone - len(self._sound) - coming
        if missing >= max(2, least * RATE * 2):
            self._sound += bytes(missing)

    def file(self) -> dict[str, Any]:
        """As `spoken` tells it: WebM with Opus in base64, when it began and ended (seconds since the epoch), and for
        how many milliseconds it was louder than −45 dBFS. Takes a while: call it from a thread."""
        self._fill(0, 0.0)
        samples = np.frombuffer(self._sound, np.int16)
        parts = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
        loud = int(np.count_nonzero(np.sqrt((parts**2).mean(axis=1)) > AUDIBLE))
        began = self.began + self._gone / 2 / RATE
        ended = began + len(samples) / RATE
        return {"sound": b64encode(webm(samples)).decode(), "began": began, "ended": ended, "audible_ms": loud * 20}


def webm(samples: Any) -> bytes:
    """Opus, as recordings have it."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = 24_000
        for at in range(0, len(samples), RATE):
            frame = AudioFrame.from_ndarray(samples[at : at + RATE].reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, fractions.Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


class Microphone(MediaStreamTrack):
    """What the telephone sends, in frames of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: deque[tuple[int, bytes]] = deque(maxlen=BEHIND)
        self._stirred = asyncio.Event()
        self._rest = b""
        self._at = 0  # samples since the start
        self._began = self._last = 0.0

    def put(self, sound: bytes) -> None:
        now = time.monotonic()
        self._began = self._began or now
        if now - self._last > LATE:
            self._at, self._rest = max(self._at, int((now - self._began) * 50) * FRAME), b""
        self._last = now
        self._rest += sound
        while len(self._rest) >= FRAME * 2:
            self._frames.append((self._at, self._rest[: FRAME * 2]))
            self._rest = self._rest[FRAME * 2 :]
            self._at += FRAME
        self._stirred.set()

    async def recv(self) -> AudioFrame:
        while not self._frames:
            if self.readyState != "live":
                raise MediaStreamError
            self._stirred.clear()
            await self._stirred.wait()
        at, sound = self._frames.popleft()
        frame = AudioFrame.from_ndarray(np.frombuffer(sound, np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, fractions.Fraction(1, RATE)
        return frame

    def stop(self) -> None:
        super().stop()
        self._stirred.set()


class RoomLeg:
    """`tell` carries `publish` and `answer` to the room; `published` and `offer` are what comes back.

    `address` is the one of this machine that media listens on: whatever the room announces to others, we are here.
    """

    def __init__(self, tell: Tell, address: str) -> None:
        self._tell, self._address = tell, address
        self._microphone = Microphone()
        self._sending: RTCPeerConnection | None = None
        self._receiving: RTCPeerConnection | None = None
        self._turn = asyncio.Lock()
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._heard: dict[str, deque[Any]] = {}

    def say(self, sound: bytes) -> None:
        """From the telephone to the room."""
        self._microphone.put(sound)

    def mixed(self) -> bytes:
        """The next 20 ms of everybody the room lets them hear; b"" where nobody sends."""
        frames = [waiting.popleft() for waiting in self._heard.values() if waiting]
        if not frames:
            return b""
        mixed = np.clip(np.sum(frames, axis=0, dtype=np.int32), -32768, 32767).astype(np.int16)
        return bytes(mixed.tobytes())

    async def publish(self) -> None:
        connection = self._sending = self._connection()
        transceiver = connection.addTransceiver(self._microphone, direction="sendonly")
        await self._set_local(connection, await connection.createOffer())
        sources = {str(transceiver.mid): "mic"}
        self._tell({"said": "publish", "sdp": connection.localDescription.sdp, "sources": sources})

    async def published(self, sdp: str) -> None:
        if self._sending is not None:
            await self._sending.setRemoteDescription(RTCSessionDescription(self._here(sdp), "answer"))

    async def offer(self, sdp: str) -> None:
        """The room's offer of what this seat may receive; one after another."""
        async with self._turn:
            connection = self._receiving = self._receiving or self._connection()
            await connection.setRemoteDescription(RTCSessionDescription(self._here(sdp), "offer"))
            for transceiver in connection.getTransceivers():
                if transceiver.kind == "video":
                    transceiver.direction = "inactive"
            await self._set_local(connection, await connection.createAnswer())
            for transceiver in connection.getTransceivers():
                mid = str(transceiver.mid)
                if transceiver.kind == "audio" and mid not in self._readers:
                    self._readers[mid] = asyncio.create_task(self._read(mid, transceiver.receiver.track))
            self._tell({"said": "answer", "sdp": connection.localDescription.sdp})

    async def close(self) -> None:
        self._microphone.stop()
        for reader in self._readers.values():
            reader.cancel()
        await asyncio.gather(*self._readers.values(), return_exceptions=True)
        for connection in (self._sending, self._receiving):
            if connection is not None:
                await connection.close()

    def _connection(self) -> RTCPeerConnection:
        return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))

    async def _set_local(self, connection: RTCPeerConnection, description: RTCSessionDescription) -> None:
        for transport in {one.receiver.transport for one in connection.getTransceivers()} - {None}:
            gather_from(transport.transport.iceGatherer._connection, self._address)
        await connection.setLocalDescription(description)

    def _here(self, sdp: str) -> str:
        """With every candidate of our own address: the worker listens here, whatever a NAT makes of it outside."""
        return "\r\n".join(self._candidate(line) for line in sdp.splitlines()) + "\r\n"

    def _candidate(self, line: str) -> str:
        if not line.startswith("a=candidate:"):
            return line
        fields = line.split(" ")
        fields[4] = self._address
        return " ".join(fields)

    async def _read(self, mid: str, track: MediaStreamTrack) -> None:
        waiting: deque[Any] = deque(maxlen=BEHIND)
        self._heard[mid] = waiting
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    channels = len(frame.layout.channels)
                    sound = frame.to_ndarray().reshape(-1, channels).astype(np.int32).mean(axis=1).astype(np.int16)
                    for start in range(0, len(sound) - FRAME + 1, FRAME):
                        waiting.append(sound[start : start + FRAME])


def gather_from(ice: Any, address: str) -> None:
    """Make an aioice connection gather its one candidate there: by itself it offers none on loopback."""
    if getattr(ice, "_gathers_from", ""):
        return
    ice._gathers_from = address
    gather = ice.get_component_candidates

    async def gathered(component: int, addresses: list[str], timeout: int = 5) -> Any:
        return await gather(component, [address], timeout)

    ice.get_component_candidates = gathered
