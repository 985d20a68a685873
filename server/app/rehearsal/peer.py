"""A synthetic person's camera, microphone and ears: real WebRTC over aiortc, generated picture and sound.

Owns what was received, per participant: how many frames and how much sound, and whether they are the sender's (every
sender has a colour and a tone). Every two seconds a "clap", white picture and the octave of the tone at the same
instant, lets the sound and picture of a recording be compared.

aioice offers no loopback candidate by itself, and our ICE-lite server sends no checks that could reveal one; so the
connection's gathering is given the addresses to use: loopback for a server on loopback, else what aioice finds.
"""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame

Kind = Literal["mic", "camera", "screen"]
Publish = Callable[[str, dict[str, str]], Awaitable[str]]
Answer = Callable[[str], Awaitable[object]]

RATE = 48_000
FRAME_SAMPLES = RATE // 50
CLAP_EVERY, CLAP_FOR = 2.0, 0.2  # seconds
MOST_LATE = 1.0  # seconds
WINDOW = RATE // 5  # of the dominant frequency
LOUD = 300.0  # root mean square of 16-bit samples: anything quieter is taken for silence


@dataclass
class Pattern:
    """What a synthetic person looks and sounds like."""

    colour: tuple[int, int, int] = (60, 90, 200)  # red, green, blue
    tone: float = 440.0  # Hz
    width: int = 320
    height: int = 240
    rate: int = 15  # frames per second
    grain: int = 0  # how much each point of the picture differs from the colour: what makes it cost bits


@dataclass
class Received:
    """What arrived of one source of one participant. Times are of time.monotonic(); 0: nothing yet."""

    frames: int = 0
    first: float = 0.0
    last: float = 0.0
    width: int = 0
    height: int = 0
    colour: tuple[int, int, int] = (0, 0, 0)  # of the latest frame that is no clap
    seconds: float = 0.0  # of sound, loud or not
    loud: float = 0.0  # seconds of sound above silence
    hz: float = 0.0  # dominant frequency of the latest loud window
    samples: list[Any] = field(default_factory=list, repr=False)


class _Start:
    """When picture and sound began: one instant for both, so that they clap together."""

    def __init__(self) -> None:
        self.at = 0.0

    async def wait(self, seconds: float) -> None:
        if not self.at:
            self.at = time.monotonic()
        await asyncio.sleep(max(0.0, self.at + seconds - time.monotonic()))

    def missed(self, seconds: float) -> float:
        """How much later than `seconds` it is."""
        return time.monotonic() - self.at - seconds if self.at else 0.0


class Tone(MediaStreamTrack):
    """Speech-like: syllables of a tone with short pauses. `speaking` false is silence."""

    kind = "audio"

    def __init__(self, pattern: Pattern, start: _Start) -> None:
        super().__init__()
        self.speaking = True
        self._start = start
        self._position = 0
        t = np.arange(int(RATE * CLAP_EVERY)) / RATE
        clap = t < CLAP_FOR
        syllables = np.where((t % 0.5) < 0.38, 1.0, 0.02)
        wave = np.where(clap, np.sin(4 * np.pi * pattern.tone * t), syllables * np.sin(2 * np.pi * pattern.tone * t))
        self._wave = (wave * 9000).astype(np.int16)
        self._silence = np.zeros(FRAME_SAMPLES, np.int16)

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await self._start.wait(self._position / RATE)
        at = self._position % len(self._wave)
        samples = self._wave[at : at + FRAME_SAMPLES] if self.speaking else self._silence
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts, frame.time_base = self._position, fractions.Fraction(1, RATE)
        self._position += FRAME_SAMPLES
        return frame


class TestPicture(MediaStreamTrack):
    """A plain colour with a moving bar, white during a clap."""

    kind = "video"

    def __init__(self, pattern: Pattern, start: _Start) -> None:
        super().__init__()
        self._start = start
        self._number = 0
        self._pattern = pattern
        self._frames = [self._draw(n) for n in range(pattern.rate)]
        white = np.full((pattern.height, pattern.width, 3), 255, np.uint8)
        self._white = VideoFrame.from_ndarray(white, format="rgb24").reformat(format="yuv420p")

    def _draw(self, n: int) -> VideoFrame:
        p = self._pattern
        image = np.empty((p.height, p.width, 3), np.uint8)
        image[:] = p.colour
        if p.grain:
            noise = np.random.default_rng(n).integers(-p.grain, p.grain + 1, (p.height, p.width, 1))
            image[:] = np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        left = n * p.width // p.rate
        image[-p.height // 8 :, left : left + p.width // p.rate] = 255
        return VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        missed = self._start.missed(self._number / self._pattern.rate)
        if missed > MOST_LATE:  # nobody took pictures for a while: what was then is not sent now
            self._number += int(missed * self._pattern.rate)
        seconds = self._number / self._pattern.rate
        await self._start.wait(seconds)
        frame = self._white if seconds % CLAP_EVERY < CLAP_FOR else self._frames[self._number % len(self._frames)]
        frame.pts, frame.time_base = int(seconds * 90_000), fractions.Fraction(1, 90_000)
        self._number += 1
        return frame


class Peer:
    """`publish(sdp, {mid: source})` gives the answer, `answer(sdp)` sends ours; offers come in through `offer`.

    `addresses` are the local ones to send from; None leaves the choice to aioice.
    """

    def __init__(
        self,
        publish: Publish,
        answer: Answer,
        pattern: Pattern | None = None,
        addresses: Iterable[str] | None = ("127.0.0.1",),
    ) -> None:
        self.received: dict[tuple[str, str], Received] = {}
        self.pattern = pattern or Pattern()
        self.sending: RTCPeerConnection | None = None
        self.receiving: RTCPeerConnection | None = None
        self.offers = 0
        self.tracks: list[dict[str, Any]] = []  # of the latest offer
        self._publish = publish
        self._answer = answer
        self._addresses = None if addresses is None else list(addresses)
        self._start = _Start()
        self._tone = Tone(self.pattern, self._start)
        self._carries: dict[str, tuple[str, str]] = {}  # mid -> participant, source
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._negotiation = asyncio.Lock()
        self._changed = asyncio.Condition()

    async def start(self, sources: Iterable[Kind] = ("mic", "camera")) -> None:
        """Publish the given sources; returns when the answer is applied (the transport comes up on its own)."""
        sources = list(sources)
        if not sources:
            return
        connection = self.sending = self._connection()
        transceivers: list[tuple[RTCRtpTransceiver, str]] = []
        for source in sources:
            track = self._tone if source == "mic" else TestPicture(self.pattern, self._start)
            transceivers.append((connection.addTransceiver(track, direction="sendonly"), source))
        await self._set_local(connection, await connection.createOffer())
        mids = {str(transceiver.mid): source for transceiver, source in transceivers}
        answer = await self._publish(connection.localDescription.sdp, mids)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def speak(self, on: bool) -> None:
        """Sound or silence; the microphone stays open."""
        self._tone.speaking = on

    async def offer(self, sdp: str, tracks: Iterable[Mapping[str, Any]]) -> None:
        """Take the server's offer and answer it; offers are taken one after another."""
        async with self._negotiation:
            connection = self.receiving
            if connection is None:
                connection = self.receiving = self._connection()
            self.tracks = [dict(track) for track in tracks]
            self._carries = {
                str(t["mid"]): (str(t.get("seat", t.get("participant"))), str(t["source"])) for t in self.tracks
            }
            await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            await self._set_local(connection, await connection.createAnswer())
            for transceiver in connection.getTransceivers():
                mid = str(transceiver.mid)
                if mid not in self._readers:
                    self._readers[mid] = asyncio.create_task(self._read(mid, transceiver.receiver.track))
            await self._answer(connection.localDescription.sdp)
            self.offers += 1
        async with self._changed:
            self._changed.notify_all()

    def of(self, participant: str, source: Kind) -> Received:
        return self.received.setdefault((participant, source), Received())

    async def until(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Return when `holds` is true, looked at whenever something arrives; TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(holds)

    async def hang_up(self, silently: bool = False) -> None:
        """Close everything. `silently` cuts the sockets first, as a lost network does: no goodbye is sent."""
        connections = [c for c in (self.sending, self.receiving) if c is not None]
        if silently:
            for connection in connections:
                self.go_silent(connection)
        for connection in connections:
            await connection.close()
        for reader in self._readers.values():
            reader.cancel()
        await asyncio.gather(*self._readers.values(), return_exceptions=True)
        self._readers.clear()
        self.sending = self.receiving = None

    def go_silent(self, connection: RTCPeerConnection | None = None) -> None:
        """Drop everything that would be sent on a connection (both by default) from now on."""
        for each in [connection] if connection is not None else [self.sending, self.receiving]:
            for protocol in _protocols(each):
                protocol.transport = _Mute(protocol.transport)

    def speak_again(self) -> None:
        """The network is back after `go_silent`."""
        for each in (self.sending, self.receiving):
            for protocol in _protocols(each):
                if isinstance(protocol.transport, _Mute):
                    protocol.transport = protocol.transport.transport

    def _connection(self) -> RTCPeerConnection:
        # No STUN server: aiortc would ask a public one by default.
        return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))

    async def _set_local(self, connection: RTCPeerConnection, description: RTCSessionDescription) -> None:
        for transport in _transports(connection):
            ice = transport.transport.iceGatherer._connection
            if self._addresses is not None and not hasattr(ice, "_chosen_addresses"):
                _gather_from(ice, self._addresses)
        await connection.setLocalDescription(description)

    async def _read(self, mid: str, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                key = self._carries.get(mid)
                if key is None:
                    continue
                received = self.received.setdefault(key, Received())
                received.last = time.monotonic()
                if isinstance(frame, VideoFrame):
                    see(received, frame)
                elif isinstance(frame, AudioFrame):
                    hear(received, frame)
                async with self._changed:
                    self._changed.notify_all()


def see(received: Received, frame: VideoFrame) -> None:
    received.frames += 1
    received.first = received.first or received.last
    received.width, received.height = frame.width, frame.height
    if received.frames % 5 == 1:
        image = frame.reformat(width=32, height=32, format="rgb24").to_ndarray()
        red, green, blue = (int(v) for v in image[8:24, 8:24].reshape(-1, 3).mean(axis=0))
        if min(red, green, blue) < 235:
            received.colour = (red, green, blue)


def hear(received: Received, frame: AudioFrame) -> None:
    """Count a frame of sound and find its tone. aiortc decodes Opus to interleaved stereo."""
    samples = frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)].astype(np.float64)
    received.frames += 1
    received.seconds += frame.samples / frame.sample_rate
    if np.sqrt(np.mean(samples**2)) < LOUD:
        received.samples.clear()
        return
    received.first = received.first or received.last
    received.loud += frame.samples / frame.sample_rate
    received.samples.append(samples)
    if sum(map(len, received.samples)) >= WINDOW:
        window = np.concatenate(received.samples)
        received.samples.clear()
        spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window))))
        received.hz = float(np.argmax(spectrum) * frame.sample_rate / len(window))


class _Mute:
    """A datagram transport that sends nothing; everything else is the real one's."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport

    def sendto(self, data: bytes, addr: object = None) -> None:
        return

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)


def _transports(connection: RTCPeerConnection) -> list[Any]:
    found = {t.receiver.transport for t in connection.getTransceivers()}
    return [transport for transport in found if transport is not None]


def _protocols(connection: RTCPeerConnection | None) -> list[Any]:
    if connection is None:
        return []
    return [p for t in _transports(connection) for p in t.transport.iceGatherer._connection._protocols]


def _gather_from(ice: Any, addresses: list[str]) -> None:
    """Make an aioice connection gather host candidates from exactly these addresses."""
    gather = ice.get_component_candidates

    async def gather_from(component: int, addresses: list[str], timeout: int = 5) -> Any:
        return await gather(component, list(ice._chosen_addresses), timeout)

    ice._chosen_addresses = addresses
    ice.get_component_candidates = gather_from
