"""Stretches of a film, in seconds from its first picture: sorted and disjoint wherever several stand together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[float, float]

# A cut between two files of one recording: shorter than this nothing was missed.
SEAM = 0.3


def union(spans: Iterable[Span]) -> list[Span]:
    """Sorted and disjoint, seams closed."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + SEAM:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


def without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """What is left of spans (sorted, disjoint) outside of holes (likewise)."""
    left: list[Span] = []
    for start, end in spans:
        for hole_start, hole_end in holes:
            if hole_end <= start or hole_start >= end:
                continue
            if hole_start > start:
                left.append((start, hole_start))
            start = max(start, hole_end)
        if end > start:
            left.append((start, end))
    return left


def within(spans: Sequence[Span], frames: Sequence[Span]) -> list[Span]:
    """What of spans lies inside of frames (both sorted and disjoint)."""
    return [(max(a, c), min(b, d)) for a, b in spans for c, d in frames if max(a, c) < min(b, d)]
