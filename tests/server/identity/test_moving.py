"""A seat goes over to another browser: by an address copied there, a code or a voice; to one, and once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from journal.refusals import Refused
from rooms.commands import Arrive, Cancel, Remove
from rooms.session import Session
from rooms.views import IssuedLink
from server.identity.links import JoinLinks
from tests.server.app.office import IP, World, secret_of
from tests.server.identity.test_codes import Deaf


async def confirmed(world: World, link: IssuedLink) -> str:
    device = await world.links.begin(secret_of(link))
    return await world.links.check_code(device, await world.code_for(device), IP)


async def copied(world: World, device: str) -> str:
    world.move(seconds=1)
    address, _, token = (await world.links.copied(device)).partition("#")
    assert "/j/" in address
    return token


async def why_not(world: World, secret: str, token: str) -> str:
    with pytest.raises(Refused) as no:
        await world.links.move(secret, token)
    return no.value.code


async def holds(world: World, device: str) -> bool:
    guest = await world.links.guest(device)
    return guest is not None and guest.verified


async def moves(world: World, link: IssuedLink) -> list[str]:
    entries = await world.journal.read(f"session/{link.session}")
    return [str(entry.data["way"]) for entry in entries if entry.type == "SeatMoved"]


async def test_a_copied_address_takes_the_seat_to_another_browser_and_the_first_is_out(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    second = await world.links.move(secret_of(link), await copied(world, first))
    assert await holds(world, second)
    assert await world.links.guest(first) is None
    no = await world.links.refusal(first)
    assert (no.code, no.params["back"], no.params["office_phone"]) == ("link_used", True, "027-00001201")
    assert await world.links.came_by(first) == link.url
    assert await moves(world, link) == ["token"]
    assert (await world.events(link.session)).count("IdentityConfirmed") == 1


async def test_before_the_code_the_copied_address_is_the_link_and_takes_nothing_along(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    assert await world.links.copied(device) == link.url
    assert await why_not(world, secret_of(link), "") == "token_over"


async def test_an_address_is_good_once_and_of_two_copied_the_newer(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    older, newer = await copied(world, first), await copied(world, first)
    assert await why_not(world, secret_of(link), older) == "token_over"
    second = await world.links.move(secret_of(link), newer)
    assert await why_not(world, secret_of(link), newer) == "token_over"
    assert await holds(world, second)


async def test_ten_minutes_later_it_takes_nothing_along(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    token = await copied(world, first)
    world.move(minutes=10)
    assert await why_not(world, secret_of(link), token) == "token_over"
    assert await holds(world, first)


async def test_it_is_good_for_its_own_seat_and_session_alone(world: World) -> None:
    link = await world.invite()
    other_seat, other_session = await world.invite("business", link.session), await world.invite()
    token = await copied(world, await confirmed(world, link))
    for wrong in (other_seat, other_session):
        held = await confirmed(world, wrong)
        assert await why_not(world, secret_of(wrong), token) == "token_over"
        assert await holds(world, held)
        assert await moves(world, wrong) == []
        world.move(minutes=2)
    assert await world.links.move(secret_of(link), token)


async def test_guesses_and_other_secrets_are_no_tokens(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    token = await copied(world, first)
    for guess in ("", "a" * 24, token[:-1], token.swapcase(), secret_of(link), first):
        assert await why_not(world, secret_of(link), guess) == "token_over"
    assert await holds(world, first)


async def test_of_many_taps_at_once_one_has_the_seat(world: World) -> None:
    link = await world.invite()
    token = await copied(world, await confirmed(world, link))
    tried = await asyncio.gather(*(world.links.move(secret_of(link), token) for _ in range(8)), return_exceptions=True)
    (won,) = [one for one in tried if isinstance(one, str)]
    assert {one.code for one in tried if isinstance(one, Refused)} == {"token_over"}
    assert await holds(world, won)
    assert await moves(world, link) == ["token"]


async def test_of_a_tap_and_a_code_at_once_one_has_the_seat(world: World) -> None:
    link = await world.invite()
    token = await copied(world, await confirmed(world, link))
    world.move(minutes=2)
    phone = await world.links.begin(secret_of(link), moves=True)
    code = await world.code_for(phone)
    tried = await asyncio.gather(
        world.links.move(secret_of(link), token), world.links.check_code(phone, code, IP), return_exceptions=True
    )
    won = [one for one in tried if isinstance(one, str)]
    assert len(won) == 1
    assert {one.code for one in tried if isinstance(one, Refused)} <= {"token_over", "link_used"}
    assert await holds(world, won[0])


async def test_a_withdrawn_link_and_a_session_that_is_over_take_no_token(world: World) -> None:
    link = await world.invite()
    token = await copied(world, await confirmed(world, link))
    again = await world.invite(session=link.session)
    assert await why_not(world, secret_of(link), token) == "link_revoked"
    assert await why_not(world, secret_of(again), token) == "token_over"
    await world.rooms.submit(link.session, Cancel("双方自行和解"), world.zhou.actor)
    assert await why_not(world, secret_of(again), token) == "session_over"


async def test_who_was_put_out_comes_back_by_no_copied_address(world: World) -> None:
    link = await world.invite()
    token = await copied(world, await confirmed(world, link))
    await world.rooms.submit(link.session, Arrive(), world.zhou.actor)
    await world.rooms.submit(link.session, Remove("consumer", "辱骂他人"), world.zhou.actor)
    assert await why_not(world, secret_of(link), token) == "removed"


async def test_a_browser_that_is_out_can_copy_nothing(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    spare = await copied(world, first)
    second = await world.links.move(secret_of(link), await copied(world, first))
    with pytest.raises(Refused) as no:
        await world.links.copied(first)
    assert no.value.code == "link_used"
    assert await why_not(world, secret_of(link), spare) == "token_over"
    assert await holds(world, second)


async def test_codes_and_copied_addresses_void_nothing_of_each_other(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    token = await copied(world, first)
    world.move(minutes=2)
    stranger = await world.links.begin(secret_of(link), moves=True)
    await world.code_for(stranger)
    assert await holds(world, await world.links.move(secret_of(link), token))


async def test_a_second_phone_moves_the_seat_by_the_code_and_nothing_before(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    world.move(minutes=2)
    second = await world.links.begin(secret_of(link), moves=True)
    with pytest.raises(Refused):
        await world.links.check_code(second, "000000", IP)
    assert await holds(world, first)
    second = await world.links.check_code(second, await world.code_for(second), IP)
    assert await holds(world, second)
    assert await world.links.guest(first) is None
    assert await moves(world, link) == ["code"]


async def test_what_was_copied_before_takes_the_seat_from_no_browser_that_has_it_since(world: World) -> None:
    link = await world.invite()
    token = await copied(world, await confirmed(world, link))
    world.move(minutes=2)
    second = await world.links.begin(secret_of(link), moves=True)
    second = await world.links.check_code(second, await world.code_for(second), IP)
    assert await why_not(world, secret_of(link), token) == "token_over"
    assert await holds(world, second)


async def test_whoever_took_the_seat_wrongly_loses_it_to_the_phone_on_file(world: World) -> None:
    link = await world.invite()
    thief = await world.links.move(secret_of(link), await copied(world, await confirmed(world, link)))
    world.move(minutes=2)
    back = await world.links.begin(secret_of(link), moves=True)
    back = await world.links.check_code(back, await world.code_for(back), IP)
    assert await holds(world, back)
    assert await world.links.guest(thief) is None
    assert await moves(world, link) == ["token", "code"]


async def test_a_second_phone_moves_the_seat_by_a_voice_too(world: World) -> None:
    link = await world.invite()
    first = await confirmed(world, link)
    world.move(minutes=2)
    second = await world.links.begin(secret_of(link), moves=True)
    number = (await world.links.by_voice(second)).number
    await world.links.vouch(world.zhou, link.session, "consumer", number, "按登记的号码打过去，说得出订单号")
    assert await world.links.guest(first) is None
    second = await world.links.go_on(second)
    assert await holds(world, second)
    assert await moves(world, link) == ["voice"]


async def test_what_a_crash_left_out_of_the_journal_is_said_at_the_next_visit(world: World) -> None:
    """Between the rows and the journal; the answer had gone out with the cookie."""
    link = await world.invite()
    token = await copied(world, await confirmed(world, link))
    dying = JoinLinks(replace(world.links._services, sessions=DeafRooms(world)))
    second = await dying.move(secret_of(link), token)
    assert await moves(world, link) == []
    assert await holds(world, second)
    assert await holds(world, second)
    assert await moves(world, link) == ["token"]


class DeafRooms(Deaf):
    def __init__(self, world: World) -> None:
        self._rooms = world.rooms

    async def state(self, session: str) -> Session:
        return await self._rooms.state(session)


async def test_no_token_is_on_the_disk(world: World) -> None:
    link = await world.invite()
    token = await copied(world, await confirmed(world, link))
    assert len(token) == 24, "144 bits"
    await world.database.close()
    database = Path(str(world.database.engine.url.database))
    stored = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    assert token.encode() not in stored
