"""The VP8 payload descriptor (RFC 7741): key frames and picture numbering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


def starts_key_frame(mem: memoryview, pos: int, end: int) -> bool:
    """Whether the payload at `pos` is the first packet of a key frame."""
    if pos >= end or mem[pos] & 0x17 != 0x10:  # S bit set, partition 0
        return False
    size, _, _ = _layout(mem, pos, end)
    return 0 < size < end - pos and not mem[pos + size] & 1


def _layout(mem: memoryview, pos: int, end: int) -> tuple[int, int, int]:
    """Descriptor size, and positions of the picture id and TL0PICIDX (0: absent).

    A descriptor that runs past the end has size 0.
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


class Numbered(Protocol):
    """What has the numbers of a picture: a 15-bit id and the base-layer index."""

    id: int
    tl0: int


def note(numbered: Numbered, mem: memoryview, pos: int, end: int) -> int:
    """Take over the numbers of the packet at `pos`; what it does not have stays as it is. The descriptor's size; 0: it
    runs past the end."""
    if pos >= end:
        return 0
    size, at, tl0 = _layout(mem, pos, end)
    if at and mem[at] & 0x80:
        numbered.id = (mem[at] & 0x7F) << 8 | mem[at + 1]
    if tl0:
        numbered.tl0 = mem[tl0]
    return size


@dataclass(slots=True)
class Picture:
    """The numbering of one frame."""

    id: int = 0
    tl0: int = 0

    @classmethod
    def of(cls, mem: memoryview, pos: int, end: int) -> Picture:
        picture = cls()
        note(picture, mem, pos, end)
        return picture


@dataclass(slots=True)
class Shift:
    """What a sink adds to picture numbers, so that a layer switch shows no jump."""

    id: int
    tl0: int

    @classmethod
    def between(cls, last: Picture, shift: Shift | None, first: Picture) -> Shift:
        """The shift that makes `first` follow `last` (which went out under `shift`)."""
        before = shift or cls(0, 0)
        return cls(last.id + before.id + 1 - first.id, last.tl0 + before.tl0 + 1 - first.tl0)

    def apply(self, mem: memoryview, pos: int, end: int) -> None:
        if pos < end:
            _, at, tl0 = _layout(mem, pos, end)
            if at and mem[at] & 0x80:
                number = (mem[at] << 8 | mem[at + 1]) + self.id & 0x7FFF
                mem[at], mem[at + 1] = 0x80 | number >> 8, number & 0xFF
            if tl0:
                mem[tl0] = mem[tl0] + self.tl0 & 0xFF
