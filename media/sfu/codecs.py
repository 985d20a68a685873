"""Payload formats, read and changed in place: the VP8 descriptor (RFC 7741), redundant audio (RED, RFC 2198), and the
duration of an Opus packet, told without decoding it (RFC 6716 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

RATE = 48_000

_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)


def _duration(first: int) -> int:
    """Return the samples of a packet with this TOC byte; of a code 3 packet, of each frame."""
    config, code = first >> 3, first & 3
    frame = _SILK[config % 4] if config < 12 else _HYBRID[config % 2] if config < 16 else _CELT[config % 4]
    return 2 * frame if code in (1, 2) else frame


_DURATIONS = [_duration(first) for first in range(256)]


def samples(data: bytes | memoryview, start: int = 0, end: int | None = None) -> int:
    """Return the samples at 48 kHz of the packet at `start`; 0 if it is empty or malformed."""
    end = len(data) if end is None else end
    if start >= end:
        return 0
    first = data[start]
    if first & 3 < 3:
        return _DURATIONS[first]
    return _DURATIONS[first] * (data[start + 1] & 0x3F) if start + 1 < end else 0


def starts_key_frame(mem: memoryview, pos: int, end: int) -> bool:
    """True if the payload at `pos` is the first of a VP8 key frame."""
    if pos >= end or mem[pos] & 0x17 != 0x10:  # S bit set, partition 0
        return False
    size, _, _ = _descriptor_layout(mem, pos, end)
    return 0 < size < end - pos and not mem[pos + size] & 1


def _descriptor_layout(mem: memoryview, pos: int, end: int) -> tuple[int, int, int]:
    """Return the descriptor's size and the positions of picture ID and TL0PICIDX (RFC 7741 4.2; 0: absent).

    The size is 0 if the descriptor runs past the end.
    """
    at, picture, tl0 = pos + 1, 0, 0
    if mem[pos] & 0x80:
        if at >= end:
            return 0, 0, 0
        flags = mem[at]
        at += 1
        if flags & 0x80 and at < end:
            picture = at
            at += 2 if mem[at] & 0x80 else 1
        if flags & 0x40:
            tl0 = at
            at += 1
        if flags & 0x30:
            at += 1
    return (at - pos, picture, tl0) if at <= end else (0, 0, 0)


class PictureNumbers(Protocol):
    """Anything with a picture's 15-bit picture ID and TL0PICIDX."""

    picture_id: int
    tl0: int


def read_picture_numbers(numbers: PictureNumbers, mem: memoryview, pos: int, end: int) -> int:
    """Read the picture numbers of the payload at `pos` into `numbers`; absent ones stay as they are.

    Returns the descriptor's size, 0 if it runs past the end.
    """
    if pos >= end:
        return 0
    size, at, tl0 = _descriptor_layout(mem, pos, end)
    if at and mem[at] & 0x80:
        numbers.picture_id = (mem[at] & 0x7F) << 8 | mem[at + 1]
    if tl0:
        numbers.tl0 = mem[tl0]
    return size


@dataclass(slots=True)
class PictureIds:
    """The picture ID and TL0PICIDX of one frame."""

    picture_id: int = 0
    tl0: int = 0

    @classmethod
    def of(cls, mem: memoryview, pos: int, end: int) -> PictureIds:
        picture = cls()
        read_picture_numbers(picture, mem, pos, end)
        return picture


@dataclass(slots=True)
class Shift:
    """What a DownTrack adds to picture numbers, so that a layer switch makes no jump."""

    picture_id: int
    tl0: int

    @classmethod
    def between(cls, last: PictureIds, shift: Shift | None, first: PictureIds) -> Shift:
        """Return the shift that makes `first` follow `last`, which was sent with `shift`."""
        before = shift or cls(0, 0)
        return cls(last.picture_id + before.picture_id + 1 - first.picture_id, last.tl0 + before.tl0 + 1 - first.tl0)

    def apply(self, mem: memoryview, pos: int, end: int) -> None:
        if pos < end:
            _, at, tl0 = _descriptor_layout(mem, pos, end)
            if at and mem[at] & 0x80:
                number = (mem[at] << 8 | mem[at + 1]) + self.picture_id & 0x7FFF
                mem[at], mem[at + 1] = 0x80 | number >> 8, number & 0xFF
            if tl0:
                mem[tl0] = mem[tl0] + self.tl0 & 0xFF


MAX_RED_BLOCKS = 4  # more than any sender includes
RED_BLOCK_HEADER = 4  # bytes: F, payload type, timestamp offset (14 bits), length (10 bits); the last is one byte


class RedBlock(NamedTuple):
    """A block of a redundant packet: where its payload is, and how much earlier its timestamp is than the packet's."""

    start: int
    end: int
    timestamp_offset: int  # 48 kHz


def parse_red(mem: memoryview, start: int, end: int, payload_type: int, new_type: int) -> list[RedBlock]:
    """Return the blocks of a redundant payload, oldest first, the packet's own last; empty if it is malformed.

    Every block must be of `payload_type`. It is replaced by `new_type`, the number negotiated with the subscribers that
    get the payload as it is.
    """
    heads: list[tuple[int, int, int]] = []
    at = start
    while True:
        if at >= end or len(heads) >= MAX_RED_BLOCKS or mem[at] & 127 != payload_type:
            return []
        if not mem[at] & 128:
            heads.append((at, 0, 0))
            at += 1
            break
        if at + RED_BLOCK_HEADER > end:
            return []
        heads.append((at, mem[at + 1] << 6 | mem[at + 2] >> 2, (mem[at + 2] & 3) << 8 | mem[at + 3]))
        at += RED_BLOCK_HEADER
    found = []
    for _, before, length in heads[:-1]:
        found.append(RedBlock(at, at + length, before))
        at += length
    if at >= end:
        return []
    found.append(RedBlock(at, end, 0))
    for head, _, _ in heads:
        mem[head] = mem[head] & 128 | new_type
    return found


def red_own_payload(mem: memoryview, start: int) -> int:
    """Return where the packet's own payload starts; `parse_red` must have accepted the packet."""
    size, at = 0, start
    while mem[at] & 128:
        size += (mem[at + 2] & 3) << 8 | mem[at + 3]
        at += RED_BLOCK_HEADER
    return at + 1 + size


def red_numbered_blocks(mem: memoryview, found: list[RedBlock]) -> list[RedBlock]:
    """Return the redundant blocks whose sequence numbers are certain, newest first: the packet's - 1, - 2, and so on.

    A block has a timestamp but no sequence number. Only if each block ends exactly when the next starts can there be no
    packet between them.
    """
    result: list[RedBlock] = []
    begins = 0
    for block in reversed(found[:-1]):
        if block.end <= block.start or block.timestamp_offset - samples(mem, block.start, block.end) != begins:
            break
        result.append(block)
        begins = block.timestamp_offset
    return result
