"""What a recorder must know of its codecs: VP8 frames out of RTP payloads (RFC 7741), and how long an Opus packet
plays.

Owns the rule that a recording shows a still picture rather than a wrong one: after a lost frame nothing is kept
until a key frame, unless the numbering proves that no frame anybody refers to was lost.
"""

from __future__ import annotations

from typing import NamedTuple

from media.sfu.codecs import RATE, samples

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
