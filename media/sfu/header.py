"""What stands in the headers of incoming packets, read in place: padding (RFC 3550 section 5.1) and extensions
(RFC 8285)."""

from __future__ import annotations

PADDED, MARKER = 0x20, 0x80  # of a header's first and second byte


def unpadded(mem: memoryview, start: int, size: int) -> int:
    """Where a padded payload ends: `start`, if it is nothing else."""
    return max(start, size - mem[size - 1]) if size > start else start


def extension(mem: memoryview, start: int, end: int, wanted: int) -> bytes:
    """The value of element `wanted` (1-14) in the extension block at `start`, or nothing.

    Only one-byte elements are understood: our answers never ask for the other form.
    """
    if not wanted or end - start < 4 or mem[start] != 0xBE or mem[start + 1] != 0xDE:
        return b""
    at = start + 4
    while at < end:
        head = mem[at]
        if head == 0:  # padding
            at += 1
            continue
        if head >> 4 == 15:  # RFC 8285 4.2: stop here
            return b""
        size = (head & 15) + 1
        if head >> 4 == wanted:
            return bytes(mem[at + 1 : at + 1 + size]) if at + 1 + size <= end else b""
        at += 1 + size
    return b""
