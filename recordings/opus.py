"""Opus as recordings need it: how long a packet plays, and a packet of silence."""

from __future__ import annotations

from media.opus import RATE, samples

# 20 ms of silence from the CELT coder: decodes to zeros and resets nothing that could be heard.
OPUS_SILENCE = b"\xf8\xff\xfe"
OPUS_SILENCE_MS = 20


def opus_duration_ms(packet: bytes) -> float:
    """0 for an empty or malformed packet."""
    return samples(packet) * 1000 / RATE


# The same of a packet that begins with this byte, in seconds; 0: what follows says.
OPUS_SECONDS = [opus_duration_ms(bytes((first,))) / 1000 for first in range(256)]
