"""A business is asked for a written answer and gives it from its phone: on the real application."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from complaints.commands import Refuse
from complaints.record import HIDDEN, masked_text
from journal.refusals import Refused
from offices import Officer
from server.app.demo import MEDIATOR, OFFICE
from server.app.wiring import PARTS, Parts
from server.db.schema import answer_drafts
from server.serving.settings import Settings
from server.window.store import AnswerDrafts
from tests.complaints.record.test_record import FULL
from tests.complaints.record.test_uploads import PDF
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.web.client import AiohttpClient, Answer, Browser, another, browser
from web import ANSWERS

COMPLAINT = "demo-0918"
ANSWER = {"facts": "屏幕是运输时压坏的，我们愿意换货。", "willing": "yes", "by": "余波，店长"}


@pytest.fixture
async def person(tmp_path: Path, aiohttp_client: AiohttpClient) -> Browser:
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.example"
    )
    return await browser(aiohttp_client, demo_app(settings))


def parts(person: Browser) -> Parts:
    found: Parts = person.client.server.app[PARTS]  # type: ignore[attr-defined]
    return found


async def zhou(person: Browser) -> Officer:
    user = await parts(person).store.user_by_login(MEDIATOR)
    assert user is not None
    return Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)


async def said(person: Browser, kind: str) -> str:
    messages, _ = await parts(person).outbox._store.page([OFFICE.id])
    newest = next(message for message in messages if message.kind == kind)
    return parts(person).seal.open(newest.text_sealed, "message")


async def invited(person: Browser, days: int = 5) -> str:
    """The path of the link that was sent."""
    desk = person.client.server.app[ANSWERS]  # type: ignore[attr-defined]
    await desk.invite(await zhou(person), COMPLAINT, date.today() + timedelta(days=days), "请说明屏幕是怎么坏的")
    found = re.search(r"/a/[\w-]{24}(?=\s)", await said(person, "link"))
    assert found
    return found[0]


async def inside(person: Browser, link: str) -> Answer:
    await person.get(link)
    await person.follow(await person.post(f"{link}/start"))
    await person.post("/answer/code/send")
    found = re.search(r"\d{6}", await said(person, "code"))
    assert found
    return await person.follow(await person.post("/answer/code", {"code": found[0]}))


async def told(person: Browser) -> list[str]:
    events = await parts(person).journal.read(f"complaint/{COMPLAINT}")
    return [event.type for event in events if event.type.startswith("Answer")]


async def test_a_business_sees_what_is_claimed_after_its_code_and_answers_once(person: Browser) -> None:
    link = await invited(person)
    before = await person.get(link)
    assert "亮线" not in before.text
    page = await inside(person, link)
    assert "到货第三天屏幕出现竖向亮线" in page.text
    assert "陶某" in page.text
    assert "陶静" not in page.text
    assert "请说明屏幕是怎么坏的" in page.text
    assert (await person.post("/answer", {**ANSWER, "willing": "", "facts": ""})).status == 422
    given = await person.follow(await person.post("/answer", ANSWER))
    assert "运输时压坏" in given.text
    assert (await person.post("/answer", ANSWER)).status == 409
    await person.post("/answer/add", {"text": "已联系物流。"})
    (answer,) = (await parts(person).complaints.state(COMPLAINT)).answers
    assert answer.given is not None
    assert (answer.given.willing, answer.given.by) == ("yes", "余波，店长")
    assert [text for text, _ in answer.added] == ["已联系物流。"]
    assert await told(person) == ["AnswerInvited", "AnswerOpened", "AnswerGiven", "AnswerAdded"]


async def test_what_is_typed_is_there_again_after_a_closed_tab_and_gone_once_it_is_sent(person: Browser) -> None:
    await inside(person, await invited(person))
    typed = {**ANSWER, "by": "", "facts": "屏幕是运输时压坏的，\n还没写完"}
    assert (await person.post("/answer", {**typed, "go": "keep"})).status == 204
    assert "AnswerGiven" not in await told(person)
    async with parts(person).database.read() as connection:
        (row,) = await connection.execute(select(answer_drafts))
    assert "还没写完" not in row.fields_sealed
    again = (await person.get("/answer")).text
    assert "还没写完" in again
    assert 'value="yes" checked' in again
    assert (await person.post("/answer", {**typed, "go": "keep", "facts": "长" * 20_000})).status == 400
    assert "还没写完" in (await person.get("/answer")).text
    await person.post("/answer", ANSWER)
    assert (await person.post("/answer", {**typed, "go": "keep"})).status == 409
    async with parts(person).database.read() as connection:
        assert not (await connection.execute(select(answer_drafts))).all()


async def test_what_was_typed_goes_with_its_invitation(person: Browser) -> None:
    await inside(person, await invited(person))
    await person.post("/answer", {**ANSWER, "go": "keep"})
    drafts = AnswerDrafts(parts(person).database)
    (answer,) = (await parts(person).complaints.state(COMPLAINT)).answers
    now = datetime.now(UTC)
    assert await drafts.forget_expired(now) == 0
    assert await drafts.of(answer.invited.invitation)
    assert await drafts.forget_expired(now + timedelta(days=36)) == 1
    await person.post("/answer", {**ANSWER, "go": "keep"})
    desk = person.client.server.app[ANSWERS]  # type: ignore[attr-defined]
    await desk.withdraw(await zhou(person), COMPLAINT, answer.invited.invitation, "号码登记错了")
    assert not await drafts.of(answer.invited.invitation)


async def test_a_link_is_looked_at_by_anybody_and_used_by_one_phone(person: Browser) -> None:
    link = await invited(person)
    for _ in range(20):
        assert (await (await another(person)).get(link)).status == 200
    await inside(person, link)
    stranger = await another(person)
    assert (await stranger.get(link)).status == 410
    assert (await stranger.get("/answer")).status == 401
    assert (await stranger.get(link.replace("/a/", "/j/"))).status == 404


async def test_asking_twice_leaves_the_link_of_the_first_time_good(person: Browser) -> None:
    link = await invited(person)
    with pytest.raises(Refused, match="wrong_state"):
        await invited(person)
    assert (await person.get(link)).status == 200


async def test_documents_come_from_the_business_and_a_stranger_sends_none(person: Browser) -> None:
    await inside(person, await invited(person))
    assert (await person.upload("/answer/files", "物流单.pdf", PDF)).status == 303
    (one,) = (await parts(person).complaints.state(COMPLAINT)).attachments
    assert (one.by, one.name) == ("business", "物流单.pdf")
    stranger = await another(person)
    await stranger.get("/follow")
    assert (await stranger.upload("/answer/files", "a.pdf", PDF + bytes(400_000))).status == 401
    await person.get("/answer")
    await person.post(f"/answer/files/{one.attachment}/remove")
    assert not (await parts(person).complaints.state(COMPLAINT)).attachments


async def test_a_withdrawn_invitation_lets_nobody_in_and_another_can_be_sent(person: Browser) -> None:
    link = await invited(person)
    await inside(person, link)
    desk, officer = person.client.server.app[ANSWERS], await zhou(person)  # type: ignore[attr-defined]
    (answer,) = (await parts(person).complaints.state(COMPLAINT)).answers
    await desk.withdraw(officer, COMPLAINT, answer.invited.invitation, "号码登记错了")
    assert (await person.get("/answer")).status in (401, 410)
    fresh = await another(person)
    assert (await fresh.get(link)).status == 410
    assert (await fresh.get(await invited(person))).status == 200


async def test_a_decided_complaint_takes_no_answer_any_more(person: Browser) -> None:
    await inside(person, await invited(person))
    await parts(person).complaints.submit(COMPLAINT, Refuse(1), (await zhou(person)).actor)
    assert (await person.post("/answer", ANSWER)).status == 409
    assert "decided meanwhile" in (await person.get("/answer")).text


def test_whatever_a_consumer_could_be_reached_by_is_taken_out() -> None:
    record = replace(FULL, secret=False)
    name = record.consumer.name
    text = f"我是{name}，电话13800001234，微信号：abc_12345，身份证110101199003074578，"
    text += "邮箱 a.b@example.com，付了3,000.00元"
    shown = masked_text(text, record)
    assert name not in shown
    assert f"{name[0]}某" in shown
    assert shown.count(HIDDEN) == 4
    assert "3,000.00元" in shown
    assert name[0] not in masked_text(text, replace(record, secret=True))


async def test_the_officer_reads_the_answer_where_the_complaint_is(person: Browser) -> None:
    await inside(person, await invited(person))
    await person.post("/answer", ANSWER)
    at = parts(person)
    from server.identity import digest, fresh_token

    token, now = fresh_token(), datetime.now(UTC)
    await at.store.add_session(digest(token), (await zhou(person)).id, now, now + timedelta(hours=1))
    officer = await another(person)
    officer.sign_in(token)
    page = await officer.get(f"/complaints/{COMPLAINT}")
    assert "运输时压坏" in page.text
    assert "余波，店长" in page.text
