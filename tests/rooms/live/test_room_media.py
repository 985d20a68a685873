"""A room and its media: who may join, what is told to the engine and what it reports."""

from __future__ import annotations

import asyncio

import pytest

import rooms
from journal import refusals
from media import engine as m
from media.engine import Measurement
from rooms import commands as c
from rooms.vocabulary import Consent, SeatStatus, Side
from tests.rooms.engine import FakeEngine
from tests.rooms.house import House, X, drain, settle
from tests.rooms.scene import BU, CO, CONSUMER, OB, START, M


async def test_routes_reach_the_engine_as_people_come_mute_and_rest(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.bring(BU)
    assert at.engine.routes[-1][1].hears[CO] == {M, BU}
    await at.ask(c.Mute(BU))
    assert at.engine.routes[-1][1].hears[CO] == {M}
    assert at.engine.routes[-1][1].sees[CO] == {M, BU}
    await at.ask(c.StartRecess())
    assert at.engine.routes[-1][1] == m.RouteMatrix({}, {}, frozenset())


async def test_media_is_for_those_in_the_room(at: House) -> None:
    await at.open(M)
    await at.prepare(CO)
    await at.ask(c.Arrive(), CONSUMER)
    with pytest.raises(rooms.NotInRoom):
        await at.rooms.media_join(X, CO)
    await at.ask(c.Admit(CO))
    assert await at.rooms.media_join(X, CO) == m.Negotiated()
    assert await at.rooms.media_publish(X, CO, "v=0", {"0": "mic", "1": "screen"}) == f"answer to {CO}"
    await at.rooms.media_answer(X, CO, "v=0")
    await at.rooms.media_restart(X, CO)
    await at.ask(c.Remove(CO, "捣乱"))
    assert (X, CO) in at.engine.removed
    for call in (at.rooms.media_publish(X, CO, "v=0", {}), at.rooms.media_answer(X, CO, "v=0")):
        with pytest.raises(rooms.NotInRoom):
            await call


async def test_whom_a_page_shows_large_is_told_to_the_engine_if_there_is_such_a_seat(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.rooms.media_join(X, CO)
    for whom in (M, ""):
        await at.rooms.media_look(X, CO, whom)
    assert at.engine.looks == [(X, CO, M), (X, CO, "")]
    with pytest.raises(rooms.UnknownSeat):
        await at.rooms.media_look(X, CO, "s-nobody")
    with pytest.raises(rooms.NotInRoom):
        await at.rooms.media_look(X, BU, M)


async def test_an_observer_may_join_media_and_publish_nothing(at: House) -> None:
    await at.open(M)
    await at.bring(OB)
    await at.rooms.media_join(X, OB)
    with pytest.raises(refusals.NotAllowed):
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
    with pytest.raises(rooms.NotInRoom):
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
    measured = Measurement(loss_up=0.08, rtt=0.1)
    assert await at.rooms.report_quality(X, CO, measured) == 2
    level = ("quality", {"seat": CO, "level": 2})
    assert await drain(consumer) == [
        ("media_offer", {"sdp": "v=0", "tracks": [{"mid": "0", "seat": M, "source": "mic", "active": True}]}),
        ("quality", {"seat": CO, "level": 3}),
        level,
    ]
    # The figures are for the mediator alone.
    assert await drain(mediator) == [
        ("quality", {"seat": CO, "level": 3}),
        ("measured", {"seat": CO, **measured.body(), "finding": "", "outage": {"scope": "", "seats": []}}),
        level,
    ]
    assert await at.types() == before


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


async def test_withdrawn_consent_reaches_the_engine_with_the_answer(at: House) -> None:
    await at.open(M)
    await at.bring(CO)
    assert CO in at.engine.routes[-1][1].recorded
    await at.ask(c.WithdrawConsent(Consent.RECORD), CONSUMER)
    assert CO not in at.engine.routes[-1][1].recorded


class _FullEngine(FakeEngine):
    full = True

    async def admit(self, room: str, participant: str) -> m.Admission:
        if self.full and participant != M:
            raise m.WorkerFull("no room")
        return await super().admit(room, participant)


async def test_whom_the_server_has_no_room_for_stays_and_the_mediator_is_told_once() -> None:
    engine = _FullEngine()
    at = House(engine=engine)
    await at.rooms.start()
    await at.open(M)
    mediator, consumer = await at.rooms.attach(X, M), await at.bring(CO)
    await drain(mediator)
    for _ in range(3):  # its page tries again and again
        with pytest.raises(m.WorkerFull):
            await at.rooms.media_join(X, CO)
    await at.rooms.state(X)
    assert [body for name, body in await drain(mediator) if name == "media_full"] == [{"seat": CO}]
    assert "media_full" not in [name for name, _ in await drain(consumer)]
    assert (await at.rooms.state(X)).seats[CO].status is SeatStatus.PRESENT
    engine.full = False
    assert await at.rooms.media_join(X, CO) == m.Negotiated()
    engine.full = True
    with pytest.raises(m.WorkerFull):
        await at.rooms.media_join(X, CO)
    await at.rooms.state(X)
    assert "media_full" in [name for name, _ in await drain(mediator)], "another time is worth telling"
    await at.rooms.stop()


async def test_nobody_is_told_of_a_private_talk_before_the_engine_has_its_routes(
    at: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at.open(M)
    consumer, business = await at.bring(CO), await at.bring(BU)
    await drain(consumer)
    await drain(business)
    unsent: list[int] = []

    async def route(room: str, matrix: m.RouteMatrix) -> None:
        unsent.extend((consumer.unsent, business.unsent))
        assert matrix.hears == {M: {CO}, CO: {M}}

    monkeypatch.setattr(at.engine, "route", route)
    await at.ask(c.StartCaucus(Side.CONSUMER))
    assert unsent == [0, 0]
    assert consumer.unsent == business.unsent == 1


async def test_a_private_talk_that_the_engine_does_not_follow_ends_at_once(
    at: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at.open(M)
    await at.bring(CO)
    await at.bring(BU)

    async def route(room: str, matrix: m.RouteMatrix) -> None:
        raise m.MediaError

    monkeypatch.setattr(at.engine, "route", route)
    await at.ask(c.StartCaucus(Side.CONSUMER))
    assert (await at.rooms.state(X)).caucus is None
    assert [event.data["cause"] for event in await at.journal.read(f"session/{X}") if event.type == "CaucusEnded"] == [
        "media"
    ]
