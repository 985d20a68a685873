"""What a cell's processes use: processor, memory, connections, what the database writes, what goes to browsers."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from server.app.rehearsal.command import Venue
from tests.tools.bench.media.accounts import children_of, command_of, family_of, memory_of
from tests.tools.data.postgres import libpq

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_SENT: Final = re.compile(r"bytes_sent:(\d+)")
_MEDIA: Final = "server.rooms.worker"


@dataclass(frozen=True)
class Account:
    """At one moment. Seconds of processor, bytes, and counts since the beginning; `memory_…` bytes now."""

    at: float
    web: float
    media: float
    other: float  # what nodes started besides: jobs
    database: float
    clients: float
    memory_web: float
    memory_media: float
    memory_database: float
    connections: float
    commits: float
    wal: float
    events: float
    event_bytes: float  # of the rows themselves
    recorded: float  # bytes in the nodes' folders of recordings
    sent: float  # bytes that the nodes' sockets of pages and messages sent, each as far as it was last seen


FIGURES: Final[Mapping[str, tuple[str, float]]] = {
    "web": ("web_cpu", 1),
    "media": ("media_cpu", 1),
    "other": ("jobs_cpu", 1),
    "database": ("database_cpu", 1),
    "clients": ("clients_cpu", 1),
    "memory_web": ("web_mb", 1e6),
    "memory_media": ("media_mb", 1e6),
    "memory_database": ("database_mb", 1e6),
    "connections": ("database_connections", 1),
    "commits": ("commits_per_s", 1),
    "wal": ("wal_kb_per_s", 1e3),
    "events": ("events_per_s", 1),
    "event_bytes": ("event_kb_per_s", 1e3),
    "recorded": ("recorded_kb_per_s", 1e3),
    "sent": ("sent_kb_per_s", 1e3),
}
"""What each is called, and by what it is divided; what is of a moment stays so."""
OF_A_MOMENT: Final = ("memory_web", "memory_media", "memory_database", "connections")


def between(before: Account, after: Account) -> dict[str, float]:
    """Per second; of a moment: as it was at the end."""
    seconds = after.at - before.at
    return {
        name: getattr(after, what) / unit
        if what in OF_A_MOMENT
        else (getattr(after, what) - getattr(before, what)) / seconds / unit
        for what, (name, unit) in FIGURES.items()
    }


class Accounts:
    """Of these nodes and their database. `backend` keeps one connection of its own, which is not counted."""

    def __init__(self, url: str, nodes: Sequence[Venue]) -> None:
        self._nodes = nodes
        self._connection = psycopg.connect(libpq(url), autocommit=True)
        self._database = _parent(self._connection.info.backend_pid)
        self._sockets: dict[str, int] = {}  # their two ends, and bytes
        self._sent_before = 0  # by earlier sockets of the same ends

    def close(self) -> None:
        self._connection.close()

    def servers(self) -> float:
        """Seconds of processor that the database's processes have used, but for the one that counts: it goes through
        all events, which are more with each step."""
        others = [pid for pid in children_of(self._database) if pid != self._connection.info.backend_pid]
        return _cpu(self._database, reaped=True) + sum(map(_cpu, others))

    def now(self) -> Account:
        web, media, other = self._pids()
        servers = children_of(self._database)
        counted = self._connection.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') - 1,"
            " (SELECT sum(xact_commit) FROM pg_stat_database),"
            " pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'),"
            " (SELECT size FROM log_head), (SELECT coalesce(sum(pg_column_size(e.*)), 0) FROM events AS e)"
        ).fetchone()
        assert counted is not None
        connections, commits, wal, events, event_bytes = map(float, counted)
        return Account(
            at=time.monotonic(),
            web=sum(map(_cpu, web)),
            media=sum(map(_cpu, media)),
            other=sum(map(_cpu, other)),
            database=self.servers(),
            clients=sum(os.times()[:2]),
            memory_web=sum(map(memory_of, web)),
            memory_media=sum(map(memory_of, media)),
            memory_database=sum(map(memory_of, [self._database, *servers])),
            connections=connections,
            commits=commits,
            wal=wal,
            events=events,
            event_bytes=event_bytes,
            recorded=sum(map(_recorded, self._nodes)),
            sent=self._sent(),
        )

    def _sent(self) -> int:
        for ends, sent in (pair for node in self._nodes for pair in _sockets(node)):
            if sent < (before := self._sockets.get(ends, 0)):
                self._sent_before += before
            self._sockets[ends] = sent
        return self._sent_before + sum(self._sockets.values())

    def _pids(self) -> tuple[list[int], list[int], list[int]]:
        web = [node.process.pid for node in self._nodes if node.process is not None]
        started = [child for pid in web for child in family_of(pid)]
        media = [pid for pid in started if _MEDIA in command_of(pid)]
        return web, media, [pid for pid in started if pid not in media]


def _cpu(pid: int, reaped: bool = False) -> float:
    """Seconds that a process has used; `reaped`: with those it started that have ended. 0 of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if reaped else 13])) / _TICKS


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _recorded(node: Venue) -> int:
    return sum(path.stat().st_size for path in (node.data / "recordings").rglob("*") if path.is_file())


def _sockets(node: Venue) -> list[tuple[str, int]]:
    """Open ones: both ends, and bytes sent."""
    port = node.url.rpartition(":")[2]
    told = subprocess.run(["ss", "-HtinO", f"sport = :{port}"], capture_output=True, text=True, check=False).stdout
    lines = [(line.split(), _SENT.search(line)) for line in told.splitlines()]
    return [(" ".join(words[3:5]), int(sent[1])) for words, sent in lines if sent is not None]
