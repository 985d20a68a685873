"""What `/metrics` tells of the database, of work that waits, and of the disk.

Pools and the disk are looked at while a scrape is answered; the outbox and the queue of jobs have to be asked before.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from journal import Conflict, Draft, Event
from server.db.appending import Guard, anybody
from server.db.engine import Database, newest_revision
from server.db.journal import Projector, SqlJournal
from server.outbox.store import OutboxBacklog, backlogs
from server.serving.jobs.store import JobQueue

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class MeasuredJournal(SqlJournal):
    """Measures how long an entry takes: what everybody in a room waits for with each tap."""

    def __init__(self, database: Database, projectors: Iterable[Projector] = (), guard: Guard = anybody) -> None:
        super().__init__(database, projectors, guard)
        self._seconds = Histogram(
            "yuntiao_journal_append_seconds", "From asking for an entry until it is on the disk, by how it ended.",
            ("outcome",), buckets=_BUCKETS, registry=None,
        )  # fmt: skip

    async def append(self, stream: str, expected: int, drafts: Sequence[Draft]) -> list[Event]:
        began, outcome = time.perf_counter(), "failed"
        try:
            appended = await super().append(stream, expected, drafts)
            outcome = "appended"
            return appended
        except Conflict:
            outcome = "conflict"
            raise
        finally:
            self._seconds.labels(outcome).observe(time.perf_counter() - began)

    def measured_in(self, registry: CollectorRegistry) -> None:
        registry.register(self._seconds)


class DatabaseMetrics(Collector):
    """The pool of connections: in use and idle, and how many there may be."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        in_use, idle, most = self._database.connections
        connections = GaugeMetricFamily(
            "yuntiao_database_connections", "Connections of the pool, by what they do.", labels=["state"]
        )
        connections.add_metric(["in_use"], in_use)
        connections.add_metric(["idle"], idle)
        yield connections
        bound = GaugeMetricFamily("yuntiao_database_connections_most", "How many there may be; then one waits.")
        bound.add_metric([], most)
        yield bound


class DiskMetrics(Collector):
    """The disk the data folder is on."""

    def __init__(self, data: Path, reserve: int) -> None:
        self._data, self._reserve = data, reserve

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            disk = shutil.disk_usage(self._data)
        except OSError:  # it is gone: a series that ends says so
            return
        for name, text, value in (
            ("free", "Free on the disk of the data folder.", disk.free),
            ("size", "Size of that disk.", disk.total),
            ("reserve", "What stays free for the journal: below, nothing is recorded.", self._reserve),
        ):
            gauge = GaugeMetricFamily(f"yuntiao_disk_{name}_bytes", text)
            gauge.add_metric([], value)
            yield gauge


def tell_build(registry: CollectorRegistry) -> None:
    """Which program this is, for whoever compares nodes during an upgrade."""
    build = Gauge(
        "yuntiao_build_info", "1: its version, and the newest tables it knows.", ("version", "tables"),
        registry=registry,
    )  # fmt: skip
    build.labels(metadata.version("yuntiao"), newest_revision()).set(1)


class BacklogMetrics(Collector):
    """What waits: messages for people and for other systems, and jobs. `sample` asks; what could not be had is left
    out, rather than told as it was."""

    def __init__(self, database: Database, queue: JobQueue, now: Callable[[], datetime]) -> None:
        self._database, self._queue, self._now = database, queue, now
        self._outbox: Mapping[str, OutboxBacklog] = {}
        self._jobs: Mapping[str, int] | None = None

    async def ask_outbox(self) -> None:
        self._outbox = {}
        self._outbox = await backlogs(self._database)

    async def ask_jobs(self) -> None:
        self._jobs = None
        self._jobs = await self._queue.depths()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        waiting = GaugeMetricFamily("yuntiao_outbox_waiting", "What is to be sent and is not yet.", labels=["kind"])
        oldest = GaugeMetricFamily(
            "yuntiao_outbox_oldest_seconds", "For how long the oldest of it has been waiting.", labels=["kind"]
        )
        for kind, backlog in self._outbox.items():
            waiting.add_metric([kind], backlog.waiting)
            since = backlog.oldest
            oldest.add_metric([kind], max(0.0, (self._now() - since).total_seconds()) if since else 0.0)
        yield from (waiting, oldest)
        if self._jobs is not None:
            jobs = GaugeMetricFamily("yuntiao_jobs_waiting", "Jobs that nobody works at yet.", labels=["job"])
            for name, number in sorted({"compose": 0, **self._jobs}.items()):
                jobs.add_metric([name], number)
            yield jobs


class ProcessMetrics(Collector):
    """Of each media worker: processor time and memory. `pids`: in their order; None while one is down."""

    def __init__(self, pids: Callable[[], Sequence[int | None]]) -> None:
        self._pids = pids

    def collect(self) -> Iterator[Metric]:
        cpu = CounterMetricFamily("yuntiao_media_worker_cpu_seconds", "Processor time it has used.", labels=["worker"])
        memory = GaugeMetricFamily("yuntiao_media_worker_resident_bytes", "Memory it has.", labels=["worker"])
        for n, pid in enumerate(self._pids()):
            if pid is not None and (found := _used(pid)) is not None:
                cpu.add_metric([str(n)], found[0])
                memory.add_metric([str(n)], found[1])
        yield from (cpu, memory)


def _used(pid: int) -> tuple[float, float] | None:
    """Seconds of processor and bytes of memory; None where the system does not say (proc(5))."""
    try:
        fields: list[Any] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return (int(fields[11]) + int(fields[12])) / ticks, float(int(fields[21]) * page)
