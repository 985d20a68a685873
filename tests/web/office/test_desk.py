"""The desk, the complaints and the sessions as a mediator uses them, without script."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rooms import events as e
from rooms.errors import AlreadyClosed
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Role, Side, Status
from tests.web.audit import story
from tests.web.client import AiohttpClient, Answer, Browser, browser
from tests.web.fakes import EAST_LAKE, ZHOU, World, scheduled
from web import cookies
from web.ports import Message, Officer, SessionRow

NEW = {
    "channel": "window",
    "received_day": "2026-06-22",
    "title": "镜片不符",
    "request": "退款",
    "facts": "镜片度数和验光单不一样",
    "amount": "860",
    "consumer_name": "高明远",
    "consumer_phone": "138 0000 7731",
    "business_name": "澄光眼镜店",
}


@pytest.fixture
def world() -> World:
    made = World()
    made.clock.now = datetime.now(UTC)  # handlers read the machine's clock
    made.sessions.streams.clear()
    made.sessions.append("m1", scheduled("c0", "东高一投〔2026〕0917号", "婚恋积分退款", made.clock.now))
    return made


@pytest.fixture
async def zhou(world: World, aiohttp_client: AiohttpClient) -> Browser:
    visitor = await browser(aiohttp_client, world.app())
    visitor.sign_in(world.identity.token("zhou"))
    visitor.cookies[cookies.LANGUAGE] = "en"  # an officer's own language comes before the browser's
    return visitor


async def test_the_desk_begins_with_a_sentence_about_today(zhou: Browser) -> None:
    page = await zhou.get("/desk")
    heading = heading_of(page)
    assert "One mediation today" in heading
    assert "nothing waiting" in heading
    assert "/sessions/m1/room" in page.text


async def test_an_empty_desk_says_what_will_be_here(world: World, zhou: Browser) -> None:
    world.sessions.streams.clear()
    world.complaints.pages.clear()
    page = await zhou.get("/desk")
    assert "No mediation today" in heading_of(page)
    for words in ("will stand here", "Nobody owes anything", "Nothing falls due"):
        assert words in page.text


async def test_what_was_adjourned_to_another_day_stands_on_the_desk(world: World, zhou: Browser) -> None:
    assert "On another day" not in (await zhou.get("/desk")).text
    later = scheduled("c0", "东高一投〔2026〕0917号", "婚恋积分退款", world.clock.now + timedelta(days=7))
    world.sessions.append("m2", replace(later, ordinal=2))
    page = (await zhou.get("/desk")).text
    assert "/sessions/m2" in page.partition("On another day")[2]
    assert "Mediation no. 2" in page


async def test_who_waits_is_shown_on_the_desk(world: World, zhou: Browser) -> None:
    world.sessions.append("m1", e.Arrived("s-consumer"))
    assert "in the waiting room" in (await zhou.get("/desk")).text


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("unlinked", "no link yet"),
        ("linked", "has not opened the link yet"),
        ("opened", "opened the link"),
        ("agreed", "agreed to take part"),
        ("refused", "does not want to take part"),
    ],
)
async def test_the_desk_says_how_far_each_side_has_come(
    world: World, zhou: Browser, standing: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = (await world.reads.desk(ZHOU, world.clock.now)).today
    seats = {"consumer": standing, "business": "waiting"}
    monkeypatch.setattr(world.reads, "_rows", answering([replace(row, seats=seats)]))
    assert words in (await zhou.get("/desk")).text


async def test_a_message_that_did_not_arrive_is_said_until_the_link_was_opened(
    world: World, zhou: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = (await world.reads.desk(ZHOU, world.clock.now)).today
    lost = replace(row, seats={"consumer": "linked", "business": "linked"}, undelivered=frozenset({"consumer"}))
    monkeypatch.setattr(world.reads, "_rows", answering([lost]))
    page = (await zhou.get("/desk")).text
    assert page.count("the message did not arrive") == 1
    assert page.count("has not opened the link yet") == 1
    monkeypatch.setattr(world.reads, "_rows", answering([replace(lost, seats={"consumer": "agreed"})]))
    assert "the message did not arrive" not in (await zhou.get("/desk")).text


def answering(rows: list[SessionRow]) -> Callable[[Officer], Awaitable[list[SessionRow]]]:
    async def answer(_officer: Officer) -> list[SessionRow]:
        return rows

    return answer


async def test_a_promise_that_is_late_says_by_how_much(world: World, zhou: Browser) -> None:
    drafts = story.told()
    drafts[0].data["mediator"], drafts[0].data["complaint"] = "u-zhou", "c0"  # type: ignore[index]
    world.sessions.streams["s1"] = story.events(drafts)
    page = await zhou.get("/desk")
    assert "退款" in page.text
    assert re.search(r"\d+ days? late|days? left", page.text)


def stands(world: World, state: str, *notes: str) -> None:
    page = world.complaints.pages["c0"]
    world.complaints.keep(replace(page, row=replace(page.row, state=state), notes=notes))


def state_of(world: World) -> str:
    return world.complaints.pages["c0"].row.state


async def test_a_kept_promise_is_noted_from_the_desk_with_one_press(world: World, zhou: Browser) -> None:
    drafts = story.told()
    drafts[0].data["mediator"], drafts[0].data["complaint"] = "u-zhou", "c0"  # type: ignore[index]
    world.sessions.streams["s1"] = story.events(drafts)
    stands(world, "performing", "kept")
    page = await zhou.get("/desk")
    assert 'action="/complaints/c0/kept"' in page.text
    answer = await zhou.post("/complaints/c0/kept", {"from": "desk"})
    assert answer.location == "/desk"
    assert state_of(world) == "settled"


async def test_notes_follow_one_another_and_the_last_one_can_be_taken_back(world: World, zhou: Browser) -> None:
    stands(world, "performing", "kept")
    page = await zhou.get("/complaints/c0")
    assert "Promises are kept" in page.text
    assert "Take back" not in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/kept", {"note": "已退款到账"}))
    assert "Close the file" in page.text
    assert 'name="what" value="kept"' in page.text
    page = await zhou.post("/complaints/c0/take-back", {"what": "kept", "reason": ""})
    assert page.status == 422
    assert "Say what was wrong" in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/take-back", {"what": "kept", "reason": "点错了"}))
    assert state_of(world) == "performing"
    assert "Promises are kept" in page.text
    assert (await zhou.post("/complaints/c0/take-back", {"what": "kept", "reason": "再点一次"})).status == 409


async def test_both_sides_are_told_before_the_file_is_closed(world: World, zhou: Browser) -> None:
    stands(world, "ended", "told")
    page = await zhou.get("/complaints/c0")
    assert "Close the file" not in page.text
    assert (await zhou.post("/complaints/c0/close")).status == 409
    page = await zhou.follow(await zhou.post("/complaints/c0/told"))
    assert "Close the file" in page.text
    page = await zhou.follow(await zhou.post("/complaints/c0/close"))
    assert page.text.count('class="done"') == 5  # every step of the way


async def test_a_complaint_is_registered_and_found_again(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/new")
    answer = await zhou.post("/complaints/new", NEW)
    page = await zhou.follow(answer)
    assert "高明远 and 澄光眼镜店" in heading_of(page)
    assert "镜片度数" in page.text
    found = await zhou.get("/complaints?search=澄光")
    assert "One complaint with" in heading_of(found)
    assert answer.location in found.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title", "", "Please fill this in."),
        ("consumer_phone", "一三八", "does not look like a phone number"),
        ("business_phone", "12", "does not look like a phone number"),
        ("amount", "lots", "Write the amount in yuan"),
        ("amount", "1.999", "Write the amount in yuan"),
        ("amount", "NaN", "Write the amount in yuan"),
        ("received_day", "2999-01-01", "has not come yet"),
        ("received_day", "yesterday", "Choose a date"),
        ("channel", "smoke signals", "Choose one of these"),
    ],
)
async def test_a_mistake_is_said_above_its_field_and_the_rest_is_kept(
    world: World, zhou: Browser, field: str, typed: str, said: str
) -> None:
    await zhou.get("/complaints/new")
    page = await zhou.post("/complaints/new", NEW | {field: typed})
    assert page.status == 422
    assert re.search(f'id="{field}-error"[^>]*>.*?{said}', page.text, re.S)
    assert "镜片度数和验光单不一样" in page.text
    assert len(world.complaints.pages) == 1


async def test_another_offices_complaint_does_not_exist(world: World, aiohttp_client: AiohttpClient) -> None:
    stranger = await browser(aiohttp_client, world.app())
    stranger.sign_in(world.identity.token("other"))
    for path in ("/complaints/c0", "/complaints/c0/schedule", "/sessions/m1", "/sessions/m1/seats/s-consumer/qr.svg"):
        assert (await stranger.get(path)).status == 404, path
    for path in ("/complaints/c0/accept", "/sessions/m1/cancel", "/sessions/m1/seats/s-consumer/link"):
        assert (await stranger.post(path, {"reason": "x"})).status in (403, 404), path
    assert world.sessions.events("m1")[1:] == []


async def test_a_refusal_needs_its_ground(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    page = await zhou.post("/complaints/c0/refuse", {"note": "资料不全"})
    assert page.status == 422
    assert "Choose one of these." in page.text
    assert "资料不全" in page.text
    assert (await zhou.post("/complaints/c0/refuse", {"ground": "5"})).status == 303
    assert world.complaints.pages["c0"].row.state == "refused"


async def test_accepting_moves_the_stepper_on(zhou: Browser) -> None:
    await zhou.get("/complaints/c0")
    page = await zhou.follow(await zhou.post("/complaints/c0/accept"))
    assert re.search(r'aria-current="step"><span class="dot">2', page.text)


async def test_the_full_number_is_shown_once_and_for_a_reason_only(world: World, zhou: Browser) -> None:
    page = await zhou.get("/complaints/c0?ask=phone-consumer")
    assert '<dialog id="phone-consumer"' in page.text
    assert "13800005076" not in page.text
    without = await zhou.post("/complaints/c0/phone", {"whose": "consumer", "reason": " "})
    assert without.status == 422
    assert world.complaints.looks == []
    shown = await zhou.post("/complaints/c0/phone", {"whose": "consumer", "reason": "打电话联系"})
    assert "13800005076" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert world.complaints.looks == [("c0", Side.CONSUMER, "打电话联系")]
    assert "13800005076" not in (await zhou.get("/complaints/c0")).text


# ---------------------------------------------------------------- scheduling and links


async def test_scheduling_now_makes_a_link_for_every_party(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0/schedule")
    form = {"at": "now", "send": "yes", "role_1": "lawyer", "name_1": "李律", "phone_1": "13900001111"}
    page = await zhou.follow(await zhou.post("/complaints/c0/schedule", form | {"side_1": "consumer"}))
    links = re.findall(r'value="(http[^"]*/j/[^"]+)"', page.text)
    assert len(links) == 3
    assert "李律" in page.text


async def test_a_later_time_is_the_offices_time(world: World, zhou: Browser) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    await zhou.get("/complaints/c0/schedule")
    answer = await zhou.post(
        "/complaints/c0/schedule", {"at": "later", "starts_day": day.isoformat(), "starts_time": "09:30"}
    )
    state = await world.sessions.state(answer.location.rsplit("/", 1)[1])
    assert state.starts == datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"at": "later", "starts_day": "2020-01-01", "starts_time": "09:30"}, "already passed"),
        ({"at": "later", "starts_day": "", "starts_time": ""}, "Choose a date and a time"),
        ({"at": "now", "name_1": "李律", "role_1": "lawyer", "side_1": "consumer"}, "Please fill this in"),
        ({"at": "now", "name_1": "李律", "phone_1": "13900001111", "role_1": "lawyer", "side_1": ""}, "one of the two"),
        ({"at": "now", "name_1": "李律", "phone_1": "13900001111", "role_1": "mediator", "side_1": ""}, "Choose one"),
    ],
)
async def test_a_bad_appointment_is_not_made(world: World, zhou: Browser, form: dict[str, str], said: str) -> None:
    await zhou.get("/complaints/c0/schedule")
    page = await zhou.post("/complaints/c0/schedule", form)
    assert page.status == 422
    assert said in page.text
    assert list(world.sessions.streams) == ["m1"]


async def test_every_seat_has_its_link_its_code_and_its_message(world: World, zhou: Browser) -> None:
    world.link("s-consumer")
    page = await zhou.get("/sessions/m1")
    url = re.search(r'value="(http[^"]*/j/[^"]+)"', page.text)
    assert url
    assert page.text.count(f'data-copy="{url[1]}"') == 1
    assert "nothing to install" in page.text
    code = await zhou.get("/sessions/m1/seats/s-consumer/qr.svg")
    assert code.headers["Content-Type"] == "image/svg+xml"
    assert code.headers["Cache-Control"] == "no-store"
    assert (await zhou.get("/sessions/m1/seats/s-business/qr.svg")).status == 404  # no link, no code


async def test_a_new_link_replaces_the_old_one_and_a_withdrawn_one_is_gone(world: World, zhou: Browser) -> None:
    old = world.link("s-consumer")
    await zhou.get("/sessions/m1")
    page = await zhou.follow(await zhou.post("/sessions/m1/seats/s-consumer/link", {"send": "yes"}))
    assert old not in page.text
    assert "/j/" in page.text
    page = await zhou.follow(await zhou.post("/sessions/m1/seats/s-consumer/revoke", {"reason": "发错人了"}))
    assert "/j/" not in page.text
    assert [event.reason for event in world.sessions.events("m1") if isinstance(event, e.LinkRevoked)] == ["发错人了"]


async def test_how_far_each_person_has_come_is_said_in_words(world: World, zhou: Browser) -> None:
    world.sessions.append(
        "m1",
        e.ConsentGiven("s-consumer", Consent.PARTICIPATE, "1"),
        e.ConsentRefused("s-consumer", Consent.RECORD, "1"),
        e.OtherTimeAsked("s-consumer", "下周二下午"),
        e.ConsentRefused("s-business", Consent.PARTICIPATE, "1"),
    )
    page = await zhou.get("/sessions/m1")
    for words in ("agreed to take part", "does not want to be recorded", "下周二下午", "does not want to take part"):
        assert words in page.text


async def test_a_seat_is_added_with_its_link(world: World, zhou: Browser) -> None:
    await zhou.get("/sessions/m1")
    seat = {"role": "interpreter", "name": "马译", "phone": "13900002222", "side": ""}
    page = await zhou.follow(await zhou.post("/sessions/m1/seats", seat))
    assert "马译" in page.text
    assert "/j/" in page.text
    state = await world.sessions.state("m1")
    assert [s.role for s in state.seats.values()][-1] is Role.INTERPRETER


async def test_cancelling_needs_a_reason(world: World, zhou: Browser) -> None:
    await zhou.get("/sessions/m1")
    assert (await zhou.post("/sessions/m1/cancel", {"reason": ""})).status == 422
    assert (await zhou.post("/sessions/m1/cancel", {"reason": "双方自行和解"})).status == 303
    assert (await world.sessions.state("m1")).status is Status.CANCELLED


async def test_a_closed_session_shows_its_outcome_and_takes_corrections(world: World, zhou: Browser) -> None:
    world.sessions.append("m1", e.SessionOpened(), e.SessionClosed(story.OUTCOME))
    page = await zhou.get("/sessions/m1")
    assert "Settled: 退款 ¥2,000.00" in heading_of(page)
    assert "/j/" not in page.text
    page = await zhou.follow(await zhou.post("/sessions/m1/corrections", {"text": "金额应为两千元整"}))
    assert "金额应为两千元整" in page.text


@pytest.mark.parametrize(
    ("order", "gist"), [("121", "A party stays away"), ("20", "The parties cannot agree on a testing")]
)
async def test_the_ground_is_named_by_the_order_that_applies(
    world: World, zhou: Browser, order: str, gist: str
) -> None:
    world.complaints.keep(replace(world.complaints.pages["c0"], order=order))
    world.sessions.append("m1", e.SessionOpened(), e.SessionClosed(Outcome(OutcomeKind.ENDED, ground=2)))
    assert gist in heading_of(await zhou.get("/sessions/m1"))


async def test_of_two_who_act_at_once_the_second_is_told(world: World, zhou: Browser) -> None:
    await zhou.get("/sessions/m1")
    world.sessions.refusal = AlreadyClosed()
    page = await zhou.post("/sessions/m1/cancel", {"reason": "重复"})
    assert page.status == 409
    assert "already_closed" in page.text
    assert (await world.sessions.state("m1")).status is Status.SCHEDULED


# ---------------------------------------------------------------- messages, officers, accounts


async def test_a_message_that_did_not_go_out_can_be_sent_again(world: World, zhou: Browser) -> None:
    world.outbox.kept = [Message("m", "138 **** 5076", "验证码 407215", "dead", world.clock.now, 5, "HTTP 502")]
    page = await zhou.get("/outbox")
    assert "407215" in page.text
    assert "HTTP 502" in page.text
    page = await zhou.follow(await zhou.post("/outbox/m/resend"))
    assert "Waiting to be sent" in page.text


async def test_the_administrator_adds_an_officer(world: World, aiohttp_client: AiohttpClient) -> None:
    admin = await browser(aiohttp_client, world.app())
    admin.sign_in(world.identity.token("admin"))
    admin.cookies[cookies.LANGUAGE] = "en"
    await admin.get("/officers")
    form = {"name": "孙调", "login": "sun", "role": "mediator", "password": "又一个很长的密码"}
    short = await admin.post("/officers", form | {"password": "短"})
    assert short.status == 422
    assert 'value="孙调"' in short.text
    taken = await admin.post("/officers", form | {"login": "zhou", "password": "又一个很长很长的密码"})
    assert "already signs in" in taken.text
    page = await admin.follow(await admin.post("/officers", form | {"password": "又一个很长很长的密码"}))
    assert "孙调" in page.text
    assert world.identity.accounts["sun"].officer.office == EAST_LAKE


async def test_the_second_factor_is_turned_on_with_a_code_from_the_app(world: World, zhou: Browser) -> None:
    await zhou.get("/account")
    shown = await zhou.post("/account/totp")
    assert "data:image/svg+xml" in shown.text
    assert "otpauth://" in shown.text
    assert (await zhou.post("/account/totp/confirm", {"code": "000000"})).status == 422
    page = await zhou.follow(await zhou.post("/account/totp/confirm", {"code": "407 215"}))
    assert "takes the six digits as well" in page.text
    assert world.identity.accounts["zhou"].officer.totp


async def test_a_password_is_changed_only_by_who_knows_the_old_one(world: World, zhou: Browser) -> None:
    before = world.identity.accounts["zhou"].password
    await zhou.get("/account")
    new = {"new": "新的一个很长的密码", "again": "新的一个很长的密码"}
    assert "not your present password" in (await zhou.post("/account/password", new | {"old": "wrong"})).text
    assert "not the same" in (await zhou.post("/account/password", new | {"old": before, "again": "x"})).text
    assert world.identity.accounts["zhou"].password == before
    page = await zhou.follow(
        await zhou.post(
            "/account/password", {"old": before, "new": "新的一个很长很长的密码", "again": "新的一个很长很长的密码"}
        )
    )
    assert "Your password is changed." in page.text


def heading_of(page: Answer) -> str:
    assert page.status == 200, page.text
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.S)
    assert found
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())
