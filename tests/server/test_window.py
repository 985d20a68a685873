"""The public window on the real application: filed, followed and withdrawn from a phone, and nothing told to others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.demo import OFFICE
from server.settings import Settings
from server.wiring import PARTS, Parts, create_app
from tests.identity.office import PASSWORD, NoMedia
from tests.web.client import AiohttpClient, Answer, Browser, another, browser

FORM = {
    "title": "健身卡不退费",
    "facts": "办了年卡，去了三次店就关了。",
    "requests": "refund",
    "request": "退还余款",
    "amount": "2,360.00",
    "name": "白小鱼",
    "phone": "138 0000 7788",
    "business_name": "武汉某某健身有限公司",
    "business_address": "东湖高新区某路1号",
    "agree": "yes",
}


@pytest.fixture
async def person(tmp_path: Path, aiohttp_client: AiohttpClient) -> Browser:
    settings = Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD))
    return await browser(aiohttp_client, create_app(settings, NoMedia()))


def parts(person: Browser) -> Parts:
    found: Parts = person.client.server.app[PARTS]  # type: ignore[attr-defined]
    return found


async def newest_code(person: Browser) -> str:
    """As it stands in the outbox of the demo."""
    messages, _ = await parts(person).outbox._store.page([OFFICE.id])
    codes = [message for message in messages if message.kind == "code"]
    found = re.search(r"\d{6}", parts(person).seal.open(codes[0].text_sealed, "message"))
    assert found
    return found[0]


async def codes_sent(person: Browser) -> int:
    messages, _ = await parts(person).outbox._store.page([OFFICE.id])
    return len([message for message in messages if message.kind == "code"])


async def filed(person: Browser, **other: str) -> Answer:
    await person.get("/file")
    answer = await person.post("/file", {**FORM, **other})
    assert answer.location == "/file/code", answer.text
    await person.follow(answer)
    confirmed = await person.post("/file/code", {"code": await newest_code(person)})
    assert confirmed.location == "/follow/state", confirmed.text
    return await person.follow(confirmed)


def number_on(page: Answer) -> str:
    found = re.search(r'<dd class="num">([^<]+号)</dd>', page.text)
    assert found
    return found[1]


async def test_a_complaint_is_filed_once_the_phone_is_confirmed_and_not_before(person: Browser) -> None:
    before = await _ids(person)
    await person.get("/file")
    await person.post("/file", FORM)
    assert await _ids(person) == before
    page = await filed(person, phone="13800007799")
    number = number_on(page)
    after = await _ids(person)
    assert len(after) == len(before) + 1
    found = await parts(person).complaints.state(after[-1])
    assert found.record.number == number
    assert (found.record.channel, found.record.mode) == ("window", "internet")
    assert found.record.requests == ("refund",)
    assert found.record.consumer.phone_masked == "138 **** 7799"


async def _ids(person: Browser) -> list[str]:
    from sqlalchemy import select

    from server.storage.tables import complaints

    async with parts(person).database.read() as connection:
        wanted = select(complaints.c.id).order_by(complaints.c.received)
        return list((await connection.execute(wanted)).scalars())


async def test_whoever_has_no_visit_under_way_finds_none(person: Browser) -> None:
    stranger = await another(person)
    for path in ("/file/code", "/follow/state", "/follow/withdraw"):
        assert (await stranger.get(path)).status == 410


async def test_following_needs_number_and_phone_and_says_the_same_to_everybody_else(person: Browser) -> None:
    number = number_on(await filed(person))
    sent = await codes_sent(person)
    answers = []
    for wanted, phone in (("东高一投〔2026〕9999号", "13900000001"), (number, "13900000002"), ("什么", "13900000003")):
        other = await another(person)
        await other.get("/follow")
        answer = await other.post("/follow", {"number": wanted, "phone": phone})
        assert answer.location == "/follow/code"
        page = await other.follow(answer)
        answers.append(re.sub(r'value="[0-9a-f]+"|\d{3} \*{4} \d{4}|nonce-[^\']+', "", page.text))
        assert (await other.get("/follow/state")).status == 403
        wrong = await other.post("/follow/code", {"code": "000000"})
        assert (wrong.status, "not the code" in wrong.text) == (400, True)
    assert len(set(answers)) == 1
    assert await codes_sent(person) == sent


async def test_whoever_filed_it_withdraws_it_after_saying_so_twice(person: Browser) -> None:
    page = await filed(person)
    assert "deciding whether" in page.text
    await person.get("/follow/withdraw")
    unsure = await person.post("/follow/withdraw", {"reason": "已协商"})
    assert unsure.status == 422
    sure = await person.post("/follow/withdraw", {"reason": "已协商", "sure": "yes"})
    page = await person.follow(sure)
    assert "You have taken this complaint back." in page.text
    state = await parts(person).complaints.state((await _ids(person))[-1])
    assert (state.withdrawn, state.state.value) == (True, "closed")
    await person.get("/follow/withdraw")
    assert (await person.post("/follow/withdraw", {"sure": "yes"})).status == 409


async def test_what_is_missing_is_said_above_its_field_and_what_was_typed_is_kept(person: Browser) -> None:
    await person.get("/file")
    answer = await person.post("/file", {**FORM, "facts": "", "agree": "", "phone": "123"})
    assert answer.status == 422
    assert all(f'id="{name}-error"' in answer.text for name in ("facts", "agree", "phone"))
    assert 'value="健身卡不退费"' in answer.text
    assert (await person.post("/file", {**FORM, "phone": "02700001201"})).status == 422


async def test_a_phone_gets_no_more_codes_than_the_limit_and_a_form_from_elsewhere_none(person: Browser) -> None:
    await filed(person)
    await person.get("/file")
    again = await person.post("/file", FORM)
    assert again.status == 429
    sent = await codes_sent(person)
    foreign = await another(person)
    assert (await foreign.post("/file", FORM)).status == 403
    assert await codes_sent(person) == sent


async def test_five_wrong_codes_are_the_last(person: Browser) -> None:
    await person.get("/file")
    await person.follow(await person.post("/file", FORM))
    right = await newest_code(person)
    for _ in range(5):
        await person.post("/file/code", {"code": "000000" if right != "000000" else "111111"})
    assert (await person.post("/file/code", {"code": right})).status == 429
