"""A room whose clients are this test: every datagram that leaves is decrypted and looked into.

Each packet carries a number of its own. What the matrix in force let flow is written down when the packet goes in;
whatever comes out, first hand or repeated, must have been allowed to its receiver then, and still be.
"""

from __future__ import annotations

import contextlib
import os
import re
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from socket import AF_INET, SOCK_DGRAM, socket as Socket

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RTCP_RTPFB_NACK, RtcpPacket, RtcpRtpfbPacket, RtcpSenderInfo, RtcpSrPacket

from media import Tap, TapFactory
from media.engine import MediaEvent, RouteMatrix, Source
from media.sfu.bandwidth import NO_CAPS, Caps
from media.sfu.native import NativeForwarder
from media.sfu.publisher import Publisher
from media.sfu.room import ForwardingRoom
from media.sfu.rtp import PADDING_BIT
from media.sfu.sdp import LEVEL_URI, RED, RID_URI, MediaSection, RemoteDescription
from media.sfu.udp_mux import UdpMux
from tests.tools.bench.media import ice

OPUS, RED_TYPE, VP8, RTX = 111, 63, 96, 97  # as these clients number them
RID_ID, LEVEL_ID = 10, 1
MARK = re.compile(rb"#(\d{7})#")
SOURCES: tuple[Source, ...] = ("mic", "camera", "screen")
LAYERS: dict[Source, tuple[str, ...]] = {"mic": ("",), "camera": ("h", "l"), "screen": ("",)}
Flow = tuple[str, Source, str]  # whose, which source, which layer


def session(key: bytes, inbound: bool) -> pylibsrtp.Session:
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(key=key, ssrc_type=kind)
    policy.allow_repeat_tx = True
    policy.window_size = 4096
    return pylibsrtp.Session(policy)


@dataclass
class Sent:
    """What went in: whose, and who was allowed to have it then ("" is the recorder)."""

    flow: Flow
    allowed: frozenset[str]


@dataclass
class Client:
    """One person's page: what it sends with and what it got."""

    name: str
    socket: Socket
    receiving: Socket
    publisher: Publisher
    sender: pylibsrtp.Session
    receiver: pylibsrtp.Session | None = None
    feedback: pylibsrtp.Session | None = None
    got: list[int] = field(default_factory=list)  # packets, by their number
    reports: int = 0  # sender reports
    redundant: bool = False  # takes sound that repeats itself
    last: dict[int, list[int]] = field(default_factory=dict)  # SSRC -> sequence numbers that came

    def close(self) -> None:
        self.socket.close()
        self.receiving.close()


class Recorder(TapFactory):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def open(
        self,
        room: str,
        participant: str,
        emit: Callable[[MediaEvent], None],
        request_key_frame: Callable[[Source], None],
    ) -> Tap:
        return RecordingTap(self._wire, participant)

    def flushed(self) -> None:
        """There is nothing to write down."""

    async def drain(self, room: str) -> None:
        return


class RecordingTap(Tap):
    def __init__(self, wire: Wire, participant: str) -> None:
        self._wire, self._participant, self._closed = wire, participant, False

    def packet(
        self, source: Source, sequence: int, timestamp: int, marker: bool, payload: bytes, at: float, count: int = 1
    ) -> None:
        # What a recorder raises ends its recording only, so it is kept for `look`.
        self._wire.misplaced += ["after the tap was closed"] if self._closed else []
        for number in map(int, MARK.findall(payload)):
            self._wire.misplaced += self._wire.wrong(number, "", "recorded")
            self._wire.recorded.append(number)

    def restart(self, source: Source) -> None:
        return

    def report(self, source: Source, ntp: int, timestamp: int) -> None:
        if self._participant not in self._wire.matrix.recorded:
            self._wire.misplaced.append(f"a report on {self._participant} to the recorder")

    def close(self, cause: str) -> None:
        self._closed = True


class Wire:
    """`await Wire.open()`; afterwards nothing waits: what is sent has arrived when the call returns."""

    def __init__(self, mux: UdpMux, caps: Caps = NO_CAPS) -> None:
        self.mux = mux
        self.now = time.monotonic()
        mux.clock = lambda: self.now
        mux.call_later = lambda seconds, call: call()
        self.events: list[MediaEvent] = []
        self.matrix = RouteMatrix({}, {}, frozenset())
        self.clients: dict[str, Client] = {}
        self.sent: list[Sent] = []
        self.recorded: list[int] = []
        self.misplaced: list[str] = []
        self._certificate = RTCCertificate.generateCertificate()
        self.room = ForwardingRoom(
            "r", mux, self._certificate, ["127.0.0.1"], Recorder(self), self.events.append, lambda: self.now, caps
        )  # fmt: skip
        self._numbers: dict[Flow, int] = {}  # next sequence number
        self._held: dict[Flow, bytes] = {}

    @classmethod
    async def open(cls, caps: Caps = NO_CAPS, native: NativeForwarder | None = None) -> Wire:
        return cls(await UdpMux.bind("127.0.0.1", 0, 1 << 40, native), caps)

    async def close(self) -> None:
        await self.room.close("closed")
        for client in self.clients.values():
            client.close()
        self.mux.close()

    # ------------------------------------------------------------ people

    def join(self, name: str, redundant: bool = False) -> None:
        self.room.admit(name)
        own, receiving = (Socket(AF_INET, SOCK_DGRAM) for _ in range(2))
        for each in (own, receiving):
            each.bind(("127.0.0.1", 0))
            each.setblocking(False)
        publisher = Publisher(self.mux, self._certificate, self.room._connect, lambda: self.now)
        up, back = os.urandom(30), os.urandom(30)
        ice.settle(publisher.peer, self.mux.sockets[0], own)
        publisher._set_keys(session(up, inbound=True), session(back, inbound=False))
        publisher.apply_offer({str(n): (source, line(n, name, source)) for n, source in enumerate(SOURCES)})
        self.room.participants[name].publisher = publisher
        self.clients[name] = Client(name, own, receiving, publisher, session(up, inbound=False))
        for source in SOURCES:
            for layer in LAYERS[source]:
                self._numbers.setdefault((name, source, layer), 1000)
        self.room._update()
        self.clients[name].redundant = redundant
        self.negotiate()

    def leave(self, name: str) -> None:
        self.room.remove(name)
        self.clients.pop(name).close()
        for flow in [flow for flow in self._held if flow[0] == name]:
            del self._held[flow]
        for flow in [flow for flow in self._numbers if flow[0] == name]:
            del self._numbers[flow]

    def negotiate(self) -> None:
        """Every client answers what it was offered, and takes it all."""
        for client in self.clients.values():
            subscriber = self.room.participants[client.name].subscriber
            if subscriber is None:
                continue
            if client.receiver is None:
                down, asking = os.urandom(30), os.urandom(30)
                ice.settle(subscriber.peer, self.mux.sockets[0], client.receiving)
                subscriber._set_keys(session(asking, inbound=True), session(down, inbound=False))
                client.receiver, client.feedback = session(down, inbound=True), session(asking, inbound=False)
            lines = tuple(
                MediaSection(slot.track.kind, 9, "", "", str(n), "recvonly", red_type=RED if client.redundant else 0)
                for n, slot in enumerate(subscriber.transceivers)
            )
            subscriber.apply_answer(RemoteDescription("u", "active", (), lines))
        self.room._connect()

    def route(self, matrix: RouteMatrix) -> None:
        self.tick()
        self.matrix = matrix
        self.room.route(matrix)
        self.negotiate()
        self.look()

    def tick(self, seconds: float = 0.001) -> None:
        self.now += seconds
        self.room.tick(self.now)
        self.look()

    # ------------------------------------------------------------ what goes in

    def allowed(self, name: str, source: Source) -> frozenset[str]:
        """Who may have what `name` sends now; "" is the recorder."""
        mapping = self.matrix.hears if source == "mic" else self.matrix.sees
        people = {to for to, whom in mapping.items() if name in whom and to != name}
        heard = source != "mic" or any(name in whom for to, whom in self.matrix.hears.items() if to != name)
        return frozenset(people | ({""} if name in self.matrix.recorded and heard else set()))

    def send(
        self, name: str, source: Source, layer: str = "", key: bool = False, repeat: bool = False, size: int = 0
    ) -> int:
        """One packet; returns its number. `repeat`: sound that repeats the two before it (RFC 2198)."""
        number, packet = self._made((name, source, layer), key, repeat, size)
        self.deliver(name, packet)
        return number

    def hold(self, name: str, source: Source, layer: str = "") -> int:
        """A packet that is late: the next one overtakes it."""
        flow = name, source, layer
        number, self._held[flow] = self._made(flow, False, False)
        self.send(name, source, layer)
        return number

    def release(self) -> None:
        held, self._held = self._held, {}
        for flow, packet in held.items():
            self.deliver(flow[0], packet)

    def deliver(self, name: str, packet: bytes) -> None:
        self.now += 0.001
        self.mux.sockets[0].datagram_received(packet, self.clients[name].socket.getsockname())
        self.look()

    def report(self, name: str) -> None:
        """Sender reports for everything they have sent so far."""
        for stream in list(self.clients[name].publisher.tracks.values()):
            info = RtcpSenderInfo(int(self.now * (1 << 32)) & (1 << 64) - 1, stream.timestamp, 1, 1)
            data = self.clients[name].sender.protect_rtcp(bytes(RtcpSrPacket(stream.ssrc, info)))
            self.deliver(name, data)
        self.look()

    def ask_again(self, name: str, back: int = 40) -> None:
        """NACK everything of late, whether it came or not."""
        client, subscriber = self.clients[name], self.room.participants[name].subscriber
        if subscriber is None or client.feedback is None:
            return
        for slot in subscriber.transceivers:
            if slot.downtrack is not None:
                newest = max(client.last.get(slot.downtrack.ssrc, [0]))
                for first in range(newest - back, newest + back, 17):
                    lost = [n & 0xFFFF for n in range(first, first + 17)]
                    if lost == sorted(lost):
                        nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, slot.downtrack.ssrc, lost)
                        subscriber._on_media(client.feedback.protect_rtcp(bytes(nack)))
        self.look()

    def _made(self, flow: Flow, key: bool, repeat: bool, size: int = 0) -> tuple[int, bytes]:
        name, source, layer = flow
        number = len(self.sent)
        self.sent.append(Sent(flow, self.allowed(name, source)))
        seq = self._numbers[flow]
        self._numbers[flow] += 1
        payload = body(number, source, key, seq).ljust(size, b"\0")
        kind, timestamp = (OPUS, int(self.now * 48_000)) if source == "mic" else (VP8, seq * 3000)
        block = b""
        if repeat:
            kind, payload = RED_TYPE, self._with_repeats(flow, payload)
        if layer:
            block = b"\xbe\xde\x00\x01" + bytes([RID_ID << 4]) + layer.encode() + b"\0\0"
        elif source == "mic":
            block = b"\xbe\xde\x00\x01" + bytes([LEVEL_ID << 4, 20]) + b"\0\0"
        header = struct.pack("!BBHII", 0x90 if block else 0x80, kind, seq & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc(flow))
        return number, self.clients[name].sender.protect(header + block + payload)

    def _with_repeats(self, flow: Flow, payload: bytes) -> bytes:
        before = [n for n, sent in enumerate(self.sent[:-1]) if sent.flow == flow][-2:]
        heads, blocks = b"", b""
        for age, number in zip(range(len(before), 0, -1), before, strict=True):
            again = body(number, "mic", False, 0)
            heads += struct.pack("!BI", 0x80 | OPUS, age * 960 << 10 | len(again))[:1]
            heads += (age * 960 << 10 | len(again)).to_bytes(3)
            blocks += again
        return heads + bytes([OPUS]) + blocks + payload

    # ------------------------------------------------------------ what comes out

    def look(self) -> None:
        """Take everything that has left, and hold it against the matrix."""
        self.room._egress.flush(unfinished=True)
        for client in self.clients.values():
            for sock in (client.socket, client.receiving):
                with contextlib.suppress(BlockingIOError):
                    while True:
                        self._take(client, sock, sock.recv(2048))
        assert not self.misplaced, self.misplaced[0]
        assert not self.mux.drops["handler"], "a handler failed"

    def _take(self, client: Client, sock: Socket, data: bytes) -> None:
        if answer := ice.answer(data):
            self.mux.sockets[0].datagram_received(answer, sock.getsockname())
            return
        subscriber = self.room.participants[client.name].subscriber
        if subscriber is None or client.receiver is None:
            return
        if 192 <= data[1] <= 223:
            try:
                packets = RtcpPacket.parse(client.receiver.unprotect_rtcp(data))
            except pylibsrtp.Error:
                return  # feedback to the publisher, under another key
            keys = {slot.track.ssrc: slot.key for slot in subscriber.transceivers}
            for packet in packets:
                assert isinstance(packet, RtcpSrPacket)
                whose, source = keys[packet.ssrc]
                assert client.name in self.allowed(whose, source), f"a report on {whose}'s {source} to {client.name}"
                client.reports += 1
            return
        _, _, seq, _, of = struct.unpack_from("!BBHII", data)
        if seq in client.last.get(of, ()):
            return  # sound sent again byte for byte, which libsrtp takes for a replay
        plain = client.receiver.unprotect(data)
        client.last.setdefault(of, []).append(seq)
        if plain[0] & PADDING_BIT and len(plain) - plain[-1] == 20:  # nothing but a header: the line is being measured
            return
        marks = [int(number) for number in MARK.findall(plain)]
        assert marks, "something else left"
        for number in marks:
            self.misplaced += self.wrong(number, client.name, "sent")
            client.got.append(number)

    def wrong(self, number: int, to: str, how: str) -> list[str]:
        """What is wrong with this packet having come to them: nothing, if it was theirs."""
        sent = self.sent[number]
        whose, source, _ = sent.flow
        text = f"{whose}'s {source} (packet {number}) was {how} to {to or 'the recorder'}"
        if to not in sent.allowed:
            return [f"{text}, of a time when it was not theirs"]
        return [] if to in self.allowed(whose, source) else [f"{text}, which it may not be now"]


def body(number: int, source: Source, key: bool, seq: int) -> bytes:
    mark = b"#%07d#" % number
    if source == "mic":
        return b"\x78" + mark
    return bytes([0x90, 0x80]) + struct.pack("!H", 0x8000 | seq & 0x7FFF) + (b"\x00" if key else b"\x01") + mark


def ssrc(flow: Flow) -> int:
    name, source, layer = flow
    return 1 + sum(name.encode()) * 100 + SOURCES.index(source) * 10 + LAYERS[source].index(layer)


def line(n: int, name: str, source: Source) -> MediaSection:
    """As a client describes what it sends."""
    made = MediaSection("audio" if source == "mic" else "video", 9, "", "", str(n))
    made.ssrcs = {ssrc((name, source, layer)) for layer in LAYERS[source]}
    if source == "mic":
        made.payload_type, made.red_type = OPUS, RED_TYPE
        made.extensions[LEVEL_URI] = LEVEL_ID
    else:
        made.payload_type, made.rtx_type = VP8, RTX
    if source == "camera":
        made.rids = LAYERS[source]
        made.extensions[RID_URI] = RID_ID
    return made


def matrix(hears: str = "", sees: str | None = None, recorded: Iterable[str] = ()) -> RouteMatrix:
    """`"ann<bob,cho bob<ann"`: ann receives bob and cho, bob receives ann. `sees` is as `hears` unless given."""

    def routes(text: str) -> dict[str, frozenset[str]]:
        return {to: frozenset(whom.split(",")) for to, _, whom in (part.partition("<") for part in text.split())}

    return RouteMatrix(routes(hears), routes(hears if sees is None else sees), frozenset(recorded))
