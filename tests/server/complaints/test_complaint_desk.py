"""Complaints at the desk: registering, numbers, phones, scheduling; and following a session that is over."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from complaints import BadPhone
from complaints.notices.messages import NoteTold
from complaints.record import PartyTyped, masked_numbers
from complaints.record.identifiers import normal_phone
from complaints.service import Authorised, Filing
from complaints.state import ComplaintState
from complaints.views import NewComplaint
from journal import SYSTEM, Actor
from journal.refusals import Refused
from offices import Officer
from rooms import BadOutcome
from rooms.commands import Arrive, Cancel, Close, ConfirmIdentity, ProposeOutcome, StateAge
from rooms.vocabulary import Outcome, OutcomeKind, Performance, Role, Side, Term
from server.complaints.office_store import working_calendar
from server.complaints.procedure import FollowUp
from server.rooms.service import RoomContextReader
from server.rooms.store import unfollowed_sessions
from tests.server.app.office import World, filing


async def settle(world: World, session: str, due_days: int | None) -> None:
    """The mediator alone in the room: nobody present has not seen the outcome."""
    later = due_days is not None
    term = Term(
        Side.BUSINESS,
        "退还款项",
        Decimal("2000.00"),
        world.clock.now() + timedelta(days=due_days or 0) if later else None,
        "原路退回",
        Performance.LATER if later else Performance.ON_THE_SPOT,
    )
    outcome = Outcome(OutcomeKind.SETTLED, (term,), Decimal("2000.00"))
    for command in (Arrive(), ProposeOutcome(outcome), Close()):
        await world.rooms.submit(session, command, world.zhou.actor)


def follow_up(world: World) -> FollowUp:
    return FollowUp(
        world.complaints,
        world.rooms,
        lambda: world.journal.follow(["session"]),
        lambda: unfollowed_sessions(world.database),
    )


async def scheduled(world: World) -> tuple[str, str]:
    complaint = await world.register()
    return complaint, await world.desk.schedule(world.zhou, complaint, world.clock.now(), [])


async def test_numbers_are_given_once_however_many_register_at_once(world: World) -> None:
    complaints = await asyncio.gather(*(world.register() for _ in range(20)))
    numbers = [(await world.complaints.state(complaint)).record.number for complaint in complaints]
    assert sorted(numbers) == [f"东高一投〔2026〕{n:04d}号" for n in range(1, 21)]


async def test_each_office_counts_for_itself(world: World) -> None:
    await world.register()
    theirs = await world.complaints.state(await world.register(world.other))
    assert theirs.record.number == "东高二投〔2026〕0001号"


async def test_a_refused_filing_uses_up_no_number(world: World) -> None:
    with pytest.raises(Refused) as no:
        await world.desk.register(world.zhou, replace(filing(world.clock.now()), title=""))
    assert (no.value.code, no.value.params) == ("missing", {"field": "title"})
    assert (await world.complaints.state(await world.register())).record.number.endswith("0001号")


@pytest.mark.parametrize("phone", ["123", "138000050761", "电话", "23800005076"])
def test_what_is_no_phone_number_is_refused(phone: str) -> None:
    with pytest.raises(BadPhone):
        normal_phone(phone)


async def test_a_full_number_is_shown_for_a_reason_and_the_look_is_on_file(world: World) -> None:
    complaint = await world.register(consumer_phone="+86 138-0000-5076")
    assert (await world.complaints.state(complaint)).consumer.phone_masked == "138 **** 5076"
    colleague = replace(world.zhou, id="colleague", login="colleague", name="陈琪")
    with pytest.raises(Refused):
        await world.desk.reveal(colleague, complaint, "consumer.phone", " ")
    assert await world.desk.reveal(world.zhou, complaint, "consumer.phone", "") == "13800005076"  # who registered it
    assert await world.desk.reveal(world.zhou, complaint, "consumer.phone", "短信没送达") == "13800005076"
    last = (await world.journal.read(f"complaint/{complaint}"))[-1]
    assert (last.type, last.actor.name, last.data["reason"]) == ("PhoneRevealed", "周敏", "短信没送达")


async def test_scheduling_seats_both_sides_and_keeps_their_numbers(world: World) -> None:
    complaint = await world.register()
    extra = [(Role.LAWYER, "石律师", "13900001234", Side.BUSINESS), (Role.LAWYER, "林律师", "", Side.CONSUMER)]
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), extra)
    state = await world.rooms.state(session)
    assert list(state.seats) == ["mediator", "consumer", "business", "lawyer", "lawyer-2"]
    assert state.seats["business"].seat.organisation == "武汉知遇桥信息技术有限公司"
    contacts = await world.desk.of_session(complaint, session)
    assert world.seal.open(contacts["lawyer"], "phone") == "13900001234"
    assert contacts["lawyer-2"] == ""
    assert (await world.complaints.state(complaint)).state is ComplaintState.MEDIATING


async def test_of_a_child_nothing_is_registered_before_a_guardian_agreed_who_is_then_given_a_seat(world: World) -> None:
    """PIPL Art 31 and Civil Code Art 20: at the counter and by telephone as at the public window."""
    adult = filing(world.clock.now())
    child = replace(adult, consumer=adult.consumer._replace(age_band="under_14"))
    mother = Authorised("丁母", "13900007788", "母亲", guardian=True)
    for proxy in (None, mother, replace(mother, guardian=False, consents=True)):
        with pytest.raises(Refused) as no:
            await world.desk.register(world.zhou, replace(child, proxy=proxy))
        assert (no.value.code, no.value.params) == ("guardian_needed", {"field": "age_band"})
    complaint = await world.desk.register(world.zhou, replace(child, proxy=replace(mother, consents=True)))
    assert (await world.complaints.state(complaint)).record.number.endswith("0001号")  # a refused one used up none
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), [])
    state = await world.rooms.state(session)
    seat = state.seats["guardian"].seat
    assert (seat.role, seat.side, seat.name, seat.guardian) == (Role.REPRESENTATIVE, Side.CONSUMER, "丁母", "母亲")
    assert state.seats["consumer"].age == "child"
    contacts = await world.desk.of_session(complaint, session)
    assert world.seal.open(contacts["guardian"], "phone") == "13900007788"


async def test_the_guardian_a_minor_names_on_the_way_in_is_seated_as_one(world: World) -> None:
    complaint = await world.register()
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), [])
    guest = Actor("party", "consumer", "丁小禾", "consumer", world.zhou.office.id)
    await world.rooms.submit(session, ConfirmIdentity("code"), guest)
    await world.rooms.submit(session, StateAge("minor", "丁母", "母亲"), guest)
    seat = await world.desk.add_seat(world.zhou, session, Role.REPRESENTATIVE, "丁母", "13900007788", Side.CONSUMER)
    other = await world.desk.add_seat(world.zhou, session, Role.REPRESENTATIVE, "王某", "13900007799", Side.BUSINESS)
    state = await world.rooms.state(session)
    assert (state.seats[seat].seat.guardian, state.seats[other].seat.guardian) == ("母亲", "")


async def test_a_mediation_under_the_older_order_ends_on_none_of_the_newer_ones_grounds(world: World) -> None:
    old = replace(filing(world.clock.now()), received=datetime(2026, 4, 10, 9, tzinfo=UTC))
    complaint = await world.desk.register(world.zhou, old)
    session = await world.desk.schedule(world.zhou, complaint, world.clock.now(), [])
    await world.rooms.submit(session, Arrive(), world.zhou.actor)
    with pytest.raises(BadOutcome):
        await world.rooms.submit(session, ProposeOutcome(Outcome(OutcomeKind.ENDED, ground=8)), world.zhou.actor)
    await world.rooms.submit(session, ProposeOutcome(Outcome(OutcomeKind.ENDED, ground=7)), world.zhou.actor)


async def test_a_session_the_room_refuses_is_taken_back(world: World) -> None:
    complaint = await world.register()
    crowd = [(Role.OBSERVER, f"见习生{n}", "", None) for n in range(6)]
    with pytest.raises(Refused) as no:
        await world.desk.schedule(world.zhou, complaint, world.clock.now(), crowd)
    assert no.value.code == "room_full"
    assert (await world.complaints.state(complaint)).state is ComplaintState.ACCEPTED


@pytest.mark.parametrize("role", ["supervisor", "administrator"])
async def test_who_does_not_mediate_changes_no_complaint(world: World, role: str) -> None:
    complaint = await world.register()
    watcher = Officer("w", "w", "罗建国", role, world.zhou.office, totp=False)  # type: ignore[arg-type]
    with pytest.raises(Refused) as no:
        await world.desk.accept(watcher, complaint)
    assert no.value.status == 403


@pytest.mark.parametrize(("due", "state"), [(None, ComplaintState.SETTLED), (7, ComplaintState.PERFORMING)])
async def test_the_complaint_follows_its_session(world: World, due: int | None, state: ComplaintState) -> None:
    complaint, session = await scheduled(world)
    await settle(world, session, due)
    await follow_up(world).follow(session)
    followed = await world.complaints.state(complaint)
    assert (followed.state, followed.loss_recovered) == (state, Decimal("2000.00"))


async def test_it_follows_by_itself_while_the_program_runs(world: World) -> None:
    complaint, session = await scheduled(world)
    watching = world.journal.follow(["complaint"])
    task = follow_up(world)
    await task.start()
    await settle(world, session, None)
    async with asyncio.timeout(10):
        async for event in watching:
            if event.type == "MediationClosed":
                break
    await task.stop()
    assert (await world.complaints.state(complaint)).state is ComplaintState.SETTLED


async def test_what_closed_just_before_a_crash_is_made_up_for(world: World) -> None:
    complaint, session = await scheduled(world)
    await settle(world, session, None)
    assert await unfollowed_sessions(world.database) == [session]
    await follow_up(world).catch_up()
    await follow_up(world).catch_up()
    assert (await world.complaints.state(complaint)).loss_recovered == Decimal("2000.00")
    assert await unfollowed_sessions(world.database) == []


def accepted_by_phone(world: World) -> NoteTold:
    return NoteTold("acceptance", ("consumer",), "phone", world.clock.now(), "丁小禾", "周敏")


async def test_kept_promises_are_noted_taken_back_and_filed(world: World) -> None:
    complaint, session = await scheduled(world)
    await settle(world, session, 7)
    await follow_up(world).follow(session)
    desk, zhou = world.desk, world.zhou
    with pytest.raises(Refused) as no:
        await desk.close_file(zhou, complaint)
    assert (no.value.code, no.value.status) == ("wrong_state", 409)
    await desk.promise_kept(zhou, complaint, "已退款到账")
    await desk.take_back(zhou, complaint, "kept", "还没有到账")
    assert (await world.complaints.state(complaint)).state is ComplaintState.PERFORMING
    await desk.promise_kept(zhou, complaint, "")
    await desk.told(zhou, complaint, accepted_by_phone(world))
    with pytest.raises(Refused) as no:
        await desk.close_file(zhou, complaint)
    assert (no.value.code, no.value.status) == ("record_missing", 409)
    await desk.close_file(zhou, complaint, paper=" 一所档案柜2026-6 ")
    closed = (await world.journal.read(f"complaint/{complaint}"))[-1]
    assert closed.data["paper"] == "一所档案柜2026-6"
    assert (await world.complaints.state(complaint)).state is ComplaintState.CLOSED
    assert [event.type for event in await world.journal.read(f"complaint/{complaint}")][-5:] == [
        "PromisesKept", "NoteTakenBack", "PromisesKept", "PartyTold", "ComplaintClosed"
    ]  # fmt: skip


async def test_another_offices_promises_do_not_exist(world: World) -> None:
    complaint, session = await scheduled(world)
    await settle(world, session, 7)
    await follow_up(world).follow(session)
    for attempt in (
        world.desk.promise_kept(world.other, complaint, ""),
        world.desk.told(world.other, complaint, accepted_by_phone(world)),
        world.desk.close_file(world.other, complaint),
        world.desk.take_back(world.other, complaint, "kept", "点错了"),
    ):
        with pytest.raises(Refused) as no:
            await attempt
        assert no.value.status == 404


async def test_the_room_cites_the_running_deadline_in_both_languages(world: World) -> None:
    _complaint, session = await scheduled(world)
    read_context = RoomContextReader(world.complaints, world.store, partial(working_calendar, world.database))
    context = await read_context(await world.rooms.state(session))
    assert context.case is not None
    deadline = context.case["deadline"]
    assert (deadline["code"], deadline["due"]) == ("mediate", "2026-08-23")
    assert deadline["article"]["zh"].startswith("《市场监督管理投诉举报处理办法》第二十三条")
    assert deadline["article"]["en"].startswith("Measures for Handling Complaints and Reports (Order 121), Art 23")


async def test_a_cancelled_session_gives_the_complaint_back(world: World) -> None:
    complaint, session = await scheduled(world)
    await world.rooms.submit(session, Cancel("改期"), world.zhou.actor)
    await follow_up(world).follow(session)
    assert (await world.complaints.state(complaint)).state is ComplaintState.ACCEPTED


async def test_the_entry_that_follows_is_the_systems_own(world: World) -> None:
    complaint, session = await scheduled(world)
    await settle(world, session, None)
    await follow_up(world).follow(session)
    assert (await world.journal.read(f"complaint/{complaint}"))[-1].actor == SYSTEM


def test_what_an_officer_types_is_a_filing_without_its_office_and_what_only_channels_say() -> None:
    typed = {field.name for field in fields(NewComplaint)}
    channels = {"channel_due", "sign_due", "feedback_due", "settle_due", "publicity", "unknown", "earlier"}
    assert {*Filing._fields} - typed == {"office", "prefix", "zone", *channels}
    assert typed <= {*Filing._fields}


async def test_every_number_on_file_is_shown_for_a_reason_only_and_another_offices_never(world: World) -> None:
    new = replace(
        filing(world.clock.now()),
        consumer=PartyTyped("丁小禾", "13800005076", id_kind="resident", id_number="11010519491231002X"),
        proxy=Authorised("丁父", "13900004444"),
        joint=(PartyTyped("陈一", "13900005555", other_phone="027-00006666"),),
    )
    complaint = await world.desk.register(world.zhou, new)
    full = {
        "consumer.phone": "13800005076",
        "consumer.identity": "11010519491231002X",
        "proxy.phone": "13900004444",
        "joint-1.phone": "13900005555",
        "joint-1.other_phone": "02700006666",
        "business.phone": "13900000812",
    }
    record = (await world.complaints.state(complaint)).record
    assert list(masked_numbers(record)) == list(full)
    assert record.business.credit_code == "91420100MA0DEM013Y"  # public: nothing to ask for
    told = json.dumps([dict(event.data) for event in await world.journal.read(f"complaint/{complaint}")])
    for which, number in full.items():
        assert number not in told
        assert await world.desk.reveal(world.zhou, complaint, which, "核对") == number
        with pytest.raises(Refused):
            await world.desk.reveal(world.other, complaint, which, "核对")
    told_events = await world.journal.read(f"complaint/{complaint}")
    looks = [event.data for event in told_events if event.type == "PhoneRevealed"]
    assert [f"{look['whose']}.{look['what']}" for look in looks] == list(full)
    with pytest.raises(Refused) as no:
        await world.desk.reveal(world.zhou, complaint, "consumer.other_phone", "核对")
    assert no.value.code == "bad_choice"
