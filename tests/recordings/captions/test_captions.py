"""Who is followed, what becomes text and what is dropped, with an engine that says how much it heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

import pytest

from recordings.captions import datagrams
from recordings.captions.worker import MOST_WAITING, Captions, Energy
from recordings.speech import RATE, ModelMissing, Sentence, SpeechGone
from tests.recordings.captions.sound import packets, silence, voice


class Engine:
    """Stands where the speech process does: what is asked of it, in order; it answers when it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.may.set()
        self.asked: list[tuple[float, tuple[str, ...]]] = []
        self.faults: list[Exception] = []

    async def model(self) -> None:
        if self.faults:
            raise self.faults.pop(0)

    def was_asked(self, times: int) -> bool:
        return len(self.asked) >= times

    async def transcribe(self, sound: bytes, hot: Sequence[str] = ()) -> list[Sentence]:
        self.asked.append((len(sound) / 2 / RATE, tuple(hot)))
        await self.may.wait()
        if self.faults:
            raise self.faults.pop(0)
        return [Sentence(0, 1, "退我"), Sentence(1, 2, "3500元")]


class Table:
    def __init__(self) -> None:
        self.engine, self.lines, self.since = Engine(), list[dict[str, Any]](), dict[str, float]()
        self.captions = Captions(self.engine, self.lines.append, Energy)  # type: ignore[arg-type]

    def follow(self, *who: str, hot: Sequence[str] = ()) -> None:
        """From now on; who was followed already is so since then."""
        self.since = {one: self.since.get(one, time.time()) for one in who}
        self.captions.follow("r", self.since, hot)

    def says(self, *who: str, seconds: float = 1.5, room: str = "r") -> None:
        """Now, as far as the clock goes: the sound of `seconds` in one go."""
        for one in who:
            for datagram in datagrams(room, one, packets(voice(seconds), silence(1), start=time.time())):
                self.captions.take(datagram)

    @property
    def heard(self) -> list[tuple[str, str]]:
        return [(line["heard"]["participant"], line["heard"]["text"]) for line in self.lines if "heard" in line]


@pytest.fixture
async def table() -> AsyncIterator[Table]:
    made = Table()
    running = asyncio.create_task(made.captions.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what is waited for runs in this loop
            await asyncio.sleep(0)


async def test_what_somebody_who_is_followed_says_becomes_one_line(table: Table) -> None:
    table.follow("b", hot=["知遇桥"])
    table.says("b")
    await until(lambda: bool(table.heard))
    assert table.heard == [("b", "退我，3500元")]
    assert table.lines[-1]["heard"]["since"] == table.since["b"]  # by which the other side knows the stretch
    assert table.engine.asked[0][1] == ("知遇桥",)
    assert table.lines[0] == {"fault": ""}  # the model was loaded before anybody spoke


async def test_of_whoever_is_not_followed_not_a_packet_is_decoded(table: Table) -> None:
    table.follow("b")
    table.says("c")
    table.says("b", room="another")
    table.follow()  # a private talk
    table.says("b")
    assert table.captions.packets == 0
    assert table.captions.unheard > 300
    assert table.engine.asked == []


async def test_a_sentence_is_dropped_when_consent_is_taken_back_while_it_is_heard_or_waits(table: Table) -> None:
    table.engine.may.clear()
    table.follow("b", "c")
    table.says("b")
    await until(lambda: len(table.engine.asked) == 1)
    table.says("b", "c")
    table.follow("c")
    table.follow("b", "c")  # and given again at once: another stretch
    table.engine.may.set()
    await until(lambda: bool(table.heard))
    assert [who for who, _ in table.heard] == ["c"]


async def test_what_was_said_before_is_not_heard_though_it_arrives_later(table: Table) -> None:
    said = list(datagrams("r", "b", packets(voice(1.5), silence(1), start=time.time() - 5)))
    table.follow("b")
    for datagram in said:
        table.captions.take(datagram)
    table.says("b", seconds=2)
    await until(lambda: bool(table.heard))
    assert len(table.engine.asked) == 1
    assert table.engine.asked[0][0] > 2


async def test_of_more_than_can_be_heard_in_time_the_oldest_goes(table: Table) -> None:
    table.engine.may.clear()
    table.follow("b")
    table.says("b")
    await until(lambda: len(table.engine.asked) == 1)
    for seconds in range(1, 8):
        table.says("b", seconds=seconds)
    assert table.captions.dropped > 0
    assert table.lines.count({"missed": "r"}) == table.captions.dropped
    table.engine.may.set()
    await until(lambda: len(table.heard) >= 2)
    assert sum(seconds for seconds, _ in table.engine.asked[1:]) <= MOST_WAITING
    assert table.engine.asked[-1][0] > 5  # the newest was kept


async def test_why_nothing_can_be_heard_is_not_hidden_by_what_waited_meanwhile(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recordings.captions.worker.PAUSE_AFTER_FAULT", 0.0)
    monkeypatch.setattr("recordings.captions.worker.TOO_LATE", -60.0)
    table.follow("b")
    await until(lambda: bool(table.lines))
    table.says("b")
    await until(lambda: table.captions.dropped == 1)
    assert table.lines == [{"fault": ""}, {"missed": "r"}]
    table.captions._tell("model_missing")
    table.says("b")
    await until(lambda: table.captions.dropped == 2)
    assert table.lines[2:] == [{"fault": "model_missing"}]


FAULTS = [(SpeechGone("killed"), "speech_gone"), (ModelMissing("none"), "model_missing")]


@pytest.mark.parametrize(("fault", "code"), FAULTS)
async def test_a_fault_is_said_once_and_is_over_with_the_next_sentence(
    table: Table, fault: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recordings.captions.worker.PAUSE_AFTER_FAULT", 0.0)
    table.follow("b")
    await until(lambda: bool(table.lines))
    table.engine.faults += [fault, fault]
    for count in range(1, 4):
        table.says("b")
        await until(partial(table.engine.was_asked, count))
    await until(lambda: bool(table.heard))
    assert [line["fault"] for line in table.lines if "fault" in line] == ["", code, ""]
