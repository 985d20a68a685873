"""Old compendia as offices have them: headings of other levels and styles, tables, text boxes, footnotes, old files."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import pytest

from casebook import cut
from journal.refusals import Refused
from server.casebook.exchange import read_cases
from server.casebook.word import RATIO, UNPACKED, paragraphs
from server.confinement import Declined

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
COMPATIBLE = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def docx(body: str, styles: str = "", footnotes: str = "", space: str = MAIN) -> bytes:
    out = io.BytesIO()
    spaces = f'xmlns:w="{space}" xmlns:mc="{COMPATIBLE}"'
    parts = {"word/document.xml": f"<w:document {spaces}><w:body>{body}</w:body></w:document>"}
    if styles:
        parts["word/styles.xml"] = f'<w:styles xmlns:w="{space}">{styles}</w:styles>'
    if footnotes:
        parts["word/footnotes.xml"] = f'<w:footnotes xmlns:w="{space}">{footnotes}</w:footnotes>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, xml)
    return out.getvalue()


def p(text: str, style: str = "", outline: int | None = None, more: str = "") -> str:
    told = (f'<w:pStyle w:val="{style}"/>' if style else "") + (
        f'<w:outlineLvl w:val="{outline}"/>' if outline is not None else ""
    )
    return f"<w:p><w:pPr>{told}</w:pPr><w:r><w:t>{escape(text)}</w:t></w:r>{more}</w:p>"


def style(id: str, name: str, based: str = "", outline: int | None = None) -> str:
    parent = f'<w:basedOn w:val="{based}"/>' if based else ""
    level = f'<w:pPr><w:outlineLvl w:val="{outline}"/></w:pPr>' if outline is not None else ""
    return f'<w:style w:styleId="{id}"><w:name w:val="{name}"/>{parent}{level}</w:style>'


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{p(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def box(text: str) -> str:
    """As Word writes it: for new programs, and once more for old ones."""
    inside = f"<w:txbxContent>{text}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{inside}</mc:Choice>'
        f"<mc:Fallback>{inside}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def cases_of(content: bytes) -> list[dict[str, str]]:
    return cut(paragraphs(content))


def test_chapters_over_cases_over_parts_that_no_list_knows() -> None:
    body = p("目录") + p("第一章 预付消费", "A") + "".join(
        p(title, "B") + p("当事人情况", "C") + p(f"{title}的消费者。") + p("处理结果", "C") + p("退了一半。")
        for title in ("健身卡退费", "美容卡转让", "课程停开")
    )  # fmt: skip
    styles = style("A", "heading 1") + style("B", "heading 2") + style("C", "heading 3")
    found = cases_of(docx(body, styles))
    assert [one["title_zh"] for one in found] == ["健身卡退费", "美容卡转让", "课程停开"]
    assert all(one["outcome"] == "退了一半。" for one in found)
    assert "当事人情况" in found[0]["facts"], "what is not recognised is kept"


def test_a_style_of_their_own_is_the_heading_it_is_based_on_and_an_outline_level_counts_too() -> None:
    own = style("T", "案例标题", based="M") + style("M", "中间", based="H") + style("H", "heading 2")
    by_style = docx("".join(p(name, "T") + p("他付了钱。") for name in ("订金不退", "货不对板")), own)
    by_outline = docx("".join(p(name, outline=1) + p("他付了钱。") for name in ("订金不退", "货不对板")))
    for content in (by_style, by_outline):
        assert [one["title_zh"] for one in cases_of(content)] == ["订金不退", "货不对板"]


def test_styles_based_on_each_other_in_a_ring_end_somewhere() -> None:
    ring = style("A", "甲", based="B") + style("B", "乙", based="A")
    assert cases_of(docx(p("案例一：退卡", "A") + p("他付了钱。"), ring))[0]["title_zh"] == "退卡"


def test_numbered_titles_without_any_style_begin_cases() -> None:
    body = p("某某局2024年案例汇编") + "".join(
        p(f"{number}、{name}") + p("（一）基本案情") + p("他办了卡。") + p("（二）处理结果") + p("退了。")
        for number, name in (("一", "健身房闭店退卡纠纷案"), ("二", "装修增项收费争议"))
    )  # fmt: skip
    found = cases_of(docx(body))
    assert [one["title_zh"] for one in found] == ["健身房闭店退卡纠纷案", "装修增项收费争议"]
    assert found[1]["facts"] == "他办了卡。"


def test_a_table_a_case_with_labels_beside_what_belongs_to_them() -> None:
    body = "".join(
        table(("案例名称", name), ("基本案情", "他办了卡。"), ("处理结果", "退了。"), ("律师点评", "应当退。"))
        for name in ("健身卡", "美容卡")
    )
    found = cases_of(docx(body))
    assert [one["title_zh"] for one in found] == ["健身卡", "美容卡"]
    assert (found[0]["facts"], found[0]["outcome"]) == ("他办了卡。", "退了。")
    assert "应当退" in found[0]["experience"]


def test_a_table_with_a_case_a_row() -> None:
    body = table(
        ("序号", "案例名称", "基本案情", "处理结果"),
        ("1", "健身卡", "他办了卡。", "退了。"),
        ("2", "美容卡", "她办了卡。", "换了一家。"),
        ("", "", "", ""),
    )
    found = cases_of(docx(body))
    assert [(one["title_zh"], one["facts"], one["outcome"]) for one in found] == [
        ("健身卡", "他办了卡。", "退了。"),
        ("美容卡", "她办了卡。", "换了一家。"),
    ]


def test_a_text_box_is_read_once_and_a_footnote_where_it_is_referred_to() -> None:
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = (
        p("案例一：退卡")
        + p("他办了卡。", more=box(p("处理结果") + p("退了一半。")))
        + p("案例二：换货")
        + p("她买了鞋。", more=note)
    )
    found = cases_of(
        docx(body, footnotes='<w:footnote w:id="2"><w:p><w:r><w:t>见当年公告</w:t></w:r></w:p></w:footnote>')
    )
    assert found[0]["facts"] == "他办了卡。"
    assert found[0]["outcome"] == "退了一半。", "once, not for old programs again"
    assert found[1]["facts"] == "她买了鞋。（见当年公告）"


def test_what_was_deleted_with_changes_tracked_stays_deleted() -> None:
    gone = "<w:del><w:r><w:delText>王大勇</w:delText><w:t>王大勇</w:t></w:r></w:del>"
    gone += "<w:ins><w:r><w:t>某人</w:t></w:r></w:ins>"
    (found,) = cases_of(docx(p("案例一：退卡") + p("消费者", more=gone)))
    assert found["facts"] == "消费者某人"


def test_a_strict_file_reads_like_any_other() -> None:
    (found,) = cases_of(docx(p("案例一：退卡") + p("他办了卡。"), space=STRICT))
    assert found == {"title_zh": "退卡", "facts": "他办了卡。"}


@pytest.mark.parametrize("name", ["汇编.doc", "汇编.docx"])
async def test_an_old_word_file_is_refused_and_says_what_to_do(name: str) -> None:
    with pytest.raises(Refused) as no:
        await read_cases(name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), date(2026, 11, 26), {})
    assert no.value.params["why"] == "old"


def test_a_deep_nest_of_tables_ends_in_a_sentence_and_not_in_a_crash() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 3_000 + p("里面") + "</w:tc></w:tr></w:tbl>" * 3_000
    with pytest.raises(Declined) as no:
        paragraphs(docx(deep))
    assert no.value.params["why"] in ("broken", "long", "bomb")


def test_a_table_within_a_table_is_read_once() -> None:
    inner = "<w:tbl><w:tr><w:tc>" + p("里面的话") + "</w:tc></w:tr></w:tbl>"
    content = docx("<w:tbl><w:tr><w:tc>" + p("外面的话") + inner + "</w:tc></w:tr></w:tbl>")
    assert [one.text for one in paragraphs(content)] == ["外面的话", "里面的话"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso-8859-1"])
def test_a_document_type_is_found_in_every_encoding_before_an_entity_is_expanded(encoding: str) -> None:
    name = "utf-16" if encoding.startswith("utf-16") else encoding
    xml = f'<?xml version="1.0" encoding="{name}"?>{" " * 5000}<!DOCTYPE x [<!ENTITY a "boo">]><x>&a;</x>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml.encode(encoding))
    with pytest.raises(Declined) as no:
        paragraphs(out.getvalue())
    assert no.value.params["why"] == "kind"


def test_a_document_in_utf_16_without_a_document_type_is_read() -> None:
    body = (
        f'<?xml version="1.0" encoding="utf-16"?><w:document xmlns:w="{MAIN}"><w:body>{p("退费")}</w:body></w:document>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body.encode("utf-16"))
    assert [one.text for one in paragraphs(out.getvalue())] == ["退费"]


def test_ratio_and_size_are_counted_while_unpacking_over_all_parts() -> None:
    def why(**parts: str) -> str:
        with pytest.raises(Declined) as no:
            paragraphs(docx(**parts))
        return str(no.value.params["why"])

    assert why(body="x" * ((2 << 20) + RATIO)) == "bomb"
    many = UNPACKED // 30  # of each part, which is within the limit by itself
    told = ["".join(f"<w:{name} w:c='{n * 2654435761 % 2**32:x}'/>" for n in range(many)) for name in "pb"]
    assert all(len(one) < UNPACKED for one in told)
    assert why(body=told[0], styles=told[1]) == "bomb"
