"""The public window on the real application: filed, followed and withdrawn from a phone, and nothing told to others."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from complaints.commands import FollowCancelled
from complaints.views import NoticeWish
from journal import SYSTEM
from offices import Officer
from rooms.joining import consents
from server.app.demo import MEDIATOR, OFFICE
from server.app.wiring import PARTS, Parts
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.web.client import AiohttpClient, Answer, Browser, another, browser
from web import WINDOW

ANSWERS = {
    "who": {"age": "adult"},
    "title": {"title": "健身卡不退费"},
    "story": {"facts": "办了年卡，去了三次店就关了。"},
    "business": {"business_name": "武汉某某健身有限公司"},
    "place": {"business_address": "东湖高新区某路1号", "office": OFFICE.id},
    "wish": {"requests": "refund", "request": "退还余款", "amount": "2,360.00"},
    "name": {"name": "白小鱼", "address": "武汉市洪山区某小区3栋2单元"},
    "phone": {"phone": "138 0000 7788"},
    "check": {"agree": "yes"},
}


@pytest.fixture
async def person(tmp_path: Path, aiohttp_client: AiohttpClient) -> Browser:
    settings = Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD))
    return await browser(aiohttp_client, demo_app(settings))


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


async def written(person: Browser, **other: str) -> Answer:
    """Every question answered; what came of the last screen."""
    await person.get("/file")
    answer = await person.post("/file", {})
    for name, fields in ANSWERS.items():
        assert answer.location == f"/file/{name}", answer.text
        await person.follow(answer)
        answer = await person.post(f"/file/{name}", {**fields, **{key: other[key] for key in fields if key in other}})
        if answer.status != 303:
            break
    return answer


async def filed(person: Browser, **other: str) -> Answer:
    answer = await written(person, **other)
    assert answer.location == "/file/code", answer.text
    await person.follow(answer)
    confirmed = await person.post("/file/code", {"code": await newest_code(person)})
    assert confirmed.location == "/follow/photos", confirmed.text
    await person.follow(confirmed)
    return await person.get("/follow/state")


def number_on(page: Answer) -> str:
    found = re.search(r'<dd class="num">([^<]+号)</dd>', page.text)
    assert found
    return found[1]


async def test_a_complaint_is_filed_once_the_phone_is_confirmed_and_not_before(person: Browser) -> None:
    before = await _ids(person)
    await written(person)
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
    assert found.record.consumer.address == ANSWERS["name"]["address"]


async def test_where_letters_reach_the_complainant_is_asked_and_needed(person: Browser) -> None:
    """Order 121 Art 10: name, phone number and correspondence address."""
    await person.get("/file")
    await person.follow(await person.post("/file"))
    await person.get("/file/name")
    answer = await person.post("/file/name", {"name": "白小鱼", "city": "武汉", "address": " "})
    assert (answer.status, 'id="address-error"' in answer.text) == (422, True)
    assert 'value="白小鱼"' in answer.text
    assert "Order 121 Art 10" in answer.text


async def _ids(person: Browser) -> list[str]:
    from sqlalchemy import select

    from server.db.schema import complaints

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


async def test_for_a_child_the_guardian_agrees_before_anything_else_is_asked(person: Browser) -> None:
    """PIPL Art 31; what was typed stays, and the guardian is on file with what they agreed to."""
    await person.get("/file")
    first = await person.post("/file", {})
    assert first.location == "/file/who"
    await person.follow(first)
    child = {"age": "child", "guardian": "白母", "relation": "母亲", "guardian_phone": ""}
    half = await person.post("/file/who", child)
    assert (half.status, 'id="consents-error"' in half.text) == (422, True)
    assert 'value="白母"' in half.text
    await person.post("/file/check", {"agree": "yes"})
    assert (await person.get("/file/check")).status == 200
    assert (await person.post("/file/check", {"agree": "yes"})).location == "/file/who"
    await person.get("/file/who")
    assert (await person.post("/file/who", {**child, "consents": "yes"})).location == "/file/title"
    for name, fields in ANSWERS.items():
        if name != "who":
            await person.get(f"/file/{name}")
            answer = await person.post(f"/file/{name}", fields)
    assert answer.location == "/file/code", answer.text
    await person.follow(answer)
    await person.post("/file/code", {"code": await newest_code(person)})
    record = (await parts(person).complaints.state((await _ids(person))[-1])).record
    assert record.consumer.age_band == "under_14"
    assert record.proxy is not None
    assert (record.proxy.name, record.proxy.relation, record.proxy.guardian, record.proxy.consents) == (
        "白母",
        "母亲",
        True,
        True,
    )


async def test_what_is_missing_is_said_above_its_field_and_what_was_typed_is_kept(person: Browser) -> None:
    assert (await written(person, facts="")).status == 422
    assert 'value="健身卡不退费"' in (await person.get("/file/title")).text
    answer = await person.post("/file/phone", {"phone": "123"})
    assert 'id="phone-error"' in answer.text
    assert 'value="123"' in answer.text
    for name in ("story", "business", "place", "wish", "name"):
        await person.post(f"/file/{name}", ANSWERS[name])
    await person.post("/file/phone", {"phone": "02700001201"})
    landline = await person.post("/file/check", {"agree": "yes"})
    assert (landline.status, 'id="phone-error"' in landline.text) == (422, True)


async def test_going_back_keeps_even_what_is_not_right_yet_and_a_change_leads_to_the_last_screen(
    person: Browser,
) -> None:
    await written(person, agree="")
    await person.get("/file/place")
    back = await person.post("/file/place", {"business_address": "", "business_city": "武汉", "go": "back"})
    assert back.location == "/file/business"
    assert 'value="武汉"' in (await person.get("/file/place")).text
    assert (await person.post("/file/check", {"agree": "yes"})).location == "/file/place"
    mended = await person.post("/file/place", {"business_address": "某路2号", "office": OFFICE.id, "again": "yes"})
    assert mended.location == "/file/check"
    page = await person.follow(mended)
    assert "某路2号" in page.text
    assert "健身卡不退费" in page.text


async def test_whoever_comes_to_a_question_without_having_begun_begins(person: Browser) -> None:
    assert (await person.get("/file/story")).location == "/file"
    await filed(person)
    assert (await person.get("/file/story")).location == "/file"  # what was filed is written no more
    assert (await person.post("/file/story", {"facts": "别的"})).status == 410


async def test_which_text_was_agreed_to_and_in_which_language_is_in_the_journal_with_the_complaint(
    person: Browser,
) -> None:
    await filed(person)
    [*_, registered, agreed] = await parts(person).journal.read(f"complaint/{(await _ids(person))[-1]}")
    assert (registered.type, agreed.type) == ("ComplaintRegistered", "NoticeAgreed")
    assert agreed.data == {"version": consents.filing_version(3), "language": "en"}
    assert (await person.get(f"/texts/{agreed.data['version']}/filing")).status == 200


async def test_agreeing_to_a_text_that_is_not_shown_any_more_asks_again(person: Browser) -> None:
    await written(person, agree="")
    page = await person.get("/file/check")
    assert f'name="edition" value="{consents.filing_version(3)}"' in page.text
    answer = await person.post("/file/check", {"agree": "yes", "edition": "2099-01-01.3"})
    assert (answer.status, "This text has changed since you opened the page" in answer.text) == (422, True)
    now = {"agree": "yes", "edition": consents.filing_version(3)}
    assert (await person.post("/file/check", now)).location == "/file/code"


FULL = str.maketrans("0123456789", "０１２３４５６７８９")


async def test_a_phone_and_a_code_typed_in_full_width_are_the_same_phone_and_code(person: Browser) -> None:
    answer = await written(person, phone="１３９０００００００１")
    assert answer.location == "/file/code", answer.text
    await person.follow(answer)
    confirmed = await person.post("/file/code", {"code": (await newest_code(person)).translate(FULL)})
    assert confirmed.location == "/follow/photos", confirmed.text
    record = (await parts(person).complaints.state((await _ids(person))[-1])).record
    assert record.consumer.phone_key == parts(person).seal.hash("13900000001", "phone")


async def news(person: Browser) -> list[str]:
    messages, _ = await parts(person).outbox._store.page([OFFICE.id], size=100)
    told = [one for one in messages if one.kind in ("news", "cancelled")]
    return [parts(person).seal.open(one.text_sealed, "message") for one in reversed(told)]


async def test_news_goes_out_when_the_state_changes_in_the_persons_language_and_names_nobody(person: Browser) -> None:
    await filed(person)
    complaint, at = (await _ids(person))[-1], parts(person)
    user = await at.store.user_by_login(MEDIATOR)
    assert user is not None
    zhou = Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)
    await at.desk.accept(zhou, complaint)
    session = await at.desk.schedule(zhou, complaint, datetime.now(UTC) + timedelta(days=1), [])
    accepted, scheduled = await news(person)
    number = (await at.complaints.state(complaint)).record.number
    assert f"complaint {number}: it was accepted." in accepted
    assert "a mediation was arranged, on" in scheduled
    assert not any(word in accepted + scheduled for word in ("白小鱼", "健身", "7788"))
    await person.get("/follow/state")
    await person.post("/follow/news", {"wanted": "no"})
    await at.complaints.submit(complaint, FollowCancelled(session, "改期"), SYSTEM)
    (off,) = (await news(person))[2:]  # whoever was invited is told all the same
    assert "已取消" in off


async def test_a_notice_is_read_on_the_phone_and_only_by_whom_it_is_for(person: Browser) -> None:
    await filed(person)
    complaint, at = (await _ids(person))[-1], parts(person)
    user = await at.store.user_by_login(MEDIATOR)
    assert user is not None
    zhou = Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)
    await at.desk.accept(zhou, complaint)
    number = await at.notices.issue(zhou, complaint, NoticeWish("acceptance"))
    notice = (await at.complaints.state(complaint)).notices[0].issued.notice
    assert "not read yet" in (await person.get("/follow/state")).text
    page = await person.get(f"/follow/notices/{notice}")
    assert number in page.text
    assert "白小鱼" in page.text
    sheet = await person.get(f"/follow/notices/{notice}/file")
    assert sheet.text.startswith("%PDF")
    reads = [event.data for event in await at.journal.read(f"complaint/{complaint}") if event.type == "NoticeRead"]
    assert reads == [{"notice": notice, "number": number, "whom": "consumer"}]
    stranger = await another(person)
    await filed(stranger, phone="13800007791")
    assert (await stranger.get(f"/follow/notices/{notice}")).status == 404
    assert (await (await another(person)).get(f"/follow/notices/{notice}")).status == 410


async def test_a_visit_says_before_it_ends_and_lasts_while_somebody_looks_but_not_for_ever(person: Browser) -> None:
    page = await filed(person)
    assert re.search(r'data-ends="3[56]\d\d"[^>]*data-alive="/follow/alive"[^>]* hidden>', page.text)
    window = person.client.server.app[WINDOW]  # type: ignore[attr-defined]
    began = datetime.now(UTC)
    for minutes in range(50, 11 * 60, 50):  # somebody looks now and then
        window._now = lambda minutes=minutes: began + timedelta(minutes=minutes)
        assert json.loads((await person.get("/follow/alive")).text)["seconds"] > 3000
    window._now = lambda: began + timedelta(hours=11, minutes=45)
    assert json.loads((await person.get("/follow/alive")).text)["seconds"] < 15 * 60
    window._now = lambda: began + timedelta(hours=12, minutes=1)
    assert (await person.get("/follow/alive")).status == 410


async def test_a_phone_gets_no_more_codes_than_the_limit_and_a_form_from_elsewhere_none(person: Browser) -> None:
    await filed(person)
    again = await written(person)
    assert again.status == 429
    sent = await codes_sent(person)
    foreign = await another(person)
    assert (await foreign.post("/file", {})).status == 403
    assert await codes_sent(person) == sent


async def test_five_wrong_codes_are_the_last(person: Browser) -> None:
    await person.follow(await written(person))
    right = await newest_code(person)
    for _ in range(5):
        await person.post("/file/code", {"code": "000000" if right != "000000" else "111111"})
    assert (await person.post("/file/code", {"code": right})).status == 429
