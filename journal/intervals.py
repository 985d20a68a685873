"""Arithmetic of stretches of time: half-open spans, and sorted, disjoint sets of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` up to, not including, `end`. A span that ends where it starts, or before, is empty."""

    start: datetime
    end: datetime

    @property
    def ms(self) -> int:
        return max(0, (self.end - self.start) // _MILLISECOND)


Spans = tuple[Span, ...]
"""Sorted, disjoint, not touching, none empty: what every function here returns."""


def union(spans: Iterable[Span]) -> Spans:
    """Any spans, overlapping or not, brought into the normal form."""
    merged: list[Span] = []
    for span in sorted(s for s in spans if s.start < s.end):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def intersect(left: Sequence[Span], right: Sequence[Span]) -> Spans:
    """When both are true; of normal sets."""
    common: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start < end:
            common.append(Span(start, end))
        if left[i].end < right[j].end:
            i += 1
        else:
            j += 1
    return tuple(common)


def subtract(left: Sequence[Span], right: Sequence[Span]) -> Spans:
    """When the first is true and the second is not; of normal sets."""
    rest: list[Span] = []
    j = 0
    for span in left:
        start = span.start
        while j < len(right) and right[j].end <= start:
            j += 1
        k = j
        while k < len(right) and right[k].start < span.end:
            if start < right[k].start:
                rest.append(Span(start, right[k].start))
            start = max(start, right[k].end)
            k += 1
        if start < span.end:
            rest.append(Span(start, span.end))
    return tuple(rest)


def total_ms(spans: Iterable[Span]) -> int:
    """Of a normal set, in whole milliseconds."""
    return sum((s.end - s.start for s in spans), timedelta()) // _MILLISECOND
