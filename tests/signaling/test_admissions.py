"""How long somebody is let in: no longer than what they came by is good, whatever they have open just then."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from media.engine import Admission, NotAdmitted
from signaling import Admissions, Viewer
from signaling.namespace import NAMESPACE
from tests.rooms.house import X, settle
from tests.rooms.scene import BU, CO, MEDIATOR, M, party
from tests.signaling.conftest import PATIENCE, Client, Line


async def removed(line: Line, seat: str, times: int = 1) -> None:
    """Until the engine was told that often to let go of the seat."""
    async with asyncio.timeout(PATIENCE):
        while line.house.engine.removed.count((X, seat)) < times:
            await line.house.rooms.state(X)  # once the room has done what it was asked before


async def test_whoever_may_stay_no_longer_hears_why_and_is_cut_and_nobody_else(line: Line) -> None:
    mediator, consumer = await line.enter(M), await line.enter(CO)
    await consumer.ask("media_join")
    await mediator.ask("media_join")
    line.ended[M] = "sign_in_needed"
    line.namespace.admissions.look_again(officer=MEDIATOR.id)
    assert await mediator.heard("gone") == {"code": "sign_in_needed"}
    await mediator.cut_off()
    await removed(line, M)
    assert await consumer.ask("say", {"text": "还在", "to": ""}) == {"ok": {}}
    assert line.house.engine.removed == [(X, M)]


async def test_of_whom_it_is_not_said_that_anything_changed_nobody_asks(line: Line) -> None:
    mediator, consumer = await line.enter(M), await line.enter(CO)
    line.ended |= {M: "sign_in_needed", CO: "link_revoked"}
    line.namespace.admissions.look_again(session=X, seat=CO)
    assert await consumer.heard("gone") == {"code": "link_revoked"}
    assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}


async def test_between_the_end_and_the_goodbye_nothing_that_is_sent_is_done(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    line.ended[CO] = "link_revoked"
    line.namespace.admissions.look_again(session=X, seat=CO)
    await settle()
    answer = await consumer.ask("say", {"text": "还在吗", "to": ""}) if consumer.socket.connected else {}
    assert "ok" not in answer
    assert "Said" not in await line.house.types()


async def test_media_that_goes_on_without_a_socket_ends_too(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    await consumer.ask("media_join")
    await consumer.socket.disconnect()
    line.ended[CO] = "link_revoked"
    line.namespace.admissions.look_again(session=X, seat=CO)
    await removed(line, CO)


async def test_whoever_ends_while_being_admitted_to_media_is_not_admitted(line: Line) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    admitting, go_on = asyncio.Event(), asyncio.Event()
    admit = line.house.engine.admit

    async def slowly(room: str, participant: str) -> Admission:
        admitting.set()
        await go_on.wait()
        return await admit(room, participant)

    line.house.engine.admit = slowly  # type: ignore[method-assign]
    asked = asyncio.create_task(consumer.socket.emit("media_join", {}, namespace=NAMESPACE))
    await admitting.wait()
    line.ended[CO] = "link_revoked"
    line.namespace.admissions.look_again(session=X, seat=CO)
    await removed(line, CO)
    go_on.set()
    await asked
    await removed(line, CO, times=2)
    with pytest.raises(NotAdmitted):
        await line.house.engine.publish(X, CO, "v=0", {})


async def test_whoever_ends_during_the_handshake_does_not_slip_in(line: Line) -> None:
    mediator = await line.enter(M)
    await line.house.prepare(CO)
    line.resolving = asyncio.Event()
    coming = asyncio.create_task(line.connect(CO))
    await line.resolving.wait()
    line.ended[CO] = "link_revoked"
    line.namespace.admissions.look_again(session=X, seat=CO)
    line.go.set()
    consumer = await coming
    assert await consumer.heard("gone") == {"code": "link_revoked"}
    await consumer.cut_off()
    assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}


async def test_everybody_is_looked_at_by_the_clock_too(line: Line) -> None:
    mediator, consumer = await line.enter(M), await line.enter(CO)
    await consumer.ask("media_join")
    watching = asyncio.create_task(line.namespace.watch())
    line.ended[CO] = "link_expired"  # and nobody says so: another process did it, or time
    assert await consumer.heard("gone") == {"code": "link_expired"}
    await removed(line, CO)
    assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}
    watching.cancel()


async def test_where_it_cannot_be_told_it_is_asked_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    await line.enter(M)
    consumer = await line.enter(CO)
    monkeypatch.setattr("signaling.AGAIN", 0.01)
    asked = []

    class Locked(dict[str, str]):
        def get(self, seat: str, default: Any = None) -> Any:
            asked.append(seat)
            if len(asked) == 1:
                raise OSError("database is locked")
            return "link_revoked"

    line.ended = Locked()
    line.namespace.admissions.look_again(session=X, seat=CO)
    assert await consumer.heard("gone") == {"code": "link_revoked"}
    assert asked == [CO, CO]


async def test_of_whom_it_cannot_be_told_keeps_nobody_else_from_being_looked_at_by_the_clock() -> None:
    out: asyncio.Queue[object] = asyncio.Queue()

    async def ended(viewer: Viewer) -> str:
        if viewer.seat == BU:
            raise OSError("never to be told")
        return "link_expired"

    async def put_out(key: object, _code: str) -> None:
        admissions.leave(CO)
        out.put_nowait(key)

    admissions = Admissions(ended, put_out, recheck=0.01)
    admissions.enter(BU, Viewer(X, BU, party(BU), False, "theirs"))
    watching = asyncio.create_task(admissions.watch(lambda _session, _seat: True))
    for _ in range(2):
        admissions.enter(CO, Viewer(X, CO, party(CO), False, "a link"))
        assert await asyncio.wait_for(out.get(), PATIENCE) == CO
    watching.cancel()


async def test_whoever_comes_to_the_seat_with_a_new_link_is_not_put_out_for_the_old_one() -> None:
    asked, told, out = asyncio.Event(), asyncio.Event(), []

    async def ended(viewer: Viewer) -> str:
        asked.set()
        await told.wait()
        return "link_revoked" if viewer.credential == "old" else ""

    async def put_out(key: object, code: str) -> None:
        out.append((key, code))

    admissions = Admissions(ended, put_out)
    old = Viewer(X, CO, party(CO), False, "old")
    admissions.enter((X, CO), old)
    admissions.enter("its socket", old)
    admissions.look_again(session=X, seat=CO)
    await asked.wait()
    admissions.enter((X, CO), Viewer(X, CO, party(CO), False, "new"))
    told.set()
    await settle()
    assert out == [("its socket", "link_revoked")]


async def test_the_connection_itself_is_cut_so_that_nothing_queued_for_a_slow_reader_goes_out_later(line: Line) -> None:
    await line.enter(M)
    await line.house.prepare(CO)
    before = set(line.server.eio.sockets)
    async with (
        aiohttp.ClientSession(headers={"X-Seat": CO}) as http,
        http.ws_connect(f"{line.url}/socket.io/?EIO=4&transport=websocket", autoping=False) as stalled,
    ):
        await stalled.receive_str()
        await stalled.send_str(f"40{NAMESPACE},")
        await stalled.receive_str()
        [mine] = set(line.server.eio.sockets) - before
        engine = line.server.eio.sockets[mine]
        line.ended[CO] = "link_revoked"
        line.namespace.admissions.look_again(session=X, seat=CO)
        async with asyncio.timeout(PATIENCE):
            while not engine.closed:
                await line.house.rooms.state(X)


async def test_whoever_is_sent_back_by_a_room_that_ends_here_has_no_connection_left_to_wait_on(line: Line) -> None:
    mediator = await line.enter(M)
    await line.house.rooms.lapse()
    await mediator.cut_off()  # long before anybody would miss a sign of life


# ------------------------------------------------------------ item 9 of the penetration test


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("connect", ()),
        ("connect", ({"HTTP_X_SEAT": BU},)),
        ("connect", ({"HTTP_X_SEAT": BU}, {"session": X})),
        ("disconnect", ()),
        ("disconnect", ("client disconnect",)),
        ("disconnect", ("transport close",)),
    ],
)
async def test_a_clients_event_named_like_the_lifecycles_is_an_unknown_message(
    line: Line, event: str, args: tuple[Any, ...]
) -> None:
    mediator, consumer = await line.enter(M), await line.enter(CO)
    answer = await answered(consumer, event, *args)
    assert answer["error"]["code"] in ("unknown_message", "bad_message")
    assert await consumer.ask("say", {"text": "还在", "to": ""}) == {"ok": {}}
    assert {socket.viewer.seat for socket in line.namespace._sockets.values()} == {M, CO}
    assert len(line.namespace._sockets) == 2
    assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}


async def test_the_limit_of_messages_comes_before_anything_is_looked_at(line: Line) -> None:
    """Lifecycle names and bodies that cannot be read count like all others, and are not read once it is reached."""
    await line.enter(M)
    consumer = await line.enter(CO)
    wrong: list[tuple[str, Any]] = [("connect", {"HTTP_X_SEAT": BU}), ("disconnect", "x"), ("say", {"text": 7})]
    asked = [answered(consumer, *wrong[n % 3]) for n in range(90)]
    codes = [answer["error"]["code"] for answer in await asyncio.gather(*asked)]
    assert codes.count("too_fast") > 30
    assert set(codes) == {"too_fast", "unknown_message", "bad_message"}


async def answered(client: Client, event: str, *args: Any) -> dict[str, Any]:
    answer = await client.socket.call(event, args, namespace=NAMESPACE, timeout=PATIENCE)
    assert isinstance(answer, dict)
    return answer
