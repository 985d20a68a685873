"""Officers of the demo office, signed in, and a look at each of their screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web
from playwright.async_api import Browser, Page

from offices import Officer, OfficerRole
from server.app.demo import MEDIATOR, OFFICE
from server.app.wiring import PARTS
from server.identity import digest, fresh_token
from server.identity.store import User
from tests import ROOT
from tests.browser import axe
from web.http import cookies

SCREENS = ROOT / "artifacts" / "screens"


async def signed_in(app: web.Application, roles: Sequence[OfficerRole]) -> tuple[dict[str, Officer], dict[str, str]]:
    """By role, and the tokens they came in with; the mediator is the demo's."""
    store, now = app[PARTS].store, datetime.now(UTC)
    people: dict[str, Officer] = {}
    tokens: dict[str, str] = {}
    for role in roles:
        if role == "mediator":
            account = await store.user_by_login(MEDIATOR)
            assert account is not None
        else:
            account = User(f"a-{role}", f"a.{role}", "何静", role, OFFICE.id, "-", now)
            await store.add_user(account)
        tokens[role] = fresh_token()
        await store.add_session(digest(tokens[role]), account.id, now, now + timedelta(hours=1))
        people[role] = Officer(account.id, account.login, account.name, account.role, OFFICE, totp=False)
    return people, tokens


@dataclass
class Desks:
    url: str
    browser: Browser
    tokens: dict[str, str]

    async def page(self, role: str, language: str, width: int) -> Page:
        context = await self.browser.new_context(viewport={"width": width, "height": 844})
        cookie = {"name": cookies.OFFICER, "value": self.tokens[role], "url": self.url}
        await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        await page.goto(f"{self.url}/law?lang={language}")
        return page

    async def faults(self, screens: Mapping[str, tuple[str, str]], language: str, width: int) -> list[str]:
        """What is wrong on them (axe-core, sideways scroll, room for fingers); each is kept as a picture. Name -> role,
        path."""
        wrong = []
        SCREENS.mkdir(parents=True, exist_ok=True)
        for role in self.tokens:
            page = await self.page(role, language, width)
            for name, (whose, path) in screens.items():
                if whose != role:
                    continue
                answer = await page.goto(f"{self.url}{path}")
                assert answer is not None
                assert answer.status == 200, (name, answer.status)
                await page.screenshot(path=SCREENS / f"{name}-{width}-{language}.png", full_page=True)
                await axe.settle(page)
                found = [*await axe.violations(page), *await axe.sideways(page), *await axe.small_targets(page)]
                wrong += [f"{name} {width} {language}: {fault}" for fault in found]
            await page.context.close()
        return wrong
