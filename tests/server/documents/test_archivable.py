"""What is printed as PDF/A is PDF/A: veraPDF, which knows nothing of us, finds nothing in any of it."""

from __future__ import annotations

import ast
import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from complaints.insight.warnings import ApproveWarning, PublishWarning, WriteWarning
from complaints.views import NoticeWish
from server import documents
from server.casebook.yearbook import Size, YearbookRenderer
from server.complaints.notices import DRAFTS
from server.documents import EDITIONS, STANDARDS
from tests import ROOT
from tests.server.app.office import World
from tests.server.casebook.test_yearbook import made as book_of
from tests.server.complaints.test_complaint_desk import follow_up, scheduled, settle
from tests.server.complaints.test_notices import Desk, K, desk as notice_desk, ended
from tests.server.conftest import template, world
from tests.server.documents.test_press import PRESS, SHEET
from tests.server.documents.verapdf import refused
from tests.server.insight.test_bulletins import JUNE, TODAY, bulletins, received, supervisor
from tests.server.insight.test_warnings import LIN, LU, desk as warning_desk
from tests.server.leads.test_lead_desk import colleague
from tests.server.leads.test_report_desk import YEAR, reported, reports
from web.i18n import words_of
from web.office.insight.bulletin_paper import bulletin_paper, warning_paper

__all__ = ["notice_desk", "template", "world"]


HELD = frozenset(  # every maker of PDF, each judged here or beside its own tests
    {
        "server/insight/bulletins.py",
        "server/documents/__init__.py",
        "server/signing/__init__.py",  # `tests/server/signing/test_archivable.py`
        "server/supervision/reports.py",  # `tests/server/supervision/test_report.py`
        "server/casebook/yearbook.py",
    }
)


def test_nothing_else_makes_a_pdf_and_each_maker_keeps_to_both_standards() -> None:
    makers = set()
    for path in sorted((ROOT / "server").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "typst.compile":
                asked = {one.arg: ast.unparse(one.value) for one in node.keywords}
                if asked.get("format") != "'png'":
                    assert asked["pdf_standards"] == "STANDARDS", path
                    makers.add(str(path.relative_to(ROOT)))
    assert makers == HELD
    assert set(STANDARDS) == {"a-2a", "ua-1"}


async def of_each_kind(desk: Desk) -> list[tuple[str, str, NoticeWish]]:
    """A complaint that each kind of notice can be made for, by name; the mediation's both ways."""
    world, found = desk.world, []

    async def accepted() -> str:
        complaint = await world.register()
        await world.desk.accept(world.zhou, complaint)
        return complaint

    found.append(("acceptance", await accepted(), NoticeWish(K.ACCEPTANCE, english=True)))
    refusing = await world.register()
    await world.desk.refuse(world.zhou, refusing, 3, "购买三百件同款商品")
    found.append(("refusal", refusing, NoticeWish(K.REFUSAL, english=True)))
    starts = world.clock.now() + timedelta(days=3)
    for mode, place in (("video", ""), ("on_site", "东湖所二楼调解室")):
        complaint = await world.register()
        await world.desk.schedule(world.zhou, complaint, starts, [], mode, place)
        found.append((f"mediation-{mode}", complaint, NoticeWish(K.MEDIATION, english=True)))
    found.append(("termination", await ended(world), NoticeWish(K.TERMINATION, english=True)))
    dispatch = NoticeWish(K.DISPATCH, receiver="江岸区市场监督管理局", english=True)
    found.append(("dispatch", await world.register(), dispatch))
    found.append(("identity", await world.register(), NoticeWish(K.IDENTITY, english=True)))
    assert {wish.kind for _, _, wish in found} == set(K)
    return found


@pytest.mark.verapdf
async def test_every_notice_and_its_draft_is_pdf_a_2a_and_pdf_ua_1(notice_desk: Desk, tmp_path: Path) -> None:
    world, files = notice_desk.world, {}
    for name, complaint, wish in await of_each_kind(notice_desk):
        await notice_desk.notices.issue(world.zhou, complaint, wish)
        [row] = (await notice_desk.listed(complaint)).issued
        files[name] = (await notice_desk.notices.file(world.zhou, complaint, row.id)).content
        again = dataclasses.replace(wish, replaces=row.id)
        files[f"{name}-draft"] = (await notice_desk.notices.preview(world.zhou, complaint, again)).content
    assert refused(tmp_path, files) == []


@pytest.mark.long
@pytest.mark.verapdf
async def test_forms_for_the_file_and_what_is_drafted_from_an_outcome_are(notice_desk: Desk, tmp_path: Path) -> None:
    world = notice_desk.world
    complaint, session = await scheduled(world)
    await settle(world, session, due_days=7)
    await follow_up(world).catch_up()
    files = {
        kind: (await notice_desk.notices.preview(world.zhou, complaint, NoticeWish(kind))).content for kind in DRAFTS
    }
    assert refused(tmp_path, files) == []


@pytest.mark.long
@pytest.mark.verapdf
async def test_the_register_of_reports_and_its_forms_are(world: World, tmp_path: Path) -> None:
    cha = await colleague(world, "cha", "inspector")
    lead, _ = await reports(world).register(world.zhou, reported(world))
    for n in range(2, 30):  # more than a page
        await reports(world).register(world.zhou, reported(world, f"k{n}", informant="", phone="", real_name=False))
    made = {"form": await reports(world).form(cha, lead), "book": await reports(world).book(cha, YEAR)}
    assert refused(tmp_path, {name: one.content for name, one in made.items()}) == []


@pytest.mark.long
@pytest.mark.verapdf
async def test_what_an_earlier_edition_printed_still_is_when_it_is_printed_again(tmp_path: Path) -> None:
    editions = sorted(one.name for one in EDITIONS.iterdir() if one.is_dir())
    assert len(editions) > 1
    files = {one: PRESS.print(dataclasses.replace(SHEET, edition=one)) for one in editions}
    assert refused(tmp_path, files) == []


@pytest.mark.verapdf
def test_what_keeps_to_one_of_them_only_or_claims_neither_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {}
    for name, standards in (("one", ["a-2a"]), ("neither", [])):
        monkeypatch.setattr(documents, "STANDARDS", standards)
        files[name] = PRESS.print(SHEET)
    found = {" ".join(said.split()[:2]) for said in refused(tmp_path, files)}
    assert found >= {"one ua1", "neither 2a", "neither ua1"}
    assert "one 2a" not in found


@pytest.mark.long
@pytest.mark.verapdf
async def test_a_public_warning_is(world: World, tmp_path: Path) -> None:
    warnings = await warning_desk(world.database)
    await warnings.ask(LIN, "s1", WriteWarning("办卡先看清", "先问能不能退。\n\n留好凭证。", "zh", 0))
    await warnings.ask(LU, "s1", ApproveWarning(1))
    await warnings.ask(LIN, "s1", PublishWarning(1, "o1", LIN.office.name))
    [public] = await warnings.public()
    assert refused(tmp_path, {"warning": await bulletins(world).printed(warning_paper(public))}) == []


@pytest.mark.long
@pytest.mark.verapdf
async def test_a_sheet_of_several_pages_and_rare_characters_is_as_well(tmp_path: Path) -> None:
    long = dataclasses.replace(SHEET, blocks=SHEET.blocks * 60, addressee="亓昝逄糜𠮷㼆：")
    assert refused(tmp_path, {"long": PRESS.print(long)}) == []


@pytest.mark.long
@pytest.mark.verapdf
async def test_bulletins_are_in_both_languages(world: World, tmp_path: Path) -> None:
    await received(world, "contract", 7)
    reader, of = await supervisor(world), bulletins(world)
    files = {}
    for public in (True, False):
        made = await of.bulletin(reader, "month", JUNE, TODAY, public=public)
        for language in ("zh", "en"):
            files[f"{language}-{public}"] = await of.printed(bulletin_paper(made, "一所", words_of(language)))
    assert refused(tmp_path, files) == []


@pytest.mark.long
@pytest.mark.verapdf
def test_the_years_book_is_on_both_sizes_of_page(tmp_path: Path) -> None:
    book = book_of()
    assert refused(tmp_path, {size.value: YearbookRenderer().print(book, size) for size in Size}) == []
