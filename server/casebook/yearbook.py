"""The year's book: published cases, the year's figures from the one standard and the law, gathered and printed as PDF
and as EPUB. Implements `web.office.casebook.Yearbook`.
"""

from __future__ import annotations

import asyncio
import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import typst

import complaints
from casebook import Case, collections
from casebook.collections import NoteEdition, NoteService
from casebook.starter import starter
from casebook.views import MOST_CASES, Book, ChapterPart, IndexPlace, Printed, YearFigure, yearbook
from complaints.record.industries import industry_name
from complaints.statistics import Unit, current
from complaints.statistics.figures import Figure as Counted, Period
from complaints.statistics.views import StatisticsQuery
from law.library import Library, library
from offices import Officer
from server.casebook.service import case_refusal
from server.casebook.store import first_and_last, kept_preface, published_in
from server.complaints.office_store import LawStore
from server.db.engine import Database
from server.documents import STANDARDS, PdfRenderer, Unprintable
from server.statistics.store import SqlStatistics

LAYOUT: Final = Path(__file__).parent / "yearbook.typ"
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


class YearbookRenderer:
    def __init__(self, press: PdfRenderer | None = None) -> None:
        self._press = press or PdfRenderer()

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


def part_line(part: ChapterPart) -> str:
    came = part.came_to
    said_ = f"{came.cases}例，谈成{came.settled}例。"
    if came.share is not None:
        low, high = came.share.low, came.share.high
        said_ += f"谈成的数额多为请求的{low}%。" if low == high else f"谈成的数额多在请求的{low}%到{high}%之间。"
    return said_


def _part(part: ChapterPart) -> dict[str, Any]:
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


def _figure(row: YearFigure) -> dict[str, str]:
    return {"title": row.title, "value": row.value, "behind": row.behind}


def _came_to(part: ChapterPart) -> dict[str, str]:
    came = part.came_to
    return {
        "chapter": part.chapter.zh,
        "settled": f"{came.settled}/{came.cases}",
        "share": "–" if came.share is None else f"{came.share.middle}%",
        "days": "–" if came.days is None else str(came.days.middle),
    }


def _place(place: IndexPlace) -> dict[str, Any]:
    return {"heading": place.heading, "line": place.line, "cases": list(place.cases)}


def _each(value: Any, say: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return say(value)
    if isinstance(value, dict):
        return {key: _each(one, say) for key, one in value.items()}
    if isinstance(value, list):
        return [_each(one, say) for one in value]
    return value


_CONTAINER: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)
_STYLE: Final = (
    "body{line-height:1.7;margin:0 4%}h1,h2,h3{line-height:1.35}p{text-indent:2em;margin:.4em 0}"
    ".meta{text-indent:0;color:#555;font-size:.85em}h3{font-size:1em;margin:1em 0 .2em}"
    ".comment{border-left:.15em solid #a8321f;padding-left:1em}ul{list-style:none;padding-left:1em}"
    "td,th{text-align:left;padding:.3em;border-bottom:1px solid #ccc}\n"
)
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)


def epub(book: Book) -> bytes:
    """Make the book EPUB 3 for a reader: XHTML, a navigation document, no script."""
    pages = _pages(book)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        _put(archive, "mimetype", "application/epub+zip", zipfile.ZIP_STORED)  # first and plain, says OCF 3.3
        _put(archive, "META-INF/container.xml", _CONTAINER)
        _put(archive, "book/style.css", _STYLE)
        _put(archive, "book/nav.xhtml", _page(WORDS["contents"], _navigation(book, pages)))
        for name, (heading, body) in pages.items():
            _put(archive, f"book/{name}", _page(heading, body))
        _put(archive, "book/package.opf", _package(book, list(pages)))
    return held.getvalue()


def _pages(book: Book) -> dict[str, tuple[str, str]]:
    pages = {"preface.xhtml": (WORDS["preface"], _section(WORDS["preface"], *(_p(line) for line in book.preface)))}
    for at, part in enumerate(book.parts, 1):
        pages[_name(at)] = (part.chapter.zh, _part_section(part))
    rows = "".join(
        f"<tr><td>{escape(row.title)}</td><td>{escape(row.value)}</td><td>{escape(row.behind)}</td></tr>"
        for row in book.figures
    )
    if rows:
        pages["figures.xhtml"] = (WORDS["figures"], _section(WORDS["figures"], f"<table>{rows}</table>"))
    where = {one.number: _name(at) for at, part in enumerate(book.parts, 1) for one in part.cases}
    for name, heading, places in (
        ("statutes.xhtml", WORDS["statutes"], book.statutes),
        ("industries.xhtml", WORDS["industries"], book.industries),
    ):
        if places:
            pages[name] = (heading, _section(heading, _index(places, where)))
    return pages


def _name(at: int) -> str:
    return f"part-{at}.xhtml"


def _part_section(part: ChapterPart) -> str:
    return _section(
        part.chapter.zh,
        f'<p class="meta" lang="en">{escape(part.chapter.en)}</p>',
        f'<p class="meta">{escape(part_line(part))}</p>',
        *(_case_article(one) for one in part.cases),
    )


def _case_article(one: Printed) -> str:
    case = one.case
    told = "".join(
        f"<h3>{WORDS[name]}</h3>{_ps(getattr(case, name))}"
        for name in ("facts", "claims", "process", "outcome", "experience")
        if getattr(case, name)
    )
    law = "".join(f"<li><b>{escape(each.citation)}</b>　{escape(each.text or each.gist)}</li>" for each in one.law)
    comment = (
        f'<div class="comment"><h3>{WORDS["comment"]}</h3>{_ps(case.comment)}<p class="meta">{escape(case.comment_by)}'
        "</p></div>"
        if case.comment
        else ""
    )
    english = f'<p class="meta" lang="en">{escape(case.title_en)}</p>' if case.title_en else ""
    rests = f"<h3>{WORDS['law']}</h3><ul>{law}</ul>" if law else ""
    return (
        f'<section id="case-{one.number}"><h2>{one.number}　{escape(case.title_zh)}</h2>{english}'
        f'<p class="meta">{escape(facts_line(one))}<br/>{escape(sum_line(one))}</p>{told}'
        f"{rests}{comment}</section>"
    )


def _index(places: Iterable[IndexPlace], where: dict[int, str]) -> str:
    lines, last = [], None
    for place in places:
        if place.heading != last:
            lines.append(f"<h3>{escape(place.heading)}</h3>")
            last = place.heading
        links = "、".join(f'<a href="{where[number]}#case-{number}">{number}</a>' for number in place.cases)
        lines.append(f'<p class="meta">{escape(place.line)}　{links}</p>')
    return "".join(lines)


def _navigation(book: Book, pages: dict[str, tuple[str, str]]) -> str:
    cases = {_name(at): part.cases for at, part in enumerate(book.parts, 1)}
    entries = []
    for name, (heading, _) in pages.items():
        inner = "".join(
            f'<li><a href="{name}#case-{one.number}">{one.number}　{escape(one.case.title_zh)}</a></li>'
            for one in cases.get(name, ())
        )
        entries.append(f'<li><a href="{name}">{escape(heading)}</a>{f"<ol>{inner}</ol>" if inner else ""}</li>')
    return f'<nav epub:type="toc"><h1>{WORDS["contents"]}</h1><ol>{"".join(entries)}</ol></nav>'


def _package(book: Book, pages: list[str]) -> str:
    name = f"{title(book)}（{book.year}年）"
    id_ = uuid.uuid5(uuid.NAMESPACE_URL, f"yuntiao/{book.office}/{book.year}")
    items = "".join(
        f'<item id="p{at}" href="{page}" media-type="application/xhtml+xml"/>' for at, page in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="p{at}"/>' for at in range(len(pages)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="zh-CN">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{id_}</dc:identifier><dc:title>{escape(name)}</dc:title>'
        f"<dc:language>zh-CN</dc:language><dc:creator>{escape(book.office)}</dc:creator>"
        f'<meta property="dcterms:modified">{book.made.isoformat()}T00:00:00Z</meta></metadata>'
        '<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'<item id="style" href="style.css" media-type="text/css"/>{items}</manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>\n'
    )


def _page(heading: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="zh-CN" '
        f'xml:lang="zh-CN"><head><title>{escape(heading)}</title><link rel="stylesheet" href="style.css"/></head>'
        f"<body>{body}</body></html>\n"
    )


def _section(heading: str, *parts: str) -> str:
    return f"<section><h1>{escape(heading)}</h1>{''.join(parts)}</section>"


def _ps(text: str) -> str:
    return "".join(_p(line) for line in text.splitlines() if line.strip())


def _p(line: str) -> str:
    return f"<p>{escape(line)}</p>"


def _put(archive: zipfile.ZipFile, name: str, text: str, how: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, text)


_UNITS: Final[Mapping[Unit, str]] = {
    "complaints": "件",
    "yuan": "元",
    "percent": "%",
    "days": "天",
    "kilometres": "公里",
}


class YearbookService:
    def __init__(self, database: Database, kept: NoteService, press: YearbookRenderer | None = None) -> None:
        self._database, self._kept, self._press = database, kept, press or YearbookRenderer()
        self._turn = asyncio.Semaphore(1)  # a book is a core's work for seconds: one at a time

    async def years(self, officer: Officer) -> Sequence[int]:
        zone = ZoneInfo(officer.office.zone)
        this = datetime.now(zone).year
        ends = await first_and_last(self._database)
        if ends is None:
            return [this]
        first, last = (moment.astimezone(zone).year for moment in ends)
        return range(max(this, last), first - 1, -1)

    async def book(self, officer: Officer, year: int, everybody: bool, samples: bool) -> Book:
        office = officer.office
        if samples:
            return sample_book(year, library(await LawStore(self._database).texts()))
        return await gather(self._database, year, office.name, None if everybody else [office.id], zone=office.zone)

    async def prefaces(self, officer: Officer, year: int, everybody: bool) -> Sequence[NoteEdition]:
        return (await self._kept.editions(collections.is_preface(year, None if everybody else officer.office.id)))[::-1]

    async def write_preface(self, officer: Officer, year: int, everybody: bool, text: str, why: str, seen: int) -> None:
        office = None if everybody else officer.office.id
        with case_refusal():
            collections.check_preface(officer.actor, office)
            await self._kept.write(collections.is_preface(year, office), text, why, seen, officer.actor)

    async def pdf(self, book: Book, phone: bool) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(self._press.print, book, Size.PHONE if phone else Size.A4)

    async def epub(self, book: Book) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(epub, book)


async def gather(
    database: Database,
    year: int,
    office: str,
    offices: Sequence[str] | None,
    preface: str = "",
    zone: str = "Asia/Shanghai",
) -> Book:
    """`offices`: ids whose cases and figures are in it, None for all. Without a `preface` the one that was kept on its
    page, and without that one of our own words."""
    preface = preface or await kept_preface(database, year, offices)
    found = await published_in(database, year, offices, zone, MOST_CASES)
    shelf = library(await LawStore(database).texts())
    return yearbook(found, year, office, shelf, await _figures(database, year, offices), _industry, _problem, preface)


def sample_book(year: int, shelf: Library | None = None, office: str = "典型案例样例") -> Book:
    """Of nothing but what the program brings along."""
    return book_of(starter().values(), year, office, shelf)


def book_of(cases: Iterable[Case], year: int, office: str, shelf: Library | None = None) -> Book:
    """Without a year's figures."""
    return yearbook(cases, year, office, shelf or library(), (), _industry, _problem)


async def _figures(database: Database, year: int, offices: Sequence[str] | None) -> list[YearFigure]:
    period = Period(date(year, 1, 1), date(year, 12, 31))
    asked = StatisticsQuery(period, period.last + timedelta(days=1))
    found = await SqlStatistics(database).figures(current(), asked, offices)
    return [_row(figure) for figure in found.get("", {}).values()]


def _row(figure: Counted) -> YearFigure:
    statistic = figure.statistic
    value = "–" if figure.value is None else f"{figure.value:,}{_UNITS[statistic.unit]}"
    behind = "" if figure.bottom is None else f"{figure.top:,} / {figure.bottom:,}"
    return YearFigure(statistic.title("zh"), value, behind)


def _industry(code: str) -> str:
    return industry_name(code, "zh") if code else ""


def _problem(code: str) -> str:
    return complaints.name(complaints.PROBLEMS, code, "zh")
