"""Bulletins on a real database: one standard, scoped, the same bytes twice, and nothing small in public."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest

from casebook.commands import WithdrawCase
from casebook.decisions import CaseService
from complaints.insight.bulletin import Mover, latest, period_of
from complaints.insight.warnings import AdviceService, AdviceWritten
from complaints.leads import SPOT, DecideLead, NewLead, NoteAction
from journal.refusals import Refused
from law.library import Library, library
from offices import Officer
from server.documents import PdfRenderer
from server.insight.bulletins import BulletinRenderer, BulletinService, figures_digest
from tests.server.app.office import SECOND, World, filing
from tests.server.casebook.test_store import LIN, shelved
from tests.server.leads.test_lead_desk import colleague, desk
from web import i18n
from web.office.insight.bulletin_paper import KEPT, about_case, advice, bulletin_paper, leaders_paper

JUNE = period_of("month", date(2026, 6, 24))
TODAY = date(2026, 7, 2)


async def law() -> Library:
    return library()


def bulletins(world: World) -> BulletinService:
    return BulletinService(world.database, BulletinRenderer(PdfRenderer()), law)


async def told(world: World, id_: str, problem: str) -> None:
    """A case of the casebook, published now."""
    await shelved(CaseService(world.journal, world.clock.now), id_, problem, ("consumer-55",))


async def supervisor(world: World) -> Officer:
    return await colleague(world, "luping", "supervisor")


async def received(world: World, problem: str, count: int, officer: Officer | None = None) -> list[str]:
    new = replace(filing(world.clock.now()), problem_class=problem)
    return [await world.desk.register(officer or world.zhou, new) for _ in range(count)]


async def test_a_month_counts_what_the_statistics_count_and_only_what_its_reader_oversees(world: World) -> None:
    await received(world, "contract", 6)
    await received(world, "price", 2, world.other)
    reader = await supervisor(world)
    made = await bulletins(world).bulletin(reader, "month", JUNE, TODAY, public=False)
    told = dict(made.figures)["received@1"].now
    assert told is not None
    assert told.top == 6
    assert made.tables["problem"] == [("contract", 6, 0)]
    assert made.trend[-1] == ("2026-06", 6)
    await world.store.oversee(reader.id, [SECOND.id])
    both = await bulletins(world).bulletin(reader, "month", JUNE, TODAY, public=False)
    assert both.tables["problem"] == [("contract", 6, 0), ("price", 2, 0)]


async def test_what_moved_and_what_became_of_leads_stands_in_it(world: World) -> None:
    records = await received(world, "contract", 3)
    world.move(days=7)
    await received(world, "contract", 30)
    reader, leads = await supervisor(world), desk(world)
    inspector = await colleague(world, "cha", "inspector")
    lead = await leads.open(
        reader, NewLead(SPOT, "退款难", "九件", "知遇桥", "spot/1", {"problem": "contract"}, records)
    )
    await leads.ask(inspector, lead, NoteAction(date(2026, 6, 30), "talk", "", date(2026, 7, 1)))
    await leads.ask(inspector, lead, DecideLead("verified"))
    week = period_of("week", date(2026, 6, 27))
    made = await bulletins(world).bulletin(reader, "week", week, TODAY, public=False)
    assert [(one.by, one.label, one.now, one.before) for one in made.movers][:1] == [("channel", "12315", 30, 3)]
    july = await bulletins(world).bulletin(
        reader, "month", period_of("month", TODAY), TODAY + timedelta(days=40), public=False
    )
    assert (july.leads.opened, july.leads.decided) == (1, [("verified", 1)])
    assert [effect.id for effect in july.leads.effects] == [lead]


async def test_a_week_that_is_not_over_is_held_against_as_many_days_and_says_so(world: World) -> None:
    await received(world, "contract", 28)
    world.move(days=4)
    await received(world, "contract", 8)
    reader, wednesday = await supervisor(world), date(2026, 6, 24)
    week = period_of("week", wednesday)
    running = await bulletins(world).bulletin(reader, "week", week, wednesday, public=False)
    assert dict(running.figures)["received@1"].now.top == 8  # type: ignore[union-attr]
    assert running.movers == [], "8 in three days are not fewer than 28 in seven"
    assert running.running
    said = bulletin_paper(running, "", i18n.words_of("en")).lead
    assert "not over" in said
    assert "Against" not in said
    over = await bulletins(world).bulletin(reader, "week", week, week.last + timedelta(days=1), public=False)
    assert not over.running
    assert [(one.now, one.before) for one in over.movers][:1] == [(8, 28)]


async def test_two_builds_of_the_same_are_the_same_bytes_with_bookmarks_and_their_own_font(
    world: World, tmp_path: Path
) -> None:
    await received(world, "contract", 7)
    reader, of = await supervisor(world), bulletins(world)

    async def built(language: str) -> bytes:
        made = await of.bulletin(reader, "month", JUNE, TODAY, public=False)
        return await of.printed(bulletin_paper(made, reader.office.name, i18n.words_of(language)))

    once = await built("zh")
    assert once == await built("zh")
    assert once != await built("en")
    document = pypdfium2.PdfDocument(once)
    marks = [mark.get_title() for mark in document.get_toc()]
    assert marks[0] == "投诉情况月报"
    assert "线索办理情况" in marks
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "共收到投诉7件。" in re.sub(r"\s", "", text)
    assert re.search(rb"/FontFile[23]?", once), "the font is in it"


async def test_the_public_month_names_nobody_and_no_week_is_public(world: World) -> None:
    await received(world, "contract", 3)
    await received(world, "price", 9)
    await received(world, "quality", 20)
    reader, of = await supervisor(world), bulletins(world)
    made = await of.bulletin(reader, "month", JUNE, TODAY, public=True)
    assert [(label, now) for label, now, _ in made.tables["problem"] or ()] == [
        ("contract", None),
        ("price", None),
        ("quality", 20),
    ]
    written = bulletin_paper(made, reader.office.name, i18n.words_of("en"))
    told = str(written)
    assert KEPT in told
    for name in ("知遇桥", "丁小禾", "陈立"):
        assert name not in told
    with pytest.raises(Refused, match="not_public"):
        await of.bulletin(reader, "week", latest("week", TODAY), TODAY, public=True)


async def test_a_period_that_has_not_begun_or_is_none_is_not_there(world: World) -> None:
    reader, of = await supervisor(world), bulletins(world)
    with pytest.raises(Refused, match="not_found"):
        await of.bulletin(reader, "month", period_of("month", date(2026, 8, 1)), TODAY, public=False)
    with pytest.raises(Refused, match="not_found"):
        await of.bulletin(reader, "week", JUNE, TODAY, public=False)
    empty = await of.bulletin(reader, "month", JUNE, TODAY, public=False)
    assert bulletin_paper(empty, "一所", i18n.words_of("zh")).sections
    assert await of.printed(bulletin_paper(empty, "一所", i18n.words_of("zh")))


async def test_the_leaders_page_is_one_sheet_of_the_bulletins_own_figures(world: World) -> None:
    await received(world, "contract", 3)
    world.move(days=7)
    await received(world, "contract", 40)
    reader = await supervisor(world)
    week = period_of("week", date(2026, 6, 27))
    made = await bulletins(world).bulletin(reader, "week", week, TODAY, public=False)
    for language in ("zh", "en"):
        paper = leaders_paper(made, reader.office.name, "请协调金融部门" * 40, i18n.words_of(language))
        figures = paper.sections[0].sheet
        assert figures is not None
        whole = bulletin_paper(made, reader.office.name, i18n.words_of(language)).sections[0].sheet
        assert whole is not None
        assert figures.rows[0][:2] == whole.rows[0][:2]
        assert len(pypdfium2.PdfDocument(await bulletins(world).printed(paper))) == 1
    assert any("合同" in said for said in leaders_paper(made, "一所", "", i18n.words_of("zh")).sections[1].sentences)


async def test_advice_is_about_the_problem_that_rose_else_about_the_most_frequent(world: World) -> None:
    await received(world, "price", 4)
    await received(world, "contract", 3)
    reader = await supervisor(world)
    month = await bulletins(world).bulletin(reader, "month", JUNE, TODAY, public=False)
    [told] = advice(month, i18n.words_of("zh"))
    assert "价格" in told.sentences[0]
    rose = replace(month, movers=[Mover("problem", "contract", 30, 3, 3.0, 0.001)])
    [told] = advice(rose, i18n.words_of("zh"))
    assert "合同" in told.sentences[0]
    assert any("预付" in said for said in told.sentences)


async def test_it_tells_the_newest_published_case_of_what_rose_most_clearly(world: World) -> None:
    reader, of = await supervisor(world), bulletins(world)
    week = period_of("week", date(2026, 6, 27))
    await received(world, "contract", 3)
    await told(world, "older", "contract")
    world.move(days=7)
    await received(world, "contract", 40)
    await told(world, "newer", "contract")
    world.move(hours=1)
    await told(world, "other", "price")
    made = await of.bulletin(reader, "week", week, TODAY, public=False)
    assert made.case is not None
    assert (made.case.id, made.case.why, made.case.of) == ("newer", "rose", ("problem", "contract"))
    [row, *others] = await of.cases(reader, made)
    assert (row.id, {one.id for one in others}) == ("newer", {"older", "other"})
    assert [one.id for one in await of.cases(reader, made, ["other", "nobody", "older"])] == ["other", "older"]
    assert not await of.cases(reader, made, [])
    for language, cited in (("zh", "消费者权益保护法"), ("en", "Consumer")):
        [section] = [one for one in bulletin_paper(made, "一所", i18n.words_of(language)).sections if one.case]
        assert section.case is not None
        assert [said for _, _, said in section.case.parts][:2] == [["某甲办卡。"], ["退款。"]]
        assert cited in section.case.parts[2][2][0]
        assert "案newer" in section.sentences[0]
        spots = ["拾光健身服务有限公司洪山分公司・合同：2026年6月12日至2026年6月21日共17件，预计约7件。"] * 3
        leaders = leaders_paper(made, reader.office.name, "请协调金融部门" * 40, i18n.words_of(language), spots)
        assert any("题" in line and "案newer" in line for one in leaders.sections for line in one.sentences)
        assert len(pypdfium2.PdfDocument(await of.printed(leaders))) == 1
    cases = CaseService(world.journal, world.clock.now)
    for id_, left in (("newer", "older"), ("older", None)):
        await cases.submit(id_, WithdrawCase("有误"), LIN)
        again = await of.bulletin(reader, "week", week, TODAY, public=False)
        assert (again.case.id if again.case else None) == left
    assert again.untold == "rose"
    assert "合同" in about_case(again, i18n.words_of("zh"))
    assert not [one for one in bulletin_paper(again, "一所", i18n.words_of("zh")).sections if one.case]


async def test_where_nothing_rose_it_tells_the_newest_of_the_period_or_says_that_there_is_none(world: World) -> None:
    reader, of = await supervisor(world), bulletins(world)
    await told(world, "june", "price")
    june = await of.bulletin(reader, "month", JUNE, TODAY, public=False)
    assert june.case is not None
    assert (june.case.id, june.case.why) == ("june", "period")
    july = await of.bulletin(reader, "month", period_of("month", TODAY), TODAY, public=False)
    assert (july.case, july.untold) == (None, "period")


async def test_a_rise_that_the_public_is_not_told_of_chooses_no_case_for_it(world: World) -> None:
    reader, of = await supervisor(world), bulletins(world)
    await received(world, "contract", 3)
    world.move(days=30)
    await received(world, "contract", 40)
    await told(world, "k1", "contract")
    july, august = period_of("month", date(2026, 7, 10)), date(2026, 8, 3)
    inside = await of.bulletin(reader, "month", july, august, public=False)
    outside = await of.bulletin(reader, "month", july, august, public=True)
    assert inside.case is not None
    assert outside.case is not None
    assert (inside.case.why, outside.case.why) == ("rose", "period")
    assert "案k1" in str(bulletin_paper(inside, "一所", i18n.words_of("zh")))
    assert "k1" not in str(bulletin_paper(outside, "一所", i18n.words_of("zh"))), "the public is told no number"


async def test_advice_is_the_offices_own_where_it_wrote_any_and_is_no_figure(world: World) -> None:
    await received(world, "contract", 9)
    reader, of = await supervisor(world), bulletins(world)
    before = await of.bulletin(reader, "month", JUNE, TODAY, public=False)
    written = AdviceService(world.journal, world.clock.now)
    await written.write(AdviceWritten("contract", "先查备案，再办卡。", ""), 0, reader.actor)
    with pytest.raises(Refused, match="wrong_state"):
        await written.write(AdviceWritten("contract", "另一种。", ""), 0, reader.actor)
    with pytest.raises(Refused, match="not_allowed"):
        await written.write(AdviceWritten("contract", "另一种。", ""), 1, world.zhou.actor)
    made = await of.bulletin(reader, "month", JUNE, TODAY, public=False)
    [told] = advice(made, i18n.words_of("zh"))
    assert told.sentences[1:] == ["1. 先查备案，再办卡。"]
    assert figures_digest(made) == figures_digest(before), "other words are no new figures"
