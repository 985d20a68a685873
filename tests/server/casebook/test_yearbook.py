"""The year's book, printed and opened: fonts inside, links that lead to their case, nothing over the edge, every
character there, the same bytes each time; and as EPUB.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest

import complaints
from casebook import Case
from casebook.starter import starter
from casebook.views import CHAPTERS, Book, YearFigure, chapter_of, yearbook
from complaints.record.industries import industry_name
from law.library import library
from server.casebook.yearbook import Size, YearbookRenderer, epub

SAMPLES = list(starter().values())
RARE = "亓昝逄糜𠮷㼆"
LONG = "https://example.invalid/" + "a1b2" * 60
FIGURES = (YearFigure("收到投诉", "1,203件"), YearFigure("调解成功率", "71.4%", "601 / 842"))
MM = 72 / 25.4


def made(cases: Sequence[Case] = SAMPLES, preface: str = "") -> Book:
    return yearbook(
        cases,
        2026,
        "云州市东高区市场监督管理局第一所",
        library(),
        FIGURES,
        lambda code: industry_name(code, "zh"),
        lambda code: complaints.name(complaints.PROBLEMS, code, "zh"),
        preface,
    )


@pytest.fixture(scope="module")
def printed() -> dict[Size, bytes]:
    odd = replace(SAMPLES[0], facts=f"消费者{RARE}。见{LONG}。", title_zh="罕见字与很长的网址")
    whole = made([odd, *SAMPLES[1:]])
    return {size: YearbookRenderer().print(whole, size) for size in Size}


@pytest.fixture(params=list(Size), scope="module")
def opened(request: pytest.FixtureRequest, printed: dict[Size, bytes]) -> pdfium.PdfDocument:
    return pdfium.PdfDocument(printed[request.param])


def words_of(document: pdfium.PdfDocument) -> list[str]:
    return [re.sub(r"\s+", "", page.get_textpage().get_text_range()) for page in document]


def test_every_font_is_inside_and_nothing_can_run(printed: dict[Size, bytes]) -> None:
    for pdf in printed.values():
        fonts = set(re.findall(rb"/FontFile[23]?", pdf))
        assert fonts
        assert len(re.findall(rb"/FontDescriptor \d+ 0 R", pdf)) > 0
        assert len(re.findall(rb"/Type/FontDescriptor", pdf)) == len(re.findall(rb"/FontFile[23]? \d+ 0 R", pdf))
        assert not re.search(rb"/(JavaScript|JS|Launch|OpenAction|EmbeddedFile)\b", pdf)


def test_it_has_cover_preface_contents_chapters_figures_and_both_indexes(opened: pdfium.PdfDocument) -> None:
    pages = words_of(opened)
    assert "消费纠纷典型案例选编" in pages[0]
    assert "第一所" in pages[0]
    text = "".join(pages)
    for heading in ("前言", "目录", "本年数字", "法条索引", "行业索引", "评析"):
        assert heading in text
    assert "1,203件" in text
    assert "601/842" in text


def test_bookmarks_name_every_chapter_and_case_and_lead_to_its_page(opened: pdfium.PdfDocument) -> None:
    pages, marks = words_of(opened), list(opened.get_toc())
    titles = [mark.get_title() for mark in marks]
    chapters = {chapter_of(case).zh for case in SAMPLES}
    assert chapters <= set(titles)
    cases = [mark for mark in marks if mark.level == 1]
    assert len(cases) == len(SAMPLES)
    for mark in cases[::7]:
        page = pages[mark.get_dest().get_index()]
        assert re.sub(r"\s+", "", mark.get_title())[:8] in page


def test_links_of_the_contents_and_indexes_lead_inside_the_book(opened: pdfium.PdfDocument) -> None:
    led = 0
    for page in opened:
        count = raw.FPDFPage_GetAnnotCount(page)
        for number in range(count):
            annotation = raw.FPDFPage_GetAnnot(page, number)
            if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_LINK:
                link = raw.FPDFAnnot_GetLink(annotation)
                target = raw.FPDFLink_GetDest(opened, link)
                assert target
                assert 0 <= raw.FPDFDest_GetDestPageIndex(opened, target) < len(opened)
                led += 1
            raw.FPDFPage_CloseAnnot(annotation)
    cited = sum(len(set(case.articles)) for case in SAMPLES)
    assert led >= len(SAMPLES) + cited


def test_no_line_is_over_the_edge(opened: pdfium.PdfDocument) -> None:
    width = opened[0].get_width()
    edge = (8 if width < 100 * MM + 1 else 24) * MM - 1.5
    for at, page in enumerate(opened):
        text = page.get_textpage()
        for number in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(number)
            assert left >= edge - 3, at
            assert right <= width - edge + 3, at
            assert bottom >= 0, at
            assert top <= page.get_height(), at


def test_rare_characters_are_there_as_they_are_or_by_their_code(opened: pdfium.PdfDocument) -> None:
    text = "".join(words_of(opened))
    for character in RARE:
        assert character in text or f"[U+{ord(character):04X}]" in text, character
    assert "亓" in text
    assert "�" not in text


def test_two_printings_of_the_same_data_are_identical_whatever_the_order_they_come_in() -> None:
    few = SAMPLES[:9]
    press = YearbookRenderer()
    assert press.print(made(few)) == press.print(made(few[::-1])) == YearbookRenderer().print(made(few))
    assert epub(made(few)) == epub(made(few[::-1]))


def test_text_is_never_markup(printed: dict[Size, bytes]) -> None:
    sly = replace(SAMPLES[0], facts="#panic() *粗* $x$ @case-1 <b> \\ // 注", comment="<script>&amp;]]>")
    whole = made([sly], preface="第一段 #import\n\n第二段")
    text = "".join(words_of(pdfium.PdfDocument(YearbookRenderer().print(whole))))
    assert "#panic()*粗*$x$@case-1<b>\\//注" in text
    assert "第一段#import" in text
    with zipfile.ZipFile(io.BytesIO(epub(whole))) as archive:
        assert "&lt;script&gt;&amp;amp;" in archive.read("book/part-1.xhtml").decode()


def test_the_epub_is_well_formed_names_its_type_first_and_all_its_links_lead_somewhere() -> None:
    with zipfile.ZipFile(io.BytesIO(epub(made()))) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, archive.read(first)) == (
            "mimetype",
            zipfile.ZIP_STORED,
            b"application/epub+zip",
        )
        pages = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xhtml", ".opf"))}
        for text in pages.values():
            ElementTree.fromstring(text.split("?>\n", 1)[1].removeprefix("<!DOCTYPE html>\n"))
        for text in pages.values():
            for target in re.findall(r'href="([^"]+)"', text):
                page, _, place = target.partition("#")
                assert f"book/{page}" in archive.namelist(), target
                assert not place or f'id="{place}"' in pages[f"book/{page}"]


def test_every_case_has_one_chapter_and_one_number() -> None:
    whole = made()
    assert [one.number for one in whole.cases] == list(range(1, len(SAMPLES) + 1))
    assert {part.chapter for part in whole.parts} <= set(CHAPTERS)
    indexed = {number for place in whole.statutes for number in place.cases}
    assert indexed == {one.number for one in whole.cases}
    assert sorted(number for place in whole.industries for number in place.cases) == sorted(indexed)
