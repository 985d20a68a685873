"""A language model of the office's network that proposes sentences, spoken to over HTTP by a small real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from journal.refusals import Refused
from recordings.transcripts.condensing import faithful
from server.signing.statements import LocalModel
from tests.server.signing.sittings import Room, room as room
from tests.server.signing.spoken import Hearing, desk_of, heard
from tests.server.signing.test_statements import rows, sheet

Lines = list[dict[str, str]]


@dataclass
class Model:
    """Answers as it is told to; keeps what it was asked."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answer: Callable[[Lines], Any] = lambda lines: {"lines": [{"id": one["id"]} for one in lines]}
    status: int = 200
    silent: asyncio.Event | None = None

    @property
    def lines(self) -> Lines:
        return list(json.loads(self.asked[-1]["messages"][-1]["content"]))

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization", ""))
        if self.silent is not None:
            await self.silent.wait()
        said = self.answer(self.lines)
        content = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        return web.json_response({"choices": [{"message": {"content": content}}]}, status=self.status)


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    made = Model()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", made.handle)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/v1"))
        yield made
        if made.silent is not None:
            made.silent.set()


@pytest.fixture
async def hearing(room: Room) -> Hearing:
    made = await heard(room)
    await made.end()
    return made


def shortened(lines: Lines) -> dict[str, Any]:
    """Of the consumer's, the first without its beginning; a word that nobody said; a line that there is not."""
    by = {one["text"]: one["id"] for one in lines}
    return {
        "lines": [
            {"id": by["嗯，我去年三月在他们平台充了三千六百块的积分"], "text": "我去年三月充了三千六百块的积分"},
            {"id": by["充值这个事情我们认可"], "text": "充值的事情我们全部认错"},
            {"id": by["但是充值协议里写明了积分售出不退"], "text": "积分售出退"},
            {"id": "l999", "text": "我要求赔偿一万元"},
        ]
    }


async def test_what_it_shortens_is_taken_where_every_word_was_said_and_marked_as_its_own(
    room: Room, hearing: Hearing, model: Model
) -> None:
    model.answer = shortened
    desk, _, statements = desk_of(hearing, LocalModel(model.url, "qwen-local", "key-1"))
    await statements.propose(room.world.zhou, room.session)
    found = await rows(statements, room)
    quoted = found["嗯，我去年三月在他们平台充了三千六百块的积分"]
    assert (quoted.taken, quoted.own, quoted.model) == (True, False, "qwen-local")
    assert quoted.text == "……我去年三月……充了三千六百块的积分"
    assert all(faithful(row.text, row.line.heard) for row in found.values())
    assert not found["充值这个事情我们认可"].taken  # its words were not those that were said
    assert not found["但是充值协议里写明了积分售出不退"].taken  # nor this, which leaves a "not" out
    await statements.seal(room.world.zhou, room.session)
    said = await sheet(room, desk)
    assert "取舍由语言模型（qwen-local）提出，经调解员核对" in said
    assert "认错" not in said
    assert model.keys == ["Bearer key-1"]


async def test_neither_an_offer_nor_a_private_talk_leaves_for_the_model(
    room: Room, hearing: Hearing, model: Model
) -> None:
    _, _, statements = desk_of(hearing, LocalModel(model.url, "qwen-local"))
    await statements.propose(room.world.zhou, room.session)
    sent = json.dumps(model.lines, ensure_ascii=False)
    assert "积分售出不退" in sent
    for kept_back in ("八百", "一千三"):
        assert kept_back not in sent


async def test_what_it_proposed_is_taken_back_in_one_step(room: Room, hearing: Hearing, model: Model) -> None:
    model.answer = shortened
    _, _, statements = desk_of(hearing, LocalModel(model.url, "qwen-local"))
    before = await rows(statements, room)
    await statements.propose(room.world.zhou, room.session)
    await statements.undo(room.world.zhou, room.session)
    assert await rows(statements, room) == before


@pytest.mark.parametrize(
    "answer",
    [
        "很抱歉，我不能",
        '{"lines": "all"}',
        {"lines": [{"id": "l999", "text": "x"}]},
        {"lines": []},
        '{"lines": [' + '{"id": "a"},' * 60_000 + "]}",
    ],
    ids=["prose", "another shape", "unknown lines", "nothing", "too long"],
)
async def test_an_answer_that_cannot_be_checked_changes_nothing(
    room: Room, hearing: Hearing, model: Model, answer: Any
) -> None:
    model.answer = lambda lines: answer
    _, _, statements = desk_of(hearing, LocalModel(model.url, "qwen-local"))
    before = await rows(statements, room)
    with pytest.raises(Refused, match="condenser_failed"):
        await statements.propose(room.world.zhou, room.session)
    assert await rows(statements, room) == before


async def test_one_that_fails_or_stays_silent_is_given_up_in_time(room: Room, hearing: Hearing, model: Model) -> None:
    _, _, statements = desk_of(hearing, LocalModel(model.url, "qwen-local", seconds=0.3))
    model.status = 500
    with pytest.raises(Refused, match="condenser_failed"):
        await statements.propose(room.world.zhou, room.session)
    model.status, model.silent = 200, asyncio.Event()
    with pytest.raises(Refused, match="condenser_failed"):
        await statements.propose(room.world.zhou, room.session)


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700::1111]", "0.0.0.0"])
async def test_what_was_said_leaves_for_no_address_outside_the_offices_network(
    room: Room, hearing: Hearing, host: str
) -> None:
    _, _, statements = desk_of(hearing, LocalModel(f"http://{host}/v1", "qwen-local", seconds=0.5))
    with pytest.raises(Refused, match="condenser_failed") as refused:
        await statements.propose(room.world.zhou, room.session)
    assert "not on the office's network" in str(refused.value.__cause__)


async def test_without_one_nobody_is_asked(room: Room, hearing: Hearing) -> None:
    _, _, statements = desk_of(hearing)
    assert (await statements.draft(room.world.zhou, room.session)).model == ""
    with pytest.raises(Refused, match="no_condenser"):
        await statements.propose(room.world.zhou, room.session)
