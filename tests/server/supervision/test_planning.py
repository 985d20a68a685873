"""Plans on real databases: drawn once, from what the log had signed, and to be done over by anybody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from journal.refusals import Refused
from offices import Officer
from rooms import events as e
from rooms.supervision import Add, SetAside
from rooms.supervision.drawing import DEFAULT
from rooms.supervision.reviewing import AnswerItem
from rooms.vocabulary import Side
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import rebuild
from server.db.schema import mediation_measures, plan_places, plans, reviews
from server.identity.store import IdentityStore
from server.supervision import service
from server.supervision.plan_store import measure_missing
from tests.server.db.history import MINUTE, SETTLED_LATER, Teller
from tests.server.db.readers import ELSEWHERE, FIRST, LIN, THIRD, ZHOU
from tests.server.supervision.office import GU, MONDAY, SUNDAY, Bureau, bureau
from tests.server.supervision.recompute import drawn


@pytest.fixture
async def at_work(database: Database, journal: SqlJournal, tell: Teller) -> Bureau:
    return await bureau(database, journal, tell)


async def planned(at_work: Bureau) -> str:
    """The period of the first office's plan."""
    return (await at_work.planning.make([FIRST]))[FIRST.id]


async def test_on_monday_the_week_is_drawn_and_a_script_draws_the_same(at_work: Bureau) -> None:
    await at_work.week(40)
    await at_work.sign()
    monday = await at_work.desk.monday(LIN)
    (plan,) = [one for one in monday.plans if one.office.id == FIRST.id]
    assert plan.made.period == "2026-W48"
    assert plan.made.population == 40
    assert len(plan.places) == plan.made.drawn > 0
    published = json.loads(json.dumps(await at_work.desk.published(LIN, FIRST.id, "2026-W48")))
    assert drawn(published) == published["drawn"]
    assert {one["session"] for one in published["drawn"]} == {place.session.id for place in plan.places}
    assert len(published["drawn"]) + len(published["passed"]) == 40
    text = json.dumps(published, ensure_ascii=False)
    assert not any(name in text for name in ("丁小禾", "周敏", "知遇桥"))  # it can be given out


async def test_from_above_each_office_is_counted_with_all_below_it_and_leads_on_down(at_work: Bureau) -> None:
    """FIRST right below a city's bureau, and the supervisor there."""
    await at_work.week(12)
    await at_work.sign()
    store = IdentityStore(at_work.database)
    city = replace(FIRST, id="city", name="武汉市局", short="武汉市局", number_prefix="武投", level="city")
    county = replace(city, id="county", short="东湖局", number_prefix="东投", level="county", superior="city")
    for one in (city, county):
        await store.add_office(one)
    await store.change_offices([replace(FIRST, superior="county")])
    above = Officer("u-above", "above", "省督", "supervisor", city, totp=False)
    (plan,) = (await at_work.desk.monday(above, FIRST.id)).plans
    seen = await at_work.desk.monday(above)
    assert [one.office.id for one in seen.plans] == ["city"]  # not three hundred plans on one page
    assert [(one.office.id, one.below, one.drawn, one.done) for one in seen.below] == [
        ("county", 1, plan.made.drawn, 0)
    ]
    down = await at_work.desk.monday(above, "county")
    assert ([one.id for one in down.above], [one.office.id for one in down.below]) == (["city"], [FIRST.id])
    assert down.below[0].drawn == plan.made.drawn
    with pytest.raises(Refused, match="not_found"):
        await at_work.desk.monday(replace(above, office=county), "city")
    assert (await at_work.desk.monday(LIN)).below == []


async def test_the_plans_of_many_offices_stand_on_pages_and_all_of_them_are_counted(
    at_work: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_work.week(40)
    await at_work.sign()
    whole = await at_work.desk.monday(LIN)
    monkeypatch.setattr(service, "OFFICES_SHOWN", 1)
    pages = [await at_work.desk.monday(LIN, page=page) for page in (1, 2)]
    assert [page.pages for page in pages] == [2, 2]
    assert [one.office.id for page in pages for one in page.plans] == [one.office.id for one in whole.plans]
    assert {page.left for page in (*pages, whole)} == {sum(len(plan.wanted) - plan.done for plan in whole.plans)}
    assert (await at_work.desk.monday(LIN, page=99)).plans == pages[1].plans


async def test_what_was_drawn_once_stays(at_work: Bureau) -> None:
    await at_work.week(12)
    await at_work.sign()
    first = await at_work.desk.published(LIN, FIRST.id, await planned(at_work))
    at_work.clock.at += timedelta(days=2)
    await at_work.sign(MONDAY + timedelta(days=1))
    assert await planned(at_work) == "2026-W48"
    assert await at_work.desk.published(LIN, FIRST.id, "2026-W48") == first


async def test_whatever_closed_after_the_seed_was_signed_waits_for_the_next_draw(at_work: Bureau) -> None:
    await at_work.week(4)
    await at_work.sign(SUNDAY - timedelta(hours=3))  # two of them closed after it
    await planned(at_work)
    now = await at_work.desk.published(LIN, FIRST.id, "2026-W48")
    at_work.clock.at += timedelta(days=7)
    await at_work.sign(SUNDAY + timedelta(days=7))
    assert await planned(at_work) == "2026-W49"
    later = await at_work.desk.published(LIN, FIRST.id, "2026-W49")
    both = [{one["session"] for one in some["candidates"]} for some in (now, later)]
    assert both[0] | both[1] == {"m0", "m1", "m2", "m3"}
    assert not both[0] & both[1]
    assert both[1]


async def test_without_a_signed_log_nothing_is_drawn(at_work: Bureau) -> None:
    await at_work.week(3)
    monday = await at_work.desk.monday(LIN)
    assert not monday.plans
    assert FIRST.id in {one.id for one in monday.without}
    await at_work.sign(MONDAY)  # after the week began: too late for this one
    assert not await planned(at_work)


async def test_a_rule_chosen_now_holds_from_the_period_after(at_work: Bureau) -> None:
    await at_work.week(20)
    await at_work.sign()
    await at_work.desk.choose_rule(LIN, FIRST.id, replace(DEFAULT, share=1000, most=50), "全部看一遍")
    await planned(at_work)
    plan = await at_work.desk.plan(LIN, FIRST.id, "2026-W48")
    assert plan.edition.number == 0
    assert plan.made.drawn < 20
    for week in (1, 2):
        at_work.clock.at = MONDAY + timedelta(days=7 * week)
        await at_work.sign(SUNDAY + timedelta(days=7 * week))
        await planned(at_work)
    assert (await at_work.desk.plan(LIN, FIRST.id, "2026-W50")).edition.number == 1


async def test_an_overdue_promise_is_looked_at_once_although_it_closed_long_ago(at_work: Bureau) -> None:
    # Closed in the week before; promised to pay within nine days of 14 April: long past.
    await at_work.tell.mediated("c-late", "m-late", SETTLED_LATER, opened=SUNDAY - timedelta(days=3))
    await at_work.sign()
    await planned(at_work)
    plan = await at_work.desk.plan(LIN, FIRST.id, "2026-W48")
    (place,) = plan.places
    assert "overdue" in place.reasons
    at_work.clock.at += timedelta(days=7)
    await at_work.sign(SUNDAY + timedelta(days=7))
    await planned(at_work)
    assert not (await at_work.desk.plan(LIN, FIRST.id, "2026-W49")).places


async def test_risks_are_measured_from_the_journal(at_work: Bureau) -> None:
    """A long private talk and a side that hardly spoke, told by the session's own events."""
    opened = SUNDAY - timedelta(hours=5)
    await at_work.tell.mediated("c1", "m1", opened=opened, minutes=1)  # one minute: short
    async with at_work.database.read() as connection:
        row = (await connection.execute(select(mediation_measures))).mappings().one()
    assert (row["together"], row["length"], row["private"], row["outcome"]) == (60_000, 60_000, 0, "settled")
    assert row["lost"] == 60_000  # the mediator consents by duty, and nothing says why nobody was recorded


async def test_a_talk_by_telephone_is_as_long_as_the_mediator_recorded_and_not_drawn_as_short(at_work: Bureau) -> None:
    from tests.server.db.history import SETTLED, registered, scheduled

    began = SUNDAY - timedelta(hours=5)
    await at_work.tell.complaint("c1", registered("c1"), at=began - timedelta(days=1))
    await at_work.tell.session("m1", scheduled("c1", "o1", began), at=began - timedelta(days=1))
    held = e.HeldElsewhere("phone", began, began + 25 * MINUTE, consumer_by="王晓雨")
    await at_work.tell.session("m1", held, at=began + 30 * MINUTE)
    await at_work.tell.session("m1", e.SessionClosed(SETTLED), at=began + 30 * MINUTE)
    await at_work.sign()
    await planned(at_work)
    async with at_work.database.read() as connection:
        row = (await connection.execute(select(mediation_measures))).mappings().one()
    assert (row["together"], row["length"], row["lost"]) == (25 * 60_000, 25 * 60_000, 0)
    (place,) = (await at_work.desk.plan(LIN, FIRST.id, "2026-W48")).places
    assert "short" not in place.reasons


async def test_a_private_talk_that_took_most_of_the_time_is_a_risk(at_work: Bureau) -> None:
    from tests.server.db.history import SETTLED, registered, scheduled

    opened = SUNDAY - timedelta(hours=5)
    await at_work.tell.complaint("c1", registered("c1"), at=opened - timedelta(days=1))
    await at_work.tell.session("m1", scheduled("c1", "o1", opened), at=opened - timedelta(days=1))
    await at_work.tell.enter_all("m1", opened)
    await at_work.tell.session("m1", e.CaucusStarted(1, Side.CONSUMER, ()), at=opened + 5 * MINUTE)
    await at_work.tell.session("m1", e.CaucusEnded(1, "mediator"), at=opened + 25 * MINUTE)
    await at_work.tell.session("m1", e.SessionClosed(SETTLED), at=opened + 30 * MINUTE)
    await at_work.sign()
    await planned(at_work)
    (place,) = (await at_work.desk.plan(LIN, FIRST.id, "2026-W48")).places
    assert "caucus" in place.reasons


async def test_taking_one_out_needs_a_reason_and_one_added_by_hand_is_told_apart(at_work: Bureau) -> None:
    await at_work.week(30)
    await at_work.sign()
    period = await planned(at_work)
    plan = await at_work.desk.plan(LIN, FIRST.id, period)
    first = plan.places[0].session.id
    with pytest.raises(Refused, match="missing"):
        await at_work.desk.change_plan(LIN, FIRST.id, period, SetAside(first, ""))
    await at_work.desk.change_plan(LIN, FIRST.id, period, SetAside(first, "与当事人相识"))
    left = {f"m{n}" for n in range(30)} - {place.session.id for place in plan.places}
    await at_work.desk.change_plan(LIN, FIRST.id, period, Add(min(left), "消费者来信"))
    plan = await at_work.desk.plan(LIN, FIRST.id, period)
    assert plan.places[0].aside == "与当事人相识"
    assert plan.places[-1].reasons == ("hand",)
    published = await at_work.desk.published(LIN, FIRST.id, period)
    assert [one["what"] for one in published["later"]] == ["DrawSetAside", "MediationAdded"]
    assert drawn(dict(published)) == published["drawn"]  # what came later does not change what was drawn


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # pages are cut in the program, not in SQL
async def test_every_skip_has_its_reason_page_by_page(at_work: Bureau) -> None:
    await at_work.week(80)
    await at_work.sign()
    period = await planned(at_work)
    rows, pages, why = await at_work.desk.passed(LIN, FIRST.id, period, 1)
    assert (pages, len(rows)) == (2, 50)
    assert sum(why.values()) == 80 - (await at_work.desk.plan(LIN, FIRST.id, period)).made.drawn
    assert all(row.why for row in rows)


async def test_another_office_finds_nothing(at_work: Bureau) -> None:
    await at_work.week(5)
    await at_work.sign()
    period = await planned(at_work)
    stranger = replace(ELSEWHERE, id="u-third", role="supervisor", office=THIRD)
    for asked in (
        at_work.desk.plan(stranger, FIRST.id, period),
        at_work.desk.published(stranger, FIRST.id, period),
        at_work.desk.passed(stranger, FIRST.id, period, 1),
        at_work.desk.change_plan(stranger, FIRST.id, period, SetAside("m1", "我来")),
        at_work.desk.choose_rule(stranger, FIRST.id, DEFAULT, "我来"),
        at_work.desk.review(stranger, "m1"),
        at_work.desk.open_review(stranger, "m1"),
        at_work.desk.ask(stranger, "m1", AnswerItem("rights", "yes")),
        at_work.desk.report(stranger, FIRST.id, "2026-Q4"),
        at_work.desk.data_set(stranger, FIRST.id, "2026-Q4"),
        at_work.desk.keep_draft(stranger, "m1", {"a": "b"}),
    ):
        with pytest.raises(Refused) as no:
            await asked
        assert no.value.status == 404


async def test_a_colleague_sees_no_review_of_anothers_mediation(at_work: Bureau) -> None:
    await at_work.week(3)
    await at_work.desk.open_review(LIN, "m1")
    for somebody in (ZHOU, replace(ZHOU, id="u-colleague")):  # it is not handed on, and then not theirs
        with pytest.raises(Refused) as no:
            await at_work.desk.review(somebody, "m1")
        assert no.value.status == 404
    assert (await at_work.desk.review(GU, "m1")).review is not None


async def test_rows_are_made_anew_from_the_journal(at_work: Bureau) -> None:
    await at_work.week(6)
    await at_work.sign()
    await planned(at_work)
    await at_work.desk.open_review(LIN, "m1")
    tables = (mediation_measures, plans, plan_places, reviews)

    async def rows() -> list[list[tuple[object, ...]]]:
        async with at_work.database.read() as connection:
            return [sorted(map(tuple, await connection.execute(select(one))), key=repr) for one in tables]

    before = await rows()
    assert all(before)
    async with at_work.database.write() as connection:
        for one in tables:
            await connection.execute(delete(one))
    await rebuild(at_work.database)
    assert await rows() == before


async def test_mediations_from_before_are_measured_when_the_program_starts(at_work: Bureau) -> None:
    await at_work.week(6)
    async with at_work.database.write() as connection:
        await connection.execute(delete(mediation_measures))
    assert await measure_missing(at_work.database, 4) == 4
    assert await measure_missing(at_work.database, 4) == 2
    assert await measure_missing(at_work.database, 4) == 0
