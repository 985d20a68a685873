"""Everything that is written into the picture, as one ASS script: names, cards of absent people, phase, clock.

One script and not dozens of text filters: times are plain numbers, text needs no shell or filter quoting, and the
font is chosen by family, so that Chinese gets Chinese letter forms.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from recordings.composing import layout
from recordings.composing.composition_plan import Person, Plan, Span, picture_spans, union, within, without
from recordings.composing.layout import Box

FAMILY = "Noto Sans CJK SC"

_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name,Fontname,Fontsize,PrimaryColour,OutlineColour,BackColour,BorderStyle,Outline,Shadow,Alignment,Encoding
Style: Text,{family},24,&H00E5EDF0,&H00E5EDF0,&H00000000,1,0.4,0,4,1
Style: Name,{family},22,&H00E5EDF0,&H40181A14,&H40181A14,3,5,0,1,1
Style: Card,{family},26,&H00BFC7C3,&H00BFC7C3,&H00000000,1,0.4,0,5,1

[Events]
Format: Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text
"""


def subtitle_script(plan: Plan) -> str:
    """The whole script of a plan."""
    shared = screen_spans(plan)
    whole = [(0.0, plan.seconds)]
    lines: list[str] = []
    count = len(plan.people)
    for person, cell, small in zip(plan.people, layout.grid_boxes(count), layout.strip_boxes(count), strict=True):
        lines += _person(person, cell, without(whole, shared), 1.0)
        lines += _person(person, small, shared, 0.85)
    bar = layout.bar_box()
    middle = bar.y + bar.height // 2
    for caption in plan.captions:
        phase = rf"{{\pos(20,{middle})}}{plain(caption.text)}"
        lines.append(line((caption.start, caption.end), "Text", phase))
    lines.append(line(whole[0], "Text", rf"{{\an5\pos({layout.WIDTH // 2},{middle})\fs20}}{plain(plan.title)}"))
    for span, clock in _clock(plan):
        lines.append(line(span, "Text", rf"{{\an6\pos({layout.WIDTH - 20},{middle})}}{clock}"))
    return head() + "\n".join(lines) + "\n"


def head() -> str:
    """What every script begins with."""
    return _HEAD.format(width=layout.WIDTH, height=layout.HEIGHT, family=FAMILY)


def screen_spans(plan: Plan) -> list[Span]:
    """When any screen is shared."""
    shared = union((clip.start, clip.end) for person in plan.people for clip in person.screens)
    return within(shared, [(0.0, plan.seconds)])


def _person(person: Person, cell: Box, spans: list[Span], scale: float) -> Iterator[str]:
    clip = rf"\clip({cell.x},{cell.y},{cell.x + cell.width},{cell.y + cell.height})"
    seen = picture_spans(person.clips)
    size = 22 * scale
    label = plain(_fitted(f"{person.mark} {person.name}", (cell.width - 28) / size))
    place = rf"\pos({cell.x + 10},{cell.y + cell.height - 10})\fs{size:.0f}"
    for span in within(spans, seen):
        yield line(span, "Name", rf"{{{clip}{place}}}{label}")
    x, y = cell.x + cell.width // 2, cell.y + cell.height // 2
    mark = min(72.0, cell.height / 3.2)
    name = plain(_fitted(person.name, (cell.width - 28) / (26 * scale)))
    for card in person.cards:
        note = plain(_fitted(card.text, (cell.width - 28) / (19 * scale)))
        text = (
            rf"{{{clip}\pos({x},{y})\fs{mark:.0f}}}{person.mark}\N{{\fs{26 * scale:.0f}}}{name}"
            rf"\N{{\fs{19 * scale:.0f}\c&HAAA3A3&}}{note}"
        )
        for span in within([(card.start, card.end)], without(spans, seen)):
            yield line(span, "Card", text)


def _clock(plan: Plan) -> Iterator[tuple[Span, str]]:
    """One entry for every second of the wall clock."""
    local = plan.origin.astimezone(ZoneInfo(plan.zone))
    second = local.replace(microsecond=0)
    start = 0.0
    while start < plan.seconds:
        second += timedelta(seconds=1)
        end = min((second - local).total_seconds(), plan.seconds)
        yield (start, end), f"{second - timedelta(seconds=1):%Y-%m-%d %H:%M:%S}"
        start = end


def plain(text: str) -> str:
    """Text that ASS shows as it is: its own signs become their full-width twins, line breaks a space."""
    clean = "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return clean.translate({ord("{"): "｛", ord("}"): "｝", ord("\\"): "＼"})


def _fitted(text: str, ems: float) -> str:
    """Cut to a width given in letter heights: Chinese signs take one, others about half."""

    def width(sign: str) -> float:
        return 1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.58

    if sum(map(width, text)) <= ems:
        return text
    kept, used = "", 1.0
    for sign in text:
        used += width(sign)
        if used > ems:
            break
        kept += sign
    return kept + "…"


def line(span: Span, style: str, text: str) -> str:
    """An entry of a script; `text` may hold ASS's own signs."""
    return f"Dialogue: 0,{_time(span[0])},{_time(span[1])},{style},,0,0,0,,{text}"


def _time(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, hundredths = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{hundredths // 100:02d}.{hundredths % 100:02d}"


def times(spans: Iterable[Span]) -> str:
    """Spans as a condition of ffmpeg's timeline: nonzero inside of them."""
    return "+".join(f"between(t,{start:.3f},{end:.3f})" for start, end in spans) or "0"
