"""Documents are printed from data: texts come out as texts, strokes as lines, clauses in Song, as PDF/A."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageStat

from server.documents import plain
from server.signing import PaperRenderer
from tests.server.documents.pdf import names_in, pages_of, text_of
from tests.server.documents.test_press import ATTACKS
from tests.server.signing.sheets import paper, scribble

PRESS = PaperRenderer()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", plain(text))


def shown(text: str) -> str:
    """Without the foot, which every page repeats with other numbers."""
    made = squeezed(text_of(PRESS.print(paper(text))))
    return re.sub(r"东高一调〔2026〕0312号正文校验码7f3a91c4\d+/\d+", "", made)


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_what_looks_like_markup_comes_out_as_text_everywhere(text: str) -> None:
    said = squeezed(PRESS.says(text))
    made = shown(text)
    assert made.count(f"始{said}终") == 7
    assert made.replace(f"始{said}终", "始终") == shown("")


@settings(max_examples=15)
@given(st.text(max_size=200) | st.text(alphabet="#$*_`=\\/@<>[](){}\"'~-+.:;%&^|!, \nab中", max_size=120))
def test_any_text_comes_out_as_text(text: str) -> None:
    assert shown(text).count(f"始{squeezed(PRESS.says(text))}终") == 7


def test_the_text_is_set_in_song_and_every_font_is_embedded() -> None:
    pdf = PRESS.print(paper())
    assert PRESS.song == "Noto Serif SC"
    names = {name.decode() for name in re.findall(rb"/BaseFont/([\w+-]+)", pdf)}
    assert any("Serif" in name for name in names)
    assert all(re.match(r"[A-Z]{6}\+", name) for name in names)  # subsets, so embedded
    assert len(re.findall(rb"/FontFile[23] ", pdf)) == len(re.findall(rb"/FontDescriptor/FontName", pdf)) > 0


def test_it_is_pdf_a_and_asks_a_reader_to_do_nothing() -> None:
    pdf = PRESS.print(paper())
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert names_in(pdf) == set()


def test_characters_that_song_lacks_are_taken_from_the_other_font() -> None:
    assert "𠮷" in text_of(PRESS.print(paper("𠮷野家㐂龘")))


def test_thirty_long_clauses_and_long_names_fit_and_pages_are_numbered() -> None:
    pdf = PRESS.print(paper("甲方应当履行" * 60, clauses=30, name="阿卜杜拉·买买提" * 12))
    pages = pages_of(pdf)
    assert pages > 8
    text = squeezed(text_of(pdf))
    assert all(f"{n}/{pages}" in text for n in range(1, pages + 1))
    assert text.count("甲方应当履行") >= 30 * 60


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "for the file"])
def test_no_page_holds_a_seal_and_nothing_that_it_is_set_under(signed: bool) -> None:
    for clauses in range(1, 26):
        one = dataclasses.replace(paper("甲方应当履行" * 6, clauses=clauses), gloss=None)
        if not signed:
            one = dataclasses.replace(one, hands=())
        last = squeezed(text_of(PRESS.print(one), page=-1))
        before, seal, _ = last.partition("调解专用章")
        assert seal, clauses
        assert "双方签名、调解员签名并加盖印章时生效。" in before, (clauses, last)
        assert not signed or "罗子安" in before, (clauses, last)


def test_a_signature_is_drawn_as_lines_and_not_as_a_picture() -> None:
    without = paper()
    without = dataclasses.replace(without, hands=tuple(dataclasses.replace(h, ink=None) for h in without.hands))
    assert b"/Subtype/Image" not in PRESS.print(paper())
    assert len(PRESS.print(paper())) > len(PRESS.print(without))


def _pixels(page: Image.Image) -> list[tuple[int, int, int]]:
    raw = page.tobytes()
    return list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))


def test_ink_and_seal_can_be_seen(artifacts: Path) -> None:
    """The last page before the English has dark blue ink and a red ring; a draft has no red at all."""
    colours = {}
    for draft in (False, True):
        document = pypdfium2.PdfDocument(PRESS.print(paper(draft=draft)))
        page = document[0].render(scale=1.5).to_pil().convert("RGB")
        page.save(artifacts / f"agreement-{'draft' if draft else 'sealed'}.png")
        red = sum(1 for r, g, b in _pixels(page) if r > 150 and g < 110 and b < 110)
        blue = sum(1 for r, g, b in _pixels(page) if b > r + 20 and b < 140)
        colours[draft] = (red, blue)
        assert ImageStat.Stat(page.convert("L")).mean[0] > 200  # a sheet, not a blot
        document.close()
    assert colours[False][0] > 1_000
    assert colours[True][0] == 0
    assert min(colours[False][1], colours[True][1]) > 300


def test_the_same_paper_is_printed_as_the_same_bytes() -> None:
    assert PRESS.print(paper()) == PRESS.print(paper())


def test_a_single_dot_of_ink_does_not_stop_the_press() -> None:
    dotted = dataclasses.replace(scribble(), strokes=(*scribble().strokes, ((10, 10, 0),)))
    one = paper()
    assert PRESS.print(dataclasses.replace(one, hands=(dataclasses.replace(one.hands[0], ink=dotted),)))


def test_without_a_song_font_everything_is_set_in_the_other(tmp_path: Path) -> None:
    press = PaperRenderer(song=tmp_path)
    assert press.song == ""
    assert "始终" in squeezed(text_of(press.print(paper())))
