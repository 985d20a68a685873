"""WebM as a stream of self-contained pieces: a head, then clusters of blocks, each complete when written.

Written here and not by a muxing library because of what a crash may cost: libavformat keeps a cluster in memory
until it ends and holds sound back while a VP8 stream is silent; here a block is in the file as soon as it is
handed over. Segment and clusters have unknown size (RFC 8794 section 6.2), as live WebM does.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime

VIDEO, AUDIO = 1, 2
# The decoder drops this much at the start: the encoder's look-ahead (RFC 7845 section 5.1), 6.5 ms.
PRE_SKIP = 312
_UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)  # of DateUTC


def _size(length: int) -> bytes:
    for width in range(1, 9):
        if length < (1 << 7 * width) - 1:
            return (length | 1 << 7 * width).to_bytes(width, "big")
    raise ValueError(length)


def _element(name: int, body: bytes) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + _size(len(body)) + body


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _opus_head() -> bytes:
    return b"OpusHead" + struct.pack("<BBHIhB", 1, 2, PRE_SKIP, 48_000, 0, 0)


def webm_header(started: datetime, width: int, height: int, sound: bool) -> bytes:
    """Everything before the first cluster. `width` 0: no picture."""
    ebml = _element(
        0x1A45DFA3,
        _number(0x4286, 1)  # EBMLVersion
        + _number(0x42F7, 1)  # EBMLReadVersion
        + _number(0x42F2, 4)  # EBMLMaxIDLength
        + _number(0x42F3, 8)  # EBMLMaxSizeLength
        + _element(0x4282, b"webm")
        + _number(0x4287, 4)  # DocTypeVersion
        + _number(0x4285, 2),  # DocTypeReadVersion
    )
    since = started - _EPOCH
    nanoseconds = ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
    info = _element(
        0x1549A966,
        _number(0x2AD7B1, 1_000_000)  # TimestampScale: milliseconds
        + _element(0x4461, struct.pack(">q", nanoseconds))  # DateUTC
        + _element(0x4D80, b"yuntiao")  # MuxingApp
        + _element(0x5741, b"yuntiao"),  # WritingApp
    )
    tracks = b""
    if width:
        picture = _element(0xE0, _number(0xB0, width) + _number(0xBA, height))
        tracks += _track(VIDEO, 1, b"V_VP8", picture)
    if sound:
        hearing = _element(0xE1, _element(0xB5, struct.pack(">d", 48_000.0)) + _number(0x9F, 2))
        private = _element(0x63A2, _opus_head())
        delays = _number(0x56AA, PRE_SKIP * 1_000_000_000 // 48_000) + _number(0x56BB, 80_000_000)
        tracks += _track(AUDIO, 2, b"A_OPUS", private + delays + hearing)
    return ebml + b"\x18\x53\x80\x67" + _UNKNOWN + info + _element(0x1654AE6B, tracks)


def _track(number: int, kind: int, codec: bytes, rest: bytes) -> bytes:
    return _element(
        0xAE,
        _number(0xD7, number)
        + _number(0x73C5, number)  # TrackUID
        + _number(0x83, kind)
        + _number(0x9C, 0)  # FlagLacing
        + _element(0x86, codec)
        + rest,
    )


def cluster_header(milliseconds: int) -> bytes:
    """The start of a cluster at this time from the start of the file."""
    return b"\x1f\x43\xb6\x75" + _UNKNOWN + _number(0xE7, milliseconds)


# What stands before a short SimpleBlock: `SIMPLE`, `SIZED` and its size, `TRACKED` and its track, its offset, flags.
# A size may be written longer than it need be (RFC 8794 section 4.4).
SHORT = struct.Struct(">BHBhB")
SHORT_BELOW = 0x3FF0  # bytes
_LONG = struct.Struct(">BIBhB")
SIMPLE, SIZED, LONG_SIZED, TRACKED, KEY = 0xA3, 0x4004, 0x1000_0004, 0x80, 0x80


def block_header(track: int, offset: int, key: bool, size: int) -> bytes:
    """What stands before the `size` bytes of a SimpleBlock `offset` milliseconds (16-bit, signed) from the start of
    its cluster."""
    if size < SHORT_BELOW:
        return SHORT.pack(SIMPLE, SIZED + size, TRACKED | track, offset, KEY if key else 0)
    return _LONG.pack(SIMPLE, LONG_SIZED + size, TRACKED | track, offset, KEY if key else 0)
