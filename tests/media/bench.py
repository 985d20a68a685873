"""A publisher and a subscriber without a network: a test stands in the place of both clients and sees every packet."""

from __future__ import annotations

import contextlib
import os
import socket
import struct

import pylibsrtp
from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RtcpPacket, RtpPacket

from media.engine import Source
from media.sfu.downtrack import DownTrack
from media.sfu.participant import Subscriber, Transceiver
from media.sfu.publisher import Publisher
from media.sfu.sdp import MID_URI, REPAIRED_RID_URI, RID_URI, MediaSection
from media.sfu.udp_mux import UdpMux
from media.sfu.uptrack import UpTrack
from tests.tools.bench.media import ice

MIC, CAMERA_H, CAMERA_L, SCREEN = 100, 200, 201, 300
CAMERA_H_RTX, CAMERA_L_RTX, SCREEN_RTX = 210, 211, 310
OPUS, VP8, OPUS_RED, VP8_RTX = 111, 96, 63, 97  # as the publisher's client numbers them
MID_ID, RID_ID, REPAIRED_RID_ID = 4, 10, 11


def session(key: bytes, inbound: bool) -> pylibsrtp.Session:
    kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
    policy = pylibsrtp.Policy(key=key, ssrc_type=kind)
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return pylibsrtp.Session(policy)


class Bench:
    """A publisher and a subscriber on one socket, with a test in the place of both clients."""

    def __init__(self, mux: UdpMux) -> None:
        self.mux = mux
        self.time = 0.0  # of both connections' clock
        self.recorded_at_once = True
        certificate = RTCCertificate.generateCertificate()
        self.client, self.receiving = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.publisher = Publisher(mux, certificate, lambda: None, lambda: self.time)
        self.subscriber = Subscriber(mux, certificate, lambda: self.time)
        up, down, back, feedback = (os.urandom(30) for _ in range(4))
        self.sender, self.receiver = session(up, inbound=False), session(down, inbound=True)
        self.back, self.feedback = session(back, inbound=True), session(feedback, inbound=False)
        for transport, client in ((self.publisher, self.client), (self.subscriber, self.receiving)):
            client.bind(("127.0.0.1", 0))
            client.setblocking(False)
            ice.settle(transport.peer, mux.sockets[0], client)
        self.publisher._set_keys(session(up, inbound=True), session(back, inbound=False))
        self.subscriber._set_keys(session(feedback, inbound=True), session(down, inbound=False))
        mic = MediaSection("audio", 9, "", "", "0", payload_type=OPUS, red_type=OPUS_RED, ssrcs={MIC})
        camera = MediaSection("video", 9, "", "", "1", payload_type=VP8, rtx_type=VP8_RTX, rids=("h", "l"))
        camera.extensions = {MID_URI: MID_ID, RID_URI: RID_ID, REPAIRED_RID_URI: REPAIRED_RID_ID}
        screen = MediaSection("video", 9, "", "", "2", payload_type=VP8, rtx_type=VP8_RTX, ssrcs={SCREEN})
        screen.repairs = {SCREEN_RTX: SCREEN}
        self.publisher.apply_offer({"0": ("mic", mic), "1": ("camera", camera), "2": ("screen", screen)})

    def send(self, ssrc: int, seq: int, timestamp: int, payload: bytes, kind: int = 0) -> None:
        """A packet of the publisher's client; `kind` is its payload type where that is not the usual one."""
        self.deliver(self.sender.protect(written(ssrc, seq, timestamp, payload, kind)))

    def deliver(self, data: bytes) -> None:
        """As if it had come by the socket, from the publisher's client."""
        self.mux.sockets[0].datagram_received(data, self.client.getsockname())
        for stream in list(self.publisher.tracks.values()):  # else a room does it, ten times a second
            if stream.recorder_tap is not None and self.recorded_at_once:
                stream.recorder_tap.flush(unfinished=True)

    def repeat(self, ssrc: int, seq: int, timestamp: int, original: int, payload: bytes) -> None:
        """A retransmission (RFC 4588) of the packet `original`, on the SSRC for these."""
        self.send(ssrc, seq, timestamp, struct.pack("!H", original & 0xFFFF) + payload, VP8_RTX)

    def stream(self, ssrc: int) -> UpTrack:
        return self.publisher.tracks[ssrc]

    def downtrack(self, source: Source) -> DownTrack:
        self.subscriber.set_tracks({slot.key for slot in self.subscriber.transceivers} | {("ann", source)})
        slot: Transceiver = next(slot for slot in self.subscriber.transceivers if slot.key == ("ann", source))
        return self.subscriber.downtrack(slot)

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
        for client in (self.client, self.receiving):
            with contextlib.suppress(BlockingIOError):
                while True:
                    found.append(client.recv(2048))
        return found

    def close(self) -> None:
        self.client.close()
        self.receiving.close()


def written(ssrc: int, seq: int, timestamp: int, payload: bytes, kind: int = 0) -> bytes:
    named = {
        CAMERA_H: (RID_ID, b"h"),
        CAMERA_L: (RID_ID, b"l"),
        CAMERA_H_RTX: (REPAIRED_RID_ID, b"h"),
        CAMERA_L_RTX: (REPAIRED_RID_ID, b"l"),
    }.get(ssrc)
    block = b"\xbe\xde\x00\x01" + bytes([MID_ID << 4]) + b"1" + bytes([named[0] << 4]) + named[1] if named else b""
    kind = kind or (OPUS if ssrc == MIC else VP8)
    first = 0x90 if named else 0x80
    return struct.pack("!BBHII", first, kind, seq & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + block + payload


def picture(number: int, key: bool = False) -> bytes:
    return bytes([0x90, 0x80]) + struct.pack("!H", 0x8000 | number) + (b"\x00" if key else b"\x01") + b"pixels"


def numbers(packets: list[RtpPacket]) -> list[int]:
    first = packets[0].sequence_number if packets else 0
    return [(p.sequence_number - first) & 0xFFFF for p in packets]
