"""Complaints assigned to a colleague: held for ten seconds, on file, told by the bell, in the colleague's list."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from complaints.complaint import in_charge
from complaints.views import ComplaintFilter
from journal.refusals import Refused
from offices import Officer
from server.complaints.officer_store import HandlerStore, complete_handlers
from server.complaints.queue_store import HOLD, QueueService
from server.db.schema import handlers
from server.identity.store import User
from server.rooms.agenda_store import HEARD, AlertService, AlertStore
from tests.server.complaints.test_notices import (
    Desk,
    desk as desk,  # a fixture
)
from tests.server.complaints.test_queue import queue_of

MINE = ComplaintFilter(whose="mine")


async def colleague(desk: Desk) -> Officer:
    zhou = desk.world.zhou
    await desk.world.store.add_user(
        User("chenqi", "chenqi", "陈琪", "mediator", zhou.office.id, "-", desk.world.clock.now())
    )
    return Officer("chenqi", "chenqi", "陈琪", "mediator", zhou.office, totp=False)


async def assigned(desk: Desk, queue: QueueService, complaint: str, to: Officer) -> None:
    await queue.assign(desk.world.zhou, complaint, to.id)
    desk.world.clock.move(HOLD)
    await queue.do_due()


async def listed(desk: Desk, officer: Officer, wanted: ComplaintFilter = MINE) -> list[str]:
    return [row.id for row in (await desk.reads.complaints(officer, wanted)).rows]


async def test_assigning_is_held_for_ten_seconds_and_then_on_file_in_the_officers_name(desk: Desk) -> None:
    queue, chen, complaint = queue_of(desk), await colleague(desk), await desk.world.register()
    assert await queue.colleagues(desk.world.zhou) == [(desk.world.zhou.id, desk.world.zhou.name), (chen.id, "陈琪")]
    await queue.assign(desk.world.zhou, complaint, chen.id)
    desk.world.clock.move(HOLD * 0.99)
    assert await queue.do_due() == 0
    assert await listed(desk, chen) == []
    desk.world.clock.move(HOLD * 0.02)
    assert await queue.do_due() == 1
    entries = await desk.world.journal.read(f"complaint/{complaint}")
    assert (entries[-1].type, dict(entries[-1].data)) == ("Assigned", {"to": chen.id, "name": "陈琪"})
    assert entries[-1].actor == desk.world.zhou.actor
    assert in_charge(entries) == {chen.id}
    assert (await desk.reads.complaint(chen, complaint)).handlers == ["陈琪"]
    assert await listed(desk, chen) == [complaint]
    assert await listed(desk, desk.world.zhou) == []


async def test_what_is_undone_in_time_never_happened_and_an_acceptance_beside_it_stands(desk: Desk) -> None:
    queue, chen, complaint = queue_of(desk), await colleague(desk), await desk.world.register()
    before = await desk.world.journal.read(f"complaint/{complaint}")
    await queue.assign(desk.world.zhou, complaint, chen.id)
    assert (await queue.queue(desk.world.zhou)).complaint == complaint  # it is to be accepted all the same
    await queue.undo(desk.world.zhou, complaint, "assign")
    with pytest.raises(Refused, match="too_late"):
        await queue.undo(desk.world.zhou, complaint, "accept")
    desk.world.clock.move(HOLD)
    assert await queue.do_due() == 0
    assert await desk.world.journal.read(f"complaint/{complaint}") == before


async def test_nobody_of_another_office_and_no_closed_account_can_be_chosen(desk: Desk) -> None:
    queue, complaint = queue_of(desk), await desk.world.register()
    for whom in (desk.world.other.id, "nobody", ""):
        with pytest.raises(Refused, match="bad_choice"):
            await queue.assign(desk.world.zhou, complaint, whom)


async def test_the_list_of_ones_own_follows_accepting_assigning_and_closing(desk: Desk) -> None:
    queue, chen = queue_of(desk), await colleague(desk)
    zhou, mine, hers = desk.world.zhou, await desk.world.register(), await desk.world.register()
    for one in (mine, hers):
        await desk.world.desk.accept(zhou, one)
    assert set(await listed(desk, zhou)) == {mine, hers}
    await assigned(desk, queue, hers, chen)
    assert (await listed(desk, zhou), await listed(desk, chen)) == ([mine], [hers])
    assert await listed(desk, chen, ComplaintFilter(whose="mine", state="registered")) == []
    assert await listed(desk, chen, ComplaintFilter(whose="mine", search="知遇桥", due="soon")) == []
    assert await listed(desk, chen, ComplaintFilter(whose="mine", search="知遇桥")) == [hers]


async def test_the_next_case_is_the_oldest_due_of_ones_own_and_then_of_the_queue(desk: Desk) -> None:
    queue, chen = queue_of(desk), await colleague(desk)
    store, zhou = HandlerStore(desk.world.database), desk.world.zhou
    first = await desk.world.register()
    desk.world.clock.move(timedelta(days=1))
    second = await desk.world.register()
    one = await store.next_due(chen, "")
    assert one is not None
    assert one.id == first
    await assigned(desk, queue, second, chen)
    one = await store.next_due(chen, "")
    assert one is not None
    assert one.id == second
    after = await store.next_due(zhou, first)
    assert after is not None
    assert after.id == second
    assert await store.next_due(desk.world.other, "") is None


async def test_the_colleague_hears_of_it_by_the_bell_and_who_did_it_does_not(desk: Desk) -> None:
    queue, chen, complaint = queue_of(desk), await colleague(desk), await desk.world.register()
    world = desk.world
    alerts = AlertService(
        partial(world.journal.follow_all, HEARD),
        AlertStore(world.database),
        HandlerStore(world.database),
        world.clock.now,
    )
    await assigned(desk, queue, complaint, chen)
    [told] = [one for one in await alerts.history(chen) if one.kind == "assigned"]
    assert (told.about, told.who) == (complaint, "丁小禾")
    assert [one for one in await alerts.history(world.zhou) if one.kind == "assigned"] == []
    await assigned(desk, queue, complaint, world.zhou)  # taken back to oneself
    assert [one for one in await alerts.history(world.zhou) if one.kind == "assigned"] == []


async def test_rows_of_complaints_from_before_there_were_any_are_made_from_the_journal(desk: Desk) -> None:
    chen, complaint = await colleague(desk), await desk.world.register()
    await desk.world.desk.accept(desk.world.zhou, complaint)
    await assigned(desk, queue_of(desk), complaint, chen)
    async with desk.world.database.write() as connection:
        await connection.execute(handlers.delete())
    assert await listed(desk, chen) == []
    assert await complete_handlers(desk.world.database) == 1
    assert await listed(desk, chen) == [complaint]
    assert await complete_handlers(desk.world.database) == 0
