"""RTP header extensions of incoming packets (RFC 8285), read in place."""

from __future__ import annotations


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
