"""Late promises reach people: who mediated, then whoever oversees the office; each once, and with nobody's name."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from journal import Event
from journal.refusals import Refused
from offices import Office, Officer, OfficerRole
from server.db.projections import rebuild
from server.identity.store import User
from tests.server.app.office import FIRST, NOW, SECOND, World
from tests.server.complaints.test_reminders import phones, reminders, settled

THIRD = Office("office-3", "东湖高新区市场监管三所", "三所", "027-00001203", "东高三投")
MEDIATOR, OWN, BUREAU, FOREIGN, CLOSED = "13900000001", "13900000002", "13900000003", "13900000004", "13900000005"


async def officer(world: World, id: str, role: OfficerRole, office: Office, phone: str) -> Officer:
    await world.store.add_user(User(id, id, f"监督{id}", role, office.id, "-", NOW))
    found = Officer(id, id, f"监督{id}", role, office, totp=False)
    if phone:
        await phones(world).give(found, phone)
    return found


async def people(world: World) -> None:
    await world.store.add_office(THIRD)
    await phones(world).give(world.zhou, MEDIATOR)
    await officer(world, "own", "supervisor", FIRST, OWN)
    await officer(world, "bureau", "supervisor", SECOND, BUREAU)
    await world.store.oversee("bureau", [FIRST.id])
    await officer(world, "foreign", "supervisor", THIRD, FOREIGN)
    await officer(world, "silent", "supervisor", FIRST, "")  # gave no number
    await officer(world, "gone", "supervisor", FIRST, CLOSED)
    await world.officers.sign_ins.store.close("gone", NOW)


async def told(world: World) -> Counter[str]:
    await world.outbox.deliver_due()
    return Counter(notice.to for notice in world.phones.received if notice.kind == "reminder")


async def reminded(world: World, complaint: str, when: str) -> Event:
    entries = await world.journal.read(f"complaint/{complaint}")
    [found] = [one for one in entries if one.type == "TermReminded" and one.data["when"] == when]
    return found


async def test_who_mediated_is_told_of_a_late_promise_and_who_oversees_the_office_a_week_later(world: World) -> None:
    await people(world)
    complaint, _ = await settled(world, world.clock.now() + timedelta(days=1))
    world.move(days=3)
    await reminders(world).remind()
    assert (await told(world))[MEDIATOR] == 1
    assert not {OWN, BUREAU, FOREIGN} & set(await told(world))
    world.move(days=7)
    for _ in range(2):
        await reminders(world).remind()
    after = await told(world)
    assert (after[MEDIATOR], after[OWN], after[BUREAU], after[FOREIGN], after[CLOSED]) == (1, 1, 1, 0, 0)
    text = next(notice.text for notice in world.phones.received if notice.to == OWN)
    assert "已超过一周" in text
    for secret in ("丁小禾", "陈立", "知遇桥", "500", "第1笔"):  # only the office, a number and a day
        assert secret not in text
    event = await reminded(world, complaint, "escalated")
    to = {one["name"]: bool(one["message"]) for one in event.data["to"]}
    assert to == {"监督own": True, "监督bureau": True, "监督silent": False}
    assert OWN not in str(event.data)


async def test_after_a_kill_between_the_entry_and_the_sending_each_is_told_once(world: World) -> None:
    await people(world)
    complaint, _ = await settled(world, world.clock.now() + timedelta(days=1))
    for days in (3, 7):
        world.move(days=days)
        await reminders(world).remind()  # and the program is killed: nothing was delivered
    await reminders(world).remind()  # another start
    await rebuild(world.database)  # rows made anew send nothing a second time
    await reminders(world).remind()
    assert {number: (await told(world))[number] for number in (MEDIATOR, OWN, BUREAU)} == {
        MEDIATOR: 1, OWN: 1, BUREAU: 1,
    }  # fmt: skip
    assert (await reminded(world, complaint, "escalated")).actor.kind == "system"


async def test_from_whom_promises_are_withheld_is_told_nothing_of_them(world: World) -> None:
    await people(world)

    async def withheld(office: str, role: str) -> frozenset[str]:
        return frozenset({"performance"}) if (office, role) == (FIRST.id, "supervisor") else frozenset()

    world.officers.withheld = withheld
    await settled(world, world.clock.now() + timedelta(days=1))
    for days in (3, 7):
        world.move(days=days)
        await reminders(world).remind()
    found = await told(world)
    assert (found[OWN], found[BUREAU]) == (0, 1)


async def test_a_number_is_kept_sealed_shown_masked_and_must_take_texts(world: World) -> None:
    given = phones(world)
    await given.give(world.zhou, "139-0000-0001")
    assert await given.own(world.zhou) == "139 **** 0001"
    async with world.database.read() as connection:
        rows = (await connection.exec_driver_sql("select * from officer_phones")).all()
    assert MEDIATOR not in str(rows)
    with pytest.raises(Refused, match="bad_phone"):
        await given.give(world.zhou, FIRST.phone)
    await given.give(world.zhou, "")
    assert await given.own(world.zhou) == ""
