"""A warning to consumers from the template to the public page, and what nobody gets past."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from casebook import Case
from casebook.starter import starter
from casebook.views import CaseRow
from complaints.insight.bulletin import TypicalCase
from offices import Officer
from tests.web.client import AiohttpClient, Browser, another, browser
from tests.web.fakes import LIN, ZHOU, World
from tests.web.fakes.accounts.officers import Account

LU = Officer("u-lu", "lu", "陆督", "supervisor", LIN.office, totp=False)
KEEP, AT = {"title": "办卡先看清", "body": "先问能不能退。\n\n留好收据。", "edition": "0"}, "/focus/s3/warning"


@pytest.fixture
def world() -> World:
    world = World()
    world.focus.fill()
    return world


async def people(aiohttp_client: AiohttpClient, world: World) -> tuple[Browser, Browser, Browser]:
    """Two supervisors and somebody from the street."""
    anybody = await browser(aiohttp_client, world.app())
    world.identity.accounts[LU.login] = Account(LU, "")
    found = []
    for officer in (LIN, LU):
        one = await another(anybody)
        one.sign_in(world.identity.token(officer.login))
        await one.get(f"{AT}?lang=en")
        found.append(one)
    return found[0], found[1], anybody


async def test_the_draft_from_the_template_names_no_business(aiohttp_client: AiohttpClient, world: World) -> None:
    lin, _, _ = await people(aiohttp_client, world)
    page = await lin.get(f"{AT}?lang=zh")
    assert "拾光健身" not in page.text
    assert "消费提示" in page.text


async def test_it_is_written_approved_by_another_published_and_withdrawn(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    lin, lu, anybody = await people(aiohttp_client, world)
    assert (await lin.post(AT, KEEP)).status == 303
    assert "办卡先看清" not in (await anybody.get("/public")).text
    assert (await lin.post(f"{AT}/publish", {"edition": "1"})).status == 409, "nobody has approved it"
    assert (await lin.post(f"{AT}/approve", {"edition": "1"})).status == 409, "the words are hers"
    assert "Approve these words" not in (await lin.get(AT)).text
    assert "Approve these words" in (await lu.get(AT)).text
    await lu.post(f"{AT}/approve", {"edition": "1"})
    await lin.post(f"{AT}/publish", {"edition": "1"})
    public = await anybody.get("/public/warnings/s3")
    assert public.status == 200
    assert "先问能不能退。" in public.text
    assert "办卡先看清" in (await anybody.get("/public")).text
    assert (await anybody.get("/public/warnings/s3/warning.pdf")).headers["Content-Type"] == "application/pdf"
    assert (await lin.post(f"{AT}/withdraw", {"reason": ""})).status == 422
    await lin.post(f"{AT}/withdraw", {"reason": "数字有误"})
    gone = await anybody.get("/public/warnings/s3")
    assert gone.status == 410
    assert "数字有误" in gone.text
    assert "先问能不能退。" not in gone.text
    assert (await anybody.get("/public/warnings/s3/warning.pdf")).status == 404


async def test_other_words_after_the_approval_need_another_approval(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    lin, lu, anybody = await people(aiohttp_client, world)
    await lin.post(AT, KEEP)
    await lu.post(f"{AT}/approve", {"edition": "1"})
    await lin.post(AT, {**KEEP, "body": "别的话", "edition": "1"})
    for edition in ("1", "2"):
        assert (await lin.post(f"{AT}/publish", {"edition": edition})).status == 409
    assert (await anybody.get("/public/warnings/s3")).status == 404


async def test_two_who_write_at_once_lose_nothing(aiohttp_client: AiohttpClient, world: World) -> None:
    lin, lu, _ = await people(aiohttp_client, world)
    await lin.post(AT, {"title": "one", "body": "first text", "edition": "0"})
    answer = await lu.post(AT, {"title": "two", "body": "second text", "edition": "0"})
    assert answer.status == 409
    assert "first text" in answer.text
    assert "second text" in answer.text
    assert world.warnings.kept["s3"].wording.body == "first text"
    assert (await lu.post(AT, {"title": "two", "body": "second text", "edition": "1"})).status == 303


async def test_a_month_is_issued_read_by_anybody_and_withdrawn(aiohttp_client: AiohttpClient, world: World) -> None:
    lin, _, anybody = await people(aiohttp_client, world)
    month = "/bulletins/month/2026-05-01"
    assert "It was not issued yet." in (await lin.get(f"{month}?public=1")).text
    answer = await lin.post(f"{month}/issue?public=1")
    assert answer.location == f"{month}?edition=newest&public=1"
    assert "this is what it said, word by word" in (await lin.get(answer.location)).text
    again = await lin.post(f"{month}/issue?public=1")
    assert (again.status, "there is nothing new to issue" in again.text) == (422, True)
    address = f"/public/bulletins/month/2026-05-01/{LIN.office.id}"
    assert address in (await anybody.get("/public")).text
    assert "edition 1" in (await anybody.get(f"{address}?lang=en")).text
    assert (await anybody.get(f"{address}/bulletin.pdf")).headers["Content-Type"] == "application/pdf"
    assert (await lin.post(f"{month}/withdraw?public=1", {"reason": ""})).status == 422
    await lin.post(f"{month}/withdraw?public=1", {"reason": "数字有误"})
    gone = await anybody.get(address)
    assert (gone.status, "数字有误" in gone.text) == (410, True)
    assert (await anybody.get("/public/bulletins/month/2026-04-01/nobody")).status == 404


async def test_a_bulletin_says_why_it_tells_this_case_and_another_or_none_is_chosen(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    lin, lu, _ = await people(aiohttp_client, world)
    month = "/bulletins/month/2026-05-01"
    assert "nothing rose, and the casebook published none in this period" in (await lin.get(month)).text
    world.bulletins.case = TypicalCase(
        "k1", "云案〔2026〕0012号", 2, "办卡后门店关门", "", "某甲办卡。", "退款。", [("消法第五十五条", "Art 55")],
        False, "rose", ("problem", "contract"),
    )  # fmt: skip
    page = (await lin.get(month)).text
    for said in ('href="/casebook/read/k1"', "云案〔2026〕0012号, edition 2", '<p lang="zh">某甲办卡。', "Art 55"):
        assert said in page
    assert "this is the newest published case of them" in page
    public = (await lin.get(f"{month}?public=1")).text
    assert "退款。" in public
    assert "/casebook/read/" not in public
    answer = await lin.post(f"{month}/case?public=1", {"case": "k1"})
    assert (answer.status, answer.location) == (303, f"{month}?public=1#told")
    await lu.post(f"{month}/case", {"case": "none"})
    assert {key: (one.how, one.case) for key, one in world.issued.shelf.chosen.items()} == {
        (LIN.office.id, True): ("case", "k1"),
        (LIN.office.id, False): ("none", ""),
    }
    assert (await lin.post(f"{month}/case", {"case": ""})).status == 422
    inspector = Officer("u-cha", "cha", "查问", "inspector", LIN.office, totp=False)
    world.identity.accounts[inspector.login] = Account(inspector, "")
    lin.sign_in(world.identity.token(inspector.login))
    page = (await lin.get(month)).text
    assert "某甲办卡。" in page
    assert "/casebook/read/" not in page, "who may not open the casebook is led to no closed door"


async def test_its_case_is_looked_for_by_words(aiohttp_client: AiohttpClient, world: World) -> None:
    lin, _, _ = await people(aiohttp_client, world)
    month, found = "/bulletins/month/2026-05-01", list(starter().values())
    world.bulletins.rows = [row_of(case) for case in found]
    page = (await lin.get(f"{month}?find=健身房关门退预付款&public=1")).text
    assert 'name="public" value="1"' in page, "what is looked for stays within the public edition"
    options = re.findall(r'<option value="([^"]+)"[^>]*?( selected)?>', page.partition('id="case"')[2])
    assert (options[0][1], options[-2][0], options[-1][0]) == (" selected", "rule", "none"), "the nearest is at hand"
    assert "健身" in starter()[options[0][0]].title_zh
    assert "cases, the nearest first" in page
    page = (await lin.get(f"{month}?find=qqqqzzzz")).text
    assert "No case has these words." in page
    assert '<option value="rule" selected>' in page


def row_of(case: Case) -> CaseRow:
    return CaseRow(
        case.id, case.number, "", "published", "published", 1, True, case.title_zh, case.title_en, case.industry,
        case.problem, (), None, None, None, datetime(2026, 5, 1, tzinfo=UTC), None,
    )  # fmt: skip


async def test_leaders_are_told_the_hot_spots_found_in_the_period_as_they_were_found(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    lin, _, _ = await people(aiohttp_client, world)
    june = "/bulletins/month/2026-06-01/leaders"
    page = (await lin.get(june)).text
    told = "17 from 12 June 2026 to 21 June 2026, about 7 expected."
    assert page.count(told) == 2, "two at most"
    assert "东桥街: 17 from" in page
    await lin.post("/focus/s2/dismiss", {"reason": "known"})
    assert "东桥街" not in (await lin.get(june)).text, "what was put aside is not told"
    assert "None was found." in (await lin.get("/bulletins/month/2026-05-01/leaders")).text
    assert "Hot spots" not in (await lin.get("/bulletins/month/2026-01-01/leaders")).text, "it is not known any more"
    inspector = Officer("u-cha", "cha", "查问", "inspector", LIN.office, totp=False)
    world.identity.accounts[inspector.login] = Account(inspector, "")
    lin.sign_in(world.identity.token(inspector.login))
    page = (await lin.get(june)).text
    assert "Asked of leaders" in page
    assert "Hot spots" not in page, "they are for supervisors"


async def test_an_office_writes_its_own_advice_and_has_the_programs_words_back(
    aiohttp_client: AiohttpClient, world: World
) -> None:
    lin, lu, _ = await people(aiohttp_client, world)
    at = "/bulletins/advice"
    assert "Pay in small amounts" in (await lin.get(f"{at}?lang=en")).text
    mine = {"zh_contract": "办卡先查备案。\n\n 留好合同。 ", "en_contract": "", "seen": "0"}
    answer = await lin.post(f"{at}/contract", mine)
    assert (answer.status, answer.location) == (303, f"{at}#contract")
    own = (await world.advice.own(LIN.office.id))["contract"]
    assert (own.zh, own.en) == (("办卡先查备案。", "留好合同。"), ())
    page = (await lin.get(at)).text
    assert "the office’s own words" in page
    assert "Pay in small amounts" in page, "of a language in which nothing was written the program’s words stand"
    late = await lu.post(f"{at}/contract", {**mine, "zh_contract": "另一种说法。"})
    assert (late.status, "另一种说法。" in late.text) == (422, True)
    assert (await lu.post(f"{at}/contract", {**mine, "zh_contract": "长" * 1_001, "seen": "1"})).status == 422
    draft = await lin.get("/focus/s3/warning?lang=zh")
    assert "办卡先查备案。" in draft.text
    await lin.post(f"{at}/contract", {**mine, "seen": "1", "back": "1"})
    assert "办卡先查备案。" not in (await lin.get(at)).text
    assert (await lin.post(f"{at}/nonsense", {"zh_nonsense": "好。", "seen": "0"})).status == 400
    zhou = await another(lin)
    zhou.sign_in(world.identity.token(ZHOU.login))
    assert (await zhou.get(at)).status == 403
