"""Who serves this database, and who owns what: `nodes` and `owners`, on PostgreSQL only.

One server serves it, or several that each have a name, by locks that go with the connection that holds them. A data
folder's lock keeps off a second server on the same machine only. Two on one database that know nothing of each other
would each think a session is theirs: one says who may hear whom, and the other forwards.

All that compares times is done by the database, by its clock at that very moment: a transaction's own time may be older
than the stop of the machine that asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import event, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from journal.refusals import Busy
from rooms.events import STREAM
from server.db.engine import AlreadyServed, Database, connecting
from server.db.schema import nodes, owners
from server.serving.nodes import LEASE

log = structlog.get_logger(__name__)

NOBODY: Final = ""
NO_INCARNATION: Final = 0  # a node's first is 1
UP, DRAINING, GONE = "up", "draining", "gone"

STARTING: Final = "yuntiao.start"
START_WITHIN: Final = 1800.0  # seconds: another may be upgrading tables of millions of rows

_ANSWER: Final = 3.0  # seconds
_ALIVE = nodes.c.until > func.clock_timestamp()
_UNTIL = func.clock_timestamp() + text(f"interval '{LEASE} seconds'")
# The database lets the locks of a machine that is gone go after eleven seconds; its lease has ended by then.
_OPTIONS: Final = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
LOCK_NAME: Final = "yuntiao.serve"
_ALONE: Final = "SELECT pg_try_advisory_lock(hashtext(%s))"
_SERVING: Final = "SELECT pg_try_advisory_lock_shared(hashtext(%s))"  # one server or several, never both
_NAMED: Final = _ALONE
_RENEWED: Final = (
    f"UPDATE nodes SET until = clock_timestamp() + interval '{LEASE} seconds' "  # noqa: S608 - our own number
    "WHERE name = %s AND incarnation = %s AND until > clock_timestamp() RETURNING 1"
)


@dataclass(frozen=True, slots=True)
class Node:
    """Where a node is reached, and what is signed with that asks it. `left`: rooms it would still take, of `others`."""

    name: str
    address: str
    secret: str
    state: str = UP
    left: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """`epoch`: which time it was taken; `left`: its owner before did not give it back."""

    epoch: int
    left: bool


class LockConnection:
    """A connection of its own to the database, for locks that are free again when it is gone."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: Any = None

    @property
    def there(self) -> bool:
        return self._connection is not None

    async def asked(self, statement: str, values: tuple[Any, ...] = (), within: float = _ANSWER) -> Any:
        """The one value of the one row; OSError, and the connection is given up. It is nobody else's meanwhile."""
        import psycopg

        connection, self._connection = self._connection, None
        try:
            async with asyncio.timeout(within):
                if connection is None:
                    wanted = connecting(self._url) | {"autocommit": True, "options": _OPTIONS}
                    connection = await psycopg.AsyncConnection.connect(**wanted)
                cursor = await connection.execute(statement, values)
                row = await cursor.fetchone()
        except BaseException as fault:
            if connection is not None:
                await connection.close()
            if isinstance(fault, (psycopg.Error, TimeoutError)):
                raise OSError(str(fault).strip().partition("\n")[0] or "no answer") from None
            raise
        self._connection = connection
        return None if row is None else row[0]

    async def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()


LOCK_PATIENCE: Final = 3.0
"""Seconds that a server which is just ending may still hold it."""
LOCK_ASKED: Final = 1.0
_LOCK_AGAIN: Final = 0.2


class SoleServer:
    """Of one server process. On SQLite nothing is held: the folder's lock says it all."""

    def __init__(self, database: Database) -> None:
        self._lock = None if database.sqlite else LockConnection(database.url)

    async def take(self, patience: float = LOCK_PATIENCE) -> None:
        """AlreadyServed, and OSError when the database does not answer."""
        ends = asyncio.get_running_loop().time() + patience
        while self._lock is not None and not await self._lock.asked(_ALONE, (LOCK_NAME,)):
            if asyncio.get_running_loop().time() > ends:
                raise AlreadyServed
            await asyncio.sleep(_LOCK_AGAIN)

    async def keep(self, lost: Callable[[], None]) -> None:
        """Look every second, until cancelled or until somebody else has it: then `lost` is called.

        A database that restarts has forgotten the lock, and its standby never had it; it is taken again as soon as one
        answers.
        """
        while self._lock is not None:
            await asyncio.sleep(LOCK_ASKED)
            held = None
            with contextlib.suppress(OSError):
                held = self._lock.there and await self._lock.asked("SELECT 1")
            try:
                if held or await self._lock.asked(_ALONE, (LOCK_NAME,)):
                    continue
            except OSError as fault:
                log.warning("the database does not answer", fault=str(fault))
                continue
            lost()
            return

    async def give(self) -> None:
        if self._lock is not None:
            await self._lock.close()


class Presence:
    """The one connection by which a node is there: it holds the locks, and renews the lease."""

    def __init__(self, url: URL, name: str) -> None:
        self._lock, self._name = LockConnection(url), name

    async def lock(self, within: float = _ANSWER) -> str:
        """Take both locks; who is in the way: "", "sole" or "name". OSError when the database does not answer."""
        if not await self._lock.asked(_SERVING, (LOCK_NAME,), within):
            return "sole"
        return "" if await self._lock.asked(_NAMED, (f"yuntiao.node.{self._name}",), within) else "name"

    async def begin_alone(self) -> None:
        """Wait until no other node is starting."""
        await self._lock.asked("SELECT pg_advisory_lock(hashtext(%s))", (STARTING,), START_WITHIN)

    async def end_alone(self) -> None:
        await self._lock.asked("SELECT pg_advisory_unlock(hashtext(%s))", (STARTING,))

    async def renew(self, incarnation: int, within: float) -> bool:
        """False when the lease has ended. OSError. A connection that was cut is made anew, and the locks taken: the
        database may hold them for the one before a moment longer."""
        if not self._lock.there and (why := await self.lock(within)):
            await self._lock.close()
            raise OSError(f"another connection has the lock {why!r} yet")
        return bool(await self._lock.asked(_RENEWED, (self._name, incarnation), within))

    async def close(self) -> None:
        await self._lock.close()


@contextlib.contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as fault:
        raise OSError(str(fault).strip().partition("\n")[0]) from None
    except Busy:
        raise OSError("no connection to it became free") from None


Connection = AsyncConnection

IDLE_MS: Final = round(LEASE * 1000)
"""Of a transaction in which nothing is asked any more: a machine that stops in the middle of an append would keep all
others from appending."""


def bound_transactions(database: Database) -> None:
    """Of every connection that is made from now on."""

    @event.listens_for(database.engine.sync_engine, "do_connect")
    def connecting(_dialect: Any, _record: Any, _arguments: Any, more: dict[str, Any]) -> None:
        more["options"] = f"{more.get('options', '')} -c idle_in_transaction_session_timeout={IDLE_MS}"


class NodeStore:
    """What the nodes of a database know of each other. OSError when it does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncConnection]:
        with _answering():
            async with self._database.write() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        with _answering():
            async with self._database.read() as connection:
                yield connection

    async def register(self, name: str, address: str, capacity: int, state: str = UP) -> tuple[int, str]:
        """Be there from now on: a new incarnation, which owns nothing yet, and its secret."""
        secret = secrets.token_hex(32)
        fresh = {"address": address, "secret": secret, "capacity": capacity, "state": state, "until": _UNTIL}
        added = insert(nodes).values(name=name, incarnation=1, **fresh)
        added = added.on_conflict_do_update(
            index_elements=[nodes.c.name], set_={"incarnation": nodes.c.incarnation + 1, **fresh}
        )
        async with self._write() as connection:
            return int((await connection.execute(added.returning(nodes.c.incarnation))).scalar_one()), secret

    async def mark(self, name: str, incarnation: int, state: str) -> None:
        """`GONE` ends its lease at once."""
        values: dict[str, Any] = {"state": state} | ({"until": func.clock_timestamp()} if state == GONE else {})
        mine = (nodes.c.name == name) & (nodes.c.incarnation == incarnation)
        async with self._write() as connection:
            await connection.execute(update(nodes).where(mine).values(values))

    async def others(self, name: str) -> list[Node]:
        """Who else is up and takes new rooms; first who has most room left."""
        own = (owners.c.node == nodes.c.name) & owners.c.name.startswith(f"{STREAM}/")
        left = nodes.c.capacity - select(func.count()).where(own).correlate(nodes).scalar_subquery()
        wanted = (
            select(nodes.c.name, nodes.c.address, nodes.c.secret, nodes.c.state, left.label("left"))
            .where(_ALIVE, nodes.c.state == UP, nodes.c.name != name)
            .order_by(left.desc(), nodes.c.name)
        )
        async with self._read() as connection:
            return [Node(*row) for row in (await connection.execute(wanted)).all()]

    async def every(self) -> dict[str, bool]:
        """All that ever were, and whether each is there now."""
        async with self._read() as connection:
            found = await connection.execute(select(nodes.c.name, _ALIVE.label("up")).order_by(nodes.c.name))
            return {row.name: row.up for row in found}

    async def take(self, what: str, name: str, incarnation: int) -> Taken | Node | None:
        """For oneself, or who has it; None when one's own lease has ended."""
        async with self._write() as connection:
            first = insert(owners).values(name=what, node=NOBODY, incarnation=0, epoch=0).on_conflict_do_nothing()
            await connection.execute(first)
            of = owners.c.name == what
            held = (await connection.execute(select(owners).where(of).with_for_update())).one()
            # Asked after the row is locked. A lease that has ended is never renewed, so nobody seen dead comes back.
            alive = {row.name: row for row in (await connection.execute(select(nodes).where(_ALIVE))).all()}
            me, other = alive.get(name), alive.get(held.node)
            if me is None or me.incarnation != incarnation:
                return None
            if other is not None and other.incarnation == held.incarnation and other.name != name:
                return Node(other.name, other.address, other.secret, other.state)
            left = held.node != NOBODY and (held.node, held.incarnation) != (name, incarnation)
            values = {"node": name, "incarnation": incarnation, "epoch": held.epoch + 1}
            await connection.execute(update(owners).where(of).values(values))
        return Taken(held.epoch + 1, left)

    async def give(self, what: str, name: str, incarnation: int, epoch: int) -> None:
        """Back, unless it has been taken again."""
        await self._end(what, name, incarnation, epoch, {"node": NOBODY})

    async def leave(self, what: str, name: str, incarnation: int, epoch: int) -> None:
        """As it would be if this node were gone: another looks for it soon. Unless it has been taken again."""
        await self._end(what, name, incarnation, epoch, {"incarnation": NO_INCARNATION})

    async def _end(self, what: str, name: str, incarnation: int, epoch: int, values: Mapping[str, Any]) -> None:
        mine = (owners.c.node == name) & (owners.c.incarnation == incarnation) & (owners.c.epoch == epoch)
        async with self._write() as connection:
            await connection.execute(update(owners).where(owners.c.name == what, mine).values(values))

    async def left(self, most: int) -> list[str]:
        """Rooms and duties of nodes that are gone, or have come back as new incarnations."""
        there = (nodes.c.name == owners.c.node) & (nodes.c.incarnation == owners.c.incarnation) & _ALIVE
        wanted = (
            select(owners.c.name)
            .where(owners.c.node != NOBODY, ~select(literal(1)).where(there).exists())
            .order_by(func.random())
            .limit(most)
        )
        async with self._read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def owner(self, what: str) -> Node | None:
        """Whose it is now."""
        same = (nodes.c.name == owners.c.node) & (nodes.c.incarnation == owners.c.incarnation)
        wanted = (
            select(nodes.c.name, nodes.c.address, nodes.c.secret, nodes.c.state)
            .join(owners, same)
            .where(owners.c.name == what, _ALIVE)
        )
        async with self._read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return None if row is None else Node(*row)


async def owned(connection: AsyncConnection, epochs: Mapping[str, int], name: str, incarnation: int) -> Collection[str]:
    """Which of these are the node's, taken that very time, now and until this transaction ends: whoever takes one waits
    for it."""
    same = (nodes.c.name == owners.c.node) & (nodes.c.incarnation == owners.c.incarnation)
    mine = (owners.c.node == name) & (owners.c.incarnation == incarnation)
    wanted = (
        select(owners.c.name, owners.c.epoch)
        .join(nodes, same)
        .where(owners.c.name.in_(list(epochs)), mine, _ALIVE)
        .with_for_update(of=owners, read=True)
    )
    return {row.name for row in (await connection.execute(wanted)).all() if row.epoch == epochs[row.name]}
