"""The demo office with sessions arranged for a week without holidays, and officers' windows onto it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Browser, Page, async_playwright
from pydantic import SecretStr

from journal.clock import utc_now
from law import WorkingCalendar
from offices import Office, Officer
from server.app.demo import MEDIATOR, OFFICE
from server.app.parts import PARTS, Parts
from server.app.topics import appointment_service
from server.identity import digest, fresh_token
from server.identity.store import User
from server.serving.settings import Settings
from tests import machine
from tests.browser.people import FLAGS
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from web.http import cookies

ZONE = ZoneInfo(OFFICE.zone)


@dataclass
class Scheduling:
    home: str
    parts: Parts
    chromium: Browser
    zhou: Officer

    async def window(self, officer: Officer, language: str = "zh", width: int = 1280) -> Page:
        """Signed in; it has never been pressed in."""
        token, now = fresh_token(), utc_now()
        await self.parts.store.add_session(digest(token), officer.id, now, now + timedelta(hours=1))
        context = await self.chromium.new_context(viewport={"width": width, "height": 844})
        pairs = {cookies.OFFICER: token, cookies.LANGUAGE: language}
        await context.add_cookies([{"name": name, "value": value, "url": self.home} for name, value in pairs.items()])
        return await context.new_page()

    async def phone(self, language: str = "zh") -> Page:
        context = await self.chromium.new_context(viewport={"width": 390, "height": 844})
        await context.add_cookies([{"name": cookies.LANGUAGE, "value": language, "url": self.home}])
        return await context.new_page()

    async def complaints(self) -> list[str]:
        return [row.id for row in (await self.parts.reads.desk(self.zhou, utc_now())).waiting]

    async def arranged(self, complaint: str, starts: datetime) -> tuple[str, dict[str, str]]:
        """A session with its links, sent; (id, address by seat)."""
        session = await self.parts.desk.schedule(self.zhou, complaint, starts, [])
        issue = self.parts.links.issue
        return session, {
            seat: (await issue(self.zhou, session, seat, send=True)).url for seat in ("consumer", "business")
        }

    async def mediator_of(self, office: Office) -> Officer:
        await self.parts.store.add_office(office)
        account = User("elsewhere", "elsewhere", "何静", "mediator", office.id, "-", utc_now())
        await self.parts.store.add_user(account)
        return Officer(account.id, account.login, account.name, account.role, office, totp=False)

    async def supervisor_beside(self, mediator: Officer) -> Officer:
        account = User("head", "head", "罗静", "supervisor", mediator.office.id, "-", utc_now())
        await self.parts.store.add_user(account)
        return Officer(account.id, account.login, account.name, account.role, mediator.office, totp=False)

    async def texts(self, kind: str) -> list[str]:
        """Of all messages of a kind, the newest first."""
        rows, _ = await self.parts.outbox._store.page([OFFICE.id], size=100)
        return [self.parts.seal.open(row.text_sealed, "message") for row in rows if row.kind == kind]

    async def code(self) -> str:
        found = re.search(r"(?<!\d)\d{6}(?!\d)", (await self.texts("code"))[0])
        assert found
        return found.group()


@asynccontextmanager
async def scheduling(folder: Path, browser: Callable[[], str | None] = machine.browser) -> AsyncIterator[Scheduling]:
    port = unused_port()
    settings = Settings(
        data=folder, demo=True, demo_password=SecretStr(PASSWORD), public_url=f"http://127.0.0.1:{port}"
    )
    server = TestServer(demo_app(settings), port=port)
    await server.start_server()
    parts = server.app[PARTS]
    account = await parts.store.user_by_login(MEDIATOR)
    assert account is not None
    zhou = Officer(account.id, account.login, account.name, account.role, OFFICE, totp=False)
    try:
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=browser(), args=list(FLAGS))
            yield Scheduling(str(server.make_url("")).rstrip("/"), parts, chromium, zhou)
            await chromium.close()
    finally:
        await server.close()


def working_monday() -> date:
    """Of a week to come whose days are all as weeks are."""
    today, calendar = datetime.now(ZONE).date(), WorkingCalendar()
    monday = today + timedelta(days=7 - today.weekday())
    while [calendar.worked(monday + timedelta(days=n)) for n in range(7)] != [True] * 5 + [False] * 2:
        monday += timedelta(days=7)
    return monday


def new_year() -> date:
    """The next 1 January, which is off."""
    return date(datetime.now(ZONE).year + 1, 1, 1)


def today() -> datetime:
    """In an hour, or at the end of the office's day if that is nearer."""
    now = datetime.now(ZONE)
    return min(now + timedelta(hours=1), datetime.combine(now.date(), time(23, 59, 59), ZONE)).astimezone(UTC)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


def iso(starts: datetime) -> str:
    return starts.strftime("%Y-%m-%dT%H:%M:%SZ")


__all__ = ["Scheduling", "appointment_service", "at", "iso", "new_year", "scheduling", "today", "working_monday"]
