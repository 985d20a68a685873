"""How old they are, on the way in: a child's guardian agrees first, a minor's guardian comes along, nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms import events as e
from rooms.events import plain
from rooms.vocabulary import Consent
from tests.web.client import AiohttpClient, Browser, browser
from tests.web.fakes import CODE, World

TOLD = {"guardian": "丁母", "relation": "母亲"}


def aged(world: World, age: str) -> None:
    """The consumer's seat as it was registered."""
    first, *rest = world.sessions.streams[world.session]
    seats = [{**seat, "age": age} if seat["id"] == "s-consumer" else seat for seat in plain(first.data)["seats"]]
    world.sessions.streams[world.session] = [replace(first, data={**first.data, "seats": seats}), *rest]


async def confirmed(world: World, aiohttp_client: AiohttpClient) -> Browser:
    person = await browser(aiohttp_client, world.app())
    secret = world.link()
    await person.get(f"/j/{secret}")
    await person.post(f"/j/{secret}/start")
    await person.get("/join/code")
    await person.post("/join/code/send")
    await person.get("/join/code?sent=1")
    await person.post("/join/code", {"code": CODE})
    return person


@pytest.fixture
async def person(aiohttp_client: AiohttpClient) -> tuple[World, Browser]:
    world = World()
    aged(world, "")
    return world, await confirmed(world, aiohttp_client)


async def test_who_never_said_how_old_they_are_is_asked_before_anything_else(person: tuple[World, Browser]) -> None:
    world, guest = person
    for path in ("/join", "/join/notice", "/join/recording", "/join/device"):
        assert (await guest.get(path)).location == "/join/age", path
    assert (await guest.get("/join/age")).text.count('type="radio"') == 3
    assert (await guest.post("/join/age", {"age": "forty"})).status == 422
    assert (await guest.post("/join/age", {"age": "adult"})).location == "/join/notice"
    assert (await guest.get("/join")).location == "/join/notice"
    assert e.AgeStated("s-consumer", "adult") in world.sessions.events(world.session)


async def test_of_a_child_nothing_is_answered_before_the_guardian_agreed(person: tuple[World, Browser]) -> None:
    world, guest = person
    await guest.get("/join/age")
    page = await guest.post("/join/age", {"age": "child"})
    assert page.status == 200
    assert 'name="guardian"' in page.text
    half = await guest.post("/join/age", {"age": "child", **TOLD})
    assert half.status == 422
    assert 'value="丁母"' in half.text  # what was typed stays
    assert 'value="母亲"' in half.text
    assert "agreement we cannot go on" in half.text
    assert (await guest.get("/join/notice")).location == "/join/age"
    assert not any(isinstance(one, e.AgeStated | e.GuardianNamed) for one in world.sessions.events(world.session))
    await guest.get("/join/age")
    await guest.post("/join/age", {"age": "child", **TOLD, "consents": "yes"})
    told = world.sessions.events(world.session)
    assert e.GuardianNamed("s-consumer", "丁母", "母亲", world.site.consent_version) in told
    assert (await guest.get("/join")).location == "/join/notice"
    await guest.get("/join/notice")
    await guest.post("/join/notice", {"answer": "yes"})
    assert any(
        isinstance(one, e.ConsentGiven) and one.kind is Consent.PARTICIPATE
        for one in world.sessions.events(world.session)
    )


async def test_a_minor_names_the_guardian_who_comes_along(person: tuple[World, Browser]) -> None:
    world, guest = person
    await guest.get("/join/age")
    page = await guest.post("/join/age", {"age": "minor"})
    assert 'name="consents"' not in page.text  # who is 14 agrees themselves
    assert (await guest.post("/join/age", {"age": "minor", **TOLD})).location == "/join/notice"
    assert e.GuardianNamed("s-consumer", "丁母", "母亲", "") in world.sessions.events(world.session)


async def test_a_child_registered_as_one_is_not_asked_again_and_its_guardian_agrees(
    aiohttp_client: AiohttpClient,
) -> None:
    world = World()
    aged(world, "child")
    guest = await confirmed(world, aiohttp_client)
    page = await guest.get("/join/age")
    assert 'type="radio"' not in page.text
    assert "for the guardian" in page.text
    assert (await guest.post("/join/age", {"age": "adult", **TOLD})).status == 422  # the complaint says otherwise
    assert (await guest.post("/join/age", {**TOLD, "consents": "yes"})).location == "/join/notice"
    assert (await guest.get("/join")).location == "/join/notice"


async def test_an_adult_by_the_complaint_is_not_asked(aiohttp_client: AiohttpClient) -> None:
    guest = await confirmed(World(), aiohttp_client)
    assert (await guest.get("/join")).location == "/join/notice"
    assert (await guest.get("/join/age")).location == "/join/notice"


async def test_who_declined_and_changes_their_mind_is_asked_their_age_too(person: tuple[World, Browser]) -> None:
    world, guest = person
    world.sessions.append(world.session, e.ConsentRefused("s-consumer", Consent.PARTICIPATE, ""))
    assert (await guest.get("/join")).location == "/join/refused"
    assert (await guest.get("/join/notice")).location == "/join/age"  # and not round in a circle
    await guest.get("/join/age")
    assert (await guest.post("/join/age", {"age": "adult"})).location == "/join/notice"
    assert (await guest.get("/join/notice")).status == 200
