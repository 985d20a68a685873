"""A real office on its first day: each list says what will stand there and leads to the next act, whoever looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from offices import Office, Officer, OfficerRole
from server.app.wiring import PARTS, Parts, create_app
from server.identity import digest, fresh_token
from server.identity.store import User
from server.serving.settings import Settings
from tests.server.app.office import NoMedia, filing
from tests.web.client import AiohttpClient, Browser, another, browser
from web.i18n import LANGUAGES

OFFICE: Final = Office("lake-1", "东湖高新区市场监管一所", "一所", "027-00001201", "东高一投")
NAMES: Final[dict[OfficerRole, str]] = {
    "administrator": "何静",
    "mediator": "周敏",
    "supervisor": "罗建国",
    "inspector": "郑凯",
}
# Pages that list something.
LISTS: Final[dict[OfficerRole, tuple[str, ...]]] = {
    "mediator": (
        "/desk", "/complaints", "/due", "/consultations", "/imports", "/performance", "/audit", "/outbox", "/practice",
        "/respondents", "/statistics?by=channel", "/statistics/dashboard", "/statistics/mediation", "/focus",
        "/focus/month", "/casebook", "/casebook/making", "/casebook/board", "/casebook/notes", "/casebook/book",
        "/approvals", "/account/tokens",
    ),
    "supervisor": (
        "/focus", "/supervision", "/supervision/reviews", "/complaints", "/due", "/consultations", "/leads", "/reports",
        "/performance", "/audit", "/kept", "/approvals", "/retention/appraisals", "/respondents",
        "/statistics?by=channel", "/casebook", "/casebook/board",
    ),
    "administrator": (
        "/outbox", "/jurisdictions", "/map", "/holidays", "/systems", "/approvals", "/kept", "/retention/appraisals",
    ),
    "inspector": ("/leads", "/reports", "/due", "/respondents"),
}  # fmt: skip
EMPTY = re.compile(r'(?s)<div class="empty">(.*?)</div>')
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')


@dataclass
class FirstDay:
    parts: Parts
    nobody: Browser

    async def officer(self, role: OfficerRole) -> Officer:
        return Officer(f"u-{role}", role, NAMES[role], role, OFFICE, totp=True)

    async def signed_in(self, role: OfficerRole) -> Browser:
        """Without the page: what argon2 costs is not the question here."""
        token = fresh_token()
        await self.parts.store.add_session(digest(token), f"u-{role}", now(), now() + timedelta(hours=1))
        person = await another(self.nobody)
        person.sign_in(token)
        return person


def now() -> datetime:
    return datetime.now(UTC)


@pytest_asyncio.fixture
async def first_day(tmp_path: Path, aiohttp_client: AiohttpClient) -> FirstDay:
    """A real office, founded, with one person of each role and nothing else."""
    app = create_app(Settings(data=tmp_path), NoMedia())
    nobody = await browser(aiohttp_client, app)
    parts = app[PARTS]
    await parts.store.add_office(OFFICE)
    for role, name in NAMES.items():
        await parts.store.add_user(User(f"u-{role}", role, name, role, OFFICE.id, "-", now(), totp_sealed="-"))
    return FirstDay(parts, nobody)


@pytest.mark.parametrize("role", LISTS)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_list_says_what_it_is_and_leads_to_the_next_act(
    first_day: FirstDay, role: OfficerRole, language: str
) -> None:
    person = await first_day.signed_in(role)
    silent, closed = [], []
    for path in LISTS[role]:
        page = await person.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.status == 200, path
        parts = EMPTY.findall(page.text)
        if not parts:
            silent.append(path)
        for part in parts:
            said = unescape(re.sub(r"<[^>]+>", "", part.partition("</p>")[0])).strip()
            leads = LINK.findall(part)
            if len(said) < 5 or not leads:
                silent.append(f"{path}: {said or 'nothing'}")
            for to in map(unescape, leads):
                if to.startswith("#"):
                    assert f'id="{to[1:]}"' in page.text, f"{path}: {to} is not on the page"
                elif (await person.get(to)).status != 200:
                    closed.append(f"{path} → {to}")
    assert not silent, "An empty list says what it is and leads on (`nothing` in office/pieces.html)"
    assert not closed, "An empty list leads where its reader may go"


async def test_the_public_window_of_a_new_office_leads_on_too(first_day: FirstDay) -> None:
    for path, to in {"/public": "/file", "/file": "/follow", "/follow": "/file"}.items():
        page = (await first_day.nobody.get(f"{path}?lang=zh")).text
        assert f'href="{to}"' in page, path


# ------------------------------------------------------------ what each role does first


def steps(page: str) -> tuple[list[str], list[str]]:
    """Where the card leads, and where to of what is done."""
    card = page.partition('aria-labelledby="first-steps"')[2].partition("</section>")[0]
    entries = re.findall(r'(?s)<li( class="done")?>.*?<a href="([^"]+)"', card)
    return [to for _done, to in entries], [to for done, to in entries if done]


@pytest.mark.parametrize("role", NAMES)
async def test_a_new_officer_is_led_in_five_steps_at_most_each_to_a_page_of_theirs(
    first_day: FirstDay, role: OfficerRole
) -> None:
    person = await first_day.signed_in(role)
    start = await person.follow(await person.get("/"))
    all_, _done = steps(start.text)
    assert 3 <= len(all_) <= 5
    for to in all_:
        assert (await person.get(unescape(to))).status == 200, to


async def test_a_step_is_ticked_by_what_happened_and_by_nothing_else(first_day: FirstDay) -> None:
    admin = await first_day.signed_in("administrator")
    _all, done = steps((await admin.get("/officers")).text)
    assert done == ["/account", "/officers", "/officers"]  # a second step, a mediator, a supervisor
    await admin.get("/jurisdictions")
    await admin.post("/jurisdictions", {"name": "一所辖区", "divisions": "420106", "words": "光谷"})
    _all, done = steps((await admin.get("/officers")).text)
    assert "/jurisdictions" in done

    zhou = await first_day.signed_in("mediator")
    assert steps((await zhou.get("/desk")).text)[1] == []  # looking at pages does nothing
    await first_day.parts.desk.register(await first_day.officer("mediator"), filing(now()))
    assert steps((await zhou.get("/desk")).text)[1] == ["/complaints/new"]
    await zhou.get("/calendar/hours")
    await zhou.post("/calendar/hours/own", {"own_0": "9:00-12:00"})
    assert "/calendar/hours" in steps((await zhou.get("/desk")).text)[1]


async def test_the_card_is_put_away_and_comes_back_from_the_manual(first_day: FirstDay) -> None:
    person = await first_day.signed_in("supervisor")
    assert steps((await person.get("/focus")).text)[0]
    await person.post("/first-steps")
    assert not steps((await person.get("/focus")).text)[0]
    other = await first_day.signed_in("supervisor")  # another browser of the same person
    assert not steps((await other.get("/focus")).text)[0]
    assert "first-steps" in (await other.get("/help")).text
    assert (await other.post("/first-steps", {"show": "yes"})).location == "/"
    assert steps((await person.get("/focus")).text)[0]
