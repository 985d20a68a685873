"""Word files of the casebook: an old compendium read as it was written, and what is no document or a trap refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from casebook import Paragraph, cut
from journal.refusals import Refused
from server.app.demo import MEDIATOR
from server.casebook.word import document, paragraphs
from server.confinement import Declined
from tests.server.casebook.test_casebook import (
    app,
    office as office,  # a fixture
    officer,
    signed_in,
)
from tests.web.client import Browser
from web.office.casebook import CASE_FILES, CASE_WORK, CASEBOOK


async def test_an_old_compendium_comes_in_as_drafts_and_a_case_goes_out_again(office: Browser) -> None:
    page = await signed_in(office, MEDIATOR)
    old = document(
        [
            Paragraph("某局典型案例汇编", 1),
            Paragraph("前言"),
            Paragraph("案例一：王大勇与初晴美容院退卡", 2),
            Paragraph("基本案情"),
            Paragraph("王大勇（13800012345）在初晴美容院办卡。"),
            Paragraph("处理结果：退款3760元。"),
            Paragraph("律师点评"),
            Paragraph("余额应当退还。"),
            Paragraph("案例二：订金之争", 2),
            Paragraph("案情简介：消费者付了订金。"),
            Paragraph("调解结果：双方各让一步。"),
        ]
    )
    zhou = await officer(office, MEDIATOR)
    the = app(office)
    desk, work, files = the[CASEBOOK], the[CASE_WORK], the[CASE_FILES]  # type: ignore[index]
    made = await files.take_in(zhou, "汇编.docx", old)
    assert len(made) == 2
    bench = await work.workbench(zhou, made[0])
    masked = "".join(side.put for text in bench.texts for side in text.sides)
    assert "王大勇" not in masked
    assert "13800012345" not in masked
    assert "余额应当退还" in masked
    assert bench.pending >= 3
    assert (await page.get("/casebook/making")).text.count("/casebook/cases/") == 2
    for field in ("title_zh", "title_en", "facts", "claims", "process", "outcome", "experience"):
        await work.decide_rest(zhou, made[0], field, "hidden")
    await work.approve(zhou, made[0], False)
    with pytest.raises(Refused, match="wrong_state"):
        await files.give_out(zhou, made[0], "docx", public=True)  # the public gets what the board published
    name, content = await files.give_out(zhou, made[0], "docx", public=False)
    text = "\n".join(one.text for one in paragraphs(content))
    assert "王某" in text
    again = await files.give_out(zhou, made[0], "docx", public=False)
    assert again[1] == content, "the same bytes for the same case"
    name, exchanged = await files.give_out(zhou, made[0], "json", public=False)
    assert name.endswith(".json")
    (back,) = await files.take_in(zhou, "x.json", exchanged)
    assert (await desk.page(zhou, back)).file.state.value == "draft", "nothing that comes in counts as looked at"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no zip", "kind"),
        (b"PK\x03\x04 broken", "broken"),
        (document([]).replace(b"word/document.xml", b"word/documenx.xml"), "kind"),
    ],
)
def test_a_file_that_is_no_document_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Declined) as no:
        paragraphs(content)
    assert no.value.params["why"] in (why, "broken")


def test_a_document_with_entities_or_a_bomb_is_refused() -> None:
    def packed(body: bytes) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", body)
        return out.getvalue()

    for body, why in (
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "kind"),
        (b"<x>" + b" " * (40 << 20) + b"</x>", "bomb"),
        (b"<x>", "broken"),
    ):
        with pytest.raises(Declined) as no:
            paragraphs(packed(body))
        assert no.value.params["why"] == why


def test_a_document_is_read_as_it_was_written() -> None:
    told = [Paragraph("题", 1), Paragraph("一 & 二 <三>"), Paragraph("部分", 2)]
    assert paragraphs(document(told)) == told
    assert cut([Paragraph("只有一段题目"), Paragraph("正文")]) == [{"title_zh": "只有一段题目", "facts": "正文"}]
