"""Monday's page as a supervisor sees it, one hot spot, the month, and a draft of a warning."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from complaints.insight.spots import Trait
from offices import Officer
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import LIN, STRANGER, ZHOU, World
from web.i18n import words_of
from web.office.insight import of_spot
from web.office.insight.hot_spots import insight_workbook


async def signed_in(
    aiohttp_client: AiohttpClient, world: World, officer: Officer = LIN, language: str = "en"
) -> Browser:
    one = await browser(aiohttp_client, world.app())
    one.sign_in(world.identity.token(officer.login))
    await one.get(f"/focus?lang={language}")
    return one


@pytest.fixture
def world() -> World:
    world = World()
    world.focus.fill()
    return world


async def test_the_page_says_how_many_things_matter_and_why_each(aiohttp_client: AiohttpClient, world: World) -> None:
    page = await (await signed_in(aiohttp_client, world)).get("/focus")
    assert "3 things are worth a look this week" in page.text
    assert "17 in the last seven days; about 7 were expected for the season." in page.text
    assert "9 of them are about the same business: 知遇桥公司." in page.text
    assert "2 names complained about gave the same phone number: 安居, 快修." in page.text
    assert (
        "319,460 counts were tested at once; of all that is announced here at most 1 a week is a false alarm."
        in page.text
    )
    assert page.text.index("<b>东桥街</b>") < page.text.index("Household services"), "the most too many first"


async def test_with_fewer_hot_spots_the_three_things_are_what_else_stands_out_with_its_records(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    lin = await signed_in(aiohttp_client, world)
    for spot in ("s1", "s2", "s4"):
        await lin.post(f"/focus/{spot}/dismiss", {"reason": "known"})
    page = await lin.get("/focus")
    things = page.text.partition('<ol class="things">')[2].partition("</ol>")[0]
    assert "3 things are worth a look this week" in page.text
    assert things.count("<b>") == 3
    assert "41 in the last seven days; the four weeks before suggest about 25." in things
    assert "/statistics/received@1/records?from=2026-06-15&amp;to=2026-06-21&amp;by=industry2&amp;group=O80" in things
    assert "by=street&amp;group=" in things
    assert "3 were put aside." in page.text
    assert (
        await lin.get(things.split("group=O80", 1)[0].rsplit('href="', 1)[1].replace("&amp;", "&") + "group=O80")
    ).status == 200


async def test_one_matter_is_told_once_with_all_it_was_seen_as(aiohttp_client: AiohttpClient, world: World) -> None:
    lin, report = await signed_in(aiohttp_client, world), world.focus.report
    assert report is not None
    for spot in ("s1", "s2", "s3"):
        await lin.post(f"/focus/{spot}/dismiss", {"reason": "known"})
    of_the_trade = replace(report.fresh[0], division="O80")
    street = replace(report.streets[0], spot="s4")
    world.focus.report = replace(report, fresh=(of_the_trade,), streets=(street, *report.streets[1:]))
    things = (await lin.get("/focus")).text.partition('<ol class="things">')[2].partition("</ol>")[0]
    word, trade, season = things.split("<b>")[1:]
    assert "小病大修" in word
    assert "东桥街: 187 in the last seven days" in word
    assert "Household services" in trade
    assert "先息后本”: New: 12 complaints in the last four weeks" in trade
    assert "<li>For good since" in trade
    assert "Its season begins" in season
    world.focus.report = replace(report, fresh=(replace(of_the_trade, spot="s4"),))
    assert "先息后本" in (await lin.get("/focus")).text.partition("<b>")[2].partition("<b>")[0]


async def test_what_was_handed_on_and_did_not_fall_is_one_of_the_three(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    lin = await signed_in(aiohttp_client, world)
    for spot in ("s1", "s2", "s4"):
        world.focus.hand_on(spot, f"lead-{spot}", LIN)
    page = await lin.get("/focus")
    assert "Handed on, and still rising: 19 in the last seven days" in page.text
    assert (
        "Of earlier ones, 3 were handed on; since then complaints fell about 0 of them, about 3 they did not."
        in page.text
    )


async def test_before_anything_was_looked_at_it_says_when_something_will_be(aiohttp_client: AiohttpClient) -> None:
    page = await (await signed_in(aiohttp_client, World())).get("/focus")
    assert "Nothing has been looked at yet." in page.text


async def test_what_was_handed_on_stands_with_what_became_of_it(aiohttp_client: AiohttpClient, world: World) -> None:
    lin = await signed_in(aiohttp_client, world)
    world.focus.hand_on("s3", "a-lead", LIN)
    page = await lin.get("/focus")
    assert "Back to normal since it was handed on" in page.text
    assert "From 31 in a week to 6 in the last seven days; 7 would be ordinary." in page.text


async def test_a_spot_shows_its_complaints_and_its_reasons(aiohttp_client: AiohttpClient, world: World) -> None:
    page = await (await signed_in(aiohttp_client, world)).get("/focus/s1")
    assert "东高一投〔2026〕0917号" in page.text
    assert "so many or more about once in 100,000,000 such counts" in page.text
    assert "15 different phone numbers" in page.text
    assert "“退卡”" in page.text


async def test_what_else_it_was_seen_as_is_told_by_what_says_most_and_the_rest_is_folded(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    report = world.focus.report
    assert report is not None
    words = tuple(Trait("word", f"词{n}", 3) for n in range(7))
    spots = tuple(replace(one, also=(*words, Trait("street", "东桥街", 9))) for one in report.spots)
    world.focus.report = replace(report, spots=spots)
    page = await (await signed_in(aiohttp_client, world)).get("/focus/s1")
    told = page.text[page.text.index("Also seen as") :]
    assert told.index("东桥街") < told.index("词0") < told.index("词4") < told.index("and 2 more") < told.index("词5")
    lin = await signed_in(aiohttp_client, world, language="zh")
    assert "另有2个" in (await lin.get("/focus/s1")).text


async def test_copies_of_one_text_are_told_as_one_voice_and_a_campaign_stands_last(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    report = world.focus.report
    assert report is not None
    street = next(one for one in report.spots if one.id == "s2")
    copied = replace(street, copies=30, copiers=2, voices=4, campaign=True, records=tuple(f"c{n}" for n in range(33)))
    world.focus.report = replace(report, spots=tuple(copied if one is street else one for one in report.spots))
    lin = await signed_in(aiohttp_client, world)
    page = await lin.get("/focus/s2")
    assert "A campaign" in page.text
    assert (
        "30 complaints are copies of one text, from 2 phone numbers. Copies count as one voice: 4 voices are left."
        in (page.text)
    )
    focus = await lin.get("/focus")
    assert focus.text.index("<b>东桥街</b>") > focus.text.index("小病大修"), (
        "though it has the most complaints too many"
    )
    assert "共4件" in (await (await signed_in(aiohttp_client, world, language="zh")).get("/focus/s2")).text


async def test_a_spot_is_put_aside_with_its_reason_and_taken_back(aiohttp_client: AiohttpClient, world: World) -> None:
    lin = await signed_in(aiohttp_client, world)
    await lin.get("/focus/s1")
    refused = await lin.post("/focus/s1/dismiss", {"reason": "other", "note": ""})
    assert refused.status == 422
    assert world.focus.spots["s1"].stage == "new"
    assert (await lin.post("/focus/s1/dismiss", {"reason": "season", "note": "毕业季"})).location == "/focus/s1"
    assert world.focus.spots["s1"].stage == "dismissed"
    page = await lin.get("/focus")
    assert "2 things are worth a look" not in page.text  # the fourth takes its place
    assert "The season, a holiday or an event" in page.text
    await lin.post("/focus/s1/back", {"what": "dismissed"})
    assert world.focus.spots["s1"].stage == "new"


async def test_nobody_takes_back_what_somebody_else_has_just_done(aiohttp_client: AiohttpClient, world: World) -> None:
    lin = await signed_in(aiohttp_client, world)
    await lin.get("/focus/s1")
    await lin.post("/focus/s1/looked")
    assert (await lin.post("/focus/s1/back", {"what": "dismissed"})).status == 409
    assert world.focus.spots["s1"].stage == "looked"


async def test_a_mediator_reads_of_the_own_office_and_hears_nothing_of_what_is_done(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    world.focus.hand_on("s1", "a-lead", LIN)
    zhou = await signed_in(aiohttp_client, world, ZHOU)
    assert "/focus" in (await zhou.get("/desk")).text
    page, spot = await zhou.get("/focus"), await zhou.get("/focus/s1")
    for seen in (page.text, spot.text):
        assert "a-lead" not in seen
        assert "Handed on" not in seen
        assert "/dismiss" not in seen
    assert "You can read this." in spot.text
    assert (await zhou.post("/focus/s1/dismiss", {"reason": "season"})).status == 403
    assert (await zhou.get("/focus/s1/warning")).status == 403


async def test_another_office_has_no_such_spot(aiohttp_client: AiohttpClient, world: World) -> None:
    stranger = await signed_in(aiohttp_client, world, STRANGER)
    assert (await stranger.get("/focus/s1")).status == 404
    assert (await stranger.get("/focus/s1/weeks.png")).status == 404
    assert (await (await signed_in(aiohttp_client, world)).get("/focus/none")).status == 404


@pytest.mark.parametrize(
    "chart",
    ["/focus/s1/weeks", *(f"/focus/charts/{name}" for name in ("trades", "streets", "fresh", "moved", "season"))],
)
async def test_every_chart_is_a_picture_and_a_workbook_too(
    aiohttp_client: AiohttpClient, world: World, chart: str
) -> None:
    lin = await signed_in(aiohttp_client, world)
    picture = await lin.get(f"{chart}.png")
    assert picture.headers["Content-Type"] == "image/png"
    poster = world.dashboards.posters[-1]
    assert poster.sentence
    assert [bar.mark is None for bar in poster.bars] == [False] * len(poster.bars)
    assert (await lin.get(f"{chart}.xlsx")).headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert (await lin.get(f"{chart}.svg")).status == 404


def test_the_workbook_of_a_chart_has_its_sentence_and_its_numbers() -> None:
    world = World()
    world.focus.fill()
    assert world.focus.report is not None
    chart = of_spot(world.focus.report.spots[0], "2026-06-21", words_of("en"))
    sheet = load_workbook(io.BytesIO(chart.workbook())).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert "17 in the last seven days" in str(rows[1][0])
    assert rows[3][:3] == ["Week from", "Seen", "Expected"]
    assert rows[-1][1:3] == [17, 7]


async def test_the_month_tells_what_is_new_what_changed_and_what_comes(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    report = world.focus.report
    assert report is not None
    also = (Trait("word", "小病大修", 9), Trait("word", "上门费", 8))
    world.focus.report = replace(report, fresh=(replace(report.fresh[0], also=also),))
    page = await (await signed_in(aiohttp_client, world, language="zh")).get("/focus/month")
    assert "“先息后本”" in page.text
    assert "其中还有：“小病大修”、“上门费”" in page.text
    assert "+10%" in page.text
    assert "今后30天大约92件，单看季节是过去30天的1.6倍。去年同期88件。" in page.text


async def test_how_it_is_calculated_stands_in_plain_words(aiohttp_client: AiohttpClient, world: World) -> None:
    page = await (await signed_in(aiohttp_client, world, language="zh")).get("/focus/how")
    assert "一周误报不超过1个" in page.text
    assert "不足5件的，一律不作为热点" in page.text


async def test_the_workbook_has_the_spots_and_their_weeks(aiohttp_client: AiohttpClient, world: World) -> None:
    answer = await (await signed_in(aiohttp_client, world)).get("/focus/spots.xlsx")
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    book = load_workbook(io.BytesIO(insight_workbook(await world.focus.page(LIN), words_of("en"))))
    assert [row[0].value for row in book["Hot spots"].iter_rows(min_row=2)][1] == "东桥街"
    assert book["Weeks"].max_row == 1 + 4 * 6
