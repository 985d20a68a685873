"""Connection quality in four levels, by one rule for the SFU's measurements and for clients' reports."""

from __future__ import annotations

LEVEL_LIMITS = (
    # loss, round trip in seconds, share of concealed audio, share of time that video was frozen
    (4, (0.02, 0.25, 0.03, 0.05)),
    (3, (0.06, 0.5, 0.08, 0.2)),
    (2, (0.15, 1.0, 0.2, 0.5)),
)
"""The most of each for a level; beyond the last, the level is 1. Up to 2 % loss retransmissions are not noticed, at 6 %
they are, at 15 % syllables are missing; above half a second of delay people talk over each other."""


def quality_level(loss: float, rtt: float, concealed: float = 0.0, frozen: float = 0.0) -> int:
    """Return 1 (bad) to 4 (very good), as the worst of the four values allows."""
    measured = (loss, rtt, concealed, frozen)
    for step, most in LEVEL_LIMITS:
        if all(value <= limit for value, limit in zip(measured, most, strict=True)):
            return step
    return 1
