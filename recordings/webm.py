"""WebM as a stream of self-contained pieces, and what goes into it: VP8 frames out of RTP payloads, Opus with its
duration.

A file is a header, then clusters of blocks, each complete when written; `Blocks` places pictures and sounds in
clusters, each at its time from the file's beginning. Owns the rule that a recording shows a still picture rather
than a wrong one: after a lost frame nothing is kept until a key frame, unless the numbering (RFC 7741) proves that
no frame anybody refers to was lost.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from math import inf
from typing import NamedTuple

from media.engine import Source
from media.sfu.codecs import RATE, samples
from recordings.timeline import LEAST, Holes, Interleaved

# 20 ms of silence from the CELT coder: decodes to zeros and resets nothing that could be heard.
OPUS_SILENCE = b"\xf8\xff\xfe"
OPUS_SILENCE_MS = 20


def opus_duration_ms(packet: bytes) -> float:
    """0 for an empty or malformed packet."""
    return samples(packet) * 1000 / RATE


# The same of a packet that begins with this byte, in seconds; 0: what follows says.
OPUS_SECONDS = [opus_duration_ms(bytes((first,))) / 1000 for first in range(256)]


class Vp8Descriptor(NamedTuple):
    """The payload descriptor. `size` 0: malformed. Absent fields are -1."""

    size: int
    start: bool  # first packet of a frame
    picture: int = -1
    bits: int = 7  # of the picture number: 7 or 15
    tl0: int = -1
    layer: int = -1  # temporal layer


class Frame(NamedTuple):
    """A complete frame. Width and height are those of the last key frame."""

    data: bytes
    key: bool
    width: int
    height: int


MALFORMED = Vp8Descriptor(0, False)
KEY_FRAME_HEADER = 10  # bytes a key frame begins with
LARGEST_FRAME = 1 << 22  # bytes of a frame: whoever never ends one fills no more memory


def read_descriptor(payload: bytes) -> Vp8Descriptor:
    """Read the descriptor in front of the VP8 data."""
    end = len(payload)
    if end < 2:
        return MALFORMED
    first, at = payload[0], 1
    picture, bits, tl0, layer = -1, 7, -1, -1
    if first & 0x80:
        flags, at = payload[1], 2
        if flags & 0x80:
            if at >= end:
                return MALFORMED
            picture = payload[at] & 0x7F
            if payload[at] & 0x80:
                if at + 1 >= end:
                    return MALFORMED
                picture, bits = picture << 8 | payload[at + 1], 15
                at += 1
            at += 1
        if flags & 0x40:
            if at >= end:
                return MALFORMED
            tl0 = payload[at]
            at += 1
        if flags & 0x30:
            if at >= end:
                return MALFORMED
            if flags & 0x20:
                layer = payload[at] >> 6
            at += 1
    if at >= end:
        return MALFORMED
    return Vp8Descriptor(at, first & 0x17 == 0x10, picture, bits, tl0, layer)


def frame_dimensions(frame: bytes) -> tuple[int, int] | None:
    """Width and height of a key frame (RFC 6386 section 9.1) by its beginning; None when it is not one."""
    if len(frame) < KEY_FRAME_HEADER or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        return None
    width = int.from_bytes(frame[6:8], "little") & 0x3FFF
    height = int.from_bytes(frame[8:10], "little") & 0x3FFF
    return (width, height) if width and height else None


class OrderedFrameAssembler:
    """Assembles frames from packets given in order."""

    def __init__(self) -> None:
        self.dropped = 0  # frames known to be incomplete or undecodable
        # Of the open frame: its timestamp (-1: none is open), its first descriptor, what is there of it, and its bytes.
        self._opened, self._first = -1, MALFORMED
        self._parts: list[bytes] = []
        self._held = 0
        self._suspect = True  # a frame others may refer to is missing
        self._picture = -1
        self._tl0 = -1
        self._size = (0, 0)

    @property
    def needs_key(self) -> bool:
        return self._suspect

    def push(self, timestamp: int, marker: bool, payload: bytes, lost: int) -> Frame | None:
        """Take a packet before which `lost` packets are missing for good; return the frame it completes."""
        descriptor = read_descriptor(payload)
        if lost or self._opened not in (-1, timestamp):
            self._break(lost, descriptor)
        if not descriptor.size:
            return None  # padding that filled the sender's pace, or rubbish
        if descriptor.start and not self._parts:
            self._opened, self._first = timestamp, descriptor
        if self._opened < 0:
            return None
        part = payload[descriptor.size :]
        self._held += len(part)
        if self._held > LARGEST_FRAME:
            self._lose()
            return None
        self._parts.append(part)
        return self._whole() if marker else None

    def _whole(self) -> Frame | None:
        whole = b"".join(self._parts)
        self._parts, self._held, self._opened = [], 0, -1
        return self._judge(whole, self._first)

    def _break(self, lost: int, descriptor: Vp8Descriptor) -> None:
        between = self._opened < 0 and descriptor.start
        follows = self._picture + 1 & (1 << descriptor.bits) - 1
        if between and lost and descriptor.picture >= 0 and self._picture >= 0 and descriptor.picture == follows:
            return  # only padding was lost between two frames
        self._lose()

    def _lose(self) -> None:
        self.dropped += self._opened >= 0
        self._parts, self._held, self._opened, self._suspect = [], 0, -1, True

    def _judge(self, data: bytes, descriptor: Vp8Descriptor) -> Frame | None:
        self._picture = descriptor.picture
        shape = frame_dimensions(data)
        if shape:
            self._size, self._suspect = shape, False
        elif not data or not data[0] & 1:
            self.dropped += 1
            self._suspect = True
            return None
        elif self._suspect and not self._base_follows(descriptor):
            self.dropped += 1
            return None
        else:
            self._suspect = False
        if descriptor.tl0 >= 0 and descriptor.layer <= 0:
            self._tl0 = descriptor.tl0
        return Frame(data, shape is not None, *self._size)

    def _base_follows(self, descriptor: Vp8Descriptor) -> bool:
        """No base-layer frame was lost, and a base-layer frame refers to no other layer."""
        known = self._tl0 >= 0 and descriptor.tl0 >= 0 and descriptor.layer == 0 and self._size != (0, 0)
        return known and descriptor.tl0 == self._tl0 + 1 & 0xFF


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


CLUSTER_MS = 1000
_NONE = -1 << 40  # where no cluster is: from there everything is too far
PICTURE_S = 0.033  # how long a picture is said to be seen, with none behind it


class Blocks:
    """Of one file. `picture`: the source of its pictures. `origin`: of its beginning, `wall`: when its first block was
    captured; seconds since the epoch.

    Owns the clocks of its tracks: within each, every block is a millisecond after the one before at least.
    """

    def __init__(self, picture: Source, origin: float, wall: float, width: int, height: int, holes: Holes) -> None:
        self.last_picture = wall if width else 0.0
        self.last = wall  # end of the newest block
        self._picture, self._origin, self._shape, self._holes = picture, origin, (width, height), holes
        self._sound_at = self._picture_at = -1
        self._cluster = _NONE
        self._pieces: list[bytes] = []

    @property
    def clocks(self) -> tuple[int, int, int]:
        """Newest sound, newest picture and cluster, in milliseconds from the file's beginning."""
        return self._sound_at, self._picture_at, self._cluster

    @property
    def begun(self) -> bool:
        return self._cluster != _NONE

    def text(self) -> bytes:
        """Of what was written since this was asked for last."""
        text = b"".join(self._pieces)
        self._pieces.clear()
        return text

    def write(self, items: Iterable[Interleaved[Frame | bytes]]) -> int:
        """Pictures and sounds, in order, up to a picture of another size than the file's. How many these were.

        What is written goes to the ledger by stretches without a hole: `heard_from` to `heard`, `seen_from` to `seen`.
        """
        origin, append, seconds = self._origin, self._pieces.append, OPUS_SECONDS
        wide, high = self._shape
        head, simple, sized, short = SHORT.pack, SIMPLE, SIZED, SHORT_BELOW
        audio, video = TRACKED | AUDIO, TRACKED | VIDEO
        sound_at, picture_at, cluster = self._sound_at, self._picture_at, self._cluster
        heard_from = heard = seen_from = seen = -inf
        count, last_picture = 0, self.last_picture
        for wall, _, _, item, _ in items:
            at = round((wall - origin) * 1000)
            if isinstance(item, bytes):
                if at <= sound_at:
                    at = sound_at + 1
                sound_at, key, flags, track, data = at, False, KEY, audio, item
                if wall - heard >= LEAST:
                    self._written("mic", heard_from, heard)
                    heard_from = wall
                end = wall + (seconds[data[0]] or opus_duration_ms(data) / 1000)
                if end > heard:
                    heard = end
            else:
                data, key, width, height = item
                if width != wide or height != high:
                    break
                if at <= picture_at:
                    at = picture_at + 1
                picture_at, flags, track = at, KEY if key else 0, video
                if wall - seen >= LEAST:
                    self._written(self._picture, seen_from, seen)
                    seen_from = wall
                end = wall + PICTURE_S
                if end > seen:
                    seen = end
                if wall > last_picture:
                    last_picture = wall
            offset = at - cluster
            if key or offset >= CLUSTER_MS or offset < -CLUSTER_MS:
                cluster, offset = at, 0
                append(cluster_header(at))
            size = len(data)
            if size < short:
                append(head(simple, sized + size, track, offset, flags))
            else:
                append(block_header(track & ~TRACKED, offset, flags > 0, size))
            append(data)
            count += 1
        self._sound_at, self._picture_at, self._cluster = sound_at, picture_at, cluster
        self.last, self.last_picture = max(self.last, heard, seen), last_picture
        self._written("mic", heard_from, heard)
        self._written(self._picture, seen_from, seen)
        return count

    def _written(self, source: Source, start: float, end: float) -> None:
        if start > -inf:
            self._holes.written(source, start, end)
