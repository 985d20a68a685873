"""Signed documents: what they say besides their text, printing them as PDF/A-2a, the office's seal under them, and
checking one.

`forms` is what a form says, `certificates` and `seals` keep the office's seal, `pades` applies
it and judges a PDF that somebody brings. Here papers are made. The typesetter takes them as plain texts in a fixed
order, strokes as numbers, no markup.

What a paper says of who, when, where and how, and of how the mediation went, is pure. The record of Order 121 Art 24
says who was there, when, and what was done; what was offered on the way is not in the minutes
(`rooms.record.minutes`), so it is not here.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typst

from complaints.state import Complaint
from law.library import Library
from law.orders import mode_name
from offices import Office
from rooms.agreement.outcome import speakers
from rooms.agreement.rules import WAIVED
from rooms.agreement.state import SIDES
from rooms.events import HeldElsewhere
from rooms.record.minutes import Minutes
from rooms.session import Session
from rooms.signing import Ink
from rooms.vocabulary import Capacity, Role, Side
from server.documents import (
    STANDARDS,
    Coverage,
    NoFont,
    PdfRenderer,
    Unprintable,
    chinese_day,
    coverage_of,
    each_text,
    installed_fonts,
    printable,
)
from server.documents.facts import DocumentLine, Open, business, person

EDITION = "2026-11-29"


@dataclass(frozen=True, slots=True)
class PaperRow:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Passage:
    """`style`: "heading" | "text" | "quote" | "note"."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A clause: "第一条" and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Hand:
    """A signature: drawn (`ink`), or the name typed by somebody who cannot draw; neither while it is missing."""

    role: str
    name: str
    capacity: str = ""  # of a proxy: for whom and by what
    note: str = ""  # when and how
    alt: str = ""
    ink: Ink | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True)
class SealMark:
    name: str  # in the ring
    purpose: str
    kind: str  # says that it is electronic
    note: str
    alt: str
    applied: bool = False


@dataclass(frozen=True, slots=True)
class English:
    """For reading only."""

    title: str
    rows: tuple[PaperRow, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """`digest` is a line at the foot that names the text's hash; `day` (year, month, day) is the file's own date."""

    office: str
    title: str
    number: str
    rows: tuple[PaperRow, ...]
    before: tuple[Passage, ...]
    clauses: tuple[Numbered, ...]
    after: tuple[Passage, ...]
    hands: tuple[Hand, ...]
    seal: SealMark | None
    date: str
    day: tuple[int, int, int]
    foot: str
    digest: str = ""
    verify: str = ""
    gloss: English | None = None  # where somebody asked for it
    draft: bool = False
    draft_word: str = "草稿"
    contact: str = ""  # how the authority is reached, under the date
    edition: str = EDITION

    def said(self, say: Callable[[str], str]) -> dict[str, Any]:
        """As JSON for the layout, every text put through `say`."""
        return each_text(asdict(self), say)  # type: ignore[no-any-return]


KIND: Final = "电子印章"


def seal_mark(authority: str, applied: bool, purpose: str = "") -> SealMark:
    """The picture of an office's seal on a sheet. It proves nothing, and says so: the certificate under the file does.

    `purpose`: of a seal for one kind of paper, as 调解专用章 for agreements and records; "" of the authority's own
    seal, which has a star in place of it.
    """
    note = (
        "此为电子印章的图样；是否有效、文件有无改动，以文件所附的数字签名为准"
        if applied
        else "尚未加盖电子印章，本文书未生效"
    )
    return SealMark(authority, purpose, KIND, note, f"{authority}{purpose or '印章'}（{KIND}）", applied)


EDITIONS: Final = Path(__file__).parent / "editions"
_PREFERRED: Final = "Noto Serif SC"


@dataclass(frozen=True)
class _Fonts:
    fonts: typst.Fonts
    sans: str
    song: str
    coverage: _Either


class _Either:
    """What the one or the other font has a shape for."""

    def __init__(self, *of: Coverage) -> None:
        self._of = of

    def __contains__(self, character: str) -> bool:
        return any(character in one for one in self._of)


def installed_song() -> Path | None:
    """The folder of the Song font that is installed with the program."""
    found = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    return None if found is None or found.origin is None else Path(found.origin).parent


class PaperRenderer:
    """Prints papers as PDF/A-2a: Song for what has legal effect, the press's own font for the rest and for what Song
    lacks.

    The Song font is the installed one or that of a folder a setting names; without any, everything is set in the other.
    What a paper says reaches the layout only as data (`sys.inputs`), which typst never reads as markup.

    `sans`, `song`: folders of font files, None for the installed ones.
    """

    def __init__(self, sans: Path | None = None, song: Path | None = None) -> None:
        self._sans, self._song = sans, song

    @cached_property
    def _fonts(self) -> _Fonts:
        plain = PdfRenderer(self._sans).font
        folder = self._song or installed_song()
        folders = [self._sans or installed_fonts(), *([folder] if folder else [])]
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(one) for one in folders]
        )
        serif = [font for font in fonts.fonts() if font.path and folder and Path(str(font.path)).is_relative_to(folder)]
        serif = [font for font in serif if any(word in font.family for word in ("Serif", "Song", "Ming", "宋"))]
        if not serif:
            return _Fonts(fonts, plain.family, "", _Either(plain.coverage))
        chosen = min(serif, key=lambda font: (font.family != _PREFERRED, "SC" not in font.family.split(), font.family))
        try:
            song = coverage_of(Path(str(chosen.path)), chosen.index)
        except NoFont:
            return _Fonts(fonts, plain.family, "", _Either(plain.coverage))
        return _Fonts(fonts, plain.family, chosen.family, _Either(plain.coverage, song))

    @property
    def song(self) -> str:
        """The family legal text is set in, "" when there is none."""
        return self._fonts.song

    def says(self, text: str) -> str:
        """A text as a paper shows it."""
        return printable(text, self._fonts.coverage)

    def print(self, paper: Paper) -> bytes:
        """Some tens of milliseconds a page. Unprintable, NoFont."""
        layout = EDITIONS / paper.edition / "layout.typ"
        try:
            return typst.compile(
                str(layout),
                root=str(layout.parent),
                font_paths=self._fonts.fonts,
                ignore_system_fonts=True,
                sys_inputs={
                    "sans": self._fonts.sans,
                    "song": self._fonts.song,
                    "paper": json.dumps(paper.said(self.says)),
                },
                pdf_standards=STANDARDS,  # type: ignore[arg-type]
            )
        except typst.TypstError as fault:
            raise Unprintable(str(fault)) from None


RELATIONS = {
    "station": "服务站工作人员",
    "family": "家人",
    "community": "社区工作人员",
    "volunteer": "志愿者",
    "other": "其他人",
}


def mediation_course(made: Minutes | None, zone: ZoneInfo) -> list[Passage]:
    """Steps of one minute stand in one passage. Empty without minutes, or before anything happened."""
    if made is None or not made.steps:
        return []
    lines: list[tuple[str, list[str]]] = []
    for step in made.steps:
        minute = f"{step.at.astimezone(zone):%H:%M}"
        if lines and lines[-1][0] == minute:
            lines[-1][1].append(step.text)
        else:
            lines.append((minute, [step.text]))
    return [
        Passage("heading", "调解经过"),
        *(Passage("text", f"{minute}　{''.join(texts)}") for minute, texts in lines),
    ]


def helpers(session: Session) -> Sequence[PaperRow]:
    """Who sits with somebody to help; nothing when nobody does."""
    beside = [
        f"{seat.helper.name}（{RELATIONS[seat.helper.relation]}，陪在{seat.name}身边协助，经{seat.name}同意）"
        for seat in session.seats.values()
        if seat.helper is not None
    ]
    return [PaperRow("协助人", "、".join(beside))] if beside else []


ROLES = {Side.CONSUMER: "投诉人", Side.BUSINESS: "被投诉人"}
CAPACITIES = {
    Capacity.SELF: "本人",
    Capacity.LEGAL_REPRESENTATIVE: "法定代表人",
    Capacity.HEAD: "负责人",
    Capacity.GUARDIAN: "监护人",
    Capacity.AGENT: "委托代理人",
}
_IN_ENGLISH = {Side.CONSUMER: "Complainant", Side.BUSINESS: "Respondent"}


@dataclass(frozen=True, slots=True)
class Making:
    """What a paper needs besides the mediation. `open`: opens what the file keeps sealed."""

    open: Open
    library: Library | None = None  # with the official texts that offices imported


def particulars(session: Session, complaint: Complaint, office: Office, making: Making) -> list[DocumentLine]:
    record = complaint.record
    heads = [
        seat.name
        for seat in speakers(session, Side.BUSINESS)
        if (held := session.draft.authorities.get(seat.id)) is not None
        and held.capacity in (Capacity.LEGAL_REPRESENTATIVE, Capacity.HEAD)
    ]
    proxy = record.proxy.name if record.proxy else ""
    mediator = session.seats[session.mediator_seat].name
    lines = [
        _line("投诉登记编号", record.number),
        *person(ROLES[Side.CONSUMER], record.consumer, making.open),
        *(line for joint in record.joint for line in person("共同投诉人", joint, making.open)),
        _line("代理人", _agents(session, Side.CONSUMER, proxy)),
        *business(ROLES[Side.BUSINESS], record.business, "、".join(heads), making.open),
        _line("代理人", _agents(session, Side.BUSINESS, "")),
        _line("承办机构", office.name),
        _line("调解员", mediator),
        *(_line(row.label, row.value) for row in helpers(session)),
        _line("调解方式", mode_name(session.mode, "zh")),
    ]
    return [*lines, _line("调解地点", session.place)] if session.place else lines


def _line(label: str, value: str) -> DocumentLine:
    return DocumentLine(label, value, value)


def rows(lines: Sequence[DocumentLine]) -> tuple[PaperRow, ...]:
    return tuple(PaperRow(line.label, line.value) for line in lines)


def masked(lines: Sequence[DocumentLine]) -> tuple[PaperRow, ...]:
    if all(line.value == line.masked for line in lines):
        return ()
    return tuple(PaperRow(line.label, line.masked) for line in lines)


def contact(office: Office) -> str:
    return "　".join(part for part in (office.address, office.phone) if part)


def circumstances(session: Session, office: Office, ended: datetime | None) -> list[DocumentLine]:
    zone = ZoneInfo(office.zone)
    others = [
        f"{seat.name}（{_OTHERS[seat.role]}）"
        for seat in session.seats.values()
        if seat.role in _OTHERS and seat.been_inside
    ]
    held = session.held
    lines = [_line("开始时间", _moment(held.began if held else session.opened, zone))]
    if ended is not None or held is not None:
        lines.append(_line("结束时间", _moment(held.ended if held else ended, zone)))
    return [
        *lines,
        *(_elsewhere(held) if held else ()),
        _line("主持人、记录人", session.seats[session.mediator_seat].name),
        _line("其他在场人", (held.others if held else "、".join(others)) or "无"),
    ]


def _elsewhere(held: HeldElsewhere) -> list[DocumentLine]:
    """Where there was no room: who took part for each side."""
    lines = [
        _line("投诉人一方参加人", held.consumer_by or "未参加"),
        _line("被投诉人一方参加人", held.business_by or "未参加"),
    ]
    return [*lines, _line("调解书", "双方均表示不需要制作调解书")] if held.agreement == WAIVED else lines


_OTHERS = {
    Role.LAWYER: "律师",
    Role.INTERPRETER: "翻译",
    Role.COMPANION: "陪同",
    Role.OBSERVER: "旁听",
    Role.SUPERVISOR: "监督人员",
}


def _agents(session: Session, side: Side, first: str) -> str:
    found = [first] if first else []
    for seat in speakers(session, side):
        held = session.draft.authorities.get(seat.id)
        if held is not None and held.capacity in (Capacity.AGENT, Capacity.GUARDIAN) and seat.name not in found:
            found.append(f"{seat.name}（{CAPACITIES[held.capacity]}{'，' + held.basis if held.basis else ''}）")
    return "、".join(found) or "无"


def english_rows(session: Session, complaint: Complaint) -> tuple[PaperRow, ...]:
    record = complaint.record
    return (
        PaperRow("File", record.number),
        *(
            PaperRow(_IN_ENGLISH[side], (record.consumer if side is Side.CONSUMER else record.business).title)
            for side in SIDES
        ),
        PaperRow("Mediator", session.seats[session.mediator_seat].name),
    )


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{chinese_day(local.date())}{local:%H:%M}"
