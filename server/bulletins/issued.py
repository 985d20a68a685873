"""Bulletins as they were issued. Implements `web.ports.bulletins.IssuedBulletins`.

What was issued lies in `<data>/bulletins/` under its SHA-256, written and durable before the journal names it; a file
that no event names is left from a crash and harmless. What is read back must have the hash the journal says.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from complaints.insight.bulletin import Bulletin, Kind
from complaints.insight.issued_bulletins import (
    BulletinIssued,
    Edition,
    IssueBulletin,
    IssueService,
    WithdrawBulletin,
    fold,
    number,
    stream,
)
from complaints.insight.spots import circle
from complaints.statistics.periods import Period
from journal import Journal
from recordings.durable import write_once
from recordings.reserve import NO_RESERVE, DiskReserve
from server.bulletins.desk import BulletinDesk
from server.refusing import said
from server.storage import hotspots, issued_bulletins
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from web.i18n import LANGUAGES, words_of
from web.insight import bulletin_paper, editions
from web.ports import Officer, Refused
from web.ports.bulletins import Bars, IssuedBulletin, Paper, Section, Sheet


class IssuedDesk:
    """`desk` counts and prints; `folder`: `<data>/bulletins`."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        desk: BulletinDesk,
        folder: Path,
        now: Callable[[], datetime],
        reserve: DiskReserve = NO_RESERVE,
    ) -> None:
        self._database, self._desk, self._folder, self._reserve = database, desk, folder, reserve
        self._service = IssueService(journal, now)

    async def editions(self, officer: Officer, kind: Kind, period: Period) -> Sequence[IssuedBulletin]:
        scope, _ = await self._scope(officer)
        async with self._database.read() as connection:
            shelf = fold(await stream_events(connection, stream(kind, period.first)))
        return [told(kind, one) for one in shelf.editions if one.issued.scope == scope]

    async def issue(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> None:
        if today <= period.last:
            raise Refused("bad_day", 409, field="last")
        bulletin = await self._desk.bulletin(officer, kind, period, today, public)
        scope, offices = await self._scope(officer)
        before = [one for one in await self.editions(officer, kind, period) if one.public == public]
        old = await self._papers(before[-1].papers) if before else {}
        papers = {
            language: editions.edition(
                bulletin_paper.paper(bulletin, officer.office.name, words_of(language)),
                number(kind, period.first),
                len(before) + 1,
                old.get(language),
            )
            for language in LANGUAGES
        }
        body = json.dumps({language: asdict(one) for language, one in papers.items()}, default=str, ensure_ascii=False)
        prints = {language: await self._keep(await self._desk.printed(one), "pdf") for language, one in papers.items()}
        event = BulletinIssued(
            scope,
            tuple(offices),
            officer.office.name,
            public,
            len(before) + 1,
            number(kind, period.first),
            period.first,
            period.last,
            await self._keep(body.encode(), "json"),
            prints,
            _figures(bulletin),
        )
        with said():
            await self._service.submit(kind, period.first, IssueBulletin(event, today), officer.actor)

    async def withdraw(self, officer: Officer, kind: Kind, period: Period, public: bool, reason: str) -> None:
        scope, _ = await self._scope(officer)
        with said():
            command = WithdrawBulletin(scope, public, reason)
            await self._service.submit(kind, period.first, command, officer.actor)

    async def published(self) -> Sequence[IssuedBulletin]:
        return await issued_bulletins.standing(self._database)

    async def public(self, kind: Kind, first: date, scope: str) -> IssuedBulletin:
        async with self._database.read() as connection:
            shelf = fold(await stream_events(connection, stream(kind, first)))
        mine = shelf.of(scope, True)
        if not mine:
            raise Refused("not_found", 404)
        return told(kind, mine[-1])

    async def paper(self, issued: IssuedBulletin, language: str) -> Paper:
        papers = await self._papers(issued.papers)
        if language not in papers:
            raise Refused("not_found", 404)
        return papers[language]

    async def print(self, issued: IssuedBulletin, language: str) -> bytes:
        if language not in issued.prints:
            raise Refused("not_found", 404)
        return await self._read(issued.prints[language], "pdf")

    # ------------------------------------------------------------ steps of the above

    async def _scope(self, officer: Officer) -> tuple[str, Sequence[str]]:
        async with self._database.read() as connection:
            offices = await hotspots.seen_by(connection, officer)
        return circle(offices), offices

    async def _papers(self, digest: str) -> dict[str, Paper]:
        found = json.loads(await self._read(digest, "json"))
        return {language: _paper(one) for language, one in found.items()}

    async def _keep(self, content: bytes, ending: str) -> str:
        digest = hashlib.sha256(content).hexdigest()

        def write() -> None:
            self._reserve.require(len(content))
            self._folder.mkdir(parents=True, exist_ok=True)
            write_once(self._folder / f"{digest}.{ending}", content)

        await asyncio.to_thread(write)
        return digest

    async def _read(self, digest: str, ending: str) -> bytes:
        path = self._folder / f"{digest}.{ending}"
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise Refused("unreadable", 500) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise Refused("unreadable", 500)
        return content


def _paper(kept: dict[str, Any]) -> Paper:
    sections = [
        Section(
            one["heading"],
            one["sentences"],
            Bars(one["bars"]["says"], [(label, count) for label, count in one["bars"]["bars"]])
            if one["bars"]
            else None,
            Sheet(one["sheet"]["head"], one["sheet"]["rows"]) if one["sheet"] else None,
        )
        for one in kept["sections"]
    ]
    return Paper(**{**kept, "day": date.fromisoformat(kept["day"]), "sections": sections})


def told(kind: str, one: Edition) -> IssuedBulletin:
    it = one.issued
    return IssuedBulletin(
        kind, Period(it.first, it.last), it.scope, it.public, it.edition, it.number, it.office_name, one.at, one.by,
        it.papers, it.prints, one.withdrawn, one.withdrawn_at,
    )  # fmt: skip


def _figures(bulletin: Bulletin) -> str:
    """Stands for all that was counted, whatever the words and the day."""
    counted = json.dumps(asdict(bulletin), default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(counted.encode()).hexdigest()
