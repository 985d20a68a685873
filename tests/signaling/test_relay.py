"""Credentials for the TURN server on the wire: for whom, when, and nowhere else."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest

from media.engine import Turn, TurnUrl, password
from tests.rooms.house import X
from tests.rooms.scene import BU, CO, M
from tests.signaling.conftest import Line

SECRET = "s" * 32
TURN = Turn((TurnUrl.parse("turn:127.0.0.2:3478"),), SECRET, timedelta(hours=1))


async def test_whoever_joins_media_is_given_a_way_through_the_relay(line: Line) -> None:
    line.turn = TURN
    await line.enter(M)
    consumer, business = await line.enter(CO), await line.enter(BU)
    joined = (await consumer.ask("media_join"))["ok"]
    assert joined["kind"] == "negotiated"
    way = joined["relay"]
    assert way["urls"] == ["turn:127.0.0.2:3478"]
    assert way["ttl"] == 3600
    assert way["username"].startswith(f"{int((line.now + timedelta(hours=1)).timestamp())}:")
    assert way["credential"] == password(SECRET, way["username"])
    assert (await business.ask("media_join"))["ok"]["relay"]["username"] != way["username"]


async def test_a_restart_renews_it_for_the_same_user(line: Line) -> None:
    line.turn = TURN
    await line.enter(M)
    consumer = await line.enter(CO)
    first = (await consumer.ask("media_join"))["ok"]["relay"]
    line.now += timedelta(minutes=50)
    second = (await consumer.ask("media_restart"))["ok"]["relay"]
    (until, who), (until_later, still) = (way["username"].split(":") for way in (first, second))
    assert int(until_later) - int(until) == 50 * 60
    assert still == who


async def test_who_was_not_let_in_gets_none(line: Line) -> None:
    line.turn = TURN
    await line.enter(M)
    await line.house.prepare(CO)
    waiting = await line.connect(CO)
    assert await waiting.ask("arrive") == {"ok": {}}
    for name in ("media_join", "media_restart"):
        answer = await waiting.ask(name)
        assert answer["error"]["code"] == "not_in_room"
        assert "relay" not in json.dumps(answer)


async def test_without_a_turn_server_nothing_is_said_of_one(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    assert await consumer.ask("media_join") == {"ok": {"kind": "negotiated"}}
    assert await consumer.ask("media_restart") == {"ok": {}}


async def test_neither_journal_nor_log_learns_it(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.turn = TURN
    await line.enter(M)
    consumer = await line.enter(CO)
    way = (await consumer.ask("media_join"))["ok"]["relay"]
    await consumer.ask("media_restart")
    told = repr(await line.house.journal.read(X)) + caplog.text
    for kept in (SECRET, way["credential"], way["username"]):
        assert kept not in told
