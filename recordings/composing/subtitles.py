"""Everything that is written into the picture, and where: names, cards of absent people, phase and clock as one ASS
script, in the languages of the program; a grid of people, or a shared screen with the people beside it.

One script and not dozens of text filters: times are plain numbers, text needs no shell or filter quoting, and the
font is chosen by family, so that Chinese gets Chinese letter forms.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from recordings.composing import CompositionPlan, GridCell, Span, picture_spans, union, within, without
from rooms.vocabulary import Phase, Role, Side

WIDTH, HEIGHT, BAR = 1280, 720, 48
SPACE = 8
STRIP = 256  # of people beside a shared screen
# Colours of the dark room.
CANVAS, CARD, STRIPE = "0x141a18", "0x1d2522", "0x0d1110"


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels, all even: chroma has half the resolution."""

    x: int
    y: int
    width: int
    height: int


def grid_boxes(count: int) -> list[Box]:
    """Equal cells for everybody, as large as a picture of 4:3 can be made."""
    return _cells(Box(0, 0, WIDTH, HEIGHT - BAR), count)


def strip_boxes(count: int) -> list[Box]:
    """The same people in the column beside a shared screen."""
    return _cells(Box(WIDTH - STRIP, 0, STRIP, HEIGHT - BAR), count)


def screen_box() -> Box:
    return Box(SPACE, SPACE, WIDTH - STRIP - SPACE, HEIGHT - BAR - 2 * SPACE)


def bar_box() -> Box:
    return Box(0, HEIGHT - BAR, WIDTH, BAR)


def _cells(area: Box, count: int) -> list[Box]:
    if count < 1:
        return []

    def cell(columns: int) -> tuple[int, int]:
        rows = math.ceil(count / columns)
        return (
            (area.width - SPACE * (columns + 1)) // columns & ~1,
            (area.height - SPACE * (rows + 1)) // rows & ~1,
        )

    def shown(columns: int) -> float:
        width, height = cell(columns)
        return min(width, height * 4 / 3)

    columns = max(range(1, count + 1), key=shown)
    width, height = cell(columns)
    boxes = []
    for index in range(count):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        # A last row that is not full stands in the middle.
        indent = (area.width - in_row * width - (in_row + 1) * SPACE) // 2 + SPACE
        x = area.x + indent + column * (width + SPACE)
        y = area.y + SPACE + row * (height + SPACE)
        boxes.append(Box(x & ~1, y & ~1, width, height))
    return boxes


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


def subtitle_script(plan: CompositionPlan) -> str:
    """The whole script of a plan."""
    shared = screen_spans(plan)
    whole = [(0.0, plan.seconds)]
    lines: list[str] = []
    count = len(plan.people)
    for person, cell, small in zip(plan.people, grid_boxes(count), strip_boxes(count), strict=True):
        lines += _person(person, cell, without(whole, shared), 1.0)
        lines += _person(person, small, shared, 0.85)
    bar = bar_box()
    middle = bar.y + bar.height // 2
    for caption in plan.captions:
        phase = rf"{{\pos(20,{middle})}}{plain(caption.text)}"
        lines.append(line((caption.start, caption.end), "Text", phase))
    lines.append(line(whole[0], "Text", rf"{{\an5\pos({WIDTH // 2},{middle})\fs20}}{plain(plan.title)}"))
    for span, clock in _clock(plan):
        lines.append(line(span, "Text", rf"{{\an6\pos({WIDTH - 20},{middle})}}{clock}"))
    return head() + "\n".join(lines) + "\n"


def head() -> str:
    """What every script begins with."""
    return _HEAD.format(width=WIDTH, height=HEIGHT, family=FAMILY)


def screen_spans(plan: CompositionPlan) -> list[Span]:
    """When any screen is shared."""
    shared = union((clip.start, clip.end) for person in plan.people for clip in person.screens)
    return within(shared, [(0.0, plan.seconds)])


def _person(person: GridCell, cell: Box, spans: list[Span], scale: float) -> Iterator[str]:
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


def _clock(plan: CompositionPlan) -> Iterator[tuple[Span, str]]:
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


@dataclass(frozen=True, slots=True)
class CaptionWording:
    phases: Mapping[Phase, str]
    roles: Mapping[Role, str]
    recess: str
    caucus: Mapping[Side, str]
    closed: str
    missing: Mapping[str, str]  # by the causes of recordings.composing.planning
    screen_of: str  # {name}
    copy_of: str  # {name} {office} {time}
    session: str  # {number} {ordinal}


# One character says who, in every language: the same mark as on tiles, seats and charts.
MARKS: Mapping[Role, str] = {
    Role.MEDIATOR: "调",
    Role.CONSUMER: "消",
    Role.BUSINESS: "商",
    Role.REPRESENTATIVE: "代",
    Role.LAWYER: "律",
    Role.INTERPRETER: "译",
    Role.COMPANION: "助",
    Role.OBSERVER: "观",
    Role.SUPERVISOR: "督",
}

ZH = CaptionWording(
    phases={
        Phase.OPENING: "开场",
        Phase.CONSUMER_STATEMENT: "消费者陈述",
        Phase.BUSINESS_STATEMENT: "商家陈述",
        Phase.DISCUSSION: "讨论",
        Phase.PROPOSAL: "方案",
        Phase.CLOSING: "收尾",
    },
    roles={
        Role.MEDIATOR: "调解员",
        Role.CONSUMER: "消费者",
        Role.BUSINESS: "商家",
        Role.REPRESENTATIVE: "代理人",
        Role.LAWYER: "律师",
        Role.INTERPRETER: "翻译",
        Role.COMPANION: "陪同人",
        Role.OBSERVER: "旁听",
        Role.SUPERVISOR: "监督人员",
    },
    recess="休会",
    caucus={Side.CONSUMER: "与消费者单独谈，没有录制", Side.BUSINESS: "与商家单独谈，没有录制"},
    closed="调解结束",
    missing={
        "sound_only": "只用声音",
        "no_consent": "没有录制：未同意录制",
        "consent_withdrawn": "没有录制：撤回了录制同意",
        "recess": "休会，没有录制",
        "server": "没有录制：服务器中断",
        "ended": "没有录制：链接或登录已失效",
        "reconnecting": "正在重新连接",
        "connecting": "声音和画面还没有接通",
        "disk": "没有录制：存储故障",
        "caucus": "单独谈，没有录制",
        "consulting": "与本方私下商量，没有录制",
        "withheld": "按当时的安排没有录制",
        "muted": "静音，摄像头关着",
        "camera_off": "摄像头关着",
        "loss": "网络差，没有收到",
        "silent": "没有声音和画面传来",
        "starting": "录制就要开始",
        "writing": "正在写入",
        "unexplained": "没有录制",
        "observer": "旁听，不录制",
        "not_yet": "还没有来",
        "left": "已经离开",
    },
    screen_of="{name}共享的屏幕",
    copy_of="{time}　{office}　{name}　导出",
    session="{number}　第{ordinal}次调解",
)

EN = CaptionWording(
    phases={
        Phase.OPENING: "Opening",
        Phase.CONSUMER_STATEMENT: "Consumer’s statement",
        Phase.BUSINESS_STATEMENT: "Business’s statement",
        Phase.DISCUSSION: "Discussion",
        Phase.PROPOSAL: "Proposal",
        Phase.CLOSING: "Closing",
    },
    roles={
        Role.MEDIATOR: "Mediator",
        Role.CONSUMER: "Consumer",
        Role.BUSINESS: "Business",
        Role.REPRESENTATIVE: "Representative",
        Role.LAWYER: "Lawyer",
        Role.INTERPRETER: "Interpreter",
        Role.COMPANION: "Companion",
        Role.OBSERVER: "Observer",
        Role.SUPERVISOR: "Supervisor",
    },
    recess="Recess",
    caucus={
        Side.CONSUMER: "Private talk with the consumer, not recorded",
        Side.BUSINESS: "Private talk with the business, not recorded",
    },
    closed="Mediation terminated",
    missing={
        "sound_only": "Sound only",
        "no_consent": "Not recorded: no consent",
        "consent_withdrawn": "Not recorded: consent withdrawn",
        "recess": "Recess, not recorded",
        "server": "Not recorded: the server stopped",
        "ended": "Not recorded: link or sign-in ended",
        "reconnecting": "Reconnecting",
        "connecting": "Sound and picture not connected yet",
        "disk": "Not recorded: storage failed",
        "caucus": "Private talk, not recorded",
        "consulting": "Consulting with their side, not recorded",
        "withheld": "Not to be recorded just then",
        "muted": "Muted, camera off",
        "camera_off": "Camera off",
        "loss": "Not received: weak network",
        "silent": "No sound or picture came",
        "starting": "Recording is about to begin",
        "writing": "Being written",
        "unexplained": "Not recorded",
        "observer": "Observing, not recorded",
        "not_yet": "Not here yet",
        "left": "Has left",
    },
    screen_of="{name}’s screen",
    copy_of="Exported {time} by {name}, {office}",
    session="{number}, mediation {ordinal}",
)

LANGUAGES: Mapping[str, CaptionWording] = {"zh": ZH, "en": EN}
