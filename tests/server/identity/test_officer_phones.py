"""Whether an officer was ever asked where messages go is known from what they answered, in the database."""

from __future__ import annotations

from dataclasses import replace

from server.identity.account_store import OfficerPhoneStore
from server.identity.sign_ins import OfficerPhoneService
from tests.server.app.office import World


async def test_who_never_said_is_asked_and_every_answer_is_one(world: World) -> None:
    phones = OfficerPhoneService(OfficerPhoneStore(world.database), world.seal, world.officers.standing)
    other = await world.officers.add_officer(
        replace(world.zhou, role="administrator"), "lin", "林督", "supervisor", "another-good-one-7"
    )
    assert [await phones.asks(one) for one in (world.zhou, other)] == [True, True]
    await phones.decline(world.zhou)
    await phones.decline(world.zhou)
    assert [await phones.asks(one) for one in (world.zhou, other)] == [False, True]
    assert await phones.own(world.zhou) == ""
    await phones.give(other, "13900004411")
    await phones.decline(other)  # from a page that was open still
    assert await phones.own(other) == "139 **** 4411"
    await phones.give(other, "")  # taken back: that was said, too
    assert await phones.asks(other) is False
    reached = await phones.officer(other.id)
    assert reached is not None
    assert reached.phone == ""
