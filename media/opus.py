"""The duration of an Opus packet, without decoding it (RFC 6716 3.1)."""

from __future__ import annotations

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
