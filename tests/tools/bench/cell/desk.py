"""Every page an officer opens in a day, with two million complaints on PostgreSQL: of a mediator whose office has a
quarter of them, and of a supervisor who oversees all offices.

The real program in its own process answers over loopback, asked one page after another; times contain the asking side.
What stands in the database is the demo office's two years, copied (`tests.tools.data.multiplied` says what that is and
is not). A figure is the worst of its addresses, each with its own 95th percentile; complaints are opened once each.
What is slower than it should be is named under `misses`.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import psycopg

from complaints.statistics.figures import month
from server.app.demo import OFFICE, SUPERVISOR
from server.app.rehearsal import RehearsalReport, Visitor
from server.app.rehearsal.command import PASSWORD, Process, Venue, free_port, launched
from server.app.rehearsal.story import MEDIATOR, Story
from tests.tools.bench.cell.accounts import Accounts
from tests.tools.bench.complaints import WORDS
from tests.tools.bench.media.accounts import seconds_of_process
from tests.tools.data.multiplied import multiply
from tests.tools.data.postgres import OWN, libpq, named, postgres
from tests.tools.figures import Figures, quantile

FOLDED, FOLDED_QUICK = 6_400, 300  # complaints that are made through the journal
ROWS, ROWS_QUICK = 2_000_000, 5_000
EACH, EACH_QUICK = 20, 2  # times an address is asked
CASES, CASES_QUICK = 200, 10  # different complaints that are opened
MOST_MS: Final = 300.0
READY_SECONDS: Final = 600.0
QUIET_SPAN, QUIET_SPAN_QUICK = 5.0, 1.0  # seconds of a look
QUIET: Final = 0.1  # share of a core
SEED: Final = 7

LISTS: Final = (
    "", "page=20", "channel=hotline", "channel=12315&problem=safety", "problem=measurement&channel=window",
    "industry=F", "industry=K70&problem=price", "state=registered", "state=closed", "state=accepted&channel=12315",
    "due=late", "due=today", "due=soon", "due=late&channel=hotline&problem=counterfeit",
    "whose=mine", "whose=mine&due=late", "since={month}&until={day}", "since={month}&channel=hotline",
    "since={month}&search=退款&channel=hotline", "search=空调&problem=after_sale",
)  # fmt: skip
SEARCHES: Final = (*WORDS, "丁小禾", "样例东高一投")


@dataclass(frozen=True, slots=True)
class Group:
    """Addresses under one figure."""

    name: str
    login: str
    paths: Sequence[str]
    each: int


def measure(quick: bool, inputs: int = 0) -> dict[str, Any]:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="yuntiao-bench-") as folder:
        figures.on_disk(Path(folder))
        with postgres(named() or OWN) as url:
            rows = inputs or (ROWS_QUICK if quick else ROWS)
            misses = asyncio.run(_measure(figures, Path(folder), url, quick, rows))
    for name in [name for name in figures.values if name.endswith("_ms_p95")]:
        figures.at_most(name, MOST_MS)
    return figures.json() | {"misses": misses}


async def _measure(figures: Figures, folder: Path, url: str, quick: bool, rows: int) -> list[dict[str, Any]]:
    folded = FOLDED_QUICK if quick else FOLDED
    venue = Venue(
        f"http://127.0.0.1:{free_port()}", folder / "data", PASSWORD, folder / "log",
        ("--media-port", "0", "--workers", "1"), launch=on_database(url, folded),
    )  # fmt: skip
    begun = time.perf_counter()
    await venue.start()
    await furnished(venue)
    await venue.stop()
    figures.values["folded_s"] = round(time.perf_counter() - begun, 1)
    begun = time.perf_counter()
    figures.values["rows"] = await asyncio.to_thread(multiply, url, rows)
    figures.values["copied_s"] = round(time.perf_counter() - begun, 1)
    figures.values |= _sizes(url)
    begun = time.perf_counter()
    await venue.start()
    figures.values["start_s"] = round(time.perf_counter() - begun, 1)
    try:
        figures.values["until_quiet_s"] = round(await _quiet(venue, QUIET_SPAN_QUICK if quick else QUIET_SPAN), 1)
        return await pages(figures, venue, url, quick)
    finally:
        await venue.stop()


def on_database(url: str, folded: int) -> Any:
    async def launch(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Process:
        more = {"YUNTIAO_DATABASE_URL": url, "YUNTIAO_DEMO_COMPLAINTS": str(folded)}
        return await launched([one for one in arguments if one != "--small"], environment | more, log)

    return launch


async def furnished(venue: Venue) -> None:
    """Until the demo office says that nothing is missing of its two years."""
    async with asyncio.timeout(READY_SECONDS):
        while "the demo office is complete" not in venue.log.read_text():  # noqa: ASYNC110 - another process's log
            await asyncio.sleep(0.2)


async def _quiet(venue: Venue, span: float) -> float:
    """Seconds until the program does next to nothing by itself any more: after a start it looks at all there is."""
    assert venue.process is not None
    begun, before = time.perf_counter(), seconds_of_process(venue.process.pid)
    while time.perf_counter() - begun < READY_SECONDS:
        await asyncio.sleep(span)
        spent = seconds_of_process(venue.process.pid) - before
        if spent < QUIET * span:
            break
        before += spent
    return time.perf_counter() - begun


def _sizes(url: str) -> dict[str, float]:
    with connected(url) as connection:
        megabytes = connection.execute("SELECT pg_database_size(current_database()) / 1e6").fetchone()
        large = connection.execute("SELECT count(*) FROM complaints WHERE office = %s", (OFFICE.id,)).fetchone()
        offices = connection.execute("SELECT count(*) FROM offices").fetchone()
    assert megabytes is not None
    assert large is not None
    assert offices is not None
    return {"rows_of_the_large_office": large[0], "offices": offices[0], "database_mb": round(megabytes[0])}


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(libpq(url))


async def pages(figures: Figures, venue: Venue, url: str, quick: bool, most: float = MOST_MS) -> list[dict[str, Any]]:
    """Addresses that took more than `most`."""
    story = Story(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",))
    people: dict[str, str] = {}
    for login in (MEDIATOR, SUPERVISOR):
        async with Visitor(venue.url) as visitor:
            await story.sign_in(visitor, login)
            people[login] = visitor.cookies
    misses: list[dict[str, Any]] = []
    accounts = Accounts(url, [venue])
    cases = _cases(url, CASES_QUICK if quick else CASES)
    groups = _groups(cases, _other(url), EACH_QUICK if quick else EACH)
    for group in groups:
        headers = {"Cookie": people[group.login], "Accept-Encoding": "gzip", "Accept-Language": "zh"}
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(venue.url, headers=headers, cookie_jar=jar) as http:
            assert venue.process is not None
            web, servers = seconds_of_process(venue.process.pid), accounts.servers()
            taken = await _asked(http, group)
            web, servers = seconds_of_process(venue.process.pid) - web, accounts.servers() - servers
        every = [ms for some in taken.values() for ms in some]
        asked = len(every) + (len(group.paths) if group.each > 1 else 0)
        slow = {path: quantile(some, 0.95) for path, some in taken.items()}
        figures.values |= {
            f"{group.name}_ms_p50": round(quantile(every, 0.5), 1),
            f"{group.name}_ms_p95": round(quantile(every, 0.95) if group.each == 1 else max(slow.values()), 1),
            f"{group.name}_web_cpu_ms": round(web * 1000 / asked, 1),
            f"{group.name}_database_cpu_ms": round(servers * 1000 / asked, 1),
        }
        misses += [
            {"path": path, "ms_p50": round(quantile(taken[path], 0.5), 1), "ms_p95": round(ms, 1)}
            for path, ms in sorted(slow.items(), key=lambda one: -one[1])
            if ms > most
        ]
    accounts.close()
    return misses


async def _asked(http: aiohttp.ClientSession, group: Group) -> dict[str, list[float]]:
    """Milliseconds of each address. It was asked once before, as it is in the course of a day."""
    taken: dict[str, list[float]] = {path: [] for path in group.paths}
    for turn in range(group.each + (group.each > 1)):
        for path, some in taken.items():
            begun = time.perf_counter()
            async with http.get(path, allow_redirects=False) as answer:
                await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status} {answer.headers.get('Location', '')}")
            if turn or group.each == 1:
                some.append((time.perf_counter() - begun) * 1000)
    return taken


def _cases(url: str, count: int) -> list[str]:
    """Complaints of the large office: open ones, which are worked on, and as many of any state."""
    chance = random.Random(SEED)
    with connected(url) as connection:
        most = connection.execute(
            "SELECT max(place), min(place) FROM complaints WHERE office = %s", (OFFICE.id,)
        ).fetchone()
        assert most is not None
        found = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM complaints WHERE office = %s AND state = ANY(%s) ORDER BY md5(id) LIMIT %s",
                (OFFICE.id, ["registered", "accepted", "mediating", "performing"], count // 2),
            ).fetchall()
        ]
        for _ in range(count - len(found)):
            row = connection.execute(
                "SELECT id FROM complaints WHERE office = %s AND place >= %s ORDER BY place LIMIT 1",
                (OFFICE.id, chance.randint(most[1], most[0])),
            ).fetchone()
            assert row is not None
            found.append(row[0])
    return list(dict.fromkeys(found))


def _other(url: str) -> str:
    """An office of ordinary size."""
    with connected(url) as connection:
        found = connection.execute("SELECT max(id) FROM offices WHERE id <> %s", (OFFICE.id,)).fetchone()
    assert found is not None
    return str(found[0])


def _groups(cases: Sequence[str], other: str, each: int) -> list[Group]:
    today = datetime.now(UTC).date()
    days = {"day": today.isoformat(), "month": (today - timedelta(days=30)).isoformat()}
    lists = [f"/complaints?{one.format(**days)}" for one in LISTS]
    searches = [f"/complaints?search={word}" for word in SEARCHES]
    span = f"from={today.year - 1}-01-01&to={days['day']}"
    asked = (f"office={OFFICE.id}", f"office={other}", span)
    whole = month(today).previous()  # this one has next to nothing on its first days
    mediation = f"/statistics/mediation?from={whole.first}&to={whole.last}"
    return [
        Group("desk", MEDIATOR, ["/desk"], 5 * each),
        Group("queue", MEDIATOR, ["/queue"], 5 * each),
        Group("deadlines", MEDIATOR, ["/due", "/due?clock=accept", "/due?clock=mediate"], 2 * each),
        Group("list", MEDIATOR, lists, each),
        Group("search", MEDIATOR, searches, each),
        Group("complaint", MEDIATOR, [f"/complaints/{case}" for case in cases], 1),
        Group("calendar", MEDIATOR, ["/calendar", "/outbox", "/practice", "/alerts"], each),
        Group("monday", SUPERVISOR, ["/supervision"], 5 * each),
        Group("all_offices_deadlines", SUPERVISOR, ["/due"], 2 * each),
        Group("all_offices_list", SUPERVISOR, lists, each),
        Group("all_offices_search", SUPERVISOR, searches, each),
        Group("records", SUPERVISOR, ["/audit", "/audit?outcome=settled", f"/audit?since={days['month']}"], each),
        Group("statistics", SUPERVISOR, ["/statistics", *(f"/statistics?{one}" for one in asked)], each),
        Group("dashboards", SUPERVISOR, ["/statistics/dashboard", mediation, "/focus", "/bulletins"], each),
        Group("respondents", SUPERVISOR, ["/respondents", "/respondents?q=健身"], each),
        Group("leads", SUPERVISOR, ["/leads", "/supervision/reviews", "/oversight"], each),
    ]
