"""One film of a session: planned from its journal, made by an encoder, copied with somebody's name on it. Here is the
plan as a value: who was recorded when, their names, the phases.

Times in a plan are seconds from its `origin`, the wall-clock time of the video's first picture; a span is a stretch
of it, and several that stand together are sorted and disjoint.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from recordings import CompositionError
from recordings.files import opened_alone, sync_folder
from recordings.timeline import SEAM

Span = tuple[float, float]


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


@dataclass(frozen=True, slots=True)
class Clip:
    """A sealed file: `path` relative to the recordings folder, `start` from the origin, width 0: sound only."""

    path: str
    sha256: str
    start: float
    seconds: float
    width: int
    height: int

    @property
    def end(self) -> float:
        return self.start + self.seconds


@dataclass(frozen=True, slots=True)
class Caption:
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of the grid. `cards` say why there is no picture, wherever there is none."""

    seat: str
    mark: str
    name: str
    clips: tuple[Clip, ...]
    screens: tuple[Clip, ...] = ()
    cards: tuple[Caption, ...] = ()


@dataclass(frozen=True, slots=True)
class CompositionPlan:
    session: str
    origin: datetime
    seconds: float
    zone: str
    title: str
    people: tuple[GridCell, ...]
    captions: tuple[Caption, ...]


_PLAN = TypeAdapter(CompositionPlan)


def to_json(plan: CompositionPlan) -> bytes:
    return _PLAN.dump_json(plan, indent=1)


def from_json(text: bytes) -> CompositionPlan:
    """CompositionError bad_plan when it is none."""
    try:
        return _PLAN.validate_json(text)
    except ValidationError as fault:
        raise CompositionError("bad_plan", str(fault)) from fault


def window(plan: CompositionPlan, start: float, end: float) -> CompositionPlan:
    """A plan's part between two of its seconds, as a plan of its own; clips may begin before it or end after it."""

    def moved(clips: Iterable[Clip]) -> tuple[Clip, ...]:
        # Of a clip that ended just before, the last picture may still be shown.
        kept = (clip for clip in clips if clip.end > start - SEAM and clip.start < end)
        return tuple(replace(clip, start=clip.start - start) for clip in kept)

    def cropped(captions: Iterable[Caption]) -> tuple[Caption, ...]:
        return tuple(
            replace(each, start=max(each.start, start) - start, end=min(each.end, end) - start)
            for each in captions
            if each.start < end and each.end > start
        )

    people = (
        replace(each, clips=moved(each.clips), screens=moved(each.screens), cards=cropped(each.cards))
        for each in plan.people
    )
    return replace(
        plan,
        origin=plan.origin + timedelta(seconds=start),
        seconds=end - start,
        people=tuple(people),
        captions=cropped(plan.captions),
    )


def picture_spans(clips: Iterable[Clip]) -> list[Span]:
    return union((clip.start, clip.end) for clip in clips if clip.width)


def sound_spans(clips: Iterable[Clip]) -> list[Span]:
    return union((clip.start, clip.end) for clip in clips)


def replace_file(file: Path, content: bytes) -> None:
    """Readers see the old content or the new, also after a power cut."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    with opened_alone(fresh) as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
        fresh.replace(file)
    sync_folder(file.parent)
