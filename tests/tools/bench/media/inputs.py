"""Inputs nobody meant to send: real descriptions and packets, damaged at random by a seeded generator."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

from aioice import stun
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
)

MIC, CAMERA, LAYER = 1001, 3001, 3003  # SSRCs
AWKWARD = (0, 1, 2, 3, 4, 0x0F, 0x10, 0x40, 0x7F, 0x80, 0xBE, 0xC0, 0xDE, 0xF0, 0xFE, 0xFF)
AWKWARD_TEXT = (
    "", "\n", "\r\n", "\0", "=", ":", " ", "a=", "m=", "m=audio 9 x y", "a=mid:", "a=mid:0", "a=ssrc:", "a=rid:", "-1",
    "0", "65536", "4294967296", "99999999999999999999", "٣", "é", "\ud800", "a=simulcast:send ;;~,", "/", "~", ";", ",",
    "a=extmap:15 urn:x", "a=ssrc-group:FID 1", "a=fmtp:96 apt=96", "a=rtpmap:96 VP8/90000", "a=setup:passive",
    "é" * 400,
)  # fmt: skip
TRANSPORT = [
    "a=ice-ufrag:wxyz",
    "a=ice-pwd:0123456789012345678901",
    f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}",
    "a=setup:actpass",
    "a=rtcp-mux",
]
OFFER = [
    "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1 2",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "c=IN IP4 0.0.0.0", *TRANSPORT, "a=mid:0", "a=sendonly",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=rtpmap:111 opus/48000/2", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111", f"a=ssrc:{MIC} cname:x",
    "a=candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102", "c=IN IP4 0.0.0.0", *TRANSPORT, "a=mid:1", "a=sendonly",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", "a=rtpmap:96 VP8/90000",
    "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=rtpmap:102 H264/90000", "a=rid:h send", "a=rid:l send",
    "a=simulcast:send h;l",
    "m=video 9 UDP/TLS/RTP/SAVPF 120 124", "c=IN IP4 0.0.0.0", *TRANSPORT, "a=mid:2", "a=sendrecv",
    "a=rtpmap:120 VP8/90000", "a=rtpmap:124 rtx/90000", "a=fmtp:124 apt=120", f"a=ssrc-group:FID {CAMERA} 3002",
    f"a=ssrc:{CAMERA} cname:x", "a=ssrc:3002 cname:x",
]  # fmt: skip


def description(chance: random.Random) -> str:
    """An offer with lines lost, doubled, moved, swapped and damaged."""
    lines = list(OFFER)
    for _ in range(chance.randint(1, 8)):
        at, what = chance.randrange(len(lines)), chance.randrange(7)
        if what == 0:
            del lines[at : at + chance.randint(1, 6)]
        elif what == 1:
            lines[at:at] = [lines[at]] * chance.randint(1, 40)
        elif what == 2:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif what == 3:
            lines.insert(at, chance.choice(AWKWARD_TEXT))
        elif what == 4:
            cut = chance.randint(0, len(lines[at]))
            lines[at] = lines[at][:cut] + chance.choice(AWKWARD_TEXT) + lines[at][cut + chance.randint(0, 3) :]
        elif what == 5:
            lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
        else:
            lines[at] = lines[at] * chance.randint(2, 60)
        if not lines:
            break
    return chance.choice(("\r\n", "\n", "\r\n")).join(lines)


def damaged(data: bytes, chance: random.Random, keep: int = 0) -> bytes:
    """Bytes changed, cut, inserted or repeated; the first `keep` stay."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if len(result) <= keep:
            break
        at, what = chance.randrange(keep, len(result)), chance.random()
        if what < 0.4:
            result[at] = chance.choice(AWKWARD)
        elif what < 0.6:
            result[at] ^= 1 << chance.randrange(8)
        elif what < 0.75:
            del result[at:]
        elif what < 0.85:
            del result[at : at + chance.randint(1, 8)]
        elif what < 0.95:
            result[at:at] = chance.randbytes(chance.randint(1, 12))
        else:
            result[at:at] = result[at : at + 16] * chance.randint(1, 8)
    return bytes(result[:1400])


def checks(ufrag: str, password: str) -> list[bytes]:
    found = []
    for attributes in (
        {"USERNAME": f"{ufrag}:abcd"},
        {"USERNAME": f"{ufrag}:abcd", "USE-CANDIDATE": None, "PRIORITY": 1, "ICE-CONTROLLING": 7},
        {"USERNAME": f"{ufrag}:abcd", "SOFTWARE": "x" * 40, "XOR-MAPPED-ADDRESS": ("192.0.2.1", 5)},
        {"USERNAME": f"{ufrag}:abcd", "ERROR-CODE": (401, "no"), "MAPPED-ADDRESS": ("2001:db8::1", 5)},
    ):
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, None, attributes)
        request.add_message_integrity(password.encode())
        found.append(bytes(request))
    return found


def _rtp(kind: int, ssrc: int, block: bytes, payload: bytes, first: int = 0x80) -> bytes:
    return struct.pack("!BBHII", first | (0x10 if block else 0), kind, 0, 0, ssrc) + block + payload


VP8_START = b"\x90\xe0\x85\x05\x07\x20\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00" + bytes(60)
LEVEL = b"\xbe\xde\x00\x01\x10\x85\x00\x00"
RIDS = b"\xbe\xde\x00\x02\x401\xa0h\x00\x00\x00\x00"
MEDIA: Sequence[bytes] = (
    _rtp(111, MIC, LEVEL, bytes(80)),
    _rtp(111, MIC, b"", b"\x78" + bytes(40)),
    _rtp(63, MIC, LEVEL, b"\xef\x0f\x00\x28\x6f" + b"\x78" + bytes(79)),
    _rtp(96, LAYER, RIDS, VP8_START),
    _rtp(96 | 0x80, LAYER, RIDS, b"\x80\x80\x85\x05\x01" + bytes(900)),
    _rtp(97, 3004, b"\xbe\xde\x00\x02\x401\xb0h\x00\x00\x00\x00", b"\x00\x05" + VP8_START),
    _rtp(120, CAMERA, b"", b"\x10\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00" + bytes(50)),
    _rtp(124, 3002, b"", b"\x00\x01" + VP8_START),
    _rtp(111, MIC, b"\x10\x00\x00\x01\x01\x01\x05\x00", bytes(20)),
    _rtp(120, CAMERA, b"", bytes(30) + b"\x05", first=0xA0),
    _rtp(111, MIC, b"", bytes(64), first=0x8F),
)
REPORTS: Sequence[bytes] = (
    bytes(RtcpSrPacket(CAMERA, RtcpSenderInfo(7 << 32, 90, 1, 1), [RtcpReceiverInfo(5, 1, 2, 3, 4, 5, 6)])),
    bytes(RtcpRrPacket(2, [RtcpReceiverInfo(5, 255, 2, 3, 4, 5, 6)] * 4)),
    bytes(RtcpRtpfbPacket(RTCP_RTPFB_NACK, 2, 5, [1, 2, 3, 700])),
    bytes(RtcpPsfbPacket(RTCP_PSFB_PLI, 2, 5)),
    bytes(RtcpPsfbPacket(RTCP_PSFB_FIR, 2, 0, struct.pack("!IBBH", 5, 1, 0, 0))),
    bytes(RtcpPsfbPacket(RTCP_PSFB_APP, 2, 0, pack_remb_fci(500_000, [5, 6]))),
    bytes(RtcpSdesPacket([RtcpSourceInfo(2, [(1, b"name")])])),
    bytes(RtcpByePacket([2, 3])),
    bytes(RtcpRrPacket(2)) + bytes(RtcpSdesPacket([RtcpSourceInfo(2, [(1, b"name")])])) + bytes(RtcpByePacket([2])),
)
