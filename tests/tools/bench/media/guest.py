"""A person who costs next to nothing: real checks, a real DTLS handshake and real SRTP, but nothing encoded or decoded.

Holds two connections as a browser does and lets a benchmark open and close many rooms without a codec in the way.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import struct
import time
from collections.abc import Awaitable, Callable
from typing import cast

from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport

from media.sfu import sdp
from media.sfu.rtp import HEADER
from media.sfu.sdp import OPUS, VP8, LocalDescription, SentTrack
from media.sfu.stun import IceCredentials
from tests.tools.bench.media import ice

KNOCK_EVERY = 0.2  # seconds between checks until the first is answered
MAX_INBOX = 64
PICTURE_BYTES, SOUND_BYTES = 500, 80  # a picture is two packets
TICK = 0.02
SELDOM = 0.1
SPARSE = round(SELDOM * 48_000)
KEY_EVERY = 50  # pictures
NUMBER = struct.Struct("!I")  # what each frame of sound and each picture ends in
TOC = b"\xf8"  # of 20 ms of sound

Publish = Callable[[str, dict[str, str]], Awaitable[str]]
Answer = Callable[[str], Awaitable[object]]


class Wire(asyncio.DatagramProtocol):
    """One connection's socket. As the `transport` of an RTCDtlsTransport it carries DTLS alone."""

    role = "controlling"

    def __init__(self, ours: IceCredentials) -> None:
        self.received = self.rtp = 0  # media packets, and those of them that are RTP
        self.heard: dict[bytes, float] = {}  # of each stream (its SSRC) when its last packet came
        self.reached = asyncio.Event()  # a check of ours was answered
        self.answered = 0.0  # when one was last
        self._ours = ours
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue(MAX_INBOX)
        self._server = ("", 0)
        self._open = False
        self._transport: asyncio.DatagramTransport

    async def open(self, server: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        self._server = server
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=server)
        self._open = True

    def close(self) -> None:
        if self._open:
            self._transport.close()
        if not self._inbox.full():
            self._inbox.put_nowait(b"")

    async def move(self, theirs: IceCredentials) -> None:
        """To another address, as a phone that changes its network: who it is and its keys stay."""
        self._transport.close()
        self.reached.clear()
        await self.open(self._server)
        await self.knock(lambda: theirs)

    def check(self, theirs: IceCredentials) -> None:
        self._transport.sendto(ice.check(theirs, self._ours))

    async def knock(self, theirs: Callable[[], IceCredentials]) -> None:
        while not self.reached.is_set():
            self.check(theirs())
            try:
                await asyncio.wait_for(self.reached.wait(), KNOCK_EVERY)
            except TimeoutError:
                continue

    def datagram_received(self, data: bytes, addr: object) -> None:
        first = data[0] if data else 0
        if first > 127:
            self.received += 1
            if not 192 <= data[1] <= 223:  # RFC 7983
                self.rtp += 1
                self.heard[data[8:12]] = time.monotonic()
        elif first > 19:
            if not self._inbox.full():
                self._inbox.put_nowait(data)
        elif first == 1:
            self.reached.set()
            self.answered = time.monotonic()
        elif answer := ice.answer(data, self._ours):
            self._transport.sendto(answer)

    def error_received(self, exc: Exception) -> None:
        """The server has closed; whoever waits will find out."""

    def send(self, data: bytes) -> None:
        self._transport.sendto(data)

    async def _recv(self) -> bytes:
        data = await self._inbox.get()
        if not data:
            raise ConnectionError("closed")
        return data

    async def _send(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data)


class Connection:
    def __init__(self, certificate: RTCCertificate) -> None:
        self.ours = IceCredentials()
        self.wire = Wire(self.ours)
        self._certificate = certificate
        self._dtls: RTCDtlsTransport | None = None
        self._theirs: IceCredentials

    @property
    def local(self) -> LocalDescription:
        return LocalDescription([], 9, self.ours, self._certificate.getFingerprints())

    async def connect(self, remote: str) -> None:
        """To the server that wrote this description, by the credentials of the one followed last."""
        self.follow(remote)
        host, port = re.findall(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", remote, re.MULTILINE)[0]
        await self.wire.open((host, int(port)))
        await self.wire.knock(lambda: self._theirs)
        algorithm, _, value = _of(remote, "fingerprint").partition(" ")
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self.wire), [self._certificate])
        self._dtls._set_role("client")
        await self._dtls.start(RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm, value)]))
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS is {self._dtls.state}")

    def follow(self, remote: str) -> None:
        """The credentials of a description that came later, as after a restart."""
        self._theirs = IceCredentials(_of(remote, "ice-ufrag"), _of(remote, "ice-pwd"))

    async def move(self) -> None:
        await self.wire.move(self._theirs)

    @property
    def connected(self) -> bool:
        return self._dtls is not None and self._dtls.state == "connected"

    def ask(self) -> None:
        """Whether the other end is still there: `wire.answered` tells."""
        if self.connected:
            self.wire.check(self._theirs)

    def send(self, packet: bytes) -> None:
        if self._dtls is not None and self.connected:
            self.wire.send(self._dtls._tx_srtp.protect(packet))

    async def close(self) -> None:
        if self._dtls is not None:
            await self._dtls.stop()
        self.wire.close()


class Guest:
    """`publish(sdp, {mid: source})` gives the answer, `answer(sdp)` sends ours; offers come in through `offer`."""

    def __init__(self, certificate: RTCCertificate, publish: Publish, answer: Answer) -> None:
        self._publish, self._answer = publish, answer
        self._certificate = certificate
        self._up, self._down = Connection(certificate), Connection(certificate)
        self.server_ufrag = ""  # by which the server knows our first connection
        self.sent = 0  # frames of sound, and as many pictures
        self._connected = self._left = False
        self._began = 0.0
        self._taking = asyncio.Lock()
        self._talking: asyncio.Task[None] | None = None

    @property
    def received(self) -> int:
        return self._down.wire.received

    @property
    def rtp(self) -> int:
        """Packets that came, on either connection."""
        return self._up.wire.rtp + self._down.wire.rtp

    @property
    def heard(self) -> dict[bytes, float]:
        """Of each stream when its last packet came."""
        return self._down.wire.heard

    def silent_for(self) -> float:
        """Check both connections; seconds since the one that has been silent for longer was answered last. 0 for one
        that does not stand yet."""
        ends = [connection for connection in (self._up, self._down) if connection.connected]
        for end in ends:
            end.ask()
        return max((time.monotonic() - end.wire.answered for end in ends), default=0.0)

    @property
    def connected(self) -> bool:
        """Both connections are."""
        return self._up.connected and self._down.connected

    async def start(self, talk: bool = True, pictures: bool = True) -> None:
        """Publish a microphone and a camera; returns when the handshake is done. Without pictures there is a frame of
        sound in `SELDOM` only, as of somebody who says little (DTX)."""
        sound, picture = (struct.unpack("!I", os.urandom(4))[0] for _ in range(2))
        streams = [SentTrack("audio", "s", "mic", sound), SentTrack("video", "s", "camera", picture, picture ^ 1)]
        sources = {"0": "mic", "1": "camera"} if pictures else {"0": "mic"}
        offer = sdp.offer(streams[: len(sources)], self._up.local, 1).replace("a=ice-lite\r\n", "")
        answer = await self._publish(offer, sources)
        self.server_ufrag = _of(answer, "ice-ufrag")
        await self._up.connect(answer)
        if talk:
            self._talking = asyncio.create_task(self._talk(sound, picture if pictures else 0))

    async def offer(self, sdp: str) -> None:
        """Take everything the server offers. An offer that was on its way before the connection was asked for is
        answered too, and the next one followed, as browsers do."""
        async with self._taking:
            if self._left:
                return
            await self._answer(_answered(sdp, self._down.local))
            if self._connected:
                self._down.follow(sdp)
                return
            self._connected = True
        await self._down.connect(sdp)

    async def move(self) -> None:
        """Both connections to other addresses; returns when each was answered there."""
        await asyncio.gather(self._up.move(), self._down.move())

    async def leave(self) -> None:
        self._left = True
        if self._talking is not None:
            self._talking.cancel()
            await asyncio.gather(self._talking, return_exceptions=True)
        for connection in (self._up, self._down):
            await connection.close()

    @property
    def lasted(self) -> float:
        """Seconds since the first."""
        return time.monotonic() - self._began

    def hush(self) -> None:
        """Send no more."""
        if self._talking is not None:
            self._talking.cancel()

    async def _talk(self, sound: int, picture: int) -> None:
        noise = os.urandom(PICTURE_BYTES)
        self._began = time.monotonic()
        for n in itertools.count():
            last = NUMBER.pack(n)
            timestamp, number = n * (960 if picture else SPARSE) & 0xFFFFFFFF, n & 0x7FFF
            self._up.send(HEADER.pack(0x80, OPUS, n & 0xFFFF, timestamp, sound) + TOC + noise[:SOUND_BYTES] + last)
            self.sent = n + 1
            if not picture:
                await asyncio.sleep(max(0.0, self._began + (n + 1) * SELDOM - time.monotonic()))
                continue
            begin = KEY_FRAME if n % KEY_EVERY == 0 else b"\x01"
            for part, (first, marker, body) in enumerate(((0x90, 0, begin + noise), (0x80, 0x80, noise + last))):
                header = HEADER.pack(0x80, marker | VP8, 2 * n + part & 0xFFFF, n * 1800 & 0xFFFFFFFF, picture)
                self._up.send(header + struct.pack("!BBH", first, 0x80, 0x8000 | number) + body)
            await asyncio.sleep(TICK)

    def forge(self, packet: bytes) -> None:
        """Send something that is none of ours from our own address, as a stranger who can write it would."""
        self._up.wire.send(packet)


KEY_FRAME = b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00"  # how one of 320 by 240 begins (RFC 6386 9.1)


def _of(sdp: str, attribute: str) -> str:
    found = re.search(rf"^a={attribute}:(.*?)\r?$", sdp, re.MULTILINE)
    if found is None:
        raise ValueError(f"the description has no {attribute}")
    return found[1]


def _answered(offer: str, local: LocalDescription) -> str:
    """The same description from the other side."""
    (fingerprint,) = (f for f in local.fingerprints if f.algorithm == "sha-256")
    for attribute, value in (
        ("ice-ufrag", local.credentials.ufrag),
        ("ice-pwd", local.credentials.password),
        ("fingerprint", f"sha-256 {fingerprint.value}"),
        ("setup", "active"),
    ):
        offer = re.sub(rf"^a={attribute}:.*?(\r?)$", rf"a={attribute}:{value}\1", offer, flags=re.MULTILINE)
    return offer.replace("a=sendonly", "a=recvonly").replace("a=ice-lite\r\n", "")
