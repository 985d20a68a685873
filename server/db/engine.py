"""The database: one engine, transactions to read and to write in, and its migration.

Owns the connection settings that make a commit durable and a second writer wait its turn, and how many connections
there are: one is kept for whoever appends to the journal, so that pages and appends cannot starve each other.

A transaction also says that what somebody came in by has changed: a link, device, session, account or role. Whoever
lets people in for longer than one request subscribes and looks again. The stores announce in the transaction of the
change, so that no service can forget to; subscribers of the same process hear of it right after the commit, those of
other processes (a server hears the command line) within `POLL` seconds. By the same way they hear of messages that came
a step further, of which no journal tells.

And where the database is several machines, of which one may be written to: a connection finds that one, a machine that
says nothing is given up within seconds, and whoever asks meanwhile is told that it is busy (`Unanswered`).
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Final
from weakref import WeakSet

import structlog
from sqlalchemy import Connection, bindparam, delete, event, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from journal.refusals import Busy, Unanswered
from server.db import StorageError, committed_here_only, compact, reaching
from server.db.bulk import OWED, Begin, OneWaitConnection, committing, owing
from server.db.schema import credential_changes as changes

POLL: Final = 0.25
"""Seconds between two looks at what other processes changed."""
KEPT: Final = 1_000
"""Changes that stay readable: a process that looks every `POLL` misses none of fewer than 4,000 a second."""
PRUNED: Final = 50
"""Changes after which those before the kept ones go."""
LATE: Final = 16
"""PostgreSQL's transactions may commit in another order than they drew their numbers: so many are read again."""

NOTED: Final = "yuntiao_noted"
"""Name of the execution option that holds what a transaction noted."""

CONNECTIONS: Final = 16
"""Of a process to its database; all but one serve whoever comes first, that one whoever appends."""
WAIT: Final = 10.0
"""Seconds to wait for a connection before the person is told that there is too much to do."""

Read = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose credentials changed: an officer's (user id), or those of a seat's devices. Neither: anybody's may have."""

    officer: str = ""
    session: str = ""
    seat: str = ""


class CredentialChanges:
    """One process's announcements. Subscribers are called at once, in order, and must neither wait nor raise."""

    def __init__(self) -> None:
        self.subscribers: list[Callable[[str, str, str], None]] = []  # officer, session, seat, as `Holder` has them
        self.of_officers: list[Callable[[str], None]] = []  # who only hears of officers, by their id
        # Who hears what other processes alone did to messages: office and session.
        self.of_messages: list[Callable[[str, str], None]] = []
        self._process = uuid.uuid4().hex
        self._heard: set[int] | None = None  # of the last numbers, `LATE` of them at least

    async def changed(self, connection: AsyncConnection, holder: Holder) -> None:
        """Note a change made in this transaction; `Database.write` announces it once it is committed."""
        await self._note(connection, {**asdict(holder), "office": ""})
        assert connection.sync_connection is not None
        connection.sync_connection.get_execution_options()[NOTED].append(holder)

    async def message_moved(self, connection: AsyncConnection, office: str, session: str) -> None:
        """Tell other processes in this transaction that a message about a session came a step further. Nobody's
        credentials changed; but it is what travels between processes and is in no journal."""
        await self._note(connection, {"officer": "", "session": session, "seat": "", "office": office})

    async def _note(self, connection: AsyncConnection, row: dict[str, str]) -> None:
        noted = await connection.execute(
            insert(changes).values(row | {"process": self._process}).returning(changes.c.id)
        )
        if (number := noted.scalar_one()) % PRUNED == 0:
            await connection.execute(delete(changes).where(changes.c.id <= number - KEPT))

    def announce(self, holder: Holder) -> None:
        for subscriber in self.subscribers:
            subscriber(holder.officer, holder.session, holder.seat)
        for hearer in self.of_officers if holder.officer else ():
            hearer(holder.officer)

    async def watch(self, read: Read) -> None:
        """Announce what other processes change, until cancelled."""
        while True:
            try:
                await self.listen(read)
            except (OSError, SQLAlchemyError, Busy):
                log.exception("changes of credentials by other processes could not be read")
            await asyncio.sleep(POLL)

    async def listen(self, read: Read) -> None:
        """Announce what other processes changed since the last time; the first time nothing: nobody is let in yet."""
        before = self._heard
        heard = before or set()
        async with read() as connection:
            rows = (await connection.execute(_CHANGES, {"after": max(heard, default=0) - LATE})).all()
        self._heard = {row.id for row in rows}
        for row in rows if before is not None else ():
            if row.id in heard or row.process == self._process:
                continue
            if not row.office:
                self.announce(Holder(row.officer, row.session, row.seat))
                continue
            for told in self.of_messages:
                told(row.office, row.session)


_CHANGES = select(changes).where(changes.c.id > bindparam("after")).order_by(changes.c.id)
_FRESH = 1.0  # seconds that a connection is trusted after its last use
_USED = "yuntiao_used"  # of a connection that rests: since when
_HERE_ONLY = "yuntiao_here_only"  # of a connection whose last commit its standby may not have
_UNCOUNTED = 2  # connections beside those: to empty a log, or to vacuum
_MIGRATIONS = Path(__file__).parent / "migrations"
_AGAIN_MS = 20
_PAGE = 8192  # bytes: a complaint's record has two to three thousand, and pages of 4096 hold one of them each
_BUSY_MS = 10_000  # how long a writer waits for another process's transaction
_LAST_SECONDS = 2.0  # that a statement may still take when the database is closed


class Database:
    """One installation's database.

    `url` is `sqlite+aiosqlite:///path` (a file, never `:memory:`: readers and the writer use different
    connections) or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str | URL) -> None:
        self._url = make_url(url)
        self.sqlite = self._url.get_backend_name() == "sqlite"
        self._threads = WeakSet[Thread]()
        self._engine = _sqlite(self._url, self._threads) if self.sqlite else _postgres(self._url)
        # SQLite has one writer. Writers of this process queue here in order instead of polling for its file lock.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.sqlite else nullcontext()
        # Whoever appends to the log queues there, with one connection that nobody else can take.
        self.growing = asyncio.Lock()
        self._kept: AsyncConnection | None = None
        self._noted = list[Holder]()
        self._owed = list[Begin]()
        self._free = asyncio.Semaphore(CONNECTIONS - 1)
        self.credentials = CredentialChanges()

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @property
    def url(self) -> URL:
        return self._url

    @property
    def connections(self) -> tuple[int, int, int]:
        """Of the pool: in use, idle, and how many there may be; then one waits."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)
        resting = self._kept is not None
        return pool.checkedout() - resting, pool.checkedin() + resting, CONNECTIONS

    @asynccontextmanager
    async def read(self, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads; on SQLite one consistent snapshot, on PostgreSQL if asked for. Busy,
        Unanswered."""
        async with self._connection(), self._answering(), self._engine.connect() as connection:
            if snapshot and not self.sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self, growing: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits, durably, when the block ends and rolls back when it raises.

        Unanswered, also when its standby may not have what was committed; and Busy, unless `growing`: the caller holds
        that lock, takes the connection kept for it, and on PostgreSQL says BEGIN.
        """
        changed = self._noted if growing else list[Holder]()
        changed.clear()
        if growing:
            self._owed.clear()
        kept = nullcontext() if growing else self._connection()
        taken = self._for_appends() if growing else self._engine.connect()
        async with self._turn, kept, self._answering(), taken as connection:
            if not growing:
                await connection.execution_options(yuntiao_writes=True, yuntiao_at_once=True, **{NOTED: changed})
            async with connection.begin() if self.sqlite or not growing else committing(connection):
                yield connection
            if not self.sqlite and _info(connection).pop(_HERE_ONLY, False):
                raise Unanswered("it did not wait until its standby had what was written")
        for holder in changed:
            self.credentials.announce(holder)

    @asynccontextmanager
    async def _for_appends(self) -> AsyncIterator[AsyncConnection]:
        """The one of the append before, if that was just now: taking one costs a third of an append."""
        connection, self._kept = self._kept, None
        if connection is not None and time.monotonic() - _info(connection)[_USED] > _FRESH:
            await connection.close()  # the pool asks whether it is still there
            connection = None
        if connection is None:
            connection = await self._engine.connect()
            own: dict[str, Any] = {} if self.sqlite else {"isolation_level": "AUTOCOMMIT", OWED: self._owed}
            await connection.execution_options(yuntiao_writes=True, **{NOTED: self._noted}, **own)
            if not self.sqlite:
                owing(connection)
        _info(connection).pop(_USED, None)
        try:
            yield connection
        except BaseException:
            await asyncio.shield(connection.close())
            raise
        _info(connection)[_USED] = time.monotonic()
        self._kept = connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[None]:
        """Wait in order for one of the connections that are not kept. Busy."""
        try:
            async with asyncio.timeout(WAIT):
                await self._free.acquire()
        except TimeoutError:
            log.warning("no connection to the database became free", connections=CONNECTIONS, seconds=WAIT)
            raise Busy from None
        try:
            yield
        finally:
            self._free.release()

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        """A server that is gone, or is not one yet, is no fault of ours."""
        try:
            yield
        except Exception as fault:
            if self.sqlite or not is_away(fault):
                raise
            why = str(getattr(fault, "orig", fault)).strip().partition("\n")[0]
            log.warning("the database does not answer", fault=why)
            raise Unanswered(why) from fault

    async def alone(self, connection: AsyncConnection, name: str) -> None:
        """Let one transaction at a time past this point, until it ends. SQLite's writers are alone anyway."""
        if not self.sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})

    async def migrate(self, revision: str = "head") -> None:
        """Bring the tables to the newest revision; two processes starting at once take turns. UnknownTables."""
        async with self.write() as connection:
            await self.alone(connection, "yuntiao.migrate")
            await connection.run_sync(_upgrade, revision)

    async def overwrite_erased(self, table: str) -> bool:
        """Let go of earlier versions of rows that were changed; False when a reader kept it from being done whole.

        SQLite overwrites freed bytes itself (secure_delete), but its write-ahead log holds earlier pages until it is
        emptied. PostgreSQL reuses the room of dead rows after VACUUM; its own log and backups go as they are set up to.
        """
        async with self._engine.connect() as connection:
            if not self.sqlite:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.exec_driver_sql(f'VACUUM "{table}"')
                return True
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            async with self._turn, raw.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                busy = (await cursor.fetchone())[0]
        if busy:
            log.warning("erased content is still in the write-ahead log until it is emptied", table=table)
        return not busy

    async def close(self) -> None:
        """Wait too for the threads of connections that were given up in a statement: they answer to this loop."""
        if self._kept is not None:
            await self._kept.close()
            self._kept = None
        await self._engine.dispose()
        for thread in list(self._threads):
            await asyncio.to_thread(thread.join, _LAST_SECONDS)


def _info(connection: AsyncConnection) -> dict[str, Any]:
    """What is noted of the connection to the database below this one, for as long as there is that."""
    assert connection.sync_connection is not None
    return connection.sync_connection.info


async def roomy(connection: AsyncConnection) -> None:
    """Of a connection that writes much to SQLite: room for the inner pages of the indexes of a million rows, and fewer,
    longer checkpoints."""
    if connection.dialect.name == "sqlite":
        for setting in ("PRAGMA cache_size=-40960", "PRAGMA wal_autocheckpoint=8192"):
            await connection.exec_driver_sql(setting)


class UnknownTables(Exception):
    """No revision of this program made these tables: a newer one did, or one from before the first release."""


def _upgrade(connection: Connection, revision: str) -> None:
    if revision == "head" and _revisions(connection) == [newest_revision()]:
        return  # almost every start: alembic itself takes a third of a second to load
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    there = MigrationContext.configure(connection).get_current_heads()
    if unknown := set(there) - {script.revision for script in scripts.walk_revisions()}:
        raise UnknownTables(
            f"the database has tables of {unknown.pop()}, which this version does not know: they were made by a newer "
            "version, or by one from before 0.2.0, which was never released. Use the version that made them, or begin "
            "with another data folder (docs/operations.md)"
        )
    command.upgrade(config, revision)


def newest_revision() -> str:
    """The revision of the last of our migrations, by its file's name."""
    return max(path.stem for path in (_MIGRATIONS / "versions").glob("r*.py")).removeprefix("r")


def _revisions(connection: Connection) -> list[str]:
    if not inspect(connection).has_table("alembic_version"):
        return []
    return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def connecting(url: URL) -> dict[str, Any]:
    """What psycopg connects with."""
    dialect: Any = url.get_dialect()()
    return reaching(dialect.create_connect_args(url)[1])


def is_away(fault: Exception) -> bool:
    """Whether there was no connection, it was lost, or the server is starting, ending or full; not what it was asked.
    Of a commit nobody can say then whether it was done."""
    import psycopg

    given = fault.orig if isinstance(fault, DBAPIError) else fault
    if not isinstance(given, psycopg.OperationalError) or isinstance(given, psycopg.errors.QueryCanceled):
        return isinstance(fault, DBAPIError) and fault.connection_invalidated
    return given.sqlstate is None or given.sqlstate[:2] in ("08", "57") or given.sqlstate == "53300"


def _postgres(url: URL) -> AsyncEngine:
    import psycopg

    # A server tuned for speed may acknowledge before its log is on disk, or on the standby's; we never may.
    options = "-c synchronous_commit=on -c timezone=UTC"
    engine = create_async_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=_UNCOUNTED,
        connect_args=connecting(url) | {"options": options},
        json_serializer=compact,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: Any) -> None:
        def told(notice: Any) -> None:
            if committed_here_only(notice):
                record.info[_HERE_ONLY] = True

        connection.driver_connection.add_notice_handler(told)

    @event.listens_for(engine.sync_engine, "checkin")
    def given_back(_connection: Any, record: Any) -> None:
        record.info.setdefault(_USED, time.monotonic())  # of one kept for appends: since its last

    @event.listens_for(engine.sync_engine, "checkout")
    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        """Ask one that has not been used for a moment whether it is still there: a round trip, which others save."""
        if time.monotonic() - record.info.pop(_USED, time.monotonic()) < _FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error as gone:
            raise DisconnectionError from gone  # SQLAlchemy makes another

    return engine


def _to_wal(cursor: Any) -> None:
    """Two processes that both find a new file: SQLite answers the second at once, without its busy timeout."""
    for _ in range(_BUSY_MS // _AGAIN_MS):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault):
                raise
            time.sleep(_AGAIN_MS / 1000)
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def _sqlite(url: URL, threads: WeakSet[Thread]) -> AsyncEngine:
    """`threads`: gets those of its connections, one each."""
    if url.database in (None, "", ":memory:"):
        raise ValueError("the database needs a file")
    engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=_UNCOUNTED, json_serializer=compact)

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, so that DDL and reads are in transactions too
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")  # first: switching to WAL may itself have to wait
        cursor.execute(f"PRAGMA page_size={_PAGE}")  # of a file that is being made; before it has a log
        _to_wal(cursor)
        for pragma in (
            "synchronous=FULL",  # a commit is on disk before it is acknowledged
            "foreign_keys=ON",
            "secure_delete=ON",  # what was erased is overwritten, not only given free
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        threads.add(connection.driver_connection._thread)

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: Any, named: Any) -> OneWaitConnection:
        return OneWaitConnection(dialect.loaded_dbapi, dialect.connect(*arguments, **named).driver_connection)

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        # IMMEDIATE: a transaction that reads, then writes cannot wait for a lock without risking a deadlock.
        how = "BEGIN IMMEDIATE" if options.get("yuntiao_writes", False) else "BEGIN"
        if options.get("yuntiao_at_once", False):
            connection.exec_driver_sql(how)
        else:
            given: Any = connection.connection.dbapi_connection
            given.due = how  # it reads nothing, and locks nothing, before its first statement

    return engine


class NameInUse(StorageError):
    """Somebody has this name already."""

    code = "taken"


class UnreadableDatabase(StorageError):
    """Not this program's tables, or no database that answers."""

    code = "unreadable"


class AlreadyServed(StorageError):
    """Another server works on this database."""

    code = "already_served"
