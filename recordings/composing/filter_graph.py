"""The encoder's filter graph, made of our own numbers and labels only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recordings.composing.composition_plan import Plan, Span, picture_spans, within, without
from recordings.composing.layout import (
    CANVAS,
    CARD,
    HEIGHT,
    STRIPE,
    WIDTH,
    Box,
    bar_box,
    grid_boxes,
    screen_box,
    strip_boxes,
)
from recordings.composing.strands import Strand
from recordings.composing.subtitles import screen_spans, times

WORDS = "ass=f=words.ass:fontsdir=fonts"


@dataclass(frozen=True, slots=True)
class GraphInputs:
    """Strands by the person's place in the plan."""

    pictures: Mapping[int, Strand]
    screens: Mapping[int, Strand]


def picture_graph(plan: Plan, inputs: GraphInputs, fps: int) -> str:
    """Of pictures, then screens, in their order; ends in the label [picture]."""
    shared = screen_spans(plan)
    alone = without([(0.0, plan.seconds)], shared)
    count = len(plan.people)
    cells, small = grid_boxes(count), strip_boxes(count)
    lines, below, number = [f"{_canvas(cells, fps)}[b0]"], 0, 0
    if shared:
        lines.append(f"{_canvas(small, fps)}[aside]")
        lines.append(f"[b0][aside]overlay=enable='{times(shared)}'[b1]")
        below = 1

    def lay(source: str, box: Box, spans: Sequence[Span]) -> None:
        nonlocal below
        fit = f"scale={box.width}:{box.height}:force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1"
        label = f"p{below}"
        lines.append(f"{source}{fit}[{label}]")
        middle = f"x={box.x}+({box.width}-w)/2:y={box.y}+({box.height}-h)/2"
        lines.append(f"[b{below}][{label}]overlay={middle}:eof_action=repeat:enable='{times(spans)}'[b{below + 1}]")
        below += 1

    for index, strand in inputs.pictures.items():
        seen = picture_spans(plan.people[index].clips)
        source = f"[{number}:v]{_in_time(strand)},"
        if within(seen, shared):
            lines.append(f"{source}split[l{number}][s{number}]")
            lay(f"[l{number}]", cells[index], within(seen, alone))
            lay(f"[s{number}]", small[index], within(seen, shared))
        else:
            lay(source, cells[index], seen)
        number += 1
    for index, strand in inputs.screens.items():
        seen = picture_spans(plan.people[index].screens)
        lay(f"[{number}:v]{_in_time(strand)},", screen_box(), seen)
        number += 1
    lines.append(f"[b{below}]{WORDS}[picture]")
    return ";\n".join(lines)


def _in_time(strand: Strand) -> str:
    """Without what is only there to be decoded."""
    begun = f"trim=start={strand.shown - strand.start - 0.002:.3f}," if strand.shown > strand.start else ""
    return f"{begun}setpts=PTS{strand.start:+.3f}/TB"


def _canvas(cells: Sequence[Box], fps: int) -> str:
    """What is behind everybody: painted once and repeated. Painting it for each picture was half of all filtering."""
    boxes = [_card(bar_box(), STRIPE), *(_card(cell, CARD) for cell in cells)]
    once = f"color=c={CANVAS}:s={WIDTH}x{HEIGHT}:r={fps}:d={1 / fps:.3f},format=yuv420p"
    return f"{once},{','.join(boxes)},loop=loop=-1:size=1"


def _card(box: Box, colour: str) -> str:
    return f"drawbox=x={box.x}:y={box.y}:w={box.width}:h={box.height}:color={colour}:t=fill"


def sound_graph(count: int, seconds: float) -> str:
    """Of so many inputs; ends in the label [sound]."""
    if not count:
        return f"anullsrc=r=48000:cl=mono:d={seconds:.3f}[sound]"
    lines, labels = [], ""
    for number in range(count):
        # Clocks drift: sound is stretched to its timestamps by inaudible amounts.
        even = "aresample=48000:async=1000:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono"
        lines.append(f"[{number}:a]{even}[a{number}]")
        labels += f"[a{number}]"
    # Nobody gets quieter because others are in the room; two who shout at once are limited, not clipped.
    mix = f"amix=inputs={count}:duration=longest:normalize=0,alimiter=limit=0.95:level=0:latency=1"
    return ";\n".join([*lines, f"{labels}{mix},apad=whole_dur={seconds:.3f}[sound]"])
