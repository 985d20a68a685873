"""Puts the log's parts together: what `server.wiring` starts, stops, shows and measures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest

from journal import Journal
from journal.notes import witness_key_of
from server.log import signers
from server.log.attesting import Attesting, Attestor
from server.log.keeper import CheckpointKeeper
from server.log.keys import KnownKeys
from server.log.publishing import PublishedLog
from server.log.timestamp import TimestampAuthority, roots_in
from server.log.witness import Witness
from server.settings import Settings
from server.storage.attestation_store import AttestationStore
from server.storage.engine import Database
from server.storage.log_store import LogStore


@dataclass(frozen=True, slots=True)
class LogParts:
    store: LogStore
    keeper: CheckpointKeeper
    attesting: Attesting
    published: PublishedLog

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.keeper.start()
        await self.attesting.start()
        yield
        await self.keeper.stop()
        await self.attesting.stop()


def assemble(settings: Settings, database: Database, journal: Journal, now: Callable[[], datetime]) -> LogParts:
    """ValueError when the authority's root certificates cannot be read."""
    store, attestations = LogStore(database), AttestationStore(database)
    attestors = _attestors(settings, now)
    keeper = CheckpointKeeper(
        store,
        KnownKeys(journal, now),
        partial(signers.installation, settings.data),
        settings.data,
        timedelta(minutes=settings.log_every),
        now,
        list(attestors),
    )
    attesting = Attesting(attestations, attestors, now)
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
        found["witness", url] = Witness(url, secret, now, key=key)
    return found
