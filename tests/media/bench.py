"""A publisher and a subscriber without a network: a test stands in the place of both clients and sees every packet."""

from __future__ import annotations

import itertools
import os
import socket
import struct

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RtcpPacket, RtpPacket

from media.engine import Source
from media.sfu.description import Line
from media.sfu.endpoint import Endpoint
from media.sfu.publisher import Publisher
from media.sfu.sink import Sink
from media.sfu.source import IncomingStream
from media.sfu.subscriber import Slot, Subscriber

MIC, CAMERA_H, CAMERA_L, OPUS, VP8 = 100, 200, 201, 111, 96
RID_ID = 10


def session(key: bytes, inbound: bool) -> pylibsrtp.Session:
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(key=key, ssrc_type=kind)
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return pylibsrtp.Session(policy)


class Bench:
    """A publisher and a subscriber on one socket, with a test in the place of both clients."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.now = itertools.count(1).__next__
        certificate = RTCCertificate.generateCertificate()
        self.client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.bind(("127.0.0.1", 0))
        self.client.setblocking(False)
        self.publisher = Publisher(endpoint, certificate, lambda: None, lambda: 0.0)
        self.subscriber = Subscriber(endpoint, certificate, lambda: 0.0)
        up, down, back, feedback = (os.urandom(30) for _ in range(4))
        self.sender, self.receiver = session(up, inbound=False), session(down, inbound=True)
        self.back, self.feedback = session(back, inbound=True), session(feedback, inbound=False)
        for leg in (self.publisher, self.subscriber):
            leg.peer.move_to(endpoint.doors[0], self.client.getsockname())
        self.publisher._use_keys(session(up, inbound=True), session(back, inbound=False))
        self.subscriber._use_keys(session(feedback, inbound=True), session(down, inbound=False))
        camera = Line("video", 9, "", "", "1", payload_type=VP8, rids=("h", "l"))
        camera.extensions["urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"] = RID_ID
        self.publisher.expect(
            {"0": ("mic", Line("audio", 9, "", "", "0", payload_type=OPUS, ssrcs={MIC})), "1": ("camera", camera)}
        )

    def send(self, ssrc: int, seq: int, timestamp: int, payload: bytes) -> None:
        rid = {CAMERA_H: b"h", CAMERA_L: b"l"}.get(ssrc)
        block = b"\xbe\xde\x00\x01" + bytes([RID_ID << 4]) + rid + b"\0\0" if rid else b""
        kind = OPUS if ssrc == MIC else VP8
        first = 0x90 if rid else 0x80
        packet = struct.pack("!BBHII", first, kind, seq & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + block + payload
        self.publisher._on_media(self.sender.protect(packet))

    def stream(self, ssrc: int) -> IncomingStream:
        return self.publisher.streams[ssrc]

    def sink(self, source: Source) -> Sink:
        self.subscriber.want({slot.key for slot in self.subscriber.slots} | {("ann", source)})
        slot: Slot = next(slot for slot in self.subscriber.slots if slot.key == ("ann", source))
        return self.subscriber.sink(slot)

    def arrived(self) -> list[RtpPacket]:
        """Everything the subscriber's client got since, decrypted; feedback to the publisher left out."""
        packets = []
        for data in self._datagrams():
            if not 192 <= data[1] <= 223:
                packets.append(RtpPacket.parse(self.receiver.unprotect(data)))
        return packets

    def told_publisher(self) -> list[object]:
        return [
            packet
            for data in self._datagrams()
            if 192 <= data[1] <= 223
            for packet in RtcpPacket.parse(self.back.unprotect_rtcp(data))
        ]

    def told_subscriber(self) -> list[object]:
        return [
            packet
            for data in self._datagrams()
            if 192 <= data[1] <= 223
            for packet in RtcpPacket.parse(self.receiver.unprotect_rtcp(data))
        ]

    def ask(self, *packets: object) -> None:
        """RTCP from the subscriber's client."""
        self.subscriber._on_media(self.feedback.protect_rtcp(b"".join(bytes(p) for p in packets)))  # type: ignore[call-overload]

    def _datagrams(self) -> list[bytes]:
        found = []
        while True:
            try:
                found.append(self.client.recv(2048))
            except BlockingIOError:
                return found


def picture(number: int, key: bool = False) -> bytes:
    return bytes([0x90, 0x80]) + struct.pack("!H", 0x8000 | number) + (b"\x00" if key else b"\x01") + b"pixels"


def numbers(packets: list[RtpPacket]) -> list[int]:
    first = packets[0].sequence_number if packets else 0
    return [(p.sequence_number - first) & 0xFFFF for p in packets]
