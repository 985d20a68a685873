"""Who a connection to the room is: its cookies say so, whatever the handshake claims."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rooms.commands import GoApart, OpenRoom
from rooms.floor.rules import shown_texts
from server.complaints.store import SqlReads
from server.identity import digest
from server.identity.viewers import SocketAuthenticator
from signaling import Viewer
from tests.server.app.office import IP, PASSWORD, World, secret_of
from web import Site
from web.http import cookies


def viewers(world: World, secure: bool = False) -> SocketAuthenticator:
    site = Site("https://tiaojie.example", demo=False, secure=secure, consent_version="x", retention_years=3)
    reads = SqlReads(world.database, world.rooms, Path(), world.clock.now)
    return SocketAuthenticator(
        world.officers,
        world.links,
        world.rooms,
        reads,
        shown_texts(site.consent_version),
        partial(cookies.tokens, site),
    )


def handshake(**cookies: str) -> dict[str, Any]:
    return {"HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items())}


async def officer(world: World, login: str) -> str:
    return await world.officers.sign_in(login, PASSWORD, "", IP)


async def guest(world: World, session: str, seat: str = "consumer") -> str:
    device = await world.links.begin(secret_of(await world.invite(seat, session)))
    return await world.links.check_code(device, await world.code_for(device), IP)


async def test_the_sessions_mediator_sits_in_the_mediators_seat(world: World) -> None:
    session, token = await world.session(), await officer(world, "zhoumin")
    viewer = await viewers(world)(handshake(yt_officer=token), {"session": session})
    assert viewer == Viewer(session, "mediator", world.zhou.actor, mediator=True, credential=digest(token))


async def test_another_offices_mediator_finds_no_session(world: World) -> None:
    session, token = await world.session(), await officer(world, "wanglin")
    assert await viewers(world)(handshake(yt_officer=token), {"session": session}) == "unknown_session"


@pytest.mark.parametrize("role", ["mediator", "supervisor"])
async def test_a_colleague_does_not_take_the_mediators_seat(world: World, role: Any) -> None:
    administrator = await world.officers.officer(await officer(world, "admin"))
    assert administrator is not None
    await world.officers.add_officer(administrator, "colleague", "李青", role, PASSWORD)
    session, token = await world.session(), await officer(world, "colleague")
    assert await viewers(world)(handshake(yt_officer=token), {"session": session}) == "not_allowed"


async def test_a_party_is_whoever_their_device_is_whatever_they_claim(world: World) -> None:
    session, elsewhere = await world.session(), await world.session()
    token = await guest(world, session)
    claimed = {"seat": "business", "role": "mediator", "mediator": True, "actor": "mediator"}
    viewer = await viewers(world)(handshake(yt_device=token), claimed)
    assert isinstance(viewer, Viewer)
    assert (viewer.session, viewer.seat, viewer.mediator) == (session, "consumer", False)
    assert await viewers(world)(handshake(yt_device=token), {"session": elsewhere}) == "sign_in_needed"


@pytest.mark.parametrize("odd", ['theme={"dark": 1}', "a b=1", "=x", "naïve=é", 'q="a;b"'])
async def test_a_neighbours_odd_cookie_hides_nobody(world: World, odd: str) -> None:
    token = await guest(world, await world.session())
    for header in (f"{odd}; yt_device={token}", f"yt_device={token}; {odd}"):
        assert isinstance(await viewers(world)({"HTTP_COOKIE": header}, {}), Viewer)


async def test_before_the_code_nobody_enters(world: World) -> None:
    device = await world.links.begin(secret_of(await world.invite()))
    assert await viewers(world)(handshake(yt_device=device), {}) == "code_needed"


async def test_under_tls_only_the_prefixed_cookie_counts(world: World) -> None:
    token = await guest(world, await world.session())
    assert await viewers(world, secure=True)(handshake(yt_device=token), {}) == "no_invitation"
    assert isinstance(await viewers(world, secure=True)({"HTTP_COOKIE": f"__Host-yt_device={token}"}, {}), Viewer)


@pytest.mark.parametrize("header", ["", "yt_device", "yt_device=", "\x00=;;=", "yt_device=nobody; yt_officer=nobody"])
async def test_broken_or_made_up_cookies_are_nobody(world: World, header: str) -> None:
    resolve = viewers(world)
    assert await resolve({"HTTP_COOKIE": header}, {}) == "no_invitation"
    assert await resolve({"HTTP_COOKIE": header}, {"session": "x"}) == "sign_in_needed"
    assert await resolve({}, {"session": {"not": "text"}}) == "sign_in_needed"


async def test_a_mediator_from_whom_mediations_are_withheld_takes_no_seat(world: World) -> None:
    session, token = await world.session(), await officer(world, "zhoumin")

    async def withheld(office: str, role: str) -> frozenset[str]:
        return frozenset({"sessions"} if (office, role) == (world.zhou.office.id, "mediator") else ())

    world.officers.withheld = withheld
    assert await viewers(world)(handshake(yt_officer=token), {"session": session}) == "withheld"


async def test_a_page_with_other_texts_than_an_answer_would_be_noted_with_is_sent_to_load_anew(world: World) -> None:
    session, token = await world.session(), await officer(world, "zhoumin")
    at = viewers(world)
    claimed = {"session": session, "texts": "2099-01-01.3 handwriting-2099-01-01"}
    assert await at(handshake(yt_officer=token), claimed) == "old_page"
    shown = shown_texts("x").named
    assert isinstance(await at(handshake(yt_officer=token), {**claimed, "texts": shown}), Viewer)


async def test_while_nobody_meets_a_party_has_no_connection_whatever_its_phone_once_confirmed(world: World) -> None:
    session = await world.session()
    device = await guest(world, session)
    until = world.clock.now() + timedelta(days=7)
    asked = viewers(world)
    inside = await asked(handshake(yt_device=device), {})
    assert isinstance(inside, Viewer)
    await world.rooms.submit(session, GoApart(until, until), world.zhou.actor)
    assert await asked(handshake(yt_device=device), {}) == "apart"
    assert await asked.ended(inside) == "apart"
    await world.rooms.submit(session, OpenRoom(), world.zhou.actor)
    assert await asked(handshake(yt_device=device), {}) == inside
