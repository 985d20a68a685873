"""Prints the book as PDF: the same book gives the same bytes, with the same typesetter and font."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import typst

from casebook.yearbook.book import Book, Figure, Part, Place, Printed
from server.documents.press import STANDARDS, Press, Unprintable

LAYOUT: Final = Path(__file__).parent / "layout.typ"
WORDS: Final = {
    "preface": "前言", "contents": "目录", "facts": "案情", "claims": "请求", "process": "调解经过", "outcome": "结果",
    "experience": "经验", "law": "依据", "comment": "评析", "figures": "本年数字", "figure": "项目", "value": "数",
    "came_to": "各章案例的结果", "came_to_note": "只是书中这些案例，不代表全部投诉。占请求的比例和天数是中间的一个。",
    "chapter": "章", "settled": "谈成", "share": "占请求", "days": "天数", "statutes": "法条索引",
    "industries": "行业索引", "index_note": "数字是案例的编号，点一下就到。",
}  # fmt: skip


class Size(StrEnum):
    A4 = "a4"
    PHONE = "phone"


class BookPress:
    def __init__(self, press: Press | None = None) -> None:
        self._press = press or Press()

    def print(self, book: Book, size: Size = Size.A4) -> bytes:
        """Unprintable, NoFont. Some seconds for hundreds of cases: not on the event loop."""
        font = self._press.font
        try:
            return typst.compile(
                str(LAYOUT),
                root=str(LAYOUT.parent),
                font_paths=font.fonts,
                ignore_system_fonts=True,
                sys_inputs={"font": font.family, "size": size.value, "book": json.dumps(said(book, self._press.says))},
                pdf_standards=STANDARDS,  # type: ignore[arg-type]
            )
        except typst.TypstError as fault:
            raise Unprintable(str(fault)) from None


def said(book: Book, say: Callable[[str], str]) -> Any:
    """As JSON for the layout, every text put through `say`."""
    return _each(
        {
            "title": title(book),
            "subtitle": f"{book.year}年　共{len(book.cases)}例",
            "office": book.office,
            "year": book.year,
            "made": f"{book.made.year}年{book.made.month}月{book.made.day}日",
            "samples": book.samples,
            "sample_note": "标“样例”的案例是随程序提供的，人物和商家都是编的，法条是真的。",
            "preface": list(book.preface),
            "words": WORDS,
            "parts": [_part(part) for part in book.parts],
            "figures_line": f"{book.office}{book.year}年的投诉，按统一口径统计。",
            "figures": [_figure(row) for row in book.figures],
            "came_to": [_came_to(part) for part in book.parts if part.came_to.enough],
            "statutes": [_place(place) for place in book.statutes],
            "industries": [_place(place) for place in book.industries],
        },
        say,
    )


def title(book: Book) -> str:
    return "消费纠纷典型案例选编"


def facts_line(one: Printed) -> str:
    """Number, trade, problem, when."""
    case = one.case
    day = f"{case.event_date.year}年{case.event_date.month}月"
    return "　".join(filter(None, (case.number, one.industry, one.problem, day)))


def sum_line(one: Printed) -> str:
    case = one.case
    parts = [
        f"请求{case.claimed:,.2f}元" if case.claimed is not None else "",
        f"谈成{case.settled:,.2f}元" if case.settled is not None else "没有达成协议",
        f"用时{case.days}天" if case.days is not None else "",
    ]
    return "　".join(filter(None, parts))


def part_line(part: Part) -> str:
    came = part.came_to
    said_ = f"{came.cases}例，谈成{came.settled}例。"
    if came.share is not None:
        low, high = came.share.low, came.share.high
        said_ += f"谈成的数额多为请求的{low}%。" if low == high else f"谈成的数额多在请求的{low}%到{high}%之间。"
    return said_


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": part.chapter.zh,
        "title_en": part.chapter.en,
        "line": part_line(part),
        "cases": [_case(one) for one in part.cases],
    }


def _case(one: Printed) -> dict[str, Any]:
    case = one.case
    return {
        "number": one.number,
        "title": case.title_zh,
        "title_en": case.title_en.replace("’", "'"),  # in Chinese type it takes the room of a character
        "facts_line": facts_line(one),
        "sum_line": sum_line(one),
        **{name: getattr(case, name) for name in ("facts", "claims", "process", "outcome", "experience", "comment")},
        "comment_by": case.comment_by,
        "law": [{"citation": law.citation, "gist": law.gist, "text": law.text} for law in one.law],
    }


def _figure(row: Figure) -> dict[str, str]:
    return {"title": row.title, "value": row.value, "behind": row.behind}


def _came_to(part: Part) -> dict[str, str]:
    came = part.came_to
    return {
        "chapter": part.chapter.zh,
        "settled": f"{came.settled}/{came.cases}",
        "share": "–" if came.share is None else f"{came.share.middle}%",
        "days": "–" if came.days is None else str(came.days.middle),
    }


def _place(place: Place) -> dict[str, Any]:
    return {"heading": place.heading, "line": place.line, "cases": list(place.cases)}


def _each(value: Any, say: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return say(value)
    if isinstance(value, dict):
        return {key: _each(one, say) for key, one in value.items()}
    if isinstance(value, list):
        return [_each(one, say) for one in value]
    return value
