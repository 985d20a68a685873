"""What is asked of a room travels between nodes and comes out as it went in; what is not ours is not made."""

from __future__ import annotations

import functools
import json
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from journal import SYSTEM, Actor, Event
from journal.refusals import Refused, UnknownSession
from rooms import OutcomeNotSeen, UnknownSeat, commands as c, events as e
from rooms.vocabulary import Side
from server.serving.nodes.forwarding import (
    PATH,
    SIGNATURE,
    ForwardedRequests,
    pack,
    pack_fault,
    signed,
    unpack,
    unpack_fault,
)
from tests.rooms.scene import settled

AT = datetime(2026, 4, 14, 2, 3, 4, 567890, tzinfo=UTC)


def there(value: Any) -> Any:
    return unpack(json.loads(json.dumps(pack(value))))


@pytest.mark.parametrize(
    "command",
    [
        c.Resume(),
        c.StartCaucus(Side.BUSINESS, ("seat1",)),
        c.ProposeOutcome(settled()),
        c.NoteRecording(e.RecordingStopped("seat1", "server")),
        c.Reschedule(AT, AT),
        c.LiftHold("复议结束"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_command_is_the_same_at_the_other_node(command: c.Command) -> None:
    assert there(command) == command


def test_every_command_is_of_a_class_that_travels() -> None:
    for kind in get_args(c.Command):
        assert kind.__module__.startswith("rooms.")
        assert isinstance(fields(kind), tuple)


def test_who_asks_is_the_same_at_the_other_node() -> None:
    for actor in (SYSTEM, Actor("party", "seat1", "王芳", "consumer"), Actor("officer", "u", "周敏", "mediator", "o")):
        assert there(actor) == actor


def test_values_keep_their_kind() -> None:
    value = {"a": (1, None, True), "b": frozenset({Side.CONSUMER}), "c": Decimal("2000.00"), "d": [AT, "text"]}
    assert there(value) == value


def test_a_refusal_comes_back_as_what_it_was() -> None:
    for fault in (UnknownSeat(seat="x"), OutcomeNotSeen(seats=("a", "b")), Refused("too_late", 409, code="x")):
        back = unpack_fault(json.loads(json.dumps(pack_fault(fault))))
        assert type(back) is type(fault)
        assert (back.code, back.params, getattr(back, "status", None)) == (
            fault.code,
            fault.params,
            getattr(fault, "status", None),
        )


@pytest.mark.parametrize(
    "body",
    [
        {"of": "subprocess:Popen", "fields": {"args": ["true"]}},
        {"of": "rooms.events:stream", "fields": {}},
        {"of": "rooms.nothing:Here", "fields": {}},
        {"enum": "rooms.commands:Resume", "value": ""},
        {"anything": "else"},
    ],
)
def test_what_is_no_object_of_ours_is_not_made(body: Any) -> None:
    with pytest.raises(ValueError, match=r"travel|without a name"):
        unpack(body)


SECRET = "0" * 64
ASKED = json.dumps(
    {"id": "one", "session": "x", "command": pack(c.SetDoor(True)), "actor": pack(SYSTEM)}, ensure_ascii=False
).encode()


class Asked:
    """A node that answers others. `secret`: "" while it has no lease."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.commands: list[c.Command] = []

    async def submit(self, session: str, command: c.Command, actor: Actor) -> list[Event]:
        self.commands.append(command)
        raise UnknownSession(session=session)

    async def answer(self, body: bytes, signature: str) -> int:
        app = web.Application()
        app.router.add_post(PATH, self.requests.answer)
        async with TestClient(TestServer(app)) as http:
            return (await http.post(PATH, data=body, headers={SIGNATURE: signature})).status

    @functools.cached_property
    def requests(self) -> ForwardedRequests:
        return ForwardedRequests(lambda: self.secret, self.submit)


async def test_only_who_knows_the_secret_of_now_is_answered_and_once() -> None:
    node = Asked()
    assert await node.answer(ASKED, "") == 404
    assert await node.answer(ASKED, signed("1" * 64, ASKED)) == 404
    assert await node.answer(ASKED + b" ", signed(SECRET, ASKED)) == 404
    assert node.commands == []
    assert await node.answer(ASKED, signed(SECRET, ASKED)) == 200
    assert await node.answer(ASKED, signed(SECRET, ASKED)) == 409
    assert node.commands == [c.SetDoor(True)]
    node.secret = ""
    assert await node.answer(ASKED, signed("", ASKED)) == 404
