"""Redundant audio (RFC 2198): a packet that repeats the ones before it in front of its own payload."""

from __future__ import annotations

from typing import NamedTuple

from media import opus

MOST_BLOCKS = 4  # more than any sender repeats
BLOCK_HEADER = 4  # bytes: F, payload type, timestamp offset (14 bits), length (10 bits); the last is one byte


class Block(NamedTuple):
    start: int
    end: int
    before: int  # how much earlier than the packet's own its timestamp is


def blocks(mem: memoryview, start: int, end: int, payload_type: int, written: int) -> list[Block]:
    """The payloads inside, oldest first; the last is the packet's own. Empty when it is malformed.

    Every block must be of `payload_type`; its header is changed to `written`, so that whoever receives the packet
    unchanged finds the number negotiated with it.
    """
    heads: list[tuple[int, int, int]] = []
    at = start
    while True:
        if at >= end or len(heads) >= MOST_BLOCKS or mem[at] & 127 != payload_type:
            return []
        if not mem[at] & 128:
            heads.append((at, 0, 0))
            at += 1
            break
        if at + BLOCK_HEADER > end:
            return []
        heads.append((at, mem[at + 1] << 6 | mem[at + 2] >> 2, (mem[at + 2] & 3) << 8 | mem[at + 3]))
        at += BLOCK_HEADER
    found = []
    for _, before, length in heads[:-1]:
        found.append(Block(at, at + length, before))
        at += length
    if at >= end:
        return []
    found.append(Block(at, end, 0))
    for head, _, _ in heads:
        mem[head] = mem[head] & 128 | written
    return found


def own(mem: memoryview, start: int) -> int:
    """Where the packet's own payload begins, of one that `blocks` has found sound."""
    size, at = 0, start
    while mem[at] & 128:
        size += (mem[at + 2] & 3) << 8 | mem[at + 3]
        at += BLOCK_HEADER
    return at + 1 + size


def proven(mem: memoryview, found: list[Block]) -> list[Block]:
    """The repeated blocks that can be given a sequence number, newest first: one less each than the one after.

    A block carries a timestamp but no number. Only where each ends exactly when the next begins can there be no
    packet between the two.
    """
    result: list[Block] = []
    begins = 0
    for block in reversed(found[:-1]):
        if block.end <= block.start or block.before - opus.samples(mem, block.start, block.end) != begins:
            break
        result.append(block)
        begins = block.before
    return result
