"""The log as pages see it and as `/metrics` tell of it, and its parts put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from journal import Journal
from journal.notes import witness_key_of
from server.db.engine import Database
from server.evidence import log_keeper
from server.evidence.attesting import AttestationService, Attestor, TimestampAuthority, WitnessService, roots_in
from server.evidence.log_keeper import FAULTS, CheckpointKeeper, KnownKeys, PublishedLog
from server.evidence.log_store import AttestationStore, LogStore
from server.serving.settings import Settings


class LogMetrics(Collector):
    """How the log stands, in `/metrics`: signed up to where and when, what keeps it from that, what outsiders owe."""

    def __init__(self, keeper: CheckpointKeeper, attesting: AttestationService) -> None:
        self._keeper, self._attesting = keeper, attesting

    def collect(self) -> Iterator[GaugeMetricFamily]:
        newest = self._keeper.newest
        size = GaugeMetricFamily("yuntiao_log_checkpoint_events", "Events under the newest signed checkpoint.")
        size.add_metric([], newest.size if newest else 0)
        yield size
        made = GaugeMetricFamily("yuntiao_log_checkpoint_timestamp_seconds", "When it was signed, Unix time.")
        made.add_metric([], newest.made.timestamp() if newest else 0)
        yield made
        faults = GaugeMetricFamily("yuntiao_log_fault", "1: the log is not signed for this reason.", labels=["fault"])
        for fault in FAULTS:
            faults.add_metric([fault], float(self._keeper.fault == fault))
        yield faults
        attestations = GaugeMetricFamily(
            "yuntiao_log_attestations", "Of checkpoints by outsiders, by state.", labels=["kind", "state"]
        )
        for (kind, state), number in self._attesting.states.items():
            attestations.add_metric([kind, state], number)
        yield attestations


@dataclass(frozen=True, slots=True)
class LogParts:
    """Puts the log's parts together: what `server.app.wiring` starts, stops, shows and measures."""

    store: LogStore
    keeper: CheckpointKeeper
    attesting: AttestationService
    published: PublishedLog

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.keeper.start()
        await self.attesting.start()
        yield
        await self.keeper.stop()
        await self.attesting.stop()


def assemble_log(settings: Settings, database: Database, journal: Journal, now: Callable[[], datetime]) -> LogParts:
    """ValueError when the authority's root certificates cannot be read."""
    store, attestations = LogStore(database), AttestationStore(database)
    attestors = _attestors(settings, now)
    keeper = CheckpointKeeper(
        store,
        KnownKeys(journal, now),
        partial(log_keeper.configured_signer, settings.data),
        settings.data,
        timedelta(minutes=settings.log_every),
        now,
        list(attestors),
    )
    attesting = AttestationService(attestations, attestors, now)
    keeper.on_made.append(attesting.nudge)
    return LogParts(store, keeper, attesting, PublishedLog(journal, store, attestations, keeper))


def witness_keys(settings: Settings) -> list[tuple[str, bytes]]:
    """Name and raw key of each witness that has one, in the order of the addresses."""
    return [witness_key_of(text) for text in settings.witness_keys]


def _attestors(settings: Settings, now: Callable[[], datetime]) -> dict[tuple[str, str], Attestor]:
    found: dict[tuple[str, str], Attestor] = {}
    if settings.tsa_url and settings.tsa_roots is not None:
        found["timestamp", settings.tsa_url] = TimestampAuthority(settings.tsa_url, roots_in(settings.tsa_roots))
    secret = settings.witness_secret.get_secret_value()
    for url, key in zip_longest(settings.witness_urls, witness_keys(settings)):
        found["witness", url] = WitnessService(url, secret, now, key=key)
    return found
