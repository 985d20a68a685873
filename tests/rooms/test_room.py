"""Live rooms: real tasks, a real mailbox, a journal in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from journal import Draft, Event
from journal.memory import MemoryJournal
from media import engine as m
from rooms import commands as c
from rooms import errors
from rooms import events as e
from rooms.codec import draft
from rooms.registry import Rooms
from rooms.session import Session
from rooms.vocabulary import Consent, Phase, SeatStatus, Status
from tests.rooms.engine import FakeEngine
from tests.rooms.house import House, X, drain, house, settle
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, MEDIATOR, OB, START, M, party, scheduling, settled


@pytest.fixture
async def at() -> AsyncIterator[House]:
    async with house() as built:
        yield built


async def test_a_session_nobody_scheduled_is_unknown_and_leaves_no_room_behind(at: House) -> None:
    with pytest.raises(errors.UnknownSession):
        await at.rooms.state("nothing")
    with pytest.raises(errors.UnknownSession):
        await at.rooms.submit("nothing", c.Arrive(), MEDIATOR)
    with pytest.raises(errors.UnknownSession):
        await at.rooms.attach("nothing", M)
    await settle()
    assert at.rooms.awake == 0


async def test_a_listener_gets_its_view_first_and_then_one_with_every_change(at: House) -> None:
    await at.ask(scheduling())
    mediator = await at.rooms.attach(X, M)
    await at.ask(c.Arrive())
    (first, opened) = await drain(mediator)
    assert first[0] == "view"
    assert first[1]["view"]["session"]["status"] == "scheduled"
    assert first[1]["events"] == []
    assert first[1]["view"]["case"] == {"request": "退还剩余积分款"}
    assert [event["type"] for event in opened[1]["events"]] == ["SessionOpened", "PhaseEntered", "Arrived", "Admitted"]
    assert opened[1]["version"] == len(await at.types())


async def test_commands_posted_without_waiting_are_decided_in_that_order(at: House) -> None:
    await at.open(M)
    asked = [at.rooms.post(X, c.EnterPhase(phase), MEDIATOR) for phase in list(Phase)[1:] + list(Phase)[:3]]
    await asyncio.gather(*asked)
    entered = [event.data["phase"] for event in await at.journal.read(f"session/{X}") if event.type == "PhaseEntered"]
    assert entered == [phase.value for phase in [Phase.OPENING, *list(Phase)[1:], *list(Phase)[:3]]]


async def test_of_two_who_close_at_once_one_wins_and_the_other_is_told(at: House) -> None:
    await at.open(M)
    await at.ask(c.ProposeOutcome(settled()))
    results = await asyncio.gather(at.ask(c.Close()), at.ask(c.Close()), return_exceptions=True)
    assert sum(isinstance(result, errors.AlreadyClosed) for result in results) == 1
    assert (await at.types()).count("SessionClosed") == 1


async def test_two_servers_on_one_journal_let_one_close_and_tell_the_other(at: House) -> None:
    await at.open(M)
    await at.ask(c.ProposeOutcome(settled()))
    other = Rooms(at.journal, FakeEngine(), at.clock)
    await other.start()
    await other.state(X)
    results = await asyncio.gather(at.ask(c.Close()), other.submit(X, c.Close(), MEDIATOR), return_exceptions=True)
    assert sum(isinstance(result, errors.AlreadyClosed) for result in results) == 1
    assert (await at.types()).count("SessionClosed") == 1
    await other.stop()


async def test_what_another_writer_appended_is_heard_before_deciding_again(at: House) -> None:
    await at.open(M)
    version = (await at.rooms.state(X)).version
    await at.journal.append(f"session/{X}", version, [draft(e.DoorLocked(), START)])
    assert await at.ask(c.SetDoor(True)) == []
    assert (await at.ask(c.SetDoor(False)))[0].version == version + 2


class _FullDisk(MemoryJournal):
    full = False

    async def append(self, stream: str, expected: int, drafts: list[Draft]) -> list[Event]:  # type: ignore[override]
        if self.full:
            raise OSError(28, "No space left on device")
        return await super().append(stream, expected, drafts)


async def test_a_journal_that_cannot_write_fails_the_command_not_the_room() -> None:
    journal = _FullDisk()
    rooms = Rooms(journal, FakeEngine(), House().clock)
    await rooms.start()
    await rooms.submit(X, scheduling(), MEDIATOR)
    journal.full = True
    with pytest.raises(OSError, match="No space"):
        await rooms.submit(X, c.Arrive(), MEDIATOR)
    journal.full = False
    await rooms.submit(X, c.Arrive(), MEDIATOR)
    assert (await rooms.state(X)).status is Status.LIVE
    await rooms.stop()


async def test_routes_reach_the_engine_as_people_come_mute_and_rest(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.bring(BU)
    assert at.engine.routes[-1][1].hears[CO] == {M, BU}
    await at.ask(c.Mute(BU))
    assert at.engine.routes[-1][1].hears[CO] == {M}
    assert at.engine.routes[-1][1].sees[CO] == {M, BU}
    await at.ask(c.StartRecess())
    assert at.engine.routes[-1][1] == m.Matrix({}, {}, frozenset())


async def test_media_is_for_those_in_the_room(at: House) -> None:
    await at.open(M)
    await at.prepare(CO)
    await at.ask(c.Arrive(), CONSUMER)
    with pytest.raises(errors.NotInRoom):
        await at.rooms.media_join(X, CO)
    await at.ask(c.Admit(CO))
    assert await at.rooms.media_join(X, CO) == m.Negotiated()
    assert await at.rooms.media_publish(X, CO, "v=0", {"0": "mic", "1": "screen"}) == f"answer to {CO}"
    await at.rooms.media_answer(X, CO, "v=0")
    await at.rooms.media_restart(X, CO)
    await at.ask(c.Remove(CO, "捣乱"))
    assert (X, CO) in at.engine.removed
    for call in (at.rooms.media_publish(X, CO, "v=0", {}), at.rooms.media_answer(X, CO, "v=0")):
        with pytest.raises(errors.NotInRoom):
            await call


async def test_an_observer_may_join_media_and_publish_nothing(at: House) -> None:
    await at.open(M)
    await at.bring(OB)
    await at.rooms.media_join(X, OB)
    with pytest.raises(errors.NotAllowed):
        await at.rooms.media_publish(X, OB, "v=0", {"0": "mic"})


class _SlowEngine(FakeEngine):
    """Admitting takes until the gate is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def admit(self, room: str, participant: str) -> m.Admission:
        await self.gate.wait()
        return await super().admit(room, participant)


async def test_somebody_removed_while_being_admitted_to_media_is_put_out_again() -> None:
    engine = _SlowEngine()
    at = House(engine=engine)
    await at.rooms.start()
    await at.open(M)
    await at.bring(CO)
    joining = asyncio.create_task(at.rooms.media_join(X, CO))
    await settle()
    await at.ask(c.Remove(CO, "捣乱"))
    engine.gate.set()
    with pytest.raises(errors.NotInRoom):
        await joining
    assert (X, CO) not in engine.admitted
    await at.rooms.stop()


async def test_what_media_reports_becomes_history(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await at.reported(
        m.Speaking(X, CO, True),
        m.Recording(X, CO, True),
        m.Speaking(X, CO, False),
        m.Segment(X, CO, "x1/a.webm", "ab" * 32, 10, START, START, 640, 360),
        m.RecordingAlarm(X, "disk_full"),
    )
    assert (await at.types())[-6:] == [
        "SpeakingStarted",
        "RecordingStarted",
        "SpeakingStopped",
        "SegmentSealed",
        "RecordingFailed",
        "RecordingStopped",
    ]


async def test_offers_go_to_their_seat_and_quality_to_the_room_without_history(at: House) -> None:
    mediator = await at.open(M)
    consumer = await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await drain(mediator)
    before = await at.types()
    await at.reported(
        m.Offer(X, CO, "v=0", (m.OfferedTrack("0", M, "mic", True),)), m.Quality(X, CO, 3), m.Quality(X, CO, 3)
    )
    await at.rooms.report_quality(X, CO, 2)
    level = ("quality", {"seat": CO, "level": 2})
    assert await drain(consumer) == [
        ("media_offer", {"sdp": "v=0", "tracks": [{"mid": "0", "seat": M, "source": "mic", "active": True}]}),
        ("quality", {"seat": CO, "level": 3}),
        level,
    ]
    assert await drain(mediator) == [("quality", {"seat": CO, "level": 3}), level]
    assert await at.types() == before


async def test_a_lost_worker_is_told_to_the_room_and_stops_its_recordings(at: House) -> None:
    await at.open(M)
    consumer = await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await at.reported(m.Recording(X, CO, True))
    await drain(consumer)
    routes = len(at.engine.routes)
    await at.reported(m.RoomLost(X))
    told = await drain(consumer)
    assert told[-1] == ("media_lost", {})
    assert told[0][1]["events"][0]["data"] == {"seat": CO, "cause": "server"}
    await at.rooms.media_join(X, CO)
    assert len(at.engine.routes) == routes + 1  # the new worker is told who hears whom


async def test_a_dropped_socket_keeps_the_seat_and_coming_back_takes_it_again(at: House) -> None:
    mediator = await at.open(M)
    consumer = await at.bring(CO)
    await drain(mediator)
    consumer.close()
    ((_, body),) = await drain(mediator)
    assert [event["type"] for event in body["events"]] == ["Disconnected"]
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.RECONNECTING
    await at.wait(minutes=9)
    again = await at.rooms.attach(X, CO)
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    await at.wait(minutes=9)
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    assert not again.ended


async def test_ten_minutes_away_gives_the_seat_up(at: House) -> None:
    await at.open(M)
    consumer = await at.bring(CO)
    await at.rooms.media_join(X, CO)
    consumer.close()
    await settle()
    await at.wait(minutes=10)
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.LEFT
    assert (X, CO) in at.engine.removed


async def test_silent_media_marks_the_seat_and_sound_again_unmarks_it(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await at.reported(m.Connection(X, CO, "connected"), m.Connection(X, CO, "disconnected"))
    assert (await at.rooms.state(X)).seats[CO].away_cause == "media"
    await at.reported(m.Connection(X, CO, "connected"))
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT


async def test_the_old_transport_of_a_reloaded_page_does_not_mark_the_new_one_away(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await at.reported(m.Connection(X, CO, "connected"))
    await at.rooms.media_join(X, CO)
    await at.reported(m.Connection(X, CO, "disconnected"))
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT


async def test_media_alone_does_not_bring_somebody_back_whose_socket_is_gone(at: House) -> None:
    await at.open(M)
    consumer = await at.bring(CO)
    await at.rooms.media_join(X, CO)
    consumer.close()
    await at.reported(m.Connection(X, CO, "connected"))
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.RECONNECTING


async def test_a_newer_connection_takes_the_seat_from_the_older(at: House) -> None:
    await at.open(M)
    older = await at.bring(CO)
    newer = await at.rooms.attach(X, CO)
    assert (await drain(older))[-1] == ("gone", {"code": "elsewhere"})
    older.close()
    await settle()
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    assert not newer.ended


@pytest.mark.parametrize(("command", "code"), [(c.Remove(CO, "捣乱"), "removed"), (c.SendBack(CO), "sent_back")])
async def test_whoever_is_put_out_is_told_why_their_connection_ends(at: House, command: c.Command, code: str) -> None:
    await at.open(M)
    await at.prepare(CO)
    consumer = await at.rooms.attach(X, CO)
    await at.ask(c.Arrive(), CONSUMER)
    await at.ask(command)
    assert (await drain(consumer))[-1] == ("gone", {"code": code})


async def test_a_listener_that_does_not_read_is_dropped_and_nobody_waits_for_it(at: House) -> None:
    mediator = await at.open(M)
    asleep = await at.bring(CO)
    for n in range(70):
        await at.ask(c.Say(f"第{n}句"))
        await drain(mediator)
    assert asleep.code == "slow"
    assert await drain(asleep) == [("gone", {"code": "slow"})]


async def test_closing_seals_recordings_before_anybody_follows_up(at: House) -> None:
    followed: list[Session] = []

    async def fails(session: str, state: Session) -> None:
        raise ValueError(session)

    async def follow(session: str, state: Session) -> None:
        followed.append(state)

    at.rooms.on_closed += [fails, follow]
    at.engine.sealed_at = START
    mediator = await at.open(M)
    await at.bring(CO)
    await at.rooms.media_join(X, CO)
    await at.ask(c.ProposeOutcome(settled()))
    await at.ask(c.SeeOutcome(), CONSUMER)
    await at.ask(c.Close())
    await settle()
    assert at.engine.closed == [X]
    assert [state.status for state in followed] == [Status.CLOSED]
    assert [segment.seat for segment in followed[0].segments] == [CO]
    told = await drain(mediator)
    assert told[-1] == ("gone", {"code": "closed"})
    assert told[-2][1]["view"]["closed"]["kind"] == "settled"


async def test_withdrawn_consent_reaches_the_engine_with_the_answer(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    assert CO in at.engine.routes[-1][1].recorded
    await at.ask(c.WithdrawConsent(Consent.RECORD), CONSUMER)
    assert CO not in at.engine.routes[-1][1].recorded


class _DeadEngine(FakeEngine):
    async def route(self, room: str, matrix: m.Matrix) -> None:
        raise m.WorkerFull

    async def close_room(self, room: str) -> None:
        raise m.MediaError


async def test_a_session_outlives_its_media() -> None:
    at = House(engine=_DeadEngine())
    await at.rooms.start()
    await at.open(M)
    await at.bring(CO)
    await at.ask(c.ProposeOutcome(settled()))
    await at.ask(c.Close("媒体故障"))
    assert (await at.rooms.state(X)).status is Status.CLOSED
    await at.rooms.stop()


async def test_after_a_restart_the_session_is_where_it_was_and_people_come_back(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.ask(c.EnterPhase(Phase.DISCUSSION))
    again = House(journal=at.journal, clock=at.clock)
    await again.rooms.start()

    async def live_sessions() -> list[str]:
        return [X, "lost"]

    await again.rooms.recover(live_sessions)
    state = await again.rooms.state(X)
    assert (state.status, state.phase) == (Status.LIVE, Phase.DISCUSSION)
    assert state.seats[CO].status is SeatStatus.RECONNECTING
    await again.rooms.attach(X, CO)
    assert (await again.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    await again.rooms.media_join(X, CO)
    assert again.engine.routes[-1][1].hears[CO] == {M}
    await again.rooms.stop()


async def test_an_idle_room_is_forgotten_and_woken_from_its_journal(at: House) -> None:
    await at.ask(scheduling())
    await settle()
    assert at.rooms.awake == 1
    await at.wait(seconds=61)
    assert at.rooms.awake == 0
    assert (await at.rooms.state(X)).number == "东高一投〔2026〕12号"


async def test_a_room_with_somebody_listening_is_not_forgotten(at: House) -> None:
    await at.open(M)
    await at.wait(hours=1)
    assert at.rooms.awake == 1


async def test_a_full_mailbox_refuses_instead_of_growing(at: House) -> None:
    await at.open(M)
    asked = [at.rooms.post(X, c.Say("话"), MEDIATOR) for _ in range(600)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert any(isinstance(result, errors.Busy) for result in results)
    await at.ask(c.Say("还在"))


async def test_a_stopped_registry_takes_nothing_more(at: House) -> None:
    await at.open(M)
    await at.rooms.stop()
    with pytest.raises(errors.Busy):
        await at.ask(c.Say("还在吗"))


async def test_only_seats_of_the_session_are_attached(at: House) -> None:
    await at.open(M)
    with pytest.raises(errors.UnknownSeat):
        await at.rooms.attach(X, "s-elsewhere")
    with pytest.raises(errors.NotAllowed):
        await at.ask(c.Arrive(), party("s-elsewhere"))
    await at.bring(BU)
    await at.clock.until(START)
    assert at.clock.now() - START < timedelta(seconds=1)
    with pytest.raises(errors.NotAllowed):
        await at.ask(c.Close(), BUSINESS)


class _Unreadable(MemoryJournal):
    broken = False

    async def append(self, stream: str, expected: int, drafts: list[Draft]) -> list[Event]:  # type: ignore[override]
        if self.broken:
            raise OSError(5, "Input/output error")
        return await super().append(stream, expected, drafts)

    async def read(self, stream: str, after: int = 0) -> list[Event]:
        if self.broken:
            raise OSError(5, "Input/output error")
        return await super().read(stream, after)


async def test_listeners_outlive_a_database_that_was_gone_for_a_while() -> None:
    journal = _Unreadable()
    at = House(journal=journal)
    await at.rooms.start()
    mediator = await at.open(M)
    journal.broken = True
    for _ in range(2):
        with pytest.raises(OSError, match="Input/output"):
            await at.ask(c.SetDoor(True))
    journal.broken = False
    await at.ask(c.SetDoor(True))
    told = await drain(mediator)
    assert [event["type"] for event in told[-1][1]["events"]] == ["DoorLocked"]
    await at.rooms.stop()


async def test_a_busy_room_still_follows_up_its_closing(at: House) -> None:
    followed: list[str] = []

    async def follow(session: str, state: Session) -> None:
        followed.append(session)

    at.rooms.on_closed.append(follow)
    await at.open(M)
    await at.ask(c.ProposeOutcome(settled()))
    asked = [at.rooms.post(X, c.Close(), MEDIATOR) for _ in range(600)]
    await asyncio.gather(*asked, return_exceptions=True)
    await settle()
    assert followed == [X]
