"""Is it alive, is it ready, and what does it measure: `/healthz`, `/readyz`, `/metrics`.

Owns the registry of this application's metrics. Metrics are for this machine only: whoever comes through a
proxy is not from here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from server.addresses import loopback
from web import proxies
from web.json_answers import json_response

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[bool]]

_LAG_EVERY = 1.0  # seconds
_CHECK_SECONDS = 3.0
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Health:
    """`checks` are asked by `/readyz`, each must say yes within three seconds; `gauges` are read at each scrape."""

    def __init__(self, checks: Mapping[str, Check], gauges: Mapping[str, Callable[[], float]]) -> None:
        self._checks = checks
        self._ready = False
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "yuntiao_http_requests", "Requests by route and status.", ("method", "route", "status"),
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "yuntiao_http_request_seconds", "Time to answer, by route.", ("route",), buckets=_BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self._lag = Gauge("yuntiao_loop_lag_seconds", "How late the loop comes to its timers.", registry=self.registry)
        for name, read in gauges.items():
            Gauge(f"yuntiao_{name}", name.replace("_", " "), registry=self.registry).set_function(read)

    def install(self, app: web.Application) -> None:
        """The routes, and the outermost middleware."""
        app.middlewares.insert(0, self.measure)
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
        return json_response({"ok": True})

    async def readyz(self, _request: web.Request) -> web.Response:
        found = {name: await _asked(name, check) for name, check in self._checks.items()}
        ready = self._ready and all(found.values())
        return json_response({"ready": ready, "checks": found}, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        if proxies.forwarded(request) or not loopback(proxies.hop(request).address):
            raise web.HTTPNotFound
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @property
    def measure(self) -> Middleware:
        @web.middleware
        async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
            began, status = time.perf_counter(), 500
            try:
                response = await handler(request)
                status = response.status
            except web.HTTPException as answer:
                status = answer.status
                raise
            finally:
                # The route's pattern, never the path: a path may hold a link's secret.
                resource = request.match_info.route.resource
                route = resource.canonical if resource else "none"
                # There are many methods, and a parser may let made-up ones through: each would be a series for ever.
                method = request.method if request.method in hdrs.METH_ALL else "other"
                self._requests.labels(method, route, str(status)).inc()
                if request.headers.get("Upgrade") is None:
                    self._seconds.labels(route).observe(time.perf_counter() - began)
            return response

        return measured

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_LAG_EVERY)
            self._lag.set(max(0.0, time.perf_counter() - began - _LAG_EVERY))


async def _asked(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check()
    except Exception as fault:  # whatever is wrong with it, it is not ready
        log.warning("not ready", check=name, fault=f"{type(fault).__name__}: {fault}")
        return False
