"""Bulletins and warnings: put together for pages, issued, printed.

Prints bulletins as PDF/A, tagged and with bookmarks: the same paper gives the same bytes, with the same typesetter
and font. What a paper says reaches the layout only as data, which typst never reads as markup.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import typst

from casebook.views import CaseRow
from complaints.insight.bulletin import (
    BY,
    TOP,
    AskLeaders,
    Bulletin,
    BulletinEdition,
    BulletinFigure,
    BulletinIssued,
    ChooseCase,
    IssueBulletin,
    IssueService,
    Kind,
    TypicalCase,
    WithdrawBulletin,
    earlier,
    fold,
    made_public,
    movers,
    number,
    period_of,
    stream,
)
from complaints.insight.spots import circle
from complaints.insight.views import (
    BulletinCase,
    BulletinChart,
    BulletinPaper,
    BulletinSection,
    BulletinTable,
    IssuedBulletin,
    PublicWarning,
    ShownWarningDraft,
    WarningPage,
)
from complaints.insight.warnings import (
    WarningCommand,
    WarningService,
    advice_stream,
    fold as warning_of,
    fold_advice,
    stream as warning_stream,
)
from complaints.statistics import find_statistic
from complaints.statistics.figures import TOTAL, Period
from complaints.statistics.views import StatisticsQuery
from journal import Journal
from journal.refusals import Refused, refusal_of
from law.library import Library
from offices import Officer
from recordings.files import NO_RESERVE, FreeSpace, write_once
from server.casebook.store import Shelved, published_cases, shelf_rows
from server.db.engine import Database
from server.db.journal import stream_events
from server.db.rows import local_span
from server.documents import STANDARDS, PdfRenderer, Unprintable
from server.insight import hotspot_store
from server.insight.hotspot_store import HotspotService
from server.insight.respondent_store import SqlRespondents
from server.leads.store import leads_told
from server.statistics.store import SqlStatistics

LAYOUT: Final = Path(__file__).parent / "bulletin.typ"


class BulletinRenderer:
    def __init__(self, press: PdfRenderer) -> None:
        self._press = press

    def print(self, paper: BulletinPaper) -> bytes:
        """Takes a quarter of a second. Unprintable, NoFont."""
        font = self._press.font
        told = asdict(paper) | {"day": [paper.day.year, paper.day.month, paper.day.day]}
        try:
            made = typst.compile(
                str(LAYOUT),
                root=str(LAYOUT.parent),
                font_paths=font.fonts,
                ignore_system_fonts=True,
                sys_inputs={"font": font.family, "paper": json.dumps(_shown(told, self._press))},
                pdf_standards=STANDARDS,  # type: ignore[arg-type]
            )
        except typst.TypstError as fault:
            raise Unprintable(str(fault)) from None
        return made


def _shown(value: Any, press: PdfRenderer) -> Any:
    """Every text in characters the font has."""
    match value:
        case str():
            return press.says(value)
        case dict():
            return {name: _shown(item, press) for name, item in value.items()}
        case list() | tuple():
            return [_shown(item, press) for item in value]
        case _:
            return value


TREND = {"week": 13, "month": 13}  # bars of the chart
RECEIVED = "received"
MOST_CASES: Final = 30  # to choose from


class BulletinService:
    """Bulletins as pages ask for them. Implements `Bulletins`.

    `library`: the law as it stands now; `samples`: a demo's, where invented cases are told like any other."""

    def __init__(
        self,
        database: Database,
        press: BulletinRenderer,
        library: Callable[[], Awaitable[Library]],
        samples: bool = False,
    ) -> None:
        self._database, self._press, self._library, self._samples = database, press, library, samples
        self._statistics, self._respondents = SqlStatistics(database), SqlRespondents(database)

    async def bulletin(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> Bulletin:
        if period.first > today or period != period_of(kind, period.first):
            raise Refused("not_found", 404)
        if public and kind != "month":  # weeks could be subtracted from their month
            raise Refused("not_public", 409)
        day = min(today, period.last + timedelta(days=1))
        whole = await self._statistics.overview(officer, StatisticsQuery(period, day))
        offices = [office.id for office in whole.offices]
        before = earlier(period, kind, 2)[0]
        so_far = Period(period.first, min(period.last, today))
        now_by, before_by = [{by: await self._by(one, day, by, offices) for by in BY} for one in (period, before)]
        bulletin = Bulletin(
            kind,
            period,
            officer.office.name if len(offices) == 1 else "",
            public=False,
            figures=[
                (id_, BulletinFigure(whole.now[id_], whole.previous.get(id_), whole.year_before.get(id_)))
                for id_ in whole.now
            ],
            trend=[
                (
                    one.first.isoformat() if kind == "week" else f"{one.first:%Y-%m}",
                    await self._all(one, day, offices),
                )
                for one in earlier(period, kind, TREND[kind])
            ],
            tables={
                by: [
                    (label, now_by[by].get(label, 0), before_by[by].get(label, 0))
                    for label in sorted(now_by[by].keys() | before_by[by].keys())
                ]
                for by in BY
            },
            movers=movers(now_by, before_by, (_days(so_far), _days(before))),
            leads=await leads_told(self._database, officer, period, day),
            respondents=[
                (row.key, row.name, row.complaints) for row in (await self._respondents.listed(officer, period))[:TOP]
            ],
            running=today <= period.last,
        )
        return await self._with_case(officer, made_public(bulletin) if public else bulletin)

    async def cases(
        self, officer: Officer, bulletin: Bulletin, found: Sequence[str] | None = None
    ) -> Sequence[CaseRow]:
        """Of each class that rose the newest, then the newest of all; each once. Of those found by words, these."""
        if found is not None:
            order = {id_: n for n, id_ in enumerate(found)}
            among = Shelved(ids=found, samples=self._samples)
            rows, _ = await shelf_rows(self._database, among, 1, len(found) or 1)
            return sorted(rows, key=lambda row: order[row.id])
        shelves = [_shelf(one.by, one.label, self._samples) for one in bulletin.rose]
        newest = dict[str, CaseRow]()
        for shelf in [*shelves, Shelved(samples=self._samples)]:
            rows, _ = await shelf_rows(self._database, shelf, 1, MOST_CASES)
            newest |= {row.id: row for row in rows if row.id not in newest}
        return list(newest.values())[:MOST_CASES]

    async def printed(self, paper: BulletinPaper) -> bytes:
        return await asyncio.to_thread(self._press.print, paper)

    async def _with_case(self, officer: Officer, bulletin: Bulletin) -> Bulletin:
        """By the rule, or as an officer chose; and with the office's own advice."""
        async with self._database.read() as connection:
            scope = circle(await hotspot_store.seen_by(connection, officer))
            shelf = fold(await stream_events(connection, stream(bulletin.kind, bulletin.period.first)))
            advice = fold_advice(await stream_events(connection, advice_stream(officer.office.id)))
        bulletin = replace(bulletin, advice=advice)
        choice = shelf.choice(scope, bulletin.public)
        if choice.how == "none":
            return replace(bulletin, untold="left_out")
        if choice.how == "case":
            case = await self._told(choice.case, "taken")
            return replace(bulletin, case=case, untold="" if case else "gone")
        for one in bulletin.rose:
            if newest := await self._newest(_shelf(one.by, one.label, self._samples)):
                return replace(bulletin, case=await self._told(newest, "rose", (one.by, one.label)))
        if bulletin.rose:
            return replace(bulletin, untold="rose")
        days = local_span(bulletin.period.first, bulletin.period.last, officer.office.zone)
        newest = await self._newest(Shelved(samples=self._samples, between=days))
        case = await self._told(newest, "period") if newest else None
        return replace(bulletin, case=case, untold="" if case else "period")

    async def _newest(self, shelf: Shelved) -> str:
        rows, _ = await shelf_rows(self._database, shelf, 1, 1)
        return rows[0].id if rows else ""

    async def _told(self, id_: str, why: str, of: tuple[str, str] = ("", "")) -> TypicalCase | None:
        found = await published_cases(self._database, [id_])
        case = next((one for one in found if self._samples or not one.sample), None)
        if case is None:
            return None
        known = (await self._library()).articles
        cited = [known[article] for article in case.articles if article in known]
        return TypicalCase(
            case.id, case.number, case.edition, case.title_zh, case.title_en, case.facts, case.outcome,
            [(one.citation("zh"), one.citation("en")) for one in cited], case.sample, why, of,
        )  # fmt: skip

    async def _by(self, period: Period, day: date, by: str, offices: list[str]) -> dict[str, int]:
        counted = await self._statistics.figures(
            [find_statistic(RECEIVED)], StatisticsQuery(period, day, by=by), offices
        )
        return {label: figure.top for label, told in counted.items() for figure in told.values() if figure.top}

    async def _all(self, period: Period, day: date, offices: list[str]) -> int:
        counted = await self._statistics.figures([find_statistic(RECEIVED)], StatisticsQuery(period, day), offices)
        return sum(figure.top for figure in counted.get(TOTAL, {}).values())


def _shelf(by: str, label: str, samples: bool) -> Shelved:
    return Shelved(problem=label, samples=samples) if by == "problem" else Shelved(industry=label, samples=samples)


def _days(period: Period) -> int:
    return (period.last - period.first).days + 1


EditionComposer = Callable[[Bulletin, str, str, int, Mapping[str, BulletinPaper]], Mapping[str, BulletinPaper]]
"""A bulletin as papers by language: whose it is, its number, which edition, and the papers of the edition before."""


class IssuedBulletinService:
    """Bulletins as they were issued. Implements `IssuedBulletins`.

    What was issued lies in `<data>/bulletins/` under its SHA-256, written and durable before the journal names it; a
    file that no event names is left from a crash and harmless. What is read back must have the hash the journal says.

    `desk` counts and prints, `compose` puts into words; `folder`: `<data>/bulletins`.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        desk: BulletinService,
        compose: EditionComposer,
        folder: Path,
        now: Callable[[], datetime],
        reserve: FreeSpace = NO_RESERVE,
    ) -> None:
        self._database, self._desk, self._folder, self._reserve = database, desk, folder, reserve
        self._compose = compose
        self._service = IssueService(journal, now)

    async def editions(self, officer: Officer, kind: Kind, period: Period) -> Sequence[IssuedBulletin]:
        scope, _ = await self._scope(officer)
        async with self._database.read() as connection:
            shelf = fold(await stream_events(connection, stream(kind, period.first)))
        mine = [one for one in shelf.editions if one.issued.scope == scope]
        published = {one.id for one in await published_cases(self._database, [one.issued.case for one in mine])}
        return [
            replace(told(kind, one), case_gone=bool(one.issued.case) and one.issued.case not in published)
            for one in mine
        ]

    async def issue(self, officer: Officer, kind: Kind, period: Period, today: date, public: bool) -> None:
        if today <= period.last:
            raise Refused("bad_day", 409, field="last")
        bulletin = await self._desk.bulletin(officer, kind, period, today, public)
        scope, offices = await self._scope(officer)
        before = [one for one in await self.editions(officer, kind, period) if one.public == public]
        old = await self._papers(before[-1].papers) if before else {}
        papers = self._compose(bulletin, officer.office.name, number(kind, period.first), len(before) + 1, old)
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
            figures_digest(bulletin),
            bulletin.case.id if bulletin.case else "",
        )
        with refusal_of():
            await self._service.submit(kind, period.first, IssueBulletin(event, today), officer.actor)

    async def withdraw(self, officer: Officer, kind: Kind, period: Period, public: bool, reason: str) -> None:
        scope, _ = await self._scope(officer)
        with refusal_of():
            command = WithdrawBulletin(scope, public, reason)
            await self._service.submit(kind, period.first, command, officer.actor)

    async def asked(self, officer: Officer, kind: Kind, period: Period) -> str:
        scope, _ = await self._scope(officer)
        async with self._database.read() as connection:
            return fold(await stream_events(connection, stream(kind, period.first))).asked.get(scope, "")

    async def ask_leaders(self, officer: Officer, kind: Kind, period: Period, text: str) -> None:
        scope, _ = await self._scope(officer)
        with refusal_of():
            await self._service.submit(kind, period.first, AskLeaders(scope, text), officer.actor)

    async def choose_case(
        self, officer: Officer, kind: Kind, period: Period, public: bool, how: str, case: str
    ) -> None:
        scope, _ = await self._scope(officer)
        if case and not await published_cases(self._database, [case]):
            raise Refused("bad_choice", 400, field="case")
        with refusal_of():
            await self._service.submit(kind, period.first, ChooseCase(scope, public, how, case), officer.actor)

    async def published(self) -> Sequence[IssuedBulletin]:
        return await hotspot_store.standing_bulletins(self._database)

    async def public(self, kind: Kind, first: date, scope: str) -> IssuedBulletin:
        async with self._database.read() as connection:
            shelf = fold(await stream_events(connection, stream(kind, first)))
        mine = shelf.of(scope, True)
        if not mine:
            raise Refused("not_found", 404)
        return told(kind, mine[-1])

    async def paper(self, issued: IssuedBulletin, language: str) -> BulletinPaper:
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
            offices = await hotspot_store.seen_by(connection, officer)
        return circle(offices), offices

    async def _papers(self, digest: str) -> dict[str, BulletinPaper]:
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


def _paper(kept: dict[str, Any]) -> BulletinPaper:
    sections = [
        BulletinSection(
            one["heading"],
            one["sentences"],
            BulletinChart(one["bars"]["says"], [(label, count) for label, count in one["bars"]["bars"]])
            if one["bars"]
            else None,
            BulletinTable(one["sheet"]["head"], one["sheet"]["rows"]) if one["sheet"] else None,
            BulletinCase(case["id"], case["title"], [(name, language, said) for name, language, said in case["parts"]])
            if (case := one.get("case"))
            else None,
        )
        for one in kept["sections"]
    ]
    return BulletinPaper(**{**kept, "day": date.fromisoformat(kept["day"]), "sections": sections})


def told(kind: str, one: BulletinEdition) -> IssuedBulletin:
    it = one.issued
    return IssuedBulletin(
        kind, Period(it.first, it.last), it.scope, it.public, it.edition, it.number, it.office_name, one.at, one.by,
        it.papers, it.prints, one.withdrawn, one.withdrawn_at,
    )  # fmt: skip


def figures_digest(bulletin: Bulletin) -> str:
    """Stands for all that was counted and the case that is told, whatever the words and the day."""
    counted = asdict(bulletin)
    del counted["untold"], counted["advice"]
    if counted["case"] is None:  # as before there were any
        del counted["case"]
    said = json.dumps(counted, default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


class OfficeWarnings:
    """`spots` says who may know of a hot spot."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        spots: HotspotService,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._spots = database, spots
        self._warnings = WarningService(journal, now)

    async def one(self, officer: Officer, spot: str) -> WarningPage:
        await self._spots.known(officer, spot)
        async with self._database.read() as connection:
            told = await stream_events(connection, warning_stream(spot))
            old = await hotspot_store.warning(connection, spot)
        kept = ShownWarningDraft(old.title, old.body, 0, old.by, old.changed) if old else None
        return WarningPage(warning_of(told), told, kept)

    async def ask(self, officer: Officer, spot: str, command: WarningCommand) -> None:
        await self._spots.known(officer, spot)
        with refusal_of():
            await self._warnings.submit(spot, command, officer.actor)

    async def public(self) -> Sequence[PublicWarning]:
        return await hotspot_store.standing_warnings(self._database)

    async def published(self, warning: str) -> PublicWarning:
        found = await hotspot_store.one(self._database, warning)
        if found is None:
            raise Refused("not_found", 404)
        return found
