"""The invitation: whoever has the link may look as often as they like, and answer without coming in."""

from __future__ import annotations

import re

import pytest

from rooms import events as e
from rooms.vocabulary import Consent, Role, Seat, SeatStatus
from tests.web.client import AiohttpClient, another, browser, told
from tests.web.fakes import CODE, EAST_LAKE, World

WECHAT = "Mozilla/5.0 (Linux; Android 13) Chrome/107 Mobile Safari/537.36 MicroMessenger/8.0.49"


@pytest.fixture
def world() -> World:
    return World()


async def test_the_invitation_says_who_invites_about_what_and_with_whom(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await browser(aiohttp_client, world.app(), language="zh")
    page = await person.get(f"/j/{world.link()}")
    assert page.status == 200
    for words in ("周敏调解员请您参加一次视频调解", "您投诉“婚恋积分退款”一事", "武汉知遇桥", "0917号", "10:00"):
        assert words in page.text


async def test_the_business_reads_it_from_its_own_side(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, world.app())
    page = await person.get(f"/j/{world.link('s-business')}")
    assert 'A complaint about your business: <span lang="zh-CN">婚恋积分退款</span>' in page.text
    assert "丁小禾" in page.text
    assert not re.search(r"\b1[3-9]\d ?(\*{4}|\d{4}) ?\d{4}\b", page.text)  # nobody's number


async def test_somebody_of_no_side_sees_both_sides_and_what_they_come_as(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    world.sessions.append(world.session, e.SeatAdded(Seat("s-observer", Role.OBSERVER, "邓旁")))
    person = await browser(aiohttp_client, world.app())
    page = await person.get(f"/j/{world.link('s-observer')}")
    assert "武汉知遇桥" in page.text
    assert "丁小禾" in page.text
    assert "邓旁 · observer" in page.text


async def test_a_preview_of_the_link_names_nobody(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, world.app(), language="zh")
    head = (await person.get(f"/j/{world.link()}")).text.partition("</head>")[0]
    assert 'og:title" content="云调 · 视频调解"' in head
    for name in ("周敏", "丁小禾", "婚恋", "0917"):
        assert name not in told(head)


async def test_looking_a_thousand_times_uses_nothing_up(world: World, aiohttp_client: AiohttpClient) -> None:
    secret = world.link()
    bot = await browser(aiohttp_client, world.app())
    before = len(world.sessions.streams[world.session])
    for turn in range(1000):
        assert (await bot.get(f"/j/{secret}", method="HEAD" if turn % 2 else "GET")).status == 200
        bot.cookies.clear()
    assert len(world.sessions.streams[world.session]) == before
    person = await another(bot)
    await person.get(f"/j/{secret}")
    assert (await person.post(f"/j/{secret}/start")).status == 303


async def test_the_link_never_travels_in_a_referrer_or_a_cache(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, world.app())
    page = await person.get(f"/j/{world.link()}")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("code", "status", "sentence"),
    [
        ("link_unknown", 404, "This link is not complete"),
        ("link_expired", 410, "This link has expired"),
        ("link_revoked", 410, "This link is no longer valid"),
        ("session_over", 410, "This mediation has ended"),
    ],
)
async def test_a_link_that_is_no_good_gets_one_clear_sentence_and_whom_to_ring(
    world: World, aiohttp_client: AiohttpClient, code: str, status: int, sentence: str
) -> None:
    secret = world.link()
    match code:
        case "link_unknown":
            secret = secret[:-4]
        case "link_expired":
            world.clock.pass_(days=8)
        case "link_revoked":
            world.link()
        case "session_over":
            world.sessions.append(world.session, e.SessionCancelled("改期"))
    person = await browser(aiohttp_client, world.app())
    before = len(world.sessions.streams[world.session])
    for path in ("", "/decline", "/other-time", "/qr.svg"):
        page = await person.get(f"/j/{secret}{path}")
        assert page.status == status
        assert f"<h1>{sentence}</h1>" in page.text
        assert code in page.text
        assert (EAST_LAKE.phone in page.text) is (code != "link_unknown")
    for path in ("/start", "/decline", "/other-time"):
        assert (await person.post(f"/j/{secret}{path}", {"wish": "周六"})).status == status
    assert len(world.sessions.streams[world.session]) == before


async def test_starting_gives_this_browser_a_device_and_goes_to_the_first_question(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    secret = world.link()
    person = await browser(aiohttp_client, world.app())
    await person.get(f"/j/{secret}")
    started = await person.post(f"/j/{secret}/start")
    assert "yt_device" in person.cookies
    assert secret not in str(person.cookies)
    assert started.location == "/join/code"
    again = await person.post(f"/j/{secret}/start")  # a second tap is the same device
    assert again.location == "/join/code"
    opened = [event for event in world.sessions.events(world.session) if isinstance(event, e.LinkOpened)]
    assert len(opened) == 1


async def test_a_start_without_a_tap_on_our_page_is_refused(world: World, aiohttp_client: AiohttpClient) -> None:
    secret = world.link()
    bot = await browser(aiohttp_client, world.app())
    assert (await bot.post(f"/j/{secret}/start")).status == 403
    assert world.links.links[secret].devices == {}


async def test_declining_waits_for_the_code_and_then_reaches_the_mediator(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    secret = world.link()
    person = await browser(aiohttp_client, world.app())
    asked = await person.get(f"/j/{secret}/decline")
    assert world.answered(Consent.PARTICIPATE) == []
    assert "That is your right" in asked.text
    page = await person.follow(await person.post(f"/j/{secret}/decline"))
    assert "So nobody can decline in your name" in page.text
    assert world.answered(Consent.PARTICIPATE) == []
    await person.follow(await person.post("/join/code/send"))
    done = await person.post("/join/code", {"code": CODE})
    assert done.location == "/join/refused"
    assert "yt_waiting" not in person.cookies
    page = await person.follow(done)
    assert world.answered(Consent.PARTICIPATE) == [False]
    assert await world.seat() is SeatStatus.REFUSED
    assert "I changed my mind" in page.text  # a no never dead-ends
    assert (await person.post(f"/j/{secret}/start")).location == "/join/notice"  # and is asked again, not assumed


async def test_whoever_starts_after_all_has_not_declined(world: World, aiohttp_client: AiohttpClient) -> None:
    secret = world.link()
    person = await browser(aiohttp_client, world.app())
    await person.get(f"/j/{secret}/decline")
    await person.post(f"/j/{secret}/decline")
    await person.post(f"/j/{secret}/start")
    await person.follow(await person.post("/join/code/send"))
    assert (await person.post("/join/code", {"code": CODE})).location == "/join/notice"
    assert world.answered(Consent.PARTICIPATE) == []


async def test_what_was_answered_to_one_invitation_is_no_answer_to_another(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    consumer, business = world.link(), world.link("s-business")
    person = await browser(aiohttp_client, world.app())
    await person.get(f"/j/{consumer}/decline")
    await person.post(f"/j/{consumer}/decline")
    waiting = person.cookies["yt_waiting"]
    await person.post(f"/j/{business}/start")
    person.cookies["yt_waiting"] = waiting
    await person.get("/join/code")
    await person.post("/join/code/send")
    assert (await person.post("/join/code", {"code": CODE})).location == "/join/notice"
    assert world.answered(Consent.PARTICIPATE) == []


async def test_another_time_is_asked_in_the_persons_own_words(world: World, aiohttp_client: AiohttpClient) -> None:
    secret = world.link()
    person = await browser(aiohttp_client, world.app())
    await person.get(f"/j/{secret}/other-time")
    empty = await person.post(f"/j/{secret}/other-time", {"wish": "  "})
    assert "Please write when it would suit you" in empty.text
    long = await person.post(f"/j/{secret}/other-time", {"wish": "周" * 201})
    assert "at most 200 characters" in long.text
    assert "周" * 201 in long.text  # what was typed is kept
    page = await person.follow(await person.post(f"/j/{secret}/other-time", {"wish": "周六下午<3点>"}))
    assert "Your wish for another time goes to the mediator once" in page.text
    assert not [event for event in world.sessions.events(world.session) if isinstance(event, e.OtherTimeAsked)]
    await person.follow(await person.post("/join/code/send"))
    page = await person.follow(await person.post("/join/code", {"code": CODE}))
    assert "The mediator has your wish" in page.text
    assert "周六下午&lt;3点&gt;" in page.text
    assert e.OtherTimeAsked("s-consumer", "周六下午<3点>") in world.sessions.events(world.session)


async def test_wechat_is_told_how_to_open_a_browser_and_shown_a_code_for_another_phone(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    secret = world.link()
    person = await another(await browser(aiohttp_client, world.app(), language="zh"), **{"User-Agent": WECHAT})
    page = await person.get(f"/j/{secret}")
    assert "在微信里用不了摄像头或话筒？" in page.text
    assert "data-in-app" in page.text  # the script looks for what video needs, whatever the browser calls itself
    page = await person.get(f"/j/{secret}?elsewhere=1")
    assert "微信里用不好摄像头" in page.text
    assert f'data-copy="http://yuntiao.example/j/{secret}"' in page.text
    picture = await person.get(f"/j/{secret}/qr.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")
    assert "style=" not in picture.text
    stays = await person.get(f"/j/{secret}?here=1")
    assert "周敏调解员请您参加" in stays.text


async def test_a_browser_without_webrtc_is_told_before_its_link_is_used_up(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await browser(aiohttp_client, world.app())
    page = await person.get(f"/j/{world.link()}?nowebrtc=1")
    assert "This browser is too old for video calls" in page.text


async def test_names_are_text_never_markup(aiohttp_client: AiohttpClient) -> None:
    world = World()
    world.sessions.append(
        "m2",
        e.SessionScheduled(
            "c0",
            "1号",
            EAST_LAKE.id,
            1,
            "<script>alert(1)</script>",
            world.clock(),
            (Seat("s-mediator", Role.MEDIATOR, "<b>周</b>"), Seat("s-x", Role.OBSERVER, "x")),
            "u-zhou",
        ),
    )
    person = await browser(aiohttp_client, world.app())
    page = await person.get(f"/j/{world.links.link('m2', 's-x')}")
    assert "<script>alert" not in page.text
    assert "<b>周" not in page.text
