"""Connection quality in four steps: one rule for what the media plane measures and for what a client reports."""

from __future__ import annotations

LEVEL_LIMITS = (
    # loss, round-trip seconds, share of sound that was made up, share of time a picture stood still
    (4, (0.02, 0.25, 0.03, 0.05)),
    (3, (0.06, 0.5, 0.08, 0.2)),
    (2, (0.15, 1.0, 0.2, 0.5)),
)
"""The most of each for a step; beyond the last one it is 1. Up to 2 % loss nobody notices what is repeated, at 6 %
repeating shows, at 15 % syllables go missing; above half a second of delay people speak over each other."""


def quality_level(loss: float, rtt: float, concealed: float = 0.0, frozen: float = 0.0) -> int:
    """1 (bad) to 4 (very good): as good as the worst of the four allows."""
    measured = (loss, rtt, concealed, frozen)
    for step, most in LEVEL_LIMITS:
        if all(value <= limit for value, limit in zip(measured, most, strict=True)):
            return step
    return 1
