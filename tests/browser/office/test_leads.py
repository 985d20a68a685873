"""From a business's record to a lead, its decision and the month's bulletin: in both languages, wide and narrow.

Every screen is measured (axe-core, sideways scroll); pictures are kept in artifacts/screens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import async_playwright
from pydantic import SecretStr

from complaints.leads import NoteAction
from complaints.record import PartyTyped
from complaints.statistics.facts import respondent
from server.app.wiring import PARTS
from server.serving.settings import Settings
from tests.browser.office.desks import Desks, signed_in
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD, filing
from web.office.leads import LEADS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SHOP = "云岭健身"


@dataclass
class Place(Desks):
    respondent: str
    lead: str


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    settings = Settings(data=tmp_path_factory.mktemp("leads"), demo=True, demo_password=SecretStr(PASSWORD))
    app = demo_app(settings)
    server = TestServer(app)
    await server.start_server()
    parts, now = app[PARTS], datetime.now(UTC)
    people, tokens = await signed_in(app, ("mediator", "inspector", "supervisor"))
    zhou = people["mediator"]
    complaint = ""
    for n in range(14):
        shop = PartyTyped("", "13900000812", "", address="珞喻路1号A座", organisation=SHOP)
        problem = ("contract", "contract", "after_sale", "price")[n % 4]
        new = filing(now - timedelta(days=n * 11))
        complaint = await parts.desk.register(zhou, replace(new, business=shop, problem_class=problem))
    other = PartyTyped("", "13900000812", "", organisation="飞扬瑜伽")
    await parts.desk.register(zhou, replace(filing(now), business=other))
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
@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
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
    assert not await place.faults(screens, language, width)
