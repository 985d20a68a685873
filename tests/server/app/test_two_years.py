"""The demo office's two years: believable, found by the pages, whole after a kill, and today's on every day."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from pydantic import SecretStr

from complaints.complaint import local_day
from journal.clock import utc_now
from journal.numbers import SAMPLE_MARK
from offices import Officer
from rooms.vocabulary import Status
from server.app import demo, two_years
from server.app.parts import PARTS, Parts
from server.app.topics import appointment_service
from server.app.two_years import (
    FURNISHING,
    HOURS,
    LATER,
    MEDIATORS,
    Progress,
    Today,
    mediators,
    officer_of,
    past,
    weeks_of,
)
from server.app.two_years.recent import invented_id
from server.app.wiring import create_app
from server.serving.settings import Settings
from tests.server.app.office import PASSWORD, NoMedia
from tests.server.app.program import ANEW, START_SECONDS, yuntiao
from tests.web.client import AiohttpClient, Browser, another, browser
from web import APPOINTMENTS

ZONE = ZoneInfo(demo.OFFICE.zone)
FEW = 900
MONDAY = date(2026, 6, 29)
APPOINTED = 1 + sum(map(len, HOURS)) + len(LATER)


def settings(folder: Path, complaints: int = FEW) -> Settings:
    return Settings(data=folder, demo=True, demo_password=SecretStr(PASSWORD), demo_complaints=complaints)


@dataclass
class Running:
    app: web.Application
    nobody: Browser

    @property
    def parts(self) -> Parts:
        return self.app[PARTS]

    async def officer(self, login: str) -> Officer:
        return await officer_of(self.parts, login)

    async def signed_in(self, login: str) -> Browser:
        person = await another(self.nobody)
        person.sign_in(await self.parts.officers.sign_in(login, PASSWORD, "", "127.0.0.1"))
        return person

    async def days(self) -> Counter[tuple[str, date]]:
        """How many mediations each mediator has on each day of this week and the next, by sign-in name."""
        zhou, found = await self.officer(demo.SUPERVISOR), Counter[tuple[str, date]]()
        names = {one.id: one.login for one in await mediators(self.parts)}
        monday = local_day(utc_now(), ZONE.key) - timedelta(days=7)
        for week in range(3):
            for row in await self.app[APPOINTMENTS].week(zhou, monday + timedelta(days=7 * week)):
                if row.status != "cancelled":
                    found[names[row.mediator_id], row.starts.astimezone(ZONE).date()] += 1
        return found


async def running(client: AiohttpClient, folder: Path, complaints: int = FEW) -> Running:
    app = create_app(settings(folder, complaints), NoMedia())
    made = Running(app, await browser(client, app))
    await app[FURNISHING]
    return made


def counted(folder: Path, what: str) -> int:
    with sqlite3.connect(folder / "yuntiao.db") as database:
        found: int = database.execute(f"SELECT COUNT(*) FROM {what}").fetchone()[0]
        return found


def whole(folder: Path) -> bool:
    """Whether there is every complaint once: of the past, of the last weeks (of today, as far as it has come), of the
    small demo, of appointments and of the message board's file."""
    progress = Progress.read(folder)
    assert progress is not None
    before, here = two_years.everything(progress)
    rest = len(before) + len(demo.CASES) + APPOINTED + 5
    sure = sum(one.received.date() < progress.day for one in here)
    return progress.done and rest + sure <= counted(folder, "complaints") <= rest + len(here)


# ------------------------------------------------------------ what the year looks like


def test_the_same_day_makes_the_same_two_years_in_real_proportions() -> None:
    before, here = past.everything(3_000, MONDAY)
    assert (before, here) == past.everything(3_000, MONDAY)
    assert all(one.number.startswith(SAMPLE_MARK) for one in [*before, *here])
    rows = [line.split(",") for line in past.register(before, MONDAY).decode().splitlines()[1:]]
    became = Counter(row[-5] for row in rows)
    accepted = len(rows) - became["不予受理"]
    assert 0.87 < accepted / len(rows) < 0.94, became
    assert 0.55 < became["调解成功"] / accepted < 0.75, became
    assert became["调解终止"] > became["已撤诉"] > 0
    channels = Counter(one.channel for one in before)
    assert channels["12315"] > channels["hotline"] > channels["board"]


def test_the_year_has_its_peaks_and_weekends_are_quiet() -> None:
    before, _ = past.everything(6_000, MONDAY)
    months = Counter(one.received.month for one in before)
    assert all(months[peak] > months[plain] for peak, plain in ((3, 2), (3, 4), (11, 10), (7, 5)))
    weekdays = Counter(one.received.weekday() for one in before)
    assert weekdays[6] < weekdays[2] * 0.6
    firms = Counter(one.credit_code for one in before if one.credit_code)
    assert firms.most_common(1)[0][1] >= 8, "there are repeat offenders"


# ------------------------------------------------------------ the whole of it


async def test_every_page_of_the_demo_has_something_true_to_show(tmp_path: Path, aiohttp_client: AiohttpClient) -> None:
    program = await running(aiohttp_client, tmp_path)
    progress = Progress.read(tmp_path)
    assert progress is not None
    assert len(progress.steps) == 10, f"of the rest only {progress.steps} could be made"
    assert whole(tmp_path)
    await a_desk_of_today(program)
    await each_role_sees_something(program)
    await the_public_reads_of_it(program)


async def a_desk_of_today(program: Running) -> None:
    soon = await program.parts.rooms.state(invented_id(f"{invented_id('appointment/soon/0')}/1"))
    assert soon.status is Status.SCHEDULED
    assert timedelta(0) < soon.starts - utc_now() <= timedelta(minutes=10)
    assert soon.seats["consumer"].record, "the consumer has been through the way in"
    zhou = await program.officer(demo.MEDIATOR)
    links = await program.parts.links.current(zhou, soon.id)
    assert set(links) == {"consumer", "business"}
    for link in links.values():
        assert (await program.nobody.get(f"/j/{link.url.rpartition('/')[2]}")).status == 200
    busy = {login for login, _ in await program.days()}
    assert busy == set(MEDIATORS)
    desk = await (await program.signed_in(demo.MEDIATOR)).get("/desk")
    assert "下午要接孩子放学" in desk.text, "a party's wish waits"
    assert "已超期" in desk.text


SHOWS = {
    demo.MEDIATOR: {
        "/desk": "今天的调解", "/complaints": SAMPLE_MARK, "/calendar": "改期", "/consultations": "已办结",
        "/due": "过了", "/imports": past.NAME, "/performance": "项约定", "/audit": "看记录|可以回看的调解",
        "/outbox": "已提交", "/statistics": "调解成功率", "/respondents": past.GYM, "/practice": "达成协议",
        "/focus": "跃动健身", "/casebook": "则可以借鉴", "/casebook/notes": "第1版", "/cards": "预付卡", "/law": "法条",
    },
    demo.SUPERVISOR: {
        "/focus": "跃动健身", "/focus/month": "跃动健身", "/supervision": "调解员已答复", "/leads": "跃动健身",
        "/reports": "收到举报", "/bulletins": "公开版", "/approvals": "待第二人确认", "/oversight": "证据包",
        "/kept": "保存到", "/casebook/board": "编委审阅中", "/audit": "可以回看的调解", "/calendar": "的调解",
        "/complaints": SAMPLE_MARK,
    },
    "xuwei": {"/leads": "跃动健身", "/reports": "收到举报", "/due": "临近", "/respondents": past.GYM},
    demo.ADMINISTRATOR: {
        "/officers": "孙立", "/outbox": "已提交", "/approvals": "待第二人确认", "/oversight": "变更规则",
        "/kept": "保存到", "/access": "核查员", "/retention": "现行年限",
        "/offices": "样例东高一投", "/jurisdictions": "光谷片区",
        "/systems": "区12345热线平台", "/cards": "预付卡",
    },
}  # fmt: skip


async def each_role_sees_something(program: Running) -> None:
    """And no page leads them where their role may not go: one link of each kind on it is followed."""
    missing, refused = [], []
    for login, pages in SHOWS.items():
        person = await program.signed_in(login)
        followed = set()
        for path, words in pages.items():
            page = await person.get(path)
            if page.status != 200 or not re.search(words, page.text):
                missing.append((login, path, page.status))
            for link in re.findall(r'<a [^>]*href="(/[^"#?]*)', page.text):
                kind = re.sub(r"[0-9a-f]{32}|\d+", "…", link)
                if kind not in followed:
                    followed.add(kind)
                    if (there := await person.get(link)).status >= 400:
                        refused.append((login, path, link, there.status))
    assert not missing
    assert not refused


async def the_public_reads_of_it(program: Running) -> None:
    for language in ("zh", "en"):
        reader = await another(program.nobody)
        reader.cookies["language"] = language
        page = await reader.follow(await reader.get("/")) if (await reader.get("/")).status == 303 else None
        page = page or await reader.get("/sign-in")
        for way in ("/file", "/follow", "/public"):
            assert f'href="{way}"' in page.text, f"{way} is not linked from where everybody begins"
            assert (await reader.get(way)).status == 200
    published = await program.nobody.get("/public")
    assert "跃动健身三家门店停业" in published.text
    assert "投诉情况月报" in published.text or "Monthly" in published.text


# ------------------------------------------------------------ a second start, another day, a kill


async def test_a_second_start_makes_nothing_and_the_next_day_has_appointments_of_its_own(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    await (await running(aiohttp_client, tmp_path, 60)).nobody.client.close()
    before = (counted(tmp_path, "complaints"), counted(tmp_path, "sessions"), counted(tmp_path, "links"))
    again = await running(aiohttp_client, tmp_path, 60)
    assert before == (counted(tmp_path, "complaints"), counted(tmp_path, "sessions"), counted(tmp_path, "links"))

    tomorrow, parts = utc_now() + timedelta(days=1), again.parts
    day = tomorrow.astimezone(ZONE).date()
    plan = Today(parts, await weeks_of(parts), appointment_service(parts), await mediators(parts), tomorrow)
    await plan.plan(day)
    assert counted(tmp_path, "sessions") == before[1], "they were moved, not made anew"
    soon = await parts.rooms.state(invented_id(f"{invented_id('appointment/soon/0')}/1"))
    assert timedelta(minutes=9) <= soon.starts - tomorrow <= timedelta(minutes=10)
    zhou = await again.officer(demo.MEDIATOR)
    assert set(await parts.links.current(zhou, soon.id)) == {"consumer", "business"}, "links stay good"
    await again.nobody.client.close()


async def killed(folder: Path, when: str) -> None:
    """A program that is killed as soon as there is a row of `when`, while it makes the two years."""
    program = await yuntiao(
        "serve", "--demo", "--port", "0", "--media-port", "0", "--workers", "1", "--data", str(folder),
        module=ANEW, YUNTIAO_DEMO_COMPLAINTS="120", YUNTIAO_DEMO_PASSWORD=PASSWORD,
    )  # fmt: skip
    async with asyncio.timeout(START_SECONDS):
        while not there(folder, when):
            assert program.returncode is None
            await asyncio.sleep(0.02)  # another process tells nobody
    program.send_signal(signal.SIGKILL)
    await program.communicate()


def there(folder: Path, what: str) -> bool:
    try:
        return counted(folder, what) > 0
    except sqlite3.OperationalError:
        return False


IN_THE_MIDDLE = "complaints WHERE id IN (SELECT complaint FROM sessions)"
ANYWHERE = ("import_batches", "complaints", "sessions WHERE mode = 'phone'", "links", "reviews", "cases")


async def whole_after(folder: Path, client: AiohttpClient, when: str) -> None:
    await killed(folder, when)
    program = await running(client, folder, 120)
    assert whole(folder)
    assert counted(folder, "complaints WHERE state = 'mediating' AND id NOT IN (SELECT complaint FROM sessions)") == 0
    with sqlite3.connect(folder / "yuntiao.db") as database:
        numbers = [row[0] for row in database.execute("SELECT number FROM complaints")]
    assert len(numbers) == len(set(numbers))
    await program.nobody.client.close()
    checking = await yuntiao("log", "check", "--json", "--data", str(folder))
    said, fault = await checking.communicate()
    assert checking.returncode == 0, (said, fault)
    shutil.rmtree(folder)


@pytest.mark.long
async def test_killed_in_the_middle_it_is_whole_at_the_next_start(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    await whole_after(tmp_path / "data", aiohttp_client, IN_THE_MIDDLE)


@pytest.mark.long
async def test_killed_anywhere_it_is_whole_at_the_next_start(tmp_path: Path, aiohttp_client: AiohttpClient) -> None:
    for when in ANYWHERE:
        await whole_after(tmp_path / "data", aiohttp_client, when)


@pytest.mark.long
async def test_the_whole_demo_is_made_by_one_command_and_its_log_and_figures_hold(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    """As `./run` makes it, all the complaints: the ledgers agree with each other."""
    program = await yuntiao(
        "serve", "--json", "--demo", "--port", "0", "--media-port", "0", "--workers", "1", "--data", str(tmp_path),
        YUNTIAO_DEMO_COMPLAINTS="6400", YUNTIAO_DEMO_PASSWORD=PASSWORD,
    )  # fmt: skip
    assert program.stdout is not None
    facts = json.loads(await asyncio.wait_for(program.stdout.readline(), 300))
    assert facts["demo"]["logins"]["mediator"] == demo.MEDIATOR
    program.terminate()
    await program.communicate()
    made = await running(aiohttp_client, tmp_path, 6_400)
    await each_role_sees_something(made)
    await made.nobody.client.close()
    for command in (("log", "check"), ("stats", "--from", "2020-01-01", "--to", datetime.now(ZONE).date().isoformat())):
        checking = await yuntiao(*command, "--json", "--data", str(tmp_path))
        said, fault = await checking.communicate()
        assert checking.returncode == 0, (command, said, fault)
