"""One-time codes under attack: guessed in parallel, reused, late, from elsewhere, asked for too often."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from journal import Actor, Event
from journal.refusals import Refused, UnknownSession
from rooms.commands import Command
from rooms.session import Session
from server.identity.codes import Codes
from server.identity.link_store import LinkStore
from tests.server.app.office import IP, World, secret_of


async def begun(world: World, seat: str = "consumer", session: str = "") -> str:
    return await world.links.begin(secret_of(await world.invite(seat, session)))


async def outcome(world: World, device: str, code: str, ip: str = IP) -> str:
    try:
        await world.links.check_code(device, code, ip)
    except Refused as no:
        return no.code
    return "in"


def wrong(code: str, n: int = 1) -> str:
    return f"{(int(code) + n) % 1_000_000:06d}"


async def test_of_a_hundred_parallel_guesses_five_are_evaluated(world: World) -> None:
    device = await begun(world)
    code = await world.code_for(device)
    guesses = [outcome(world, device, wrong(code, n + 1), f"192.0.2.{n}") for n in range(100)]
    told = Counter(await asyncio.gather(*guesses))
    assert told == {"bad_code": 5, "too_many_tries": 95}
    assert await outcome(world, device, code, "198.51.100.1") == "too_many_tries"


async def test_a_right_code_sent_a_hundred_times_at_once_confirms_once(world: World) -> None:
    device = await begun(world)
    code = await world.code_for(device)
    told = Counter(await asyncio.gather(*(outcome(world, device, code, f"192.0.2.{n}") for n in range(100))))
    assert told["in"] == 1


async def test_the_tries_left_are_told(world: World) -> None:
    device = await begun(world)
    code = await world.code_for(device)
    left = []
    for _ in range(3):
        with pytest.raises(Refused) as no:
            await world.links.check_code(device, wrong(code), IP)
        left.append(no.value.params["left"])
    assert left == [4, 3, 2]
    assert await outcome(world, device, f" {code[:3]} {code[3:]} ") == "in"


async def test_a_code_lasts_ten_minutes(world: World) -> None:
    device = await begun(world)
    code = await world.code_for(device)
    world.move(minutes=10)
    assert await outcome(world, device, code) == "code_expired"


async def test_a_newer_code_voids_the_older(world: World) -> None:
    device = await begun(world)
    first = await world.code_for(device)
    world.move(seconds=61)
    second = await world.code_for(device)
    if first != second:
        assert await outcome(world, device, first) == "bad_code"
    assert await outcome(world, device, second) == "in"


async def test_a_code_works_only_on_the_device_that_asked(world: World) -> None:
    link = await world.invite()
    mine, theirs = await world.links.begin(secret_of(link)), await world.links.begin(secret_of(link))
    code = await world.code_for(mine)
    assert await outcome(world, theirs, code) == "code_expired"
    assert await outcome(world, mine, code) == "in"


async def test_an_invitation_gets_one_code_a_minute_and_five_an_hour(world: World) -> None:
    device = await begun(world)
    for _ in range(4):
        await world.code_for(device)
        with pytest.raises(Refused) as no:
            await world.links.send_code(device, IP)
        assert no.value.code == "too_many_codes"
        assert 0 < no.value.params["seconds"] <= 60
        world.move(seconds=61)
    await world.code_for(device)
    world.move(seconds=61)
    with pytest.raises(Refused) as no:
        await world.links.send_code(device, IP)
    assert 3_000 < no.value.params["seconds"] <= 3_600


async def test_an_invitations_codes_use_up_nothing_of_another_invitation_of_the_same_phone(world: World) -> None:
    first = await begun(world)
    await world.code_for(first)
    second = await begun(world)  # the same consumer, another session
    assert await outcome(world, second, await world.code_for(second)) == "in"


async def test_guesses_on_other_devices_at_one_address_keep_nobody_out(world: World) -> None:
    device, other = await begun(world), await begun(world)
    code = await world.code_for(device)
    for _ in range(70):
        await outcome(world, other, "000000")
    assert await outcome(world, device, code) == "in"


async def test_a_code_for_a_revoked_link_is_worth_nothing(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    code = await world.code_for(device)
    await world.links.revoke(world.zhou, link.session, "consumer", "发错了人")
    assert await outcome(world, device, code) == "link_revoked"


async def test_a_made_up_device_is_nobody(world: World) -> None:
    assert await world.links.guest("made-up") is None
    with pytest.raises(Refused) as no:
        await world.links.send_code("made-up", IP)
    assert no.value.status == 401


async def test_what_a_crash_left_out_of_the_journal_is_said_at_the_next_visit(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    code = await world.code_for(device)
    guest = await world.links._begun(device)
    token = await Codes(LinkStore(world.database), world.outbox, world.seal, world.clock.now, "zh").check(
        Deaf(), guest.device, guest, code, IP
    )
    assert "IdentityConfirmed" not in await world.events(link.session)
    assert await world.links.guest(token) is not None
    assert (await world.events(link.session))[-1] == "IdentityConfirmed"


class Deaf:
    """The program dies here: what is submitted never arrives."""

    async def submit(self, session: str, command: Command, actor: Actor) -> Sequence[Event]:
        return []

    async def state(self, session: str) -> Session:
        raise UnknownSession
