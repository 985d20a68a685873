"""The chat over real sockets: lines as they are written, pages when asked for, an allowance, and an end."""

from __future__ import annotations

import json
from datetime import timedelta

import aiohttp

from rooms import WroteTooMuch, commands as c
from rooms.floor.state import MOST_LINES, MOST_SIGNS_IN_ALL
from rooms.view.seat_view import MOST_BYTES
from signaling.namespace import NAMESPACE
from tests.rooms.house import settle
from tests.rooms.scene import BU, CO, CONSUMER, SUPERVISOR, M, party
from tests.signaling.conftest import Client, Line

OVERSEER = "s-overseer"


def size(client: Client) -> int:
    """Bytes of the largest message this client was sent."""
    return max(len(json.dumps(message, ensure_ascii=False).encode()) for message in client.messages)


async def test_two_hundred_and_five_long_lines_leave_the_room_as_it_was(line: Line) -> None:
    mediator, consumer, business = await line.enter(M), await line.enter(CO), await line.enter(BU)
    for number in range(205):
        line.house.clock.move(timedelta(minutes=1))
        seat = (M, CO, BU, CO, BU)[number % 5]
        actor = {CO: CONSUMER, BU: party(BU)}.get(seat)
        say = c.Say(f"{number}{'长' * 1_100}")
        await (line.house.ask(say, actor) if actor else line.house.ask(say))
        await business.heard("line", n=number + 1)
    assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}
    for client in (mediator, consumer, business):
        await client.sees("DoorLocked")
        assert size(client) <= MOST_BYTES
    again = await line.connect(BU)
    first = await again.heard("view")
    assert first["view"]["lines"] == 205
    assert size(again) <= MOST_BYTES


async def test_who_comes_back_asks_for_what_they_missed_and_has_every_line_once(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    await line.house.ask(c.Say("第一句"))
    assert (await consumer.heard("line"))["n"] == 1
    await consumer.socket.disconnect()
    await line.house.ask(c.Say("第二句"))
    again = await line.connect(CO)
    last = (await again.heard("view"))["view"]["lines"]
    await line.house.ask(c.Say("第三句"))
    assert (await again.heard("line"))["n"] == last + 1
    missed = (await again.ask("read_lines", {"after": 1}))["ok"]["lines"]
    assert [(said["n"], said["text"]) for said in missed] == [(2, "第二句"), (3, "第三句")]


async def test_at_the_door_and_for_who_oversees_there_are_no_lines(line: Line) -> None:
    mediator, consumer = await line.enter(M), await line.enter(CO)
    await consumer.ask("say", {"text": "只在屋里说"})
    await line.house.prepare(BU)
    waiting = await line.connect(BU)
    await waiting.ask("arrive")
    assert (await waiting.ask("read_lines", {"after": 0}))["error"]["code"] == "not_in_room"
    assert "lines" not in (await waiting.heard("view"))["view"]
    await line.house.ask(c.Observe(OVERSEER, SUPERVISOR.id, "赵监督", "", "群众反映"), SUPERVISOR)
    overseer = await line.connect(OVERSEER)
    assert (await overseer.ask("read_lines"))["error"]["code"] == "not_allowed"
    await mediator.ask("say", {"text": "还有一句"})
    await consumer.heard("line", n=2)
    for client in (waiting, overseer):
        assert "只在屋里说" not in json.dumps(client.messages, ensure_ascii=False)
        assert "还有一句" not in json.dumps(client.messages, ensure_ascii=False)


async def test_a_seat_writes_so_much_a_minute_whatever_sockets_it_comes_by(line: Line) -> None:
    mediator, consumer = await line.enter(M), await line.enter(CO)
    for number in range(MOST_LINES):
        assert await consumer.ask("say", {"text": f"第{number}句"}) == {"ok": {}}
    refused = {"error": {"code": "wrote_too_much", "params": {"seconds": 4}}}
    assert await consumer.ask("say", {"text": "又一句"}) == refused
    await consumer.socket.disconnect()
    again = await line.connect(CO)
    assert await again.ask("say", {"text": "又一句"}) == refused
    assert await mediator.ask("say", {"text": "别人照样能说"}) == {"ok": {}}
    line.house.clock.move(timedelta(seconds=4))
    assert await again.ask("say", {"text": "又一句"}) == {"ok": {}}


async def test_long_lines_use_the_allowance_up_sooner_and_a_session_s_has_an_end(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    said = 0
    while said < MOST_SIGNS_IN_ALL:
        try:
            await line.house.ask(c.Say("长" * 2_000), CONSUMER)
            said += 2_000
        except WroteTooMuch as refused:
            line.house.clock.move(timedelta(seconds=refused.params["seconds"]))
        await settle()
    line.house.clock.move(timedelta(hours=1))
    assert (await consumer.ask("say", {"text": "再一句"}))["error"] == {"code": "chat_full", "params": {}}


async def test_signs_go_over_the_wire_as_they_are_and_half_a_sign_breaks_nothing(line: Line) -> None:
    mediator = await line.enter(M)
    await line.house.prepare(CO)
    async with (
        aiohttp.ClientSession(headers={"X-Seat": CO}) as http,
        http.ws_connect(f"{line.url}/socket.io/?EIO=4&transport=websocket") as raw,
    ):
        await raw.receive_str()
        await raw.send_str(f"40{NAMESPACE},")
        await line.house.ask(c.Arrive(), CONSUMER)
        await line.house.ask(c.Admit(CO))
        await line.house.ask(c.Say("您好，𠮷"))
        frames: list[str] = []
        while not frames or "line" not in frames[-1][:20]:
            frames.append(await raw.receive_str())
        assert "您好，𠮷" in frames[-1]
        assert not any("\\u" in frame or '": ' in frame for frame in frames)
        await raw.send_str('42/room,7["say",{"text":"半个\\ud842字"}]')
        while not (answer := await raw.receive_str()).startswith("43/room,7"):
            pass
    assert "bad_message" in answer
    assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}
