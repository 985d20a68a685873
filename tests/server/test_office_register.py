"""Offices are added and renamed by the bureau's administrator, and the journal says who did it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.office_register import STREAM, OfficeRegister
from tests.identity.office import World
from web.ports import Office, Officer, Refused

NEW = Office("third", "三所", "三所", "027-00001203", "东高三投")


def bureau(world: World) -> Officer:
    return replace(world.zhou, role="administrator", office=replace(world.zhou.office, intake=True))


async def test_the_bureaus_administrator_adds_and_renames_and_the_journal_has_both_names(world: World) -> None:
    register, administrator = OfficeRegister(world.store, world.journal, world.clock.now), bureau(world)
    await register.add(administrator, NEW)
    await register.change(administrator, "third", "第三市场监管所", "三所", NEW.phone, True)
    await register.change(administrator, "third", "第三市场监管所", "三所", NEW.phone, True)  # nothing new
    assert await world.store.office("third") == replace(NEW, name="第三市场监管所", intake=True)
    added, changed = await world.journal.read(STREAM)
    assert (added.type, changed.type) == ("OfficeAdded", "OfficeChanged")
    assert changed.data["changes"] == {"name": ["三所", "第三市场监管所"], "intake": [False, True]}


async def test_nobody_else_changes_an_office_and_no_two_give_the_same_numbers(world: World) -> None:
    register = OfficeRegister(world.store, world.journal, world.clock.now)
    with pytest.raises(Refused, match="not_allowed"):
        await register.add(replace(bureau(world), office=world.zhou.office), NEW)
    with pytest.raises(Refused, match="bad_choice"):
        await register.add(bureau(world), replace(NEW, number_prefix=world.zhou.office.number_prefix))
    with pytest.raises(Refused, match="not_found"):
        await register.change(bureau(world), "nowhere", "甲", "甲", "1", False)
