"""Documents are printed from data: what somebody wrote comes out as text, the same data as the same bytes."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings, strategies as st

from server.documents import (
    NEWEST,
    Gloss,
    NoFont,
    PdfRenderer,
    PrintedSheet,
    SheetBlock,
    coverage_of,
    installed_fonts,
    plain,
    printable,
    sheet_of,
)
from tests.server.documents.pdf import names_in, pages_of, text_of

PRESS = PdfRenderer()
SHEET = PrintedSheet(
    office="东湖高新区市场监管一所",
    number="东高一投受〔2026〕0001号",
    title="投诉受理通知书",
    addressee="丁小禾：",
    blocks=(SheetBlock("text", "收悉。"), SheetBlock("quote", "退款"), SheetBlock("close", "特此告知。")),
    date="2026年11月25日",
    file_number="投诉登记编号 东高一投〔2026〕0917号",
    day=(2026, 11, 25),
    edition=NEWEST,
)
ATTACKS = [
    "#panic() #let x = 1 #set text(fill: white) *粗* _斜_ $x^2$ `raw` = 标题 - 列表 + 1. / 词: 义",
    '#read("/etc/passwd") #import "@preview/x:1.0.0": * #include "layout.typ" #sys.inputs #plugin("a.wasm")',
    "\"] } ) ]] #{ sheet.office } \\u{48} \\ \\\" <label> @ref // 注释 /* 注释 */ ~ --- ... ''",
    "{consumer} {office} %s %(x)s ${x} {{ 7*7 }} {% raw %} <script>alert(1)</script>",
    "𠮷野家 龘𪚥 㐂 﨑 々〆 ①⑳ ½ ㎡ ￥ — … “引号”",
    "笑😀👨‍👩‍👧🇨🇳 नमस्ते עברית العربية ‮反转‬ \u2066隔离\u2069 e\u0301 葛\U000e0100",
    "\x00\x07\x1b[31m\ufeff\u00ad\u200b\ue000\uffff",
    "W" * 2_000,
    "9" * 40 + "，" + "http://" + "a" * 300 + "/?q=1",
    "一行\n\n\n四行\r\n五行\u2028六行\t列",
]


def squeezed(text: str) -> str:
    """Without what line breaking may add or take."""
    return re.sub(r"\s+", "", plain(text))


def with_text(text: str) -> PrintedSheet:
    blocks = (SheetBlock("text", f"始{text}终"), SheetBlock("quote", f"始{text}终"), SheetBlock("item", f"始{text}终"))
    return dataclasses.replace(SHEET, blocks=blocks, gloss=Gloss(f"始{text}终", (SheetBlock("text", f"始{text}终"),)))


def assert_is_text(text: str) -> None:
    """All five places say it, and nothing else on the sheet is other than it would be without it."""
    made, without = shown(with_text(text)), shown(with_text(""))
    said = squeezed(PRESS.says(text))
    assert made.count(f"始{said}终") == 5
    assert made.replace(f"始{said}终", "始终") == without


def shown(sheet: PrintedSheet) -> str:
    """Without the foot, which every further page repeats with other numbers."""
    return re.sub(re.escape(squeezed(sheet.file_number)) + r"\d+/\d+", "", squeezed(text_of(PRESS.print(sheet))))


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_what_looks_like_markup_or_like_nothing_comes_out_as_text(text: str) -> None:
    assert_is_text(text)


@settings(max_examples=60)
@given(st.text(max_size=300) | st.text(alphabet="#$*_`=\\/@<>[](){}\"'~-+.:;%&^|!, \nab中", max_size=200))
def test_any_text_comes_out_as_text(text: str) -> None:
    assert_is_text(text)


@settings(max_examples=15)
@given(st.text(max_size=60).map("题{}".format))
def test_the_head_and_the_title_are_text_too(text: str) -> None:
    sheet = dataclasses.replace(SHEET, office=text, title=text, number=text, addressee=text, file_number=text)
    assert squeezed(PRESS.says(text)) in squeezed(text_of(PRESS.print(sheet)))


def test_twenty_thousand_characters_are_all_there() -> None:
    text = "".join(chr(0x4E00 + n % 20_000) for n in range(19_000)) + "x" * 1_000
    sheet = dataclasses.replace(SHEET, blocks=(SheetBlock("text", text),))
    assert pages_of(PRESS.print(sheet)) > 10
    assert squeezed(text) in shown(sheet)


@pytest.mark.parametrize("signatures", [(), ("投诉人（签字）：", "被投诉人（签字）：")], ids=["notice", "to be signed"])
def test_no_page_holds_a_seal_and_nothing_else(signatures: tuple[str, ...]) -> None:
    for lines in range(20, 46):
        blocks = (*(SheetBlock("text", f"第{n}段。") for n in range(lines)), SheetBlock("item", "承办人：周敏"))
        sheet = dataclasses.replace(SHEET, blocks=blocks, signatures=signatures)
        before, seal, _ = squeezed(text_of(PRESS.print(sheet), page=-1)).partition("东湖高新区市场监管一所（印章）")
        assert seal, lines
        assert "承办人：周敏" in before, lines
        assert not signatures or "被投诉人（签字）：" in before, lines


def test_a_sheet_carries_nothing_a_viewer_would_act_on() -> None:
    link = "https://example.org javascript:alert(1) mailto:a@example.org"
    assert names_in(PRESS.print(with_text(link))) == set()


def test_the_same_sheet_gives_the_same_bytes_also_from_another_press() -> None:
    assert PRESS.print(SHEET) == PRESS.print(SHEET) == PdfRenderer().print(sheet_of(SHEET.text()))
    assert PRESS.print(dataclasses.replace(SHEET, date="2026年11月26日")) != PRESS.print(SHEET)


def test_it_is_an_archival_and_accessible_pdf_and_says_so() -> None:
    made = PRESS.print(SHEET)
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A" in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made
    assert b"/Lang(zh-CN)" in made


def test_a_draft_says_that_it_is_one() -> None:
    assert "草稿" in text_of(PRESS.print(dataclasses.replace(SHEET, draft=True)))
    assert "草稿" not in text_of(PRESS.print(SHEET))


def test_what_the_font_cannot_show_is_named_by_its_code_and_what_has_no_shape_is_left_out() -> None:
    font = coverage_of(next(installed_fonts().glob("*.ttc")), 2)
    assert "龘" in font
    assert "\U00020bb7" in font
    assert "\U0001f600" not in font
    assert printable("好😀", font) == "好[U+1F600]"
    assert printable("a\u202eb\u200dc\ufe0f", font) == "abc"
    assert printable("\x00\ue000", font) == "[U+0000][U+E000]"
    assert printable("甲\r\n乙\u2028丙\t丁", font) == "甲\n乙\n丙 丁"
    assert plain(printable("W" * 100, font)) == "W" * 100


def test_a_folder_without_a_font_is_named(tmp_path: object) -> None:
    with pytest.raises(NoFont, match="holds no font"):
        PdfRenderer(tmp_path).print(SHEET)  # type: ignore[arg-type]


def test_a_sheet_can_be_kept_and_read_again() -> None:
    whole = dataclasses.replace(
        SHEET, signatures=("投诉人：",), draft=True, seal=False, gloss=Gloss("Notice", (SheetBlock("item", "x"),))
    )
    assert sheet_of(whole.text()) == whole
    assert sheet_of(SHEET.text()) == SHEET
