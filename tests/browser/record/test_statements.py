"""A mediator makes the record of what was said, in a real browser; a party confirms it on a phone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from journal import SYSTEM, Actor
from journal.clock import utc_now
from offices import Officer
from recordings.transcripts import Line, Transcript
from rooms import commands as c, events as e
from rooms.events import event_draft, stream
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Phase
from server.app.demo import OFFICE, SUPERVISOR
from server.app.parts import Parts
from tests import ROOT
from tests.browser import axe
from tests.browser.office.scheduling import Scheduling, scheduling
from tests.browser.record.hearing import BLUE, GREEN, RED, Hearing, recorded
from tests.server.signing.spoken import MODEL, put_on_file

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

SECONDS = 24.0
FAILED = Outcome(OutcomeKind.NOT_SETTLED, note="对退款数额分歧较大")
NARROW, WIDE = 390, 1280
CLAIM = "我要求退还剩余的积分宽两千三百六十元"
SAID: list[tuple[float, str, str]] = [
    (0.5, "m", "喂两位听得到吗"),
    (1.5, "m", "今天的调解是自愿的，双方随时可以退出"),
    (3.0, "m", "有没有要申请我回避的"),
    (4.0, "c", "没有"),
    (4.6, "b", "不申请"),
    (6.0, "c", "嗯，我去年三月在他们平台充了三千六百块的积分"),
    (9.0, "c", "一次都没有用过，现在积分商城关了"),
    (11.0, "c", CLAIM),
    (14.0, "b", "充值这个事情我们认可"),
    (16.0, "b", "但是充值协议里写明了积分售出不退"),
    (20.0, "b", "我们最多退八百"),
]
PHASES = [
    (0.1, Phase.OPENING),
    (5.5, Phase.CONSUMER_STATEMENT),
    (13.5, Phase.BUSINESS_STATEMENT),
    (19.0, Phase.PROPOSAL),
]


@dataclass
class House:
    desk: Scheduling
    session: str


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("statements")
    async with scheduling(folder) as desk:
        session, _ = await desk.arranged((await desk.complaints())[0], utc_now())
        await put_on_file(desk.parts, await _held(desk.parts, folder, desk.zhou, session))
        yield House(desk, session)


async def _held(parts: Parts, data: Path, zhou: Officer, session: str) -> Transcript:
    state = await parts.rooms.state(session)
    seats = {seat.role.value[0]: seat.id for seat in state.seats.values()}
    m, co, bu = seats["m"], seats["c"], seats["b"]
    hearing, origin = Hearing(session, m, co, bu, data), time.time() - 60
    segments = [
        *await recorded(hearing, m, origin, [(0, SECONDS, BLUE)]),
        *await recorded(hearing, co, origin, [(0, SECONDS, RED)]),
        *await recorded(hearing, bu, origin, [(0, SECONDS, GREEN)]),
    ]
    facts: list[tuple[float, e.SessionEvent, Actor]] = [
        *(
            (-0.4, e.ConsentGiven(seat, kind, "2026-01"), Actor("party", seat, ""))
            for seat in (co, bu)
            for kind in Consent
        ),
        *((-0.3, e.Arrived(seat), Actor("party", seat, "")) for seat in (co, bu)),
        (-0.2, e.SessionOpened(), zhou.actor),
        (-0.2, e.Arrived(m), zhou.actor),
        *((-0.2, e.Admitted(seat), zhou.actor) for seat in (m, co, bu)),
        *((0.0, e.RecordingStarted(seat), SYSTEM) for seat in (m, co, bu)),
        *((at, e.PhaseEntered(phase), zhou.actor) for at, phase in PHASES),
        *((SECONDS, segment, SYSTEM) for segment in segments),
        (
            SECONDS + 0.1,
            e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED, note="对退款数额分歧较大"), "演示"),
            zhou.actor,
        ),
    ]
    drafts = [event_draft(fact, datetime.fromtimestamp(origin + at, UTC), actor) for at, fact, actor in facts]
    await parts.journal.append(stream(session), state.version, drafts)
    await parts.rooms.submit(session, c.NoteView("record"), zhou.actor)  # the room reads what it missed
    lines = []
    for n, (at, who, text) in enumerate(SAID, 1):
        begins = datetime.fromtimestamp(origin + at, UTC)
        lines.append(Line(f"l{n}", seats[who], begins, begins + timedelta(seconds=len(text) / 8), text, 0.9))
    return Transcript(session, MODEL, utc_now(), tuple(lines), {})


async def look(house: House, width: int, language: str = "en") -> Page:
    page = await house.desk.window(house.desk.zhou, language, width)
    answer = await page.goto(f"{house.desk.home}/audit/{house.session}/statements")
    assert answer is not None
    assert answer.status == 200
    return page


async def picture(page: Page, name: str) -> None:
    await page.screenshot(path=ROOT / "artifacts" / "screens" / f"statements-{name}.png", full_page=True)


def row(page: Page, text: str) -> Locator:
    return page.locator("[data-statement]").filter(has_text=text)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [NARROW, WIDE])
async def test_the_page_fits_and_everybody_can_use_it(house: House, language: str, width: int) -> None:
    page = await look(house, width, language)
    await expect(page.locator("[data-statement][data-taken]").first).to_be_visible()
    assert await axe.violations(page) == []
    assert await axe.sideways(page) == []
    assert await axe.small_targets(page, 24) == []
    for target in await page.locator("#statements :is(a.btn, button, summary)").all():
        box = await target.bounding_box()
        assert box is None or min(box["width"], box["height"]) >= 44, await target.inner_text()
    await picture(page, f"{language}-{width}")
    await page.context.close()


async def test_a_sentence_is_played_left_taken_edited_and_taken_back_by_keys_alone(house: House) -> None:
    page = await look(house, WIDE)
    one = row(page, CLAIM)
    await one.locator("[data-choose]").focus()
    await page.keyboard.press("Alt+s")
    await expect(page.locator("#clock")).to_have_text("00:11")
    await one.locator("[data-choose]").focus()
    await page.keyboard.press("Alt+x")
    await expect(row(page, CLAIM)).not_to_be_visible()
    await page.keyboard.press("Alt+u")
    await expect(row(page, CLAIM)).to_be_visible()
    await row(page, CLAIM).locator("[data-choose]").focus()
    await page.keyboard.press("Alt+e")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("要求退还剩余的积分款2,360元")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    edited = row(page, "积分款2,360元")
    await expect(edited).to_contain_text("your wording, not a quotation")
    await expect(edited).to_contain_text(CLAIM)  # what was heard stays beside it
    await page.reload()
    await expect(row(page, "积分款2,360元")).to_be_visible()
    await page.context.close()


async def test_a_party_confirms_each_sentence_on_a_phone_and_signs(house: House) -> None:
    page = await look(house, WIDE, "zh")
    await page.get_by_role("button", name="发给双方确认、签名").click()
    await expect(page.locator("#signing")).to_be_visible()
    await picture(page, "signing-zh")
    link = await page.locator("#signing .link-box input").first.input_value()
    phone = await house.desk.phone()
    await phone.goto(link)
    await phone.locator(".actions button").click()
    await phone.fill("#code", await house.desk.code())
    await phone.locator(".actions button").click()
    await expect(phone.locator("#own-words")).to_be_visible()
    assert await axe.violations(phone) == []
    assert await axe.sideways(phone) == []
    await picture(phone, "phone-zh")
    first = phone.locator(".quoted").first
    await first.locator("input[value=wrong]").check()
    await expect(first.locator("input[name=words_1]")).to_be_visible()
    for answer in await phone.locator("input[value=right]").all():
        await answer.check()
    for box in ("read", "electronic"):
        await phone.check(f"input[name={box}]")
    await phone.locator(".actions button").click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("您已签名")
    await phone.context.close()
    await page.context.close()


async def test_a_reviewer_hears_what_words_may_answer_an_item_and_rests_on_it(house: House) -> None:
    account = await house.desk.parts.store.user_by_login(SUPERVISOR)
    assert account is not None
    luo = Officer(account.id, account.login, account.name, account.role, OFFICE, totp=False)
    page = await house.desk.window(luo, "zh")
    await page.goto(f"{house.desk.home}/supervision/reviews/{house.session}")
    await page.get_by_role("button", name="开始复核").click()
    item = page.locator("#item-recusal")
    await expect(item.locator(".heard")).to_contain_text("有没有要申请我回避的")
    await item.locator("[data-moment][data-at]").click()
    await expect(page.locator("#recusal-moments")).to_have_value("00:03")
    await expect(item.locator("details").first).to_have_attribute("open", "")
    assert await page.locator("[data-unanswered]").count() == await page.locator(".check-item").count()
    assert await axe.violations(page) == []
    await picture(page, "review-zh")
    await page.context.close()
