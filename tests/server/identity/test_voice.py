"""Where no code comes: an officer who speaks with the person says which device is theirs, and the journal says so."""

from __future__ import annotations

import pytest

import rooms
from journal import refusals
from journal.refusals import Refused
from rooms.events import session_entry
from rooms.views import IssuedLink
from server.identity.link_store import LinkStore
from tests.server.app.office import IP, World, secret_of

HOW = "按登记的号码打过去，说得出订单号"


async def vouched(world: World, link: IssuedLink, number: str, how: str = HOW) -> str:
    try:
        await world.links.vouch(world.zhou, link.session, "consumer", number, how)
    except Refused as no:
        return no.code
    return "known"


async def number_of(world: World, device: str) -> str:
    return (await world.links.by_voice(device)).number


async def test_the_device_whose_number_is_read_out_has_the_seat_and_no_other(world: World) -> None:
    link = await world.invite()
    finder, person = await world.links.begin(secret_of(link)), await world.links.begin(secret_of(link))
    assert await vouched(world, link, await number_of(world, person)) == "known"
    assert await world.links.guest(finder) is None
    with pytest.raises(Refused) as no:
        await world.links.go_on(finder)
    assert no.value.code == "link_used"
    token = await world.links.go_on(person)
    guest = await world.links.guest(token)
    assert guest is not None
    assert guest.verified
    assert await world.links.guest(person) is None  # a token that was seen before is worth nothing after
    with pytest.raises(Refused):
        await world.links.go_on(token)  # once


async def test_the_journal_says_by_whom_and_how_and_never_that_a_code_was_right(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    await vouched(world, link, await number_of(world, device))
    assert await world.links.guest(await world.links.go_on(device)) is not None
    entry = (await world.journal.read(f"session/{link.session}"))[-1]
    said = session_entry(entry)
    assert (entry.type, entry.actor.name) == ("IdentityConfirmedByVoice", "周敏")
    assert said.event.recognised == HOW  # type: ignore[union-attr]
    assert "IdentityConfirmed" not in await world.events(link.session)


async def test_before_the_person_goes_on_the_device_opens_nothing(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    with pytest.raises(Refused) as no:
        await world.links.go_on(device)
    assert no.value.code == "code_needed"
    await vouched(world, link, await number_of(world, device))
    guest = await world.links.guest(device)
    assert guest is not None
    assert not guest.verified


async def test_a_number_that_no_device_shows_confirms_nobody(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    number = await number_of(world, device)
    assert await vouched(world, link, f"{(int(number) + 1) % 10_000:04d}") == "no_such_device"
    assert await vouched(world, link, "") == "no_such_device"
    again = await world.invite(session=link.session)
    assert await vouched(world, again, number) == "no_such_device"  # a device of the link before
    assert "IdentityConfirmedByVoice" not in await world.events(link.session)


async def test_without_a_sentence_nobody_is_known(world: World) -> None:
    link = await world.invite()
    number = await number_of(world, device := await world.links.begin(secret_of(link)))
    for nothing, fault in (("  ", refusals.Missing), ("嗯", rooms.BadValue)):
        with pytest.raises(fault):
            await vouched(world, link, number, nothing)
    with pytest.raises(Refused):
        await world.links.go_on(device)


async def test_only_a_mediator_of_the_same_office_knows_anybody(world: World) -> None:
    link = await world.invite()
    number = await number_of(world, await world.links.begin(secret_of(link)))
    with pytest.raises(Refused) as no:
        await world.links.vouch(world.other, link.session, "consumer", number, HOW)
    assert no.value.code == "not_found"
    admin = await world.officers.officer(await world.officers.sign_in("admin", "unter-den-linden-94", "", IP))
    assert admin is not None
    with pytest.raises(Refused) as no:
        await world.links.vouch(admin, link.session, "consumer", number, HOW)
    assert no.value.code == "not_allowed"


async def test_a_code_typed_afterwards_is_a_code_again(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    code = await world.code_for(device)
    await vouched(world, link, await number_of(world, device))
    await world.links.check_code(device, code, IP)
    assert (await world.events(link.session))[-2:] == ["IdentityConfirmedByVoice", "IdentityConfirmed"]


async def test_what_a_crash_left_between_journal_and_device_is_made_good_by_asking_again(world: World) -> None:
    link = await world.invite()
    device = await world.links.begin(secret_of(link))
    number = await number_of(world, device)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LinkStore, "vouch", _dies)
        with pytest.raises(ConnectionError):
            await world.links.vouch(world.zhou, link.session, "consumer", number, HOW)
    assert not (await world.links.by_voice(device)).vouched
    assert await vouched(world, link, number) == "known"
    assert await world.links.go_on(device)


async def _dies(*_: object) -> bool:
    raise ConnectionError("the program dies here")
