"""From the first question to the waiting room: one question a page, always the first one still open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms import events as e
from rooms.vocabulary import Consent, Outcome, OutcomeKind, SeatStatus
from tests.web.client import AiohttpClient, Answer, Browser, another, browser
from tests.web.fakes import CODE, EAST_LAKE, ZHOU, World


@pytest.fixture
def world() -> World:
    return World()


async def started(world: World, aiohttp_client: AiohttpClient, seat: str = "s-consumer") -> Browser:
    secret = world.link(seat)
    person = await browser(aiohttp_client, world.app())
    await person.get(f"/j/{secret}")
    await person.post(f"/j/{secret}/start")
    return person


async def answer(person: Browser, path: str, **form: str) -> Answer:
    """Open a page, fill its form in, and say where it leads in the end."""
    page = await person.get(path)
    assert page.status == 200, (path, page.location)
    return await person.post(path, form)


async def confirmed(world: World, aiohttp_client: AiohttpClient) -> Browser:
    person = await started(world, aiohttp_client)
    await confirm(person)
    return person


async def confirm(person: Browser) -> Answer:
    await person.get("/join/code")
    await person.post("/join/code/send")
    return await answer(person, "/join/code?sent=1", code=CODE)


async def until_device(world: World, aiohttp_client: AiohttpClient) -> Browser:
    person = await confirmed(world, aiohttp_client)
    await answer(person, "/join/notice", answer="yes")
    await answer(person, "/join/recording", answer="no")
    return person


async def test_the_whole_way_works_with_forms_alone(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await started(world, aiohttp_client)
    assert (await person.get("/join")).location == "/join/code"
    page = await person.get("/join/code")
    assert "138 **** 5076" in page.text
    assert 'name="code"' not in page.text  # sent only when asked for
    page = await person.follow(await person.post("/join/code/send"))
    assert 'data-wait="60"' in page.text
    await person.post("/join/code", {"code": CODE})
    assert (await person.get("/join")).location == "/join/notice"
    await answer(person, "/join/notice", answer="yes")
    assert (await person.get("/join")).location == "/join/recording"
    await answer(person, "/join/recording", answer="yes")
    assert (await person.get("/join")).location == "/join/device"
    await answer(person, "/join/name", name="  小禾  ")
    assert "小禾" in (await person.get("/join/device")).text
    arrived = await person.post("/join/device", {"mode": "video", "findings": "camera:ok,network:3"})
    assert arrived.location == "/room"
    assert await world.seat() is SeatStatus.WAITING
    told = world.sessions.events(world.session)
    named = "东湖高新区市场监管一所 (telephone: 027-0000 1201)"  # who answers for the data, as the notice named them
    assert e.ConsentGiven("s-consumer", Consent.PARTICIPATE, world.site.consent_version, named) in told
    assert e.ConsentGiven("s-consumer", Consent.RECORD, world.site.consent_version) in told
    assert e.DeviceChecked("s-consumer", "video", ("camera:ok", "network:3")) in told


async def test_no_question_can_be_jumped(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await started(world, aiohttp_client)
    for path in ("/join/notice", "/join/recording", "/join/refused", "/join/asked", "/join/name", "/join/device"):
        assert (await person.get(path)).location == "/join"
    await confirm(person)
    for path in ("/join/recording", "/join/device"):
        assert (await person.get(path)).location == "/join/notice"
    await person.get("/join/notice")
    for path, form in (("/join/recording", {"answer": "yes"}), ("/join/device", {"mode": "video"})):
        assert (await person.post(path, form)).status == 303
    assert world.answered(Consent.RECORD) == []
    assert await world.seat() is SeatStatus.INVITED


async def test_whoever_found_the_link_answers_nothing_in_the_persons_name(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    """Consents, declining and wishes by the same requests that a page of ours makes, before any code."""
    person = await started(world, aiohttp_client)
    secret = next(iter(world.links.links))
    await person.get("/join/code")
    for path, form in (
        ("/join/notice", {"answer": "yes"}),
        ("/join/notice", {"answer": "no"}),
        ("/join/recording", {"answer": "yes"}),
        (f"/j/{secret}/decline", {}),
        (f"/j/{secret}/other-time", {"wish": "别找我了"}),
    ):
        assert (await person.post(path, form)).status == 303
    told = world.sessions.events(world.session)
    answers = (e.ConsentGiven, e.ConsentRefused, e.OtherTimeAsked, e.IdentityConfirmed)
    assert not [event for event in told if isinstance(event, answers)]
    assert await world.seat() is SeatStatus.INVITED


async def test_what_waited_on_one_device_is_given_by_no_other(world: World, aiohttp_client: AiohttpClient) -> None:
    finder = await started(world, aiohttp_client)
    secret = next(iter(world.links.links))
    await finder.post(f"/j/{secret}/decline")
    person = await another(finder)
    await person.get(f"/j/{secret}")
    await person.post(f"/j/{secret}/start")
    assert (await confirm(person)).location == "/join/notice"
    assert world.answered(Consent.PARTICIPATE) == []
    assert (await person.get("/join")).location == "/join/notice"


async def test_nothing_is_preselected_and_no_answer_is_no_step(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await confirmed(world, aiohttp_client)
    page = await person.get("/join/notice")
    assert "checked" not in page.text
    page = await person.post("/join/notice")
    assert "Please choose one of the two answers" in page.text
    assert world.answered(Consent.PARTICIPATE) == []


async def test_a_no_to_taking_part_is_recorded_and_can_be_taken_back(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await confirmed(world, aiohttp_client)
    page = await person.follow(await answer(person, "/join/notice", answer="no"))
    assert "We have told 周敏 that you do not take part" in page.text
    assert await world.seat() is SeatStatus.REFUSED
    assert (await person.get("/join/recording")).location == "/join/refused"
    await answer(person, "/join/notice", answer="yes")
    assert world.answered(Consent.PARTICIPATE) == [False, True]
    assert await world.seat() is SeatStatus.INVITED


async def test_a_no_to_recording_is_recorded_and_the_way_goes_on(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await until_device(world, aiohttp_client)
    assert world.answered(Consent.RECORD) == [False]
    assert (await person.get("/join/device")).status == 200
    await answer(person, "/join/recording", answer="yes")  # back, and another answer
    assert world.answered(Consent.RECORD) == [False, True]


async def test_whether_words_become_text_is_asked_only_where_there_is_an_engine(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await confirmed(world, aiohttp_client)
    await answer(person, "/join/notice", answer="yes")
    assert 'name="transcribe"' not in (await person.get("/join/recording")).text
    await answer(person, "/join/recording", answer="yes", transcribe="yes")  # nobody was asked
    assert world.answered(Consent.TRANSCRIBE) == []


async def test_the_question_about_captions_may_be_answered_or_left_open(aiohttp_client: AiohttpClient) -> None:
    world = World()
    world.site = replace(world.site, captions=True)
    person = await confirmed(world, aiohttp_client)
    await answer(person, "/join/notice", answer="yes")
    page = await person.get("/join/recording")
    assert 'name="transcribe" value="yes">' in page.text  # nothing is chosen for them
    assert "No voice print is made" in (await person.get("/join/texts/transcribe")).text
    await answer(person, "/join/recording", answer="no")
    assert world.answered(Consent.TRANSCRIBE) == []
    assert (await person.get("/join")).location == "/join/device"  # and it is not asked again
    await answer(person, "/join/recording", answer="no", transcribe="yes")
    assert e.ConsentGiven("s-consumer", Consent.TRANSCRIBE, world.site.consent_version) in world.sessions.events(
        world.session
    )
    await answer(person, "/join/recording", answer="no", transcribe="no")
    assert world.answered(Consent.TRANSCRIBE) == [True, False]


async def test_a_yes_to_an_earlier_text_about_captions_is_none_to_this_one(aiohttp_client: AiohttpClient) -> None:
    world = World()
    world.site = replace(world.site, captions=True)
    for kind in Consent:
        world.sessions.append(world.session, e.ConsentGiven("s-consumer", kind, "2025-01"))
    person = await confirmed(world, aiohttp_client)
    await answer(person, "/join/notice", answer="yes")
    await answer(person, "/join/recording", answer="yes")  # the question of captions left open
    assert e.ConsentWithdrawn("s-consumer", Consent.TRANSCRIBE) in world.sessions.events(world.session)


async def test_an_answer_to_an_earlier_text_is_asked_for_again(world: World, aiohttp_client: AiohttpClient) -> None:
    for kind in Consent:
        world.sessions.append(world.session, e.ConsentGiven("s-consumer", kind, "2025-01"))
    person = await confirmed(world, aiohttp_client)
    assert (await person.get("/join")).location == "/join/notice"
    assert "This text has changed" in (await person.get("/join/notice")).text
    await person.post("/join/notice", {"answer": "yes"})
    assert (await person.get("/join")).location == "/join/recording"
    assert "This text has changed" in (await person.get("/join/recording")).text
    await person.post("/join/recording", {"answer": "yes"})
    assert (await person.get("/join")).location == "/join/device"
    assert "This text has changed" not in (await person.get("/join/notice")).text
    assert world.answered(Consent.RECORD) == [True, True]


async def test_whoever_is_inside_is_not_called_out_for_a_new_text(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await until_device(world, aiohttp_client)
    await person.get("/join/device")
    await person.post("/join/device", {"mode": "audio"})
    for kind in Consent:
        world.sessions.append(world.session, e.ConsentGiven("s-consumer", kind, "2025-01"))
    assert (await person.get("/room")).status == 200
    assert (await person.get("/join")).location == "/room"


async def test_a_wrong_code_keeps_what_was_typed_and_says_how_many_tries_are_left(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await started(world, aiohttp_client)
    await person.get("/join/code")
    await person.post("/join/code/send")
    page = await person.post("/join/code", {"code": "123456"})
    assert "That is not the code. 4 more tries" in page.text
    assert 'value="123456"' in page.text
    for _ in range(3):
        page = await person.post("/join/code", {"code": "123456"})
    assert "1 more try" in page.text
    await person.post("/join/code", {"code": "123456"})
    page = await person.post("/join/code", {"code": CODE})
    assert "Too many tries" in page.text


async def test_a_code_may_be_typed_with_spaces(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await started(world, aiohttp_client)
    await person.get("/join/code")
    await person.post("/join/code/send")
    assert (await person.post("/join/code", {"code": f" {CODE[:3]} {CODE[3:]} "})).location == "/join/notice"


async def test_too_many_codes_say_how_long_to_wait(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await started(world, aiohttp_client)
    await person.get("/join/code")
    for _ in range(3):
        await person.post("/join/code/send")
    page = await person.post("/join/code/send")
    assert "Too many codes were sent. Wait 10 minutes" in page.text
    assert 'name="code"' in page.text  # the last one still counts


async def test_the_device_token_changes_with_the_code_and_the_old_one_is_worthless(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await started(world, aiohttp_client)
    stolen = await another(person)
    stolen.cookies = dict(person.cookies)
    await person.get("/join/code")
    await person.post("/join/code/send")
    await person.post("/join/code", {"code": CODE})
    assert person.cookies["yt_device"] != stolen.cookies["yt_device"]
    assert (await stolen.get("/join")).status == 401
    assert (await person.get("/join")).location == "/join/notice"


async def test_whom_the_office_knew_by_voice_goes_on_without_a_code_under_a_fresh_token(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await started(world, aiohttp_client)
    page = await person.get("/join/voice")
    assert "4821" in page.text
    assert EAST_LAKE.phone in page.text
    assert (await person.post("/join/voice")).location == "/join/voice"  # nobody has confirmed anything yet
    await world.links.vouch(ZHOU, world.session, "s-consumer", "4821", "听得出是本人")
    before = person.cookies["yt_device"]
    page = await person.get("/join/voice")
    assert "The office has confirmed that it is you" in page.text
    assert (await person.post("/join/voice")).location == "/join/notice"
    assert person.cookies["yt_device"] != before
    assert (await person.get("/join")).location == "/join/notice"
    told = world.sessions.events(world.session)
    assert e.IdentityConfirmedByVoice("s-consumer", "听得出是本人") in told
    assert not [event for event in told if isinstance(event, e.IdentityConfirmed)]


@pytest.mark.parametrize("why", ["no_code", "other_number"])
async def test_a_missing_message_or_a_wrong_number_reaches_the_mediator(
    world: World, aiohttp_client: AiohttpClient, why: str
) -> None:
    person = await started(world, aiohttp_client)
    await person.get("/join/code")
    page = await person.follow(await person.post("/join/code/help", {"why": why}))
    assert "The office has been told" in page.text
    assert e.HelpAsked("s-consumer", why) in world.sessions.events(world.session)


async def test_a_name_is_needed_and_kept_short(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await until_device(world, aiohttp_client)
    assert "Please write the name" in (await answer(person, "/join/name", name=" ")).text
    assert "at most 40 characters" in (await answer(person, "/join/name", name="禾" * 41)).text
    assert (await answer(person, "/join/name", name="禾禾")).location == "/join/device"


async def test_the_device_page_offers_sound_and_typing_and_takes_no_other_mode(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await until_device(world, aiohttp_client)
    page = await person.get("/join/device")
    for mode in ("video", "audio", "text"):
        assert f'name="mode" value="{mode}"' in page.text
    assert (await person.post("/join/device", {"mode": "hologram"})).status == 200
    assert await world.seat() is SeatStatus.INVITED
    findings = ",".join(["camera:denied", "", "x" * 81, *(f"f:{n}" for n in range(30))])
    await person.post("/join/device", {"mode": "text", "findings": findings})
    checked = next(event for event in world.sessions.events(world.session) if isinstance(event, e.DeviceChecked))
    assert checked.findings[:2] == ("camera:denied", "f:0")
    assert len(checked.findings) == 16


async def test_a_verified_device_that_comes_back_with_the_link_goes_straight_on(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await until_device(world, aiohttp_client)
    await person.get("/join/device")
    await person.post("/join/device", {"mode": "audio"})
    secret = next(iter(world.links.links))
    back = await person.get(f"/j/{secret}")
    assert (await person.follow(back)).location == "/room"
    for path in ("/join/notice", "/join/recording", "/join/code"):
        assert (await person.get(path)).location == "/room"
    assert (await person.get("/join/device")).status == 200  # once more, while waiting
    world.sessions.append(world.session, e.Admitted("s-consumer"))
    assert (await person.get("/join/device")).location == "/room"
    stranger = await another(person)
    assert "Move it here by a code" in (await stranger.get(f"/j/{secret}")).text


async def test_somebody_sent_back_is_asked_for_their_device_again(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await until_device(world, aiohttp_client)
    await person.get("/join/device")
    await person.post("/join/device", {"mode": "audio"})
    world.sessions.append(world.session, e.SentBack("s-consumer"))
    assert (await person.get("/join")).location == "/join/device"


async def test_a_locked_door_is_said_by_the_room(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await until_device(world, aiohttp_client)
    await person.get("/join/device")
    world.sessions.append(world.session, e.DoorLocked())
    page = await person.post("/join/device", {"mode": "video"})
    assert page.location == "/room"


async def test_without_an_invitation_the_flow_says_where_to_begin(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await browser(aiohttp_client, world.app())
    page = await person.get("/join/notice")
    assert page.status == 401
    assert "Please open the link in the text message once more" in page.text


async def test_a_session_that_ended_meanwhile_ends_the_questions(world: World, aiohttp_client: AiohttpClient) -> None:
    person = await started(world, aiohttp_client)
    world.sessions.append(world.session, e.SessionCancelled("改期"))
    page = await person.get("/join/code")
    assert page.status == 410
    assert "This mediation has ended" in page.text


async def test_after_the_end_the_link_leads_the_party_to_the_result(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person = await until_device(world, aiohttp_client)
    world.sessions.append(world.session, e.SessionOpened(), e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED)))
    secret = next(iter(world.links.links))
    back = await person.follow(await person.get(f"/j/{secret}"))
    assert back.location == "/room"
    assert (await person.follow(back)).status == 200
    assert (await (await another(person)).get(f"/j/{secret}")).status == 410


@pytest.mark.parametrize("kind", ["notice", "recording"])
@pytest.mark.parametrize(("language", "edition"), [("zh", "2026年12月1日版"), ("en", "edition of 2026-12-01")])
async def test_the_full_texts_carry_their_version_and_the_years_they_promise(
    world: World, aiohttp_client: AiohttpClient, kind: str, language: str, edition: str
) -> None:
    reader = await browser(aiohttp_client, world.app(), language)
    page = await reader.get(f"/join/texts/{kind}")
    assert page.status == 200
    assert edition in page.text
    assert ("保存3年" if language == "zh" else "3 years") in page.text
    assert (await reader.get("/join/texts/other")).status == 404


@pytest.mark.parametrize("step", ["notice", "recording"])
async def test_an_answer_to_a_text_that_is_not_asked_any_more_is_no_answer(
    world: World, aiohttp_client: AiohttpClient, step: str
) -> None:
    """The page was opened before an upgrade, or the edition was made up."""
    person = await confirmed(world, aiohttp_client)
    if step == "recording":
        await answer(person, "/join/notice", answer="yes")
    before = world.sessions.events(world.session)
    page = await person.get(f"/join/{step}")
    assert f'name="edition" value="{world.site.consent_version}"' in page.text
    page = await person.post(f"/join/{step}", {"answer": "yes", "edition": "2099-01-01.3"})
    assert "This text has changed since you answered" in page.text
    assert world.sessions.events(world.session) == before
    assert (await answer(person, f"/join/{step}", answer="yes", edition=world.site.consent_version)).status == 303


async def test_who_declines_without_having_been_shown_a_text_names_none(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    person, secret = await browser(aiohttp_client, world.app()), world.link("s-consumer")
    await person.get(f"/j/{secret}/decline")
    await person.post(f"/j/{secret}/decline")
    await confirm(person)
    assert world.sessions.events(world.session)[-1] == e.ConsentRefused("s-consumer", Consent.PARTICIPATE, "")
