"""Offices are added and renamed by the bureau's administrator, and the journal says who did it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journal.refusals import Refused
from offices import Office, Officer
from server.identity.offices import STREAM, OfficeRegister
from tests.server.app.office import World

NEW = Office("third", "三所", "三所", "027-00001203", "东高三投")


def bureau(world: World) -> Officer:
    return replace(world.zhou, role="administrator", office=replace(world.zhou.office, intake=True))


async def test_the_bureaus_administrator_adds_and_renames_and_the_journal_has_both_names(world: World) -> None:
    register, administrator = OfficeRegister(world.store, world.journal, world.clock.now), bureau(world)
    await register.add(administrator, NEW)
    renamed = replace(NEW, name="第三市场监管所", intake=True)
    await register.change(administrator, renamed)
    await register.change(administrator, renamed)  # nothing new
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
        await register.change(bureau(world), replace(NEW, id="nowhere"))


async def test_no_office_of_a_demo_stands_beside_a_real_one(world: World) -> None:
    """Its number prefix begins with the mark of samples, which no real office's does."""
    register = OfficeRegister(world.store, world.journal, world.clock.now)
    with pytest.raises(Refused, match="bad_choice") as no:
        await register.add(bureau(world), replace(NEW, number_prefix="样例三投"))
    assert no.value.params == {"field": "number_prefix"}


async def test_an_office_has_its_issuing_authority_and_the_journal_says_who_gave_it(world: World) -> None:
    register, administrator = OfficeRegister(world.store, world.journal, world.clock.now), bureau(world)
    assert (NEW.issuer, NEW.signs_as) == ("三所", "三所")  # where nobody said otherwise
    await register.add(administrator, NEW)
    wanted = replace(
        NEW,
        authority="东湖高新区市场监督管理局",
        address="武汉市高新大道1号",
        signature="【东湖市监】",
        number_prefix="别的",
    )
    await register.change(administrator, wanted)
    office = await world.store.office("third")
    assert office is not None
    assert (office.issuer, office.address, office.signs_as) == (wanted.authority, wanted.address, "东湖市监")
    assert office.number_prefix == NEW.number_prefix  # it stands in numbers that were given
    changes = (await world.journal.read(STREAM))[-1].data["changes"]
    assert changes == {
        "authority": ["", "东湖高新区市场监督管理局"],
        "address": ["", "武汉市高新大道1号"],
        "signature": ["", "东湖市监"],
    }
    with pytest.raises(Refused, match="too_long"):
        await register.change(administrator, replace(wanted, authority="局" * 61))


async def test_where_nobody_dispatches_an_offices_own_administrator_gives_its_authority(world: World) -> None:
    register = OfficeRegister(world.store, world.journal, world.clock.now)
    own = replace(world.zhou, role="administrator")
    await register.change(own, replace(own.office, authority="东湖高新区市场监督管理局"))
    office = await world.store.office(own.office.id)
    assert office is not None
    assert office.issuer == "东湖高新区市场监督管理局"
    with pytest.raises(Refused, match="not_allowed"):  # that would give it the other offices' settings
        await register.change(own, replace(office, intake=True))
    with pytest.raises(Refused, match="not_allowed"):
        await register.change(own, world.other.office)
    await world.store.set_intake(world.other.office.id, True)
    with pytest.raises(Refused, match="not_allowed"):  # now that unit looks after them all
        await register.change(own, replace(office, address="武汉市高新大道1号"))
