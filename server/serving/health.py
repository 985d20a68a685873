"""Is it alive, is it ready, and what does it measure: `/healthz`, `/readyz`, `/metrics`.

Owns the registry of this application's metrics. They are told to this machine, and to whoever has the token: whoever
comes through a proxy is not from here. Pools and the disk are looked at while a scrape is answered; the outbox and
the queue of jobs have to be asked before.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from media.engine import Measurement
from rooms.events import encode_json
from rooms.live.registry import Rooms
from server.db import answered
from server.db.appending import Lasted
from server.db.engine import Database, newest_revision
from server.outbox.store import OutboxBacklog, backlogs
from server.serving.jobs.store import JobQueue
from server.serving.listener import RequestLog, RequestMetrics, name_request

_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def journal_seconds() -> Histogram:
    """How long an entry takes: what everybody in a room waits for with each tap."""
    return Histogram(
        "yuntiao_journal_append_seconds", "From asking for an entry until it is on the disk, by how it ended.",
        ("outcome",), buckets=_BUCKETS, registry=None,
    )  # fmt: skip


def lasted(seconds: Histogram) -> Mapping[str, Lasted]:
    """For the journal, by how an append ended."""
    return {outcome: seconds.labels(outcome).observe for outcome in ("appended", "conflict", "failed")}


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


log = structlog.get_logger(__name__)

Check = Callable[[], Coroutine[Any, Any, bool]]

_LAG_EVERY = 1.0  # seconds
_CHECK_SECONDS = 3.0
_SAMPLE_SECONDS = 2.0


class Health:
    """`checks` are asked by `/readyz`, each must say yes within three seconds; `gauges` are read at each scrape.

    `from_here`: whether a request comes from this machine, and through no proxy. `drains`: it is about to stop.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        gauges: Mapping[str, Callable[[], float]],
        from_here: Callable[[web.Request], bool],
        drains: Callable[[], bool] = lambda: False,
        token: Callable[[], str] = str,
        kept: RequestLog = RequestLog(),  # noqa: B008 - frozen
    ) -> None:
        self._checks, self._from_here, self._drains, self._token = checks, from_here, drains, token
        self.samples: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        """By name, what has to be asked for before its figures can be read: at each scrape, within two seconds."""
        self._ready = False
        self.lag = 0.0
        """Seconds that the loop came late to its last timer."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = RequestMetrics(self.registry, kept)
        self._unasked = Counter(
            "yuntiao_metrics_failed", "Figures that could not be had when they were asked for.", ("figures",),
            registry=self.registry,
        )  # fmt: skip
        self._lag = Gauge("yuntiao_loop_lag_seconds", "How late the loop comes to its timers.", registry=self.registry)
        for name, read in gauges.items():
            Gauge(f"yuntiao_{name}", name.replace("_", " "), registry=self.registry).set_function(read)

    def install(self, app: web.Application) -> None:
        """The routes, and the outermost middleware."""
        app.middlewares.insert(0, self._requests.measure)
        app.on_response_prepare.append(name_request)
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.metrics)

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """The last cleanup context: ready between its two halves."""
        watch = asyncio.create_task(self._watch(), name="loop lag")
        self._ready = True
        yield
        self._ready = False
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)

    # ------------------------------------------------------------ routes

    async def healthz(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True}, dumps=encode_json)

    async def readyz(self, _request: web.Request) -> web.Response:
        found = {name: await _asked(name, check) for name, check in self._checks.items()}
        ready = self._ready and not self._drains() and all(found.values())
        return web.json_response({"ready": ready, "checks": found}, status=200 if ready else 503, dumps=encode_json)

    async def metrics(self, request: web.Request) -> web.Response:
        if not (self._from_here(request) or self._knows_token(request)):
            raise web.HTTPNotFound
        await asyncio.gather(*(self._asked_for(name, sample) for name, sample in self.samples.items()))
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _knows_token(self, request: web.Request) -> bool:
        given = request.headers.get(hdrs.AUTHORIZATION, "").encode(errors="surrogateescape")
        token = self._token().encode()
        return bool(token) and hmac.compare_digest(given, b"Bearer " + token)

    async def _asked_for(self, name: str, sample: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """The rest is told all the same: figures are wanted most while something is wrong."""
        try:
            await answered(sample(), _SAMPLE_SECONDS)
        except Exception as fault:
            self._unasked.labels(name).inc()
            log.warning("figures cannot be had", figures=name, fault=f"{type(fault).__name__}: {fault}")

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_LAG_EVERY)
            self.lag = max(0.0, time.perf_counter() - began - _LAG_EVERY)
            self._lag.set(self.lag)


async def _asked(name: str, check: Check) -> bool:
    try:
        return await answered(check(), _CHECK_SECONDS)
    except Exception as fault:  # whatever is wrong with it, it is not ready
        log.warning("not ready", check=name, fault=f"{type(fault).__name__}: {fault}")
        return False


_GAUGES = {
    "packets": ("packets_per_second", "Media packets in and out in the last second."),
    "lag": ("loop_lag_seconds", "How late its loop comes to its timers, mean of three seconds."),
    "most_lag": ("loop_lag_max_seconds", "The same, worst of the last second."),
    "rooms": ("rooms", "Rooms with media."),
    "participants": ("participants", "People in them."),
    "peers": ("peers", "Their connections, two for most people."),
}
_COUNTERS = {
    "received": ("received", "Datagrams received."),
    "sent": ("sent", "Media packets sent."),
    "captioned": ("captioned", "Packets of microphones handed over to become captions."),
}


class MediaMetrics(Collector):
    """What the media workers say of themselves, in `/metrics`: load, lag and why packets were dropped, for each worker.

    `loads` gives each worker's last report, empty while it is down. Counts begin anew with a new worker.
    """

    def __init__(self, loads: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        self._loads = loads

    def collect(self) -> Iterator[Metric]:
        loads = {str(n): load for n, load in enumerate(self._loads())}
        up = GaugeMetricFamily("yuntiao_media_worker_up", "Whether the worker reports.", labels=["worker"])
        for worker, load in loads.items():
            up.add_metric([worker], 1.0 if load else 0.0)
        yield up
        for key, (name, text) in _GAUGES.items():
            gauge = GaugeMetricFamily(f"yuntiao_media_{name}", text, labels=["worker"])
            for worker, load in loads.items():
                if key in load:
                    gauge.add_metric([worker], float(load[key]))
            yield gauge
        for key, (name, text) in _COUNTERS.items():
            counter = CounterMetricFamily(f"yuntiao_media_{name}", text, labels=["worker"])
            for worker, load in loads.items():
                if key in load:
                    counter.add_metric([worker], float(load[key]))
            yield counter
        dropped = CounterMetricFamily(
            "yuntiao_media_dropped", "Datagrams and packets dropped, by cause.", labels=["worker", "cause"]
        )
        for worker, load in loads.items():
            for cause, count in sorted(load.get("drops", {}).items()):
                dropped.add_metric([worker, cause], float(count))
        yield dropped


_SHARES = (0.0, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5)
_SECONDS = (0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0)
_FRAMES = (0.0, 2.0, 5.0, 8.0, 12.0, 16.0, 20.0, 25.0)


class ClientMetrics:
    """How connections are at the clients, where it matters: distributions of what they report. Names nobody.

    `note` takes each report as it comes.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def share(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(f"yuntiao_client_{name}", text, labels, buckets=_SHARES, registry=registry)

        self._reports = Counter(
            "yuntiao_client_reports", "Reports by quality, 1 (bad) to 4, and by way.", ("level", "way"),
            registry=registry,
        )  # fmt: skip
        self._loss = share("loss", "Share of packets lost, as clients report it.", "way")
        self._concealed = share("concealed", "Share of sound made up by the browser.")
        self._frozen = share("frozen", "Share of time a picture stood still.")
        self._rtt = Histogram(
            "yuntiao_client_rtt_seconds", "Round trips as clients measure them.", buckets=_SECONDS, registry=registry
        )
        self._frames = Histogram(
            "yuntiao_client_frames", "Frames a second of the best picture seen.", buckets=_FRAMES, registry=registry
        )

    def note(self, measured: Measurement) -> None:
        self._reports.labels(str(measured.level), "relay" if measured.relayed else "direct").inc()
        self._loss.labels("up").observe(measured.loss_up)
        self._loss.labels("down").observe(measured.loss_down)
        self._concealed.observe(measured.concealed)
        self._frozen.observe(measured.frozen)
        self._rtt.observe(measured.rtt)
        if measured.frames is not None:
            self._frames.observe(measured.frames)


class RoomMetrics(Collector):
    """How people in rooms fare, as metrics: the distribution of connection quality, and whose pictures rest.

    Counted at each scrape; names nobody.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def collect(self) -> Iterator[GaugeMetricFamily]:
        rooms = GaugeMetricFamily(
            "yuntiao_rooms", "Rooms with a task (awake), and sessions under way that somebody is in (occupied).",
            labels=["state"],
        )  # fmt: skip
        rooms.add_metric(["awake"], self._rooms.awake)
        rooms.add_metric(["occupied"], self._rooms.occupied)
        yield rooms
        draining = GaugeMetricFamily("yuntiao_draining", "1: it is about to stop, and opens no session.")
        draining.add_metric([], float(self._rooms.drains))
        yield draining
        quality = GaugeMetricFamily(
            "yuntiao_connection_quality_seats", "People in rooms by connection quality, 1 (bad) to 4.", labels=["level"]
        )
        for level, number in self._rooms.qualities().items():
            quality.add_metric([level], number)
        yield quality
        resting = GaugeMetricFamily(
            "yuntiao_pictures_resting_seats", "People whose pictures rest, to or from them.", labels=["way"]
        )
        for way, number in self._rooms.resting().items():
            resting.add_metric([way], number)
        yield resting
