"""Who gets which page of the room, and what its script is given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from rooms import events as e
from rooms.vocabulary import Consent, Outcome, OutcomeKind
from tests.web.client import AiohttpClient, Answer, Browser, another, browser
from tests.web.fakes import CODE, World
from tests.web.fakes.people import STARTS
from tests.web.fakes.records.sessions import scheduled
from web.http import cookies


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def page(aiohttp_client: AiohttpClient, world: World) -> Browser:
    return await browser(aiohttp_client, world.app())


def data(answer: Answer) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', answer.text, re.S)
    assert found
    given: dict[str, Any] = json.loads(found[1])
    return given


async def verified(page: Browser, world: World, seat: str = "s-consumer") -> Browser:
    """A party's browser after the one-time code."""
    device = await world.links.begin(world.link(seat))
    await world.links.send_code(device, "127.0.0.1")
    phone = await another(page)
    phone.cookies[cookies.DEVICE] = await world.links.check_code(device, CODE, "127.0.0.1")
    return phone


def consents(world: World, seat: str = "s-consumer") -> None:
    for kind in Consent:
        world.sessions.append(world.session, e.ConsentGiven(seat, kind, world.site.consent_version))


async def test_a_party_who_answered_everything_gets_the_room(page: Browser, world: World) -> None:
    consents(world)
    world.sessions.append(world.session, e.DeviceChecked("s-consumer", "audio"), e.Arrived("s-consumer"))
    answer = await (await verified(page, world)).get("/room")
    assert answer.status == 200
    given = data(answer)
    assert given["session"] == ""  # the cookie says which
    assert given["office_phone"]
    assert given["words"]["I have read it"] == "I have read it"
    assert "law" not in given  # looking articles up is the mediator's
    assert "note" not in given
    assert [ground["number"] for ground in given["grounds"]] == list(range(1, 9))  # to read how it ended
    assert 'data-mode="audio"' in answer.text


@pytest.mark.parametrize("answered", [False, True])
async def test_whoever_has_questions_left_is_led_to_them(page: Browser, world: World, answered: bool) -> None:
    if answered:
        consents(world)
    answer = await (await verified(page, world)).get("/room")
    assert (answer.status, answer.location) == (303, "/join")


async def test_somebody_sent_back_is_not_asked_everything_again(page: Browser, world: World) -> None:
    consents(world)
    world.sessions.append(world.session, e.DeviceChecked("s-consumer", "video"), e.Arrived("s-consumer"))
    world.sessions.append(world.session, e.SentBack("s-consumer"))
    assert (await (await verified(page, world)).get("/room")).status == 200


async def test_whoever_declined_is_not_let_in(page: Browser, world: World) -> None:
    consents(world)
    world.sessions.append(world.session, e.ConsentWithdrawn("s-consumer", Consent.PARTICIPATE))
    world.sessions.append(
        world.session, e.ConsentRefused("s-consumer", Consent.PARTICIPATE, world.site.consent_version)
    )
    assert (await (await verified(page, world)).get("/room")).location == "/join"


async def test_without_an_invitation_there_is_no_room(page: Browser) -> None:
    assert (await page.get("/room")).status == 401


async def test_after_closing_the_party_still_gets_the_page_with_the_result(page: Browser, world: World) -> None:
    phone = await verified(page, world)
    world.sessions.append(world.session, e.SessionOpened(), e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED)))
    answer = await phone.get("/room")
    assert answer.status == 200


async def test_the_mediator_gets_grounds_and_addresses(page: Browser, world: World) -> None:
    page.sign_in(world.identity.token("zhou"))
    answer = await page.get(f"/sessions/{world.session}/room")
    given = data(answer)
    assert given["session"] == world.session
    assert [ground["number"] for ground in given["grounds"]] == list(range(1, 9))
    assert given["law"] == f"/api/sessions/{world.session}/law"
    assert given["note"] == f"/api/sessions/{world.session}/private-note"
    assert given["links"] == {
        "session": f"/sessions/{world.session}",
        "desk": "/desk",
        "law": "/law",
        "notes": "/casebook/notes/safety-H62",
    }


async def test_under_the_earlier_order_its_seven_grounds_are_named(page: Browser, world: World) -> None:
    row = world.complaints.pages["c0"].row
    del world.sessions.streams[world.session]  # scheduled anew, when its complaint was under the earlier order
    world.sessions.append(world.session, replace(scheduled(row.id, row.number, row.title, STARTS), order="20"))
    phone = await verified(page, world)
    world.sessions.append(world.session, e.SessionOpened(), e.SessionClosed(Outcome(OutcomeKind.ENDED, ground=2)))
    gists = {ground["number"]: ground["gist"] for ground in data(await phone.get("/room"))["grounds"]}
    assert len(gists) == 7
    assert gists[2].startswith("The parties cannot agree on a testing body")
    page.sign_in(world.identity.token("zhou"))
    assert len(data(await page.get(f"/sessions/{world.session}/room"))["grounds"]) == 7


async def test_the_cockpit_speaks_chinese_where_the_officer_does(page: Browser, world: World) -> None:
    page.sign_in(world.identity.token("zhou"))
    given = data(await page.get(f"/sessions/{world.session}/room?lang=zh"))
    assert given["words"]["Admit"] == "请进"
    assert given["words"]["error.already_closed"].startswith("这次调解刚才已由他人结束")


@pytest.mark.parametrize(("login", "status"), [("other", 404), ("lin", 403), ("admin", 403)])
async def test_only_a_mediator_of_the_office_gets_the_cockpit(
    page: Browser, world: World, login: str, status: int
) -> None:
    page.sign_in(world.identity.token(login))
    assert (await page.get(f"/sessions/{world.session}/room")).status == status


async def test_what_people_wrote_cannot_leave_the_data_block(page: Browser, world: World) -> None:
    page.sign_in(world.identity.token("zhou"))
    block = (await page.get(f"/sessions/{world.session}/room")).text.partition('id="page-data">')[2]
    assert "<" not in block.partition("</script>")[0]
