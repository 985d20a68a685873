"""The queue on a database: what is next, what is held for ten seconds, what becomes of it when the program dies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints.notices import NoticeKind
from complaints.state import ComplaintState
from complaints.triage import ConfirmTriage
from journal.refusals import Refused
from server.complaints.message_store import NOTICE_KIND
from server.complaints.officer_store import HandlerStore
from server.complaints.procedure import ProcedureService
from server.complaints.queue_store import HOLD, LEASE, QueueService, QueueStore
from server.complaints.service import DuplicateService, TriageService
from server.rooms.agenda_store import AppointmentStore
from tests.server.app.office import filing
from tests.server.complaints.test_notices import (
    Desk,
    desk as desk,  # a fixture
)

ANSWERS = ConfirmTriage(problem_class="contract", requests=("refund",))


def queue_of(desk: Desk) -> QueueService:
    """As a program has it that has just started."""
    world = desk.world
    return QueueService(
        QueueStore(world.database),
        HandlerStore(world.database),
        desk.reads,
        world.desk,
        TriageService(world.complaints, desk.reads),
        desk.notices,
        ProcedureService(world.complaints, world.rooms, world.store, world.database, world.clock.now, desk.notices),
        world.officers.standing,
        AppointmentStore(world.database).mediators,
        world.clock.now,
    )


async def told(desk: Desk) -> list[str]:
    """Texts of notices that left."""
    await desk.world.outbox.deliver_due()
    return [one.text for one in desk.world.phones.received if one.kind == NOTICE_KIND]


async def test_an_acceptance_is_held_for_ten_seconds_and_then_triage_acceptance_and_notice_are_on_file(
    desk: Desk,
) -> None:
    complaint, queue = await desk.world.register(), queue_of(desk)
    await queue.hold(desk.world.zhou, complaint, ANSWERS)
    before = await desk.world.journal.read(f"complaint/{complaint}")
    desk.world.clock.move(HOLD * 0.99)
    assert await queue.do_due() == 0
    assert await desk.world.journal.read(f"complaint/{complaint}") == before
    assert await told(desk) == []
    assert (await queue.queue(desk.world.zhou)).complaint == ""
    desk.world.clock.move(HOLD * 0.02)
    assert await queue.do_due() == 1
    state = await desk.state(complaint)
    assert (state.state, state.record.problem_class) == (ComplaintState.ACCEPTED, "contract")
    assert [row.kind for row in (await desk.listed(complaint)).issued] == [NoticeKind.ACCEPTANCE]
    [text] = await told(desk)
    assert "受理" in text
    [last] = [one for one in await desk.world.journal.read(f"complaint/{complaint}") if one.type == "ComplaintAccepted"]
    assert last.actor == desk.world.zhou.actor
    assert await queue.do_due() == 0


async def test_what_is_undone_within_ten_seconds_never_happened(desk: Desk) -> None:
    complaint, queue = await desk.world.register(), queue_of(desk)
    before = await desk.world.journal.read(f"complaint/{complaint}")
    await queue.hold(desk.world.zhou, complaint, ANSWERS)
    assert [one.complaint for one in (await queue.queue(desk.world.zhou)).held] == [complaint]
    await queue.undo(desk.world.zhou, complaint)
    desk.world.clock.move(HOLD * 2)
    assert await queue.do_due() == 0
    assert await desk.world.journal.read(f"complaint/{complaint}") == before
    assert await told(desk) == []
    assert (await queue.queue(desk.world.zhou)).complaint == complaint


async def test_after_it_was_done_it_cannot_be_undone(desk: Desk) -> None:
    complaint, queue = await desk.world.register(), queue_of(desk)
    await queue.hold(desk.world.zhou, complaint, ANSWERS)
    desk.world.clock.move(HOLD)
    await queue.do_due()
    with pytest.raises(Refused) as no:
        await queue.undo(desk.world.zhou, complaint)
    assert (no.value.code, no.value.status) == ("too_late", 409)


async def test_a_program_that_died_does_after_its_start_what_was_acknowledged(desk: Desk) -> None:
    complaint = await desk.world.register()
    await queue_of(desk).hold(desk.world.zhou, complaint, ANSWERS)
    desk.world.clock.move(HOLD)
    assert await queue_of(desk).do_due() == 1
    assert (await desk.state(complaint)).state is ComplaintState.ACCEPTED
    assert len(await told(desk)) == 1


async def test_what_died_between_acceptance_and_notice_is_gone_on_with_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint, queue = await desk.world.register(), queue_of(desk)
    await queue.hold(desk.world.zhou, complaint, ANSWERS)
    desk.world.clock.move(HOLD)

    async def dies(*_: object) -> str:
        raise OSError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(desk.notices, "issue", dies)
        await queue.do_due()
    assert (await desk.state(complaint)).state is ComplaintState.ACCEPTED
    with pytest.raises(Refused):
        await queue.undo(desk.world.zhou, complaint)
    desk.world.clock.move(LEASE)
    assert await queue_of(desk).do_due() == 1
    assert [row.kind for row in (await desk.listed(complaint)).issued] == [NoticeKind.ACCEPTANCE]
    assert len(await told(desk)) == 1
    desk.world.clock.move(LEASE)
    assert await queue_of(desk).do_due() == 0


async def test_what_a_colleague_decided_meanwhile_stands_and_the_officer_is_told_that_theirs_was_not_done(
    desk: Desk,
) -> None:
    complaint, queue = await desk.world.register(), queue_of(desk)
    await queue.hold(desk.world.zhou, complaint, ANSWERS)
    await desk.world.desk.refuse(desk.world.zhou, complaint, 3, "购买三百件同款商品")
    desk.world.clock.move(HOLD)
    await queue.do_due()
    assert (await desk.state(complaint)).state is ComplaintState.REFUSED
    [act] = (await queue.queue(desk.world.zhou)).failed
    assert (act.complaint, act.failed) == (complaint, "wrong_state")
    await queue.dismiss(desk.world.zhou, complaint)
    assert (await queue.queue(desk.world.zhou)).failed == []


async def test_the_oldest_due_is_first_and_skipping_goes_on_behind_it(desk: Desk) -> None:
    queue, now = queue_of(desk), desk.world.clock.now()
    received = [replace(filing(now), received=now.replace(day=now.day - days)) for days in (1, 4, 2)]
    ids = [await desk.world.desk.register(desk.world.zhou, one) for one in received]
    first = await queue.queue(desk.world.zhou)
    assert (first.complaint, first.waiting) == (ids[1], 3)
    second = await queue.queue(desk.world.zhou, first.position)
    third = await queue.queue(desk.world.zhou, second.position)
    assert [second.complaint, third.complaint] == [ids[2], ids[0]]
    last = await queue.queue(desk.world.zhou, third.position)
    assert (last.complaint, last.waiting) == ("", 3)
    assert (await queue.queue(desk.world.zhou, "nonsense")).complaint == ids[1]
    assert (await queue.queue(desk.world.zhou, at=ids[0])).complaint == ids[0]


async def test_another_offices_complaint_is_in_nobody_elses_queue(desk: Desk) -> None:
    complaint, queue = await desk.world.register(), queue_of(desk)
    assert (await queue.queue(desk.world.other)).complaint == ""
    assert (await queue.queue(desk.world.other, at=complaint)).complaint == ""
    for act in (queue.hold(desk.world.other, complaint, ANSWERS), queue.undo(desk.world.other, complaint)):
        with pytest.raises(Refused) as no:
            await act
        assert no.value.status == 404


async def test_a_complainant_no_message_reaches_is_not_accepted_by_one_press(desk: Desk) -> None:
    complaint, queue = await desk.world.register(consumer_phone="027 8765 4321"), queue_of(desk)
    with pytest.raises(Refused) as no:
        await queue.hold(desk.world.zhou, complaint, ANSWERS)
    assert no.value.code == "not_reachable"
    with pytest.raises(Refused) as no:
        await queue.hold(desk.world.zhou, complaint, replace(ANSWERS, problem_class="nothing there is"))
    assert (no.value.code, no.value.params["field"]) == ("bad_choice", "problem_class")
    with pytest.raises(Refused) as no:
        await queue.hold(desk.world.zhou, complaint, replace(ANSWERS, jurisdiction="nowhere"))
    assert (no.value.code, no.value.params["field"]) == ("bad_choice", "jurisdiction")


async def test_what_went_into_another_complaint_is_neither_accepted_nor_assigned(desk: Desk) -> None:
    kept, gone, queue = await desk.world.register(), await desk.world.register(), queue_of(desk)
    await DuplicateService(desk.world.complaints, desk.reads.lookalikes, desk.world.clock.now).merge(
        desk.world.zhou, kept, gone, "同一纠纷"
    )
    for act in (queue.hold(desk.world.zhou, gone, ANSWERS), queue.assign(desk.world.zhou, gone, desk.world.zhou.id)):
        with pytest.raises(Refused) as no:
            await act
        assert no.value.code == "wrong_state"
