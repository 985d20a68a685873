"""Connection quality in four steps, from loss and round-trip time."""

from __future__ import annotations

STEPS = ((0.02, 0.25), (0.06, 0.5), (0.15, 1.0))  # loss and round-trip seconds for 4, 3 and 2


def level(loss: float, rtt: float) -> int:
    """1 (bad) to 4 (very good)."""
    for step, (most_loss, most_rtt) in zip((4, 3, 2), STEPS, strict=True):
        if loss <= most_loss and rtt <= most_rtt:
            return step
    return 1
