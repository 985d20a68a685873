"""Who speaks is shown at once and written a moment later, together: no figure changes by it, and none is lost."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from journal import Draft, Event, MemoryJournal
from journal.refusals import DomainError
from media import engine as m
from rooms import commands as c, events as e, live
from rooms.events import event_draft, history, stream
from rooms.timing import measure
from rooms.vocabulary import Phase, Side
from tests.rooms.house import House, X, drain, settle, views
from tests.rooms.scene import BU, BUSINESS, CO, CONSUMER, START, M, settled

SPEAKING = ("SpeakingStarted", "SpeakingStopped")


class Counting(MemoryJournal):
    """Counts what is appended, and can be gone, or lose its answer on the way."""

    appends = 0
    gone = mute = False

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        if self.gone:
            raise OSError(5, "Input/output error")
        appended = await super().append(stream, expected, drafts)
        self.appends += 1
        if self.mute:
            raise OSError(104, "Connection reset by peer")
        return appended


async def talking(journal: MemoryJournal | None = None) -> House:
    at = House(journal=journal or Counting())
    await at.rooms.start()
    await at.open(M)
    await at.bring(CO)
    await at.bring(BU)
    return at


async def spoken(at: House) -> list[tuple[str, str, float]]:
    """What is written of it: what, who, seconds after the start."""
    entries = history(await at.journal.read(stream(X)))
    return [
        (type(one.event).__name__, one.event.seat, (one.at - START).total_seconds())
        for one in entries
        if isinstance(one.event, e.SpeakingStarted | e.SpeakingStopped)
    ]


async def test_it_is_shown_at_once_and_written_after_a_moment_with_the_time_it_happened() -> None:
    at = await talking()
    listener = await at.rooms.attach(X, CO)
    await drain(listener)
    before = len(await at.types())
    await at.reported(m.Speaking(X, BU, True))
    shown = (await views(listener))[-1]
    assert [seat["speaking"] for seat in shown["view"]["seats"] if seat["id"] == BU] == [True]
    assert [event["type"] for event in shown["events"]] == ["SpeakingStarted"]
    assert shown["version"] == (await at.rooms.state(X)).version == len(await at.types())
    await at.wait(seconds=1)
    await at.reported(m.Speaking(X, BU, False))
    assert await spoken(at) == []
    await at.wait(seconds=1)
    assert await spoken(at) == [("SpeakingStarted", BU, 0.0), ("SpeakingStopped", BU, 1.0)]
    assert (await at.rooms.state(X)).version == before + 2
    await at.rooms.stop()


async def test_what_a_person_does_does_not_wait_for_it_and_stands_behind_it_in_one_append() -> None:
    journal = Counting()
    at = await talking(journal)
    await at.reported(m.Speaking(X, BU, True), m.Speaking(X, CO, True))
    before = journal.appends
    (said,) = await at.ask(c.Say("同意"), CONSUMER)
    assert journal.appends == before + 1
    assert (await at.types())[-3:] == ["SpeakingStarted", "SpeakingStarted", "Said"]
    assert said.version == len(await at.types())
    await at.wait(seconds=5)
    assert len(await spoken(at)) == 2
    await at.rooms.stop()


def moves(chance: random.Random) -> list[tuple[Any, Any, timedelta]]:
    """What media and people do in a lively hour, and how long after it the next comes."""
    people: list[list[Any]] = [
        [c.StartRecess(), c.EndRecess()], [c.StartCaucus(Side.CONSUMER), c.EndCaucus()], [c.Mute(BU)],
        [c.EnterPhase(Phase.DISCUSSION)],
    ]  # fmt: skip
    made: list[tuple[Any, Any, timedelta]] = []

    def after() -> timedelta:
        return timedelta(microseconds=int(chance.expovariate(1 / 900_000)))

    for _ in range(300):
        if chance.random() < 0.1:
            made += [(command, None, after()) for command in chance.choice(people)]
            made.append((c.Say("好"), CONSUMER, after()))
        else:
            made.append((m.Speaking(X, chance.choice((M, CO, BU)), chance.random() < 0.5), None, after()))
    over = [(c.Leave(), BUSINESS), (c.ProposeOutcome(settled()), None), (c.Close("当面"), None)]
    return [*made, *((command, who, after()) for command, who in over)]


async def lived(at: House, seed: int) -> None:
    for what, who, later in moves(random.Random(seed)):
        if isinstance(what, m.Speaking):
            await at.reported(what)
        else:
            with contextlib.suppress(DomainError):
                await (at.ask(what, who) if who else at.ask(what))
        await at.wait(seconds=later.total_seconds())


@pytest.mark.parametrize("seed", range(4))
async def test_every_event_and_every_figure_is_what_it_is_when_each_is_written_at_once(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected, single = Counting(), Counting()
    at = await talking(collected)
    await lived(at, seed)
    await at.rooms.stop()
    monkeypatch.setattr(live, "COLLECTED", timedelta())
    at = await talking(single)
    await lived(at, seed)
    await at.rooms.stop()
    both = [await journal.read(stream(X)) for journal in (collected, single)]
    told = [[(one.type, one.data, one.at, one.actor) for one in entries] for entries in both]
    assert told[0] == told[1]
    assert sum(one[0] in SPEAKING for one in told[0]) > 100
    timings = [measure(history(entries), entries[-1].at) for entries in both]
    assert timings[0] == timings[1]
    assert min(timings[0].seats[seat].spoke_ms for seat in (M, CO)) > 10_000
    assert collected.appends < 0.85 * single.appends


async def test_a_program_that_stops_writes_it_first() -> None:
    at = await talking()
    await at.reported(m.Speaking(X, CO, True))
    await at.rooms.stop()
    assert await spoken(at) == [("SpeakingStarted", CO, 0.0)]


async def test_somebody_else_s_entry_in_between_neither_loses_nor_doubles_it() -> None:
    at = await talking()
    await at.reported(m.Speaking(X, CO, True))
    version = len(await at.types())
    await at.journal.append(stream(X), version, [event_draft(e.DoorLocked(), START)])
    await at.wait(seconds=2)
    await at.reported(m.Speaking(X, CO, False))
    await at.wait(seconds=2)
    assert (await at.types())[version:] == ["DoorLocked", "SpeakingStarted", "SpeakingStopped"]
    assert await spoken(at) == [("SpeakingStarted", CO, 0.0), ("SpeakingStopped", CO, 2.0)]
    await at.rooms.stop()


async def test_a_database_that_is_gone_for_a_while_gets_it_when_it_is_back() -> None:
    journal = Counting()
    at = await talking(journal)
    await at.reported(m.Speaking(X, CO, True))
    journal.gone = True
    for _ in range(5):
        await at.wait(seconds=1)
    journal.gone = False
    await at.wait(seconds=2)
    await at.reported(m.Speaking(X, CO, False))
    await at.ask(c.SetDoor(True))
    assert await spoken(at) == [("SpeakingStarted", CO, 0.0), ("SpeakingStopped", CO, 7.0)]
    await at.rooms.stop()


async def test_an_answer_that_is_lost_on_the_way_does_not_have_it_written_twice() -> None:
    journal = Counting()
    at = await talking(journal)
    await at.reported(m.Speaking(X, CO, True), m.Speaking(X, CO, False))
    journal.mute = True
    await at.wait(seconds=2)
    journal.mute = False
    await at.wait(seconds=2)
    await at.ask(c.SetDoor(True))
    assert await spoken(at) == [("SpeakingStarted", CO, 0.0), ("SpeakingStopped", CO, 0.0)]
    await at.rooms.stop()


async def test_a_session_that_is_over_before_it_could_be_written_stays_closed() -> None:
    at = await talking()
    await at.ask(c.ProposeOutcome(settled()))
    await at.reported(m.Speaking(X, CO, True))
    closed = await at.ask(c.Close("当面"))
    await settle()
    names = await at.types()
    first = closed[0].version - 1
    assert names[first - 1 :][:2] == ["SpeakingStarted", "SessionClosed"]
    assert "SpeakingStopped" in names[first:]
    await at.rooms.stop()
