"""A case in a real browser: drawn, gone through place by place, published, shown in a room, printed in December."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import BrowserContext, Page, async_playwright, expect
from pydantic import SecretStr

from complaints.commands import Accept, ScheduleMediation
from complaints.record import PartyTyped
from complaints.service import Filing
from journal.clock import utc_now
from rooms import events, events as e
from rooms.vocabulary import Role, Seat, Side
from server.app.demo import MEDIATOR, OFFICE, SUPERVISOR
from server.serving.settings import Settings
from tests import ROOT
from tests.browser import axe
from tests.browser.people import FLAGS
from tests.machine import browser
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.casebook.test_casebook import (
    NAME,
    PHONE,
    SHOP,
    closed_complaint,
    officer,
    parts,
    signed_in,
    to_the_board,
)
from tests.web.client import AiohttpClient, Browser
from web.http import cookies

pytestmark = [pytest.mark.long, pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"
WIDTHS = (1280, 390)
COMMENT = "预付卡合同可以解除，未消费的余额应当退还；经营者关店前应当提前告知并提供退卡办法。"


@pytest.fixture
async def office(tmp_path: Path, aiohttp_client: AiohttpClient) -> Browser:
    """At the address it gives out: a socket is opened from there only."""
    port = unused_port()
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url=f"http://127.0.0.1:{port}"
    )
    return Browser(await aiohttp_client(TestServer(demo_app(settings), port=port)))


class Story:
    def __init__(self, page: Page, home: str, language: str) -> None:
        self.page, self.home, self.language = page, home, language
        self.wrong: list[str] = []

    async def go(self, path: str) -> None:
        await self.page.goto(self.home + path)

    async def seen(self, name: str, page: Page | None = None) -> None:
        """Sound at both widths, and a picture of it."""
        shown = page or self.page
        for width in WIDTHS:
            await shown.set_viewport_size({"width": width, "height": 844})
            await axe.settle(shown)
            found = [*await axe.violations(shown), *await axe.sideways(shown)]
            self.wrong += [f"{name} ({self.language}, {width} px): {one}" for one in found]
            await shown.screenshot(path=PICTURES / f"case-story-{name}-{width}-{self.language}.png", full_page=True)
        await shown.set_viewport_size({"width": 1280, "height": 844})

    async def press(self, selector: str) -> None:
        async with self.page.expect_navigation():
            await self.page.locator(selector).first.click()


@asynccontextmanager
async def telling(office: Browser, person: Browser, language: str) -> AsyncIterator[Story]:
    """As this person, in this language; at the end nothing of what was seen is wrong."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    home = str(office.client.make_url("")).rstrip("/")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=list(FLAGS))
        context = await chromium.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 844})
        await signed(context, home, person, language)
        story = Story(await context.new_page(), home, language)
        yield story
        await chromium.close()
    assert not story.wrong, "\n" + "\n".join(story.wrong)


async def signed(context: BrowserContext, home: str, person: Browser, language: str) -> None:
    await context.clear_cookies()
    await context.add_cookies(
        [
            {"name": cookies.OFFICER, "value": person.cookies[cookies.OFFICER], "url": home},
            {"name": cookies.LANGUAGE, "value": language, "url": home},
        ]
    )


async def waiting_session(office: Browser) -> str:
    """Another prepaid gym card, with a session that may begin."""
    at, zhou, now = parts(office), (await officer(office, MEDIATOR)).actor, utc_now()
    filing = Filing(
        office=OFFICE.id,
        prefix=OFFICE.number_prefix,
        zone=OFFICE.zone,
        channel="window",
        received=now,
        title="健身房年卡停业不退",
        request="退还剩余会费2600元",
        facts="消费者在健身房办预付年卡，门店停业，余额不退。",
        amount=Decimal(2600),
        consumer=PartyTyped("桂晓", "13800054321"),
        business=PartyTyped("柯平", "13900054321", organisation="力行健身房"),
        problem_class="contract",
        industry_code="R89",
    )
    complaint = await at.complaints.register(filing, zhou)
    await at.complaints.submit(complaint, Accept(), zhou)
    seats = (Seat("g-m", Role.MEDIATOR, "周明"), Seat("g-c", Role.CONSUMER, "桂晓", Side.CONSUMER))
    await at.complaints.submit(complaint, ScheduleMediation("s-gym", now, zhou.id), zhou)
    told: list[e.SessionEvent] = [e.SessionScheduled(complaint, "n", OFFICE.id, 1, "退卡", now, seats, zhou.id, "121")]
    await at.journal.append(events.stream("s-gym"), 0, [events.event_draft(event, now, zhou) for event in told])
    return "s-gym"


async def test_from_a_closed_complaint_to_the_shelf_the_room_and_the_book(office: Browser) -> None:
    complaint, session = await closed_complaint(office), await waiting_session(office)
    zhou, board = await signed_in(office, MEDIATOR), await signed_in(office, SUPERVISOR)
    async with telling(office, zhou, "zh") as story:
        page, context, home = story.page, story.page.context, story.home

        # An officer draws it and goes through it by keys.
        await story.go(f"/complaints/{complaint}")
        await story.press(f"form[action$='/casebook/draw/{complaint}'] button")
        case = page.url.rsplit("/", 1)[1]
        await story.go(f"/casebook/cases/{case}/texts")
        await story.seen("texts")
        places = page.locator(".place-form[data-undecided]")
        before = await places.count()
        assert before >= 4
        await page.keyboard.press("Alt+j")
        async with page.expect_navigation():
            await page.keyboard.press("Alt+a")
        await expect(places).to_have_count(before - 1)
        async with page.expect_navigation():
            await page.keyboard.press("Alt+u")
        await expect(places).to_have_count(before)
        while await places.count():
            async with page.expect_navigation():
                await page.keyboard.press("Alt+g")
        await story.seen("texts-decided")
        await story.press("#approve button")
        await story.go(f"/casebook/cases/{case}/texts")
        told = await page.locator(".work-sides").all_inner_texts()
        assert told
        await story.go(f"/casebook/cases/{case}")
        for secret in (NAME, SHOP, PHONE, "4980"):
            assert secret not in await page.locator("main").inner_text()
        await story.seen("approved")

        # A lawyer comments by link.
        await page.locator("#lawyers summary").last.click()
        await page.fill("#name", "吴青")
        await page.fill("#firm", "明理所")
        await page.fill("#phone", "13700012345")
        await page.fill("#until", (date.today() + timedelta(days=10)).isoformat())
        await page.locator("#lawyers form[action$='/lawyers'] button").click()
        link = re.search(re.escape(home) + r"(/l/[\w-]+)", await page.content())
        assert link
        assert context.browser
        lawyers = await context.browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
        await lawyers.add_cookies([{"name": cookies.LANGUAGE, "value": story.language, "url": home}])
        phone = await lawyers.new_page()
        await phone.goto(home + link[1])
        await story.seen("lawyer-link", phone)
        await phone.locator("button[form=begin]").click()
        await phone.wait_for_url("**/comment/code*")
        await phone.locator("button[form=send]").click()
        await phone.wait_for_selector("#code")
        messages, _ = await parts(office).outbox._store.page([OFFICE.id])
        newest = next(message for message in messages if message.kind == "code")
        code = re.search(r"\d{6}", parts(office).seal.open(newest.text_sealed, "message"))
        assert code
        await phone.fill("input[name=code]", code[0])
        await phone.locator("button[form=answer]").click()
        await phone.wait_for_url("**/comment")
        await phone.fill("textarea[name=comment]", COMMENT)
        await story.seen("lawyer-comment", phone)
        async with phone.expect_navigation():
            await phone.locator("button[form=comment-form]").click()
        await lawyers.close()

        # It is taken over, sent to the board, and published by a second person.
        await story.go(f"/casebook/cases/{case}")
        await story.press("form[action$='/take-comment'] button")
        await expect(page.locator("form[action$='/drop-comment']")).to_have_count(1)  # taken over, not refused
        for box in await page.locator("#send input[type=checkbox]").all():
            await box.check()
        await story.press("#send button")
        await signed(context, home, board, story.language)
        await story.go("/casebook/board")
        await story.press(f"a[href$='/casebook/cases/{case}']")
        await story.seen("board")
        await story.press("form[action$='/publish'] button")
        assert (await page.locator("main").inner_text()).count(COMMENT[:12]) >= 1

        # Another mediator prepares a session about a prepaid gym card.
        await signed(context, home, zhou, story.language)
        await story.go("/casebook/find?q=健身房预付卡关门")
        await story.seen("find")
        assert await page.locator(f"a[href$='/casebook/read/{case}']").count() == 1
        await story.go(f"/sessions/{session}/room")
        await in_the_room(story, case)

        # In December the book prints itself, with the preface the office wrote.
        await the_book(story)


async def test_in_english_a_case_is_published_found_shown_in_a_room_and_printed(office: Browser) -> None:
    """Shorter: what the officer does by keys, and the lawyer, is told in Chinese above."""
    case, session = await to_the_board(office), await waiting_session(office)
    zhou, board = await signed_in(office, MEDIATOR), await signed_in(office, SUPERVISOR)
    async with telling(office, board, "en") as story:
        page = story.page
        await story.go(f"/casebook/cases/{case}")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await story.seen("board")
        await story.press("form[action$='/publish'] button")
        await signed(page.context, story.home, zhou, story.language)
        await story.go("/casebook/find?q=健身房预付卡关门")
        await story.seen("find")
        await story.press(f"a[href$='/casebook/read/{case}']")
        await story.seen("read")
        await story.go(f"/sessions/{session}/room")
        await in_the_room(story, case)
        await the_book(story)


async def the_book(story: Story) -> None:
    """With a preface of the office's own, on the page and as a file."""
    page, year, preface = story.page, date.today().year, "这一年，我们把话谈到了一处。"
    await story.go(f"/casebook/preface/{year}")
    await page.fill("#text", preface)
    await story.press("main form .btn-act")
    await story.seen("preface")
    await story.go(f"/casebook/book?year={year}")
    await story.seen("book")
    assert preface in await page.locator("main").inner_text()
    async with page.expect_download() as saving:
        await page.locator("a[href*='/casebook/book/'][href*='/pdf']").click()
    assert (await saving.value).suggested_filename.endswith(".pdf")


async def in_the_room(story: Story, case: str) -> None:
    """The nearest three with reasons, range and articles; one article with one tap; one case for everybody."""
    page = story.page
    await page.click(".cp-mid .btn-act.btn-big")
    await page.wait_for_selector(".phases li.now")
    await page.keyboard.press("Alt+1")  # the file, where cases like it are
    await expect(page.locator("#like-this")).to_be_visible()
    near = page.locator("section[aria-labelledby=like-this] article")
    await expect(near.nth(2)).to_be_visible()
    first = near.filter(has=page.locator(f"a[href$='/casebook/read/{case}']"))
    await expect(first).to_have_count(1)  # our own is among the nearest
    for at in range(3):
        await expect(near.nth(at)).to_contain_text(re.compile("提示的理由|Because of"))
    await expect(page.locator("section[aria-labelledby=like-this] > .paper").first).to_contain_text(
        "%"
    )  # range of outcomes
    cite = near.locator(".cites button").first
    await cite.click()
    await expect(cite).to_have_attribute("aria-pressed", "true")
    show = first.locator("button").last
    await show.click()
    await expect(page.locator(".cp-mid .banner").filter(has_text=re.compile("案例|case"))).to_be_visible()
    await axe.settle(page)
    story.wrong += [f"cockpit ({story.language}): {one}" for one in await axe.violations(page)]
    await page.screenshot(path=PICTURES / f"case-story-cockpit-{story.language}.png")
