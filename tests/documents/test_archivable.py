"""What is printed as PDF/A is PDF/A: veraPDF, which knows nothing of us, finds nothing in any of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from server.yearbook.printing import BookPress, Size
from tests.documents.test_compendium import made as book_of
from tests.documents.test_press import PRESS, SHEET
from tests.identity.conftest import template, world
from tests.identity.office import World
from tests.server.test_bulletins import JUNE, TODAY, bulletins, received, supervisor
from tests.server.test_notices import Desk, K, desk as notice_desk, ended
from tests.verapdf import refused
from web.i18n import words_of
from web.insight.bulletin_paper import paper
from web.ports import NoticeWish

__all__ = ["notice_desk", "template", "world"]
pytestmark = pytest.mark.verapdf


async def test_every_notice_is_pdf_a_2a_and_pdf_ua_1(notice_desk: Desk, tmp_path: Path) -> None:
    world, files = notice_desk.world, {}
    accepted = await world.register()
    await world.desk.accept(world.zhou, accepted)
    wishes = [(accepted, K.ACCEPTANCE)]
    refusing = await world.register()
    await world.desk.refuse(world.zhou, refusing, 3, "购买三百件同款商品")
    wishes.append((refusing, K.REFUSAL))
    wishes.append((await ended(world), K.TERMINATION))
    for complaint, kind in wishes:
        await notice_desk.notices.issue(world.zhou, complaint, NoticeWish(kind, english=True))
        [row] = (await notice_desk.listed(complaint)).issued
        files[kind.value] = (await notice_desk.notices.file(world.zhou, complaint, row.id)).content
        files[f"{kind.value}-draft"] = (
            await notice_desk.notices.preview(world.zhou, complaint, NoticeWish(kind, replaces=row.id))
        ).content
    assert refused(tmp_path, files) == []


async def test_a_sheet_of_several_pages_and_rare_characters_is_as_well(tmp_path: Path) -> None:
    long = dataclasses.replace(SHEET, blocks=SHEET.blocks * 60, addressee="亓昝逄糜𠮷㼆：")
    assert refused(tmp_path, {"long": PRESS.print(long)}) == []


async def test_bulletins_are_in_both_languages(world: World, tmp_path: Path) -> None:
    await received(world, "contract", 7)
    reader, of = await supervisor(world), bulletins(world)
    files = {}
    for public in (True, False):
        made = await of.bulletin(reader, "month", JUNE, TODAY, public=public)
        for language in ("zh", "en"):
            files[f"{language}-{public}"] = await of.printed(paper(made, "一所", words_of(language)))
    assert refused(tmp_path, files) == []


def test_the_years_book_is_on_both_sizes_of_page(tmp_path: Path) -> None:
    book = book_of()
    assert refused(tmp_path, {size.value: BookPress().print(book, size) for size in Size}) == []
