"""Who owns a room, on the real database: one at a time, for as long as its lease lasts, and nobody by mistake."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
import structlog
from sqlalchemy.engine import URL

from journal import SYSTEM, Draft, NotOurs
from journal.clock import lease_clock
from journal.refusals import Busy
from rooms import OtherNode
from server.db import engine
from server.db.engine import AlreadyServed, Database
from server.db.journal import SqlJournal
from server.serving.nodes import MARGIN, cell as nodes
from server.serving.nodes.cell import Cell, NodeNameInUse
from server.serving.nodes.store import Presence, SoleServer
from tests.server.app.office import PASSWORD
from tests.server.app.program import Program, serving, yuntiao
from tests.server.db.databases import create_postgres, crowded
from tests.server.db.relay import relayed
from tests.tools.data.postgres import libpq

pytestmark = pytest.mark.postgres

AT = datetime(2026, 4, 14, 2, 3, 4, tzinfo=UTC)
NOTED = [Draft("Noted", {}, AT, SYSTEM)]


class Node:
    """A server as far as ownership goes: its own connections, its journal, its place among the others."""

    def __init__(self, url: URL, name: str) -> None:
        self.database = Database(url)
        self.cell = Cell(self.database, lambda: self.journal, name, f"http://{name}", 100)
        self.journal = SqlJournal(self.database, guard=self.cell.guard)

    async def append(self, session: str, expected: int) -> None:
        await self.journal.append(f"session/{session}", expected, NOTED)


def stop(node: Node) -> None:
    """As a machine that stands still: it asks for nothing, and its own clock has passed."""
    execute(node.database.url, "UPDATE nodes SET until = clock_timestamp() WHERE name = %s", node.cell.name)


def execute(url: URL, statement: str, *values: object) -> None:
    address = libpq(url)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement, values)


@pytest.fixture
async def url(postgres_database: URL) -> URL:
    execute(postgres_database, "TRUNCATE nodes, owners, events, log_head, log_nodes")
    return postgres_database


@contextlib.asynccontextmanager
async def joined(url: URL, name: str) -> AsyncIterator[Node]:
    node = Node(url, name)
    try:
        await node.cell.lock()
        await node.cell.join()
        yield node
    finally:
        await node.cell.close()
        await node.database.close()


@pytest.fixture
async def a(url: URL) -> AsyncIterator[Node]:
    async with joined(url, "a") as node:
        yield node


@pytest.fixture
async def b(url: URL) -> AsyncIterator[Node]:
    async with joined(url, "b") as node:
        yield node


async def test_whoever_comes_first_has_the_room_and_the_other_is_told_who(a: Node, b: Node) -> None:
    await a.cell.take("x")
    assert a.cell.mine("x")
    with pytest.raises(OtherNode) as no:
        await b.cell.take("x")
    assert no.value.params == {"node": "a", "path": "/n/a/socket.io/"}
    assert not b.cell.mine("x")
    await b.cell.take("y")
    assert b.cell.mine("y")


async def test_a_connection_that_was_cut_ends_no_lease_while_the_database_still_has_its_locks(
    a: Node, url: URL
) -> None:
    before, a.cell._presence = a.cell._presence, Presence(url, "a")
    with pytest.raises(OSError, match="another connection has the lock"):  # and so it is tried again
        await a.cell._presence.renew(a.cell._incarnation, 3.0)
    await before.close()
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                assert await a.cell._presence.renew(a.cell._incarnation, 3.0)
                break
            await asyncio.sleep(0.01)
    with pytest.raises(NodeNameInUse):  # it holds the name again
        await Node(url, "a").cell.lock(0.0)


async def test_of_many_who_ask_at_once_one_has_it(a: Node, b: Node) -> None:
    asked = [node.cell.take(f"s{n}", here=True) for n in range(12) for node in (a, b)]
    await asyncio.gather(*asked, return_exceptions=True)
    for n in range(12):
        assert a.cell.mine(f"s{n}") is not b.cell.mine(f"s{n}")


async def test_new_rooms_go_to_the_node_with_most_room_left(a: Node, b: Node) -> None:
    b.cell._capacity = 98  # of a hundred; few are taken, for nobody renews the leases here
    await b.cell.join()
    await a.cell.take("s0")
    await a.cell.take("as many are left at either")
    await a.cell.take("one more")
    await a.cell.take("and one")
    with pytest.raises(OtherNode) as no:
        await a.cell.take("too many")
    assert no.value.params["node"] == "b"
    await a.cell.take("s0")
    await a.cell.take("whoever was sent", here=True)


async def test_of_two_full_nodes_either_takes_what_comes_to_it(a: Node, b: Node) -> None:
    for node in (a, b):
        node.cell._capacity = 1
        await node.cell.join()
        await node.cell.take(f"first of {node.cell.name}", here=True)
    await a.cell.take("x")
    assert a.cell.mine("x")


async def test_a_room_that_is_left_is_looked_for_by_the_others_and_by_nobody_else(a: Node, b: Node) -> None:
    await a.cell.take("x")
    await a.cell.leave("x")
    assert not a.cell.mine("x")
    with pytest.raises(NotOurs):
        await a.append("x", 0)
    taken = asyncio.Event()

    async def take(sessions: Sequence[str]) -> None:
        await b.cell.take(sessions[0])
        taken.set()

    b.cell.on_back.append(take)
    async with b.cell.running():
        await asyncio.wait_for(taken.wait(), 30)
        assert b.cell.left("x")
        await b.append("x", 0)


async def test_only_the_owner_appends_to_a_sessions_stream(a: Node, b: Node) -> None:
    with pytest.raises(NotOurs):
        await a.append("x", 0)
    await a.cell.take("x")
    await a.append("x", 0)
    with pytest.raises(NotOurs):
        await b.append("x", 1)
    await b.journal.append("complaint/c", 0, NOTED)
    await a.append("x", 1)
    assert len(await b.journal.read("session/x")) == 2


async def test_who_is_past_its_lease_appends_nothing_even_when_nobody_took_the_room(a: Node) -> None:
    await a.cell.take("x")
    await a.append("x", 0)
    stop(a)
    with pytest.raises(NotOurs):
        await a.append("x", 1)
    with pytest.raises(Busy):
        await a.cell.take("y")


async def test_another_takes_it_after_the_lease_and_knows_that_it_was_left(a: Node, b: Node) -> None:
    await a.cell.take("x")
    await a.append("x", 0)
    stop(a)
    await b.cell.take("x")
    assert (b.cell.left("x"), b.cell.left("x")) == (True, False)
    await b.append("x", 1)
    with pytest.raises(NotOurs):
        await a.append("x", 2)


async def test_whoever_takes_a_room_waits_for_an_append_that_has_been_checked(a: Node, b: Node) -> None:
    await a.cell.take("x")
    async with a.database.write() as connection:
        assert list(await a.cell.guard(connection, ["session/x"])) == []
        stop(a)
        taking = asyncio.create_task(b.cell.take("x"))
        done, _ = await asyncio.wait({taking}, timeout=0.5)
        assert not done
    await taking
    assert b.cell.mine("x")


async def test_what_is_given_back_is_anybodys_and_was_not_left(a: Node, b: Node) -> None:
    await a.cell.take("x")
    a.cell.give("x")
    assert not a.cell.mine("x")
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OtherNode):
                await b.cell.take("x")
                break
    assert not b.cell.left("x")


async def test_what_was_taken_again_is_not_given_away_by_what_was_said_before(a: Node, b: Node) -> None:
    for _ in range(5):
        await a.cell.take("x")
        a.cell.give("x")
    await a.cell.take("x")
    async with a.cell.running():
        pass  # waits for nothing that was begun
    async with joined(a.database.url, "c") as again:
        await again.cell.take("x")
        assert again.cell.left("x"), "it ended with the room in its hands"


async def test_a_restarted_node_has_its_rooms_again_under_a_new_epoch(url: URL, b: Node) -> None:
    async with joined(url, "a") as before:
        await before.cell.take("x")
        with pytest.raises(OtherNode):
            await b.cell.take("x")
    async with joined(url, "a") as again:
        await again.cell.take("x")
        assert again.cell.left("x")
        await again.append("x", 0)
        before.database = Database(url)
        stale = SqlJournal(before.database, guard=before.cell.guard)
        with pytest.raises(NotOurs):
            await stale.append("session/x", 1, NOTED)
        await before.database.close()


async def test_two_nodes_have_two_names(a: Node, url: URL) -> None:
    second = Node(url, "a")
    with pytest.raises(NodeNameInUse):
        await second.cell.lock(0.0)
    await second.cell.close()
    await second.database.close()


async def test_one_server_or_several_but_never_both(url: URL) -> None:
    sole = SoleServer(Database(url))
    async with joined(url, "a"):
        with pytest.raises(AlreadyServed):
            await sole.take(0.0)
    await sole.take()
    node = Node(url, "a")
    with pytest.raises(AlreadyServed):
        await node.cell.lock(0.0)
    await sole.give()
    await node.cell.close()
    await node.database.close()


async def test_a_lease_is_renewed_as_long_as_the_database_answers_also_after_a_cut(a: Node) -> None:
    until: list[float] = []
    twice = asyncio.Event()

    def renewed(moment: float) -> None:
        until.append(moment)
        if len(until) == 2:
            twice.set()

    a.cell.on_renewed.append(renewed)
    async with a.cell.running():
        execute(
            a.database.url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        await asyncio.wait_for(twice.wait(), 30)
        assert a.cell.held
        assert until == sorted(until)


async def test_who_comes_too_late_ends_everything_and_comes_back_as_another(
    a: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []

    async def end() -> None:
        ended.append(a.cell.held or a.cell.mine("x"))

    back = asyncio.Event()
    taken: list[str] = []

    async def take(sessions: Sequence[str]) -> None:
        for session in sessions:
            await a.cell.take(session)
            taken.append(session)
        back.set()

    monkeypatch.setattr(nodes, "SWEEP", 0.1)
    a.cell.on_lapsed.append(end)
    a.cell.on_back.append(take)
    await a.cell.take("x")
    async with a.cell.running():
        stop(a)
        await asyncio.wait_for(back.wait(), 30)
        assert ended == [False]
        assert taken[0] == "x"
        await a.append("x", 0)


async def test_a_node_whose_database_says_nothing_ends_everything_when_its_lease_does(url: URL) -> None:
    ended: asyncio.Queue[float] = asyncio.Queue()

    async def end() -> None:
        ended.put_nowait(lease_clock())

    async with relayed(url) as relay, joined(relay.url, "a") as node:
        node.cell.on_lapsed.append(end)
        async with node.cell.running():
            with relay.silent():
                until = node.cell._lease.until
                assert await asyncio.wait_for(ended.get(), 30) - until < MARGIN


async def test_a_node_comes_back_with_its_rooms_and_duties_also_when_pages_had_taken_every_connection(
    a: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT", 0.05)
    monkeypatch.setattr(nodes, "SWEEP", 0.05)
    monkeypatch.setattr(nodes, "DUTY_LOOK", 0.05)
    done: asyncio.Queue[str] = asyncio.Queue()

    async def work() -> None:
        done.put_nowait("plans")
        await asyncio.Event().wait()

    async def take(sessions: Sequence[str]) -> None:
        await a.cell.take(sessions[0])
        done.put_nowait(sessions[0])

    a.cell.on_back.append(take)
    await a.cell.take("x")
    with structlog.testing.capture_logs() as said:
        async with a.cell.running():
            carrying = asyncio.create_task(a.cell.carry("plans", work))
            assert await done.get() == "plans"
            async with crowded(a.database), asyncio.timeout(30):
                stop(a)
                while "this node is not let in again yet" not in [one["event"] for one in said]:  # noqa: ASYNC110 - a log tells nobody
                    await asyncio.sleep(0)
            assert {await asyncio.wait_for(done.get(), 30) for _ in range(2)} == {"x", "plans"}
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)


async def test_a_draining_node_that_came_too_late_drains_on_and_is_not_kept_from_ending_by_its_database(
    a: Node, b: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT", 0.05)
    async with crowded(a.database):
        await a.cell.drain()
    await a.cell.join()
    await b.cell.drain()
    await b.cell.take("x")
    assert b.cell.mine("x"), "it is sent to nobody who drains too"


async def test_a_draining_node_sends_new_rooms_to_the_others(a: Node, b: Node) -> None:
    await a.cell.take("x")
    await a.cell.drain()
    assert a.cell.mine("x")
    with pytest.raises(OtherNode) as no:
        await a.cell.take("y")
    assert no.value.params["node"] == "b"
    await b.cell.drain()
    await a.cell.take("y")
    assert a.cell.mine("y"), "there is nobody else"


async def test_a_duty_is_one_nodes_and_the_next_ones_when_it_ends(
    a: Node, b: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "DUTY_LOOK", 0.05)
    doing: asyncio.Queue[str] = asyncio.Queue()

    def work(node: Node) -> Callable[[], Coroutine[Any, Any, None]]:
        async def work() -> None:
            doing.put_nowait(node.cell.name)
            await asyncio.Event().wait()

        return work

    first = asyncio.create_task(a.cell.carry("reminders", work(a)))
    assert await doing.get() == "a"
    second = asyncio.create_task(b.cell.carry("reminders", work(b)))
    _, waiting = await asyncio.wait({asyncio.ensure_future(doing.get())}, timeout=0.5)
    assert waiting, "nobody else begins"
    stop(a)
    assert await waiting.pop() == "b"
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


async def test_a_duty_ends_with_the_lease_and_is_had_again(a: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "DUTY_LOOK", 0.05)
    done: asyncio.Queue[str] = asyncio.Queue()

    async def work() -> None:
        done.put_nowait("begun")
        try:
            await asyncio.Event().wait()
        finally:
            done.put_nowait("ended")

    async with a.cell.running():
        carrying = asyncio.create_task(a.cell.carry("plans", work))
        assert await done.get() == "begun"
        stop(a)
        assert await done.get() == "ended"
        assert await done.get() == "begun"
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)


async def test_a_duty_of_which_there_is_nothing_to_do_here_is_given_back_for_good(
    a: Node, b: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "DUTY_LOOK", 0.05)

    async def nothing() -> None:
        return

    async with a.cell.running():
        await asyncio.wait_for(a.cell.carry("exchange", nothing), 10)
        await asyncio.wait_for(b.cell.carry("exchange", nothing), 10)


async def test_a_duty_whose_work_failed_or_was_cancelled_is_nobody_elses_while_its_node_is_there(
    a: Node, b: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was cut short may have left something running."""
    doing: asyncio.Queue[str] = asyncio.Queue()

    async def work() -> None:
        doing.put_nowait("begun")
        if doing.qsize() == 1:
            raise OSError
        await asyncio.Event().wait()

    async def others_try() -> None:
        await asyncio.gather(*a.cell._tasks)  # whatever is on its way to the database
        with pytest.raises(OtherNode):
            await b.cell._have("duty/reminders")

    async with b.cell.running():
        async with a.cell.running():
            monkeypatch.setattr(nodes, "DUTY_LOOK", 0.5)
            with structlog.testing.capture_logs() as said:
                carrying = asyncio.create_task(a.cell.carry("reminders", work))
                while "a duty ended by a fault" not in [one["event"] for one in said]:  # noqa: ASYNC110 - a log tells nobody
                    await asyncio.sleep(0)
            await others_try()
            while doing.qsize() < 2:  # noqa: ASYNC110 - it is tried again here
                await asyncio.sleep(0.01)
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
            await others_try()
        await b.cell._have("duty/reminders")


@pytest.mark.long
async def test_programs_that_start_at_once_on_an_empty_database_both_serve_it_and_one_without_a_name_is_refused(
    tmp_path: Path, postgres_server: URL
) -> None:
    there = {"YUNTIAO_DATABASE_URL": create_postgres(postgres_server).render_as_string(hide_password=False)}

    async def node(stack: contextlib.AsyncExitStack, name: str) -> Program:
        return await stack.enter_async_context(
            serving(tmp_path / name, "--demo", "--small", YUNTIAO_NODE=name, YUNTIAO_DEMO_PASSWORD=PASSWORD, **there)
        )

    async def ends(name: str, **more: str) -> str:
        beside = await yuntiao(
            "serve",
            "--port",
            "0",
            "--media-port",
            "0",
            "--workers",
            "1",
            "--data",
            str(tmp_path / name),
            **there,
            **more,
        )
        assert beside.stderr is not None
        said = (await beside.stderr.read()).decode()
        assert await beside.wait() == 2
        return said

    async with contextlib.AsyncExitStack() as stack:
        programs = await asyncio.gather(node(stack, "a"), node(stack, "b"))
        async with aiohttp.ClientSession() as http:
            for program in programs:
                async with http.get(f"{program.url}/readyz") as answer:
                    assert answer.status == 200
        assert "another yuntiao serves this database" in await ends("c")
        assert "another node is called a" in await ends("d", YUNTIAO_NODE="a")
