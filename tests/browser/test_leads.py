"""From a business's record to a lead, its decision and the month's bulletin: in both languages, wide and narrow.

Every screen is measured (axe-core, sideways scroll); pictures are kept in artifacts/screens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright
from pydantic import SecretStr

from complaints.leads import NoteAction
from complaints.parties import Person
from complaints.statistics.particulars import respondent
from server.demo import MEDIATOR, OFFICE
from server.identity.tokens import digest, fresh_token
from server.settings import Settings
from server.storage.identity_store import User
from server.wiring import PARTS
from tests.application import demo_app
from tests.browser import axe
from tests.browser.people import FLAGS
from tests.identity.office import PASSWORD, filing
from tests.machine import browser
from web import cookies
from web.ports import LEADS, Officer, OfficerRole

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SCREENS = Path(__file__).parents[2] / "artifacts" / "screens"
SHOP = "云岭健身"


@dataclass
class Place:
    url: str
    browser: Browser
    tokens: dict[str, str]
    respondent: str
    lead: str

    async def page(self, role: str, language: str, width: int) -> Page:
        context = await self.browser.new_context(viewport={"width": width, "height": 844})
        cookie = {"name": cookies.OFFICER, "value": self.tokens[role], "url": self.url}
        await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        await page.goto(f"{self.url}/leads?lang={language}")
        return page


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    settings = Settings(data=tmp_path_factory.mktemp("leads"), demo=True, demo_password=SecretStr(PASSWORD))
    app = demo_app(settings)
    server = TestServer(app)
    await server.start_server()
    parts, now = app[PARTS], datetime.now(UTC)
    user = await parts.store.user_by_login(MEDIATOR)
    assert user is not None
    zhou = Officer(user.id, user.login, user.name, user.role, OFFICE, totp=False)
    complaint = ""
    for n in range(14):
        shop = Person("", "13900000812", "", address="珞喻路1号A座", organisation=SHOP)
        problem = ("contract", "contract", "after_sale", "price")[n % 4]
        new = filing(now - timedelta(days=n * 11))
        complaint = await parts.desk.register(zhou, replace(new, business=shop, problem_class=problem))
    other = Person("", "13900000812", "", organisation="飞扬瑜伽")
    await parts.desk.register(zhou, replace(filing(now), business=other))
    people: dict[str, Officer] = {}
    tokens = {}
    for role in ("inspector", "supervisor"):
        kind: OfficerRole = "inspector" if role == "inspector" else "supervisor"
        account = User(f"some-{role}", f"some.{role}", "何静", kind, OFFICE.id, "-", now)
        await parts.store.add_user(account)
        tokens[role] = fresh_token()
        await parts.store.add_session(digest(tokens[role]), account.id, now, now + timedelta(hours=1))
        people[role] = Officer(account.id, account.login, account.name, kind, OFFICE, totp=False)
    key = respondent((await parts.complaints.state(complaint)).record)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        made = Place(str(server.make_url("")).rstrip("/"), chromium, tokens, key, "")
        page = await made.page("inspector", "zh", 1280)
        await page.goto(f"{made.url}/respondents/{key}")
        await page.click("form[action$='/lead'] button, form[action*='/lead?'] button")  # one click
        await page.wait_for_url("**/leads/*")
        made.lead = page.url.rsplit("/", 1)[1].partition("?")[0]
        await page.context.close()
        acted = NoteAction(date.today() - timedelta(days=60), "inspection", "责令公示退款规则", date.today())
        await app[LEADS].ask(people["inspector"], made.lead, acted)
        yield made
        await chromium.close()
    await server.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_screen_of_leads_and_bulletins_can_be_read_by_everybody(
    place: Place, language: str, width: int
) -> None:
    first = f"{date.today():%Y-%m}-01"
    screens = {
        "leads": ("inspector", "/leads"),
        "lead": ("inspector", f"/leads/{place.lead}?ask=act"),
        "lead-supervisor": ("supervisor", f"/leads/{place.lead}"),
        "respondents": ("supervisor", "/respondents"),
        "respondent": ("supervisor", f"/respondents/{place.respondent}"),
        "respondent-records": ("inspector", f"/respondents/{place.respondent}/records?of=all"),
        "bulletins": ("supervisor", "/bulletins"),
        "bulletin": ("supervisor", f"/bulletins/month/{first}"),
        "bulletin-public": ("supervisor", f"/bulletins/month/{first}?public=1"),
    }
    wrong = []
    SCREENS.mkdir(parents=True, exist_ok=True)
    for role in ("inspector", "supervisor"):
        page = await place.page(role, language, width)
        for name, (whose, path) in screens.items():
            if whose != role:
                continue
            answer = await page.goto(f"{place.url}{path}")
            assert answer is not None
            assert answer.status == 200, (name, answer.status)
            await page.screenshot(path=SCREENS / f"{name}-{width}-{language}.png", full_page=True)
            await axe.settle(page)
            faults = [*await axe.violations(page), *await axe.sideways(page)]
            wrong += [f"{name} {width} {language}: {fault}" for fault in faults]
        await page.context.close()
    assert not wrong, "\n".join(wrong)
