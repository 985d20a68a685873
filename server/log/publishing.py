"""The log's public face: implements `web.ports.Log`."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from journal import Journal
from journal.notes import checkpoint_of, public_key, split
from journal.verification import Growth
from server.log import keys
from server.log.keeper import CheckpointKeeper
from server.storage.attestation_store import OPEN, AttestationStore
from server.storage.log_store import LogStore
from web.ports import Attested, LogState


class PublishedLog:
    """The key is the one the journal adopted; that the file holds another is the keeper's fault to tell."""

    def __init__(
        self, journal: Journal, store: LogStore, attestations: AttestationStore, keeper: CheckpointKeeper
    ) -> None:
        self._journal, self._store, self._attestations, self._keeper = journal, store, attestations, keeper

    async def state(self) -> LogState:
        newest = await self._store.newest()
        checkpoint = checkpoint_of(split(newest.note)[0]) if newest else None
        attested = [
            Attested(one.kind, _host(one.place), one.size, one.got_at)
            for one in await self._attestations.newest()
            if one.got_at is not None
        ]
        owed = await self._attestations.of(newest.size) if newest else []
        return LogState(
            origin=checkpoint.origin if checkpoint else "",
            key=await self.key(),
            size=checkpoint.size if checkpoint else 0,
            root=base64.b64encode(checkpoint.root).decode() if checkpoint else "",
            made=checkpoint.made if checkpoint else None,
            fault=self._keeper.fault,
            attested=tuple(attested),
            waiting=tuple(dict.fromkeys(_host(one.place) for one in owed if one.state in (*OPEN, "dead"))),
        )

    async def note(self) -> str:
        newest = await self._store.newest()
        if newest is None:
            return ""
        signed = [one.answer or b"" for one in await self._attestations.of(newest.size) if one.kind == "witness"]
        return newest.note + b"".join(signed).decode()

    async def growth(self, old: int) -> str:
        newest = await self._store.newest()
        if newest is None or not 0 < old <= newest.size:
            return ""
        return Growth(old, tuple(await self._store.consistency(old, newest.size)), newest.note).text()

    async def key(self) -> str:
        known = keys.adopted(await self._journal.read(keys.STREAM))
        return public_key(*known[-1]) if known else ""


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
