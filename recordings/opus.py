"""What must be known of an Opus packet without decoding it (RFC 6716 section 3.1)."""

from __future__ import annotations

RATE = 48_000

# 20 ms of silence from the CELT coder: decodes to zeros and resets nothing that could be heard.
SILENCE = b"\xf8\xff\xfe"
SILENCE_MS = 20

_SILK = (10.0, 20.0, 40.0, 60.0)
_HYBRID = (10.0, 20.0)
_CELT = (2.5, 5.0, 10.0, 20.0)


def duration_ms(packet: bytes) -> float:
    """How much sound the packet holds; 0 for an empty or malformed one."""
    if not packet:
        return 0.0
    config, code = packet[0] >> 3, packet[0] & 3
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
    return frame * (packet[1] & 0x3F) if len(packet) > 1 else 0.0
