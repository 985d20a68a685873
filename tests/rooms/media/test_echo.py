"""Two who sit in one room: who is asked, what the mediator reads, and that private talk stays private."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from media import engine as m
from media.engine import Measurement
from rooms import commands as c
from rooms.live import Subscription
from rooms.vocabulary import Role, Seat, Side
from tests.rooms.house import House, X, drain, house, settle
from tests.rooms.scene import BU, BUSINESS, CO, IN, M

WITH, LAW = "s-with", "s-law"
FINE = Measurement(rtt=0.04)


@pytest.fixture
async def at() -> AsyncIterator[House]:
    """With a companion and a lawyer invited."""
    async with house() as built:
        await built.open(M)
        await built.ask(c.AddSeat(Seat(WITH, Role.COMPANION, "陈先生", Side.CONSUMER)))
        await built.ask(c.AddSeat(Seat(LAW, Role.LAWYER, "吴律师", Side.BUSINESS)))
        yield built


def echo(softer: str, of: str, on: bool = True) -> m.Echo:
    return m.Echo(X, softer, of, on)


async def asked(listener: Subscription) -> list[bool]:
    return [body["on"] for name, body in await drain(listener) if name == "echo"]


async def finding(at: House, mediator: Subscription, seat: str, measured: Measurement = FINE) -> str:
    """What the mediator reads of a seat that reports every four seconds."""
    for _ in range(6):
        await at.rooms.report_quality(X, seat, measured)
        await at.wait(seconds=4)
    read = [body for name, body in await drain(mediator) if name == "measured" and body["seat"] == seat]
    return str(read[-1]["finding"])


async def test_the_companion_is_asked_whoever_is_softer_and_nobody_else_hears_of_it(at: House) -> None:
    mediator = await at.rooms.attach(X, M)
    consumer, companion, business = await at.bring(CO), await at.bring(WITH), await at.bring(BU)
    for softer, louder in ((CO, WITH), (WITH, CO)):
        await at.reported(echo(softer, louder))
        assert [await asked(one) for one in (companion, consumer, business, mediator)] == [[True], [], [], []]
        assert await finding(at, mediator, WITH) == "echo"
        assert await finding(at, mediator, CO) == ""
        await at.reported(echo(softer, louder, False))
        assert [await asked(one) for one in (companion, consumer, business)] == [[False], [], []]
        assert await finding(at, mediator, WITH) == ""


async def test_of_two_alike_the_softer_one_is_asked_each_time_and_never_the_mediator_or_the_interpreter(
    at: House,
) -> None:
    consumer, business, interpreter = await at.bring(CO), await at.bring(BU), await at.bring(IN)
    await at.reported(echo(BU, CO))
    assert [await asked(consumer), await asked(business)] == [[], [True]]
    await at.reported(echo(BU, CO, False), echo(CO, BU))
    assert [await asked(consumer), await asked(business)] == [[], [False, True]], "as the first time"
    await at.reported(echo(CO, BU, False), echo(M, CO))
    assert await asked(consumer) == [True]
    await at.reported(echo(CO, M, False), echo(IN, CO))
    assert [await asked(consumer), await asked(interpreter)] == [[False, True], []]


async def test_whoever_says_that_they_sit_apart_is_no_finding_any_more(at: House) -> None:
    mediator = await at.rooms.attach(X, M)
    await at.bring(CO)
    await at.bring(WITH)
    await at.reported(echo(WITH, CO))
    assert await finding(at, mediator, WITH) == "echo"
    assert await finding(at, mediator, WITH, Measurement(rtt=0.04, apart=True)) == ""


async def test_during_a_private_talk_nobody_is_asked_and_afterwards_they_are(at: House) -> None:
    mediator = await at.rooms.attach(X, M)
    consumer, companion, business = await at.bring(CO), await at.bring(WITH), await at.bring(BU)
    await at.ask(c.StartCaucus(Side.CONSUMER))
    await at.reported(echo(WITH, CO), echo(BU, CO))
    assert [await asked(one) for one in (companion, consumer, business)] == [[], [], []]
    assert [await finding(at, mediator, seat) for seat in (WITH, CO, BU)] == ["", "", ""]
    await at.reported(echo(BU, CO, False))
    await at.ask(c.EndCaucus())
    assert [await asked(one) for one in (companion, consumer, business)] == [[True], [], []]
    await at.ask(c.StartCaucus(Side.BUSINESS))
    assert [await asked(one) for one in (companion, consumer, business)] == [[False], [], []]


async def test_nor_is_whoever_consults(at: House) -> None:
    business, lawyer = await at.bring(BU), await at.bring(LAW)
    await at.ask(c.StartConsulting(LAW), BUSINESS)
    await at.reported(echo(LAW, BU))
    assert [await asked(business), await asked(lawyer)] == [[], []]
    await at.ask(c.EndConsulting(), BUSINESS)
    assert [await asked(business), await asked(lawyer)] == [[], [True]]


async def test_it_ends_with_the_media_of_either_and_with_the_worker(at: House) -> None:
    companion = await at.bring(WITH)
    await at.bring(CO)
    await at.reported(echo(WITH, CO))
    await at.rooms.end_media(X, CO)
    await settle()
    assert await asked(companion) == [True, False]
    await at.reported(echo(WITH, CO), m.RoomLost(X))
    assert await asked(companion) == [True, False]
