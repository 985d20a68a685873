"""A private talk over real sockets: what is written in it arrives with its members and with nobody else."""

from __future__ import annotations

import json

from rooms import commands as c
from tests.rooms.scene import BU, CO, M
from tests.signaling.conftest import Client, Line

SECRETS = ("我最低两千", "别告诉对方", "请再等两分钟")


def everything(client: Client) -> str:
    return json.dumps(client.messages, ensure_ascii=False)


async def test_what_is_written_in_a_private_talk_reaches_its_members_only(line: Line) -> None:
    mediator, consumer, business = await line.enter(M), await line.enter(CO), await line.enter(BU)
    assert await mediator.ask("start_caucus", {"side": "consumer"}) == {"ok": {}}
    began = await business.sees("CaucusStarted")
    assert began["view"]["caucus"]["inside"] is False
    assert (await consumer.sees("CaucusStarted"))["view"]["caucus"]["members"] == [M, CO]

    assert await consumer.ask("say", {"text": SECRETS[0], "to": "", "caucus": 1}) == {"ok": {}}
    assert await consumer.ask("say", {"text": SECRETS[1], "to": M, "caucus": 1}) == {"ok": {}}
    assert (await mediator.heard("line", n=2))["text"] == SECRETS[1]
    assert await mediator.ask("say", {"text": SECRETS[2], "to": BU}) == {"ok": {}}
    assert (await business.heard("line"))["n"] == 1, "nor is it told how much was written past it"
    assert await business.ask("say", {"text": "大家好"}) == {"error": {"code": "in_caucus", "params": {}}}
    assert await business.ask("say", {"text": "好的", "to": M}) == {"ok": {}}

    assert await mediator.ask("end_caucus") == {"ok": {}}
    await business.sees("CaucusEnded")
    # Whoever comes back asks for the lines they have not, and they are no others; so are the pages.
    again = await line.connect(BU)
    assert (await again.heard("view"))["view"]["lines"] == 2
    pages = [await again.ask("read_lines", body) for body in ({"after": 0}, {"before": 3}, {"after": 1}, None)]
    assert [[said["text"] for said in page["ok"]["lines"]] for page in pages] == [
        [SECRETS[2], "好的"], [SECRETS[2], "好的"], ["好的"], [SECRETS[2], "好的"],
    ]  # fmt: skip
    assert [said["text"] for said in (await consumer.ask("read_lines", {"after": 0}))["ok"]["lines"]] == [*SECRETS[:2]]
    again.messages.append(("pages", {"pages": pages}))
    for client in (business, again):
        assert SECRETS[0] not in everything(client)
        assert SECRETS[1] not in everything(client)
        assert SECRETS[2] in everything(client)
    assert "好的" not in everything(consumer)
    assert SECRETS[2] not in everything(consumer)
    assert all(secret in everything(mediator) for secret in SECRETS)


async def test_a_message_sent_into_a_talk_that_has_just_ended_reaches_nobody(line: Line) -> None:
    mediator, consumer, business = await line.enter(M), await line.enter(CO), await line.enter(BU)
    await mediator.ask("start_caucus", {"side": "consumer"})
    await consumer.sees("CaucusStarted")
    await line.house.ask(c.EndCaucus())
    assert (await consumer.ask("say", {"text": SECRETS[0], "caucus": 1}))["error"]["code"] == "moved"
    await business.sees("CaucusEnded")
    assert SECRETS[0] not in everything(mediator) + everything(business)


async def test_nobody_but_the_mediator_parts_the_room(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    await line.enter(BU)
    for name, body in (("start_caucus", {"side": "consumer"}), ("end_caucus", None)):
        assert (await consumer.ask(name, body))["error"]["code"] == "not_allowed"
