"""What must be known of an Opus packet without decoding it (RFC 6716 section 3.1)."""

from __future__ import annotations

RATE = 48_000

_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)


def samples(data: bytes | memoryview, start: int = 0, end: int | None = None) -> int:
    """How much sound the packet at `start` holds, at 48 kHz; 0 for an empty or malformed one."""
    end = len(data) if end is None else end
    if start >= end:
        return 0
    config, code = data[start] >> 3, data[start] & 3
    if config < 12:
        frame = _SILK[config % 4]
    elif config < 16:
        frame = _HYBRID[config % 2]
    else:
        frame = _CELT[config % 4]
    if code == 0:
        return frame
    if code < 3:
        return 2 * frame
    return frame * (data[start + 1] & 0x3F) if start + 1 < end else 0
