"""A mediator's calendar as another program reads it: by an address of their own, until it is revoked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from rooms.commands import Cancel
from server.app.demo import ADMINISTRATOR, MEDIATOR, OFFICE, add_people
from tests.server.app.office import PASSWORD, filing
from tests.server.identity.test_tokens import ask, make, shown
from tests.server.oversight.test_access_in_force import save
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.web.client import Answer

STARTS = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)


def address(page: Answer) -> str:
    """The token in the address that the page shows; nowhere else on it."""
    assert page.headers["Cache-Control"] == "no-store"
    [token] = re.findall(r"yt_[\w-]+", page.text)
    assert f"/calendar-feed/{token}.ics" in page.text
    return str(token)


async def feed(place: Place, token: str) -> tuple[int, str]:
    answer = await place.nobody.client.get(f"/calendar-feed/{token}.ics")
    return answer.status, (await answer.text()).replace("\r\n ", "")


async def arranged(place: Place) -> str:
    zhou = await place.officer(MEDIATOR)
    complaint = await place.parts.desk.register(zhou, filing(datetime.now(UTC)))
    return await place.parts.desk.schedule(zhou, complaint, STARTS, [])


async def subscribed(place: Place) -> str:
    return address(await make(await place.sign_in(MEDIATOR), ("calendar",)))


async def test_another_program_shows_when_mediations_are_and_nobodys_name(place: Place) -> None:
    session = await arranged(place)
    token = await subscribed(place)
    status, told = await feed(place, token)
    state = await place.parts.rooms.state(session)
    assert (status, told.count("BEGIN:VCALENDAR"), "METHOD:PUBLISH" in told) == (200, 1, True)
    assert f"DTSTART:{STARTS:%Y%m%dT%H%M%SZ}" in told
    assert f"SUMMARY:调解 {state.number}" in told
    assert not [seat.name for seat in state.seats.values() if seat.name in told]
    zhou = await place.officer(MEDIATOR)
    await place.parts.rooms.submit(session, Cancel("双方已和解"), zhou.actor)
    assert state.number not in (await feed(place, token))[1]


async def test_a_colleagues_mediations_are_not_in_it(place: Place) -> None:
    await arranged(place)
    parts = place.parts
    await add_people(parts.store, parts.officers, [("qianning", "钱宁", "mediator")], PASSWORD)
    colleague = address(await make(await place.sign_in("qianning"), ("calendar",)))
    assert [(await feed(place, one))[1].count("BEGIN:VEVENT") for one in (await subscribed(place), colleague)] == [1, 0]


async def test_the_address_opens_nothing_else_and_nothing_once_it_is_revoked(place: Place) -> None:
    mediator = await place.sign_in(MEDIATOR)
    token = address(await make(mediator, ("calendar",)))
    assert await ask(place, token) == (403, "no_scope")
    page = await mediator.get("/account/tokens")
    assert token not in page.text
    [id_] = re.findall(r"/account/tokens/([\w-]+)/revoke", page.text)
    assert (await mediator.post(f"/account/tokens/{id_}/revoke")).status == 303
    assert (await feed(place, token))[0] == 404


async def test_other_tokens_and_guesses_are_no_address(place: Place) -> None:
    mediator = await place.sign_in(MEDIATOR)
    both = await make(mediator, ("complaints:read", "calendar"))  # whoever is given the address would read complaints
    assert (both.status, "opens nothing else" in both.text, "yt_" in both.text) == (422, True, False)
    for other in (shown(await make(mediator, ("complaints:read",))), "yt_guessed", "%2e%2e"):
        assert (await feed(place, other))[0] == 404, other


async def test_the_address_travels_in_no_referer(place: Place) -> None:
    for token in (await subscribed(place), "yt_guessed"):
        answer = await place.nobody.client.get(f"/calendar-feed/{token}.ics")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("withheld", ["sessions", "tokens"])
async def test_what_is_withheld_from_mediators_is_withheld_from_their_programs(place: Place, withheld: str) -> None:
    token = await subscribed(place)
    assert (await feed(place, token))[0] == 200
    await place.parts.store.set_intake(OFFICE.id, True)
    await save(place, await place.sign_in(ADMINISTRATOR), "mediator", {withheld})
    assert (await feed(place, token))[0] == 404
