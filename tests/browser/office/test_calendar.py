"""The calendar in a real browser: arranging, moving, what is warned of, who is told, another time asked for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from offices import Office
from tests import ROOT
from tests.browser import axe
from tests.browser.office.scheduling import (
    Scheduling,
    appointment_service,
    at,
    iso,
    new_year,
    scheduling,
    working_monday,
)

pytestmark = [pytest.mark.browser]

PICTURES = ROOT / "artifacts" / "screens"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scheduling]:
    async with scheduling(tmp_path) as made:
        yield made


async def sound(page: Page, name: str) -> None:
    """Nothing is wrong with it at either width; kept as pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in (390, 1280):
        await page.set_viewport_size({"width": width, "height": 844})
        await axe.settle(page)
        assert [*await axe.violations(page), *await axe.sideways(page)] == [], f"{name} {width}"
        await page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)


async def drag(page: Page, what: Locator, to: Locator) -> None:
    """By hand: taken at its lower edge, a few steps on the way."""
    await page.set_viewport_size({"width": 1280, "height": 1400})  # all of the week is in sight
    held, target = await what.bounding_box(), await to.bounding_box()
    assert held is not None
    assert target is not None
    await page.mouse.move(held["x"] + 8, held["y"] + held["height"] - 4)
    await page.mouse.down()
    await page.mouse.move(held["x"] + 40, held["y"] + held["height"] + 20, steps=5)
    await page.mouse.move(target["x"] + 20, target["y"] + 20, steps=10)
    await page.mouse.up()


async def entry(page: Page, home: str, link: str) -> dict[str, str]:
    """What the calendar file behind a party's link says, by property."""
    answer = await page.request.get(f"{home}/j/{link.rsplit('/', 1)[1]}/mediation.ics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    lines = (await answer.body()).decode().replace("\r\n ", "").split("\r\n")
    return dict(line.split(":", 1) for line in lines if line)


async def test_a_mediation_is_dragged_to_another_day_and_both_are_told_with_the_link_they_have(
    office: Scheduling,
) -> None:
    monday = working_monday()
    (complaint, *_) = await office.complaints()
    session, links = await office.arranged(complaint, at(monday, 10))
    page = await office.window(office.zhou)
    before = await entry(page, office.home, links["consumer"])
    await page.goto(f"{office.home}/calendar?week={monday}")
    await expect(page.locator("#move-keys")).to_be_visible()
    booking = page.locator(f"table [data-move*='{session}']")
    thursday = at(monday + timedelta(days=3), 14, 30)
    await drag(page, booking, page.locator(f"td[data-starts='{iso(thursday)}']"))
    await page.wait_for_url("**/reschedule?*")
    await expect(page.locator("#warned")).to_have_count(0)
    await page.locator("form .btn-act").click()
    await page.wait_for_url("**/calendar?*")
    await expect(page.locator(".banner[role=status]")).to_contain_text("14:30")
    moved = page.locator(f"td[data-starts='{iso(thursday)}'] .booking")
    await expect(moved).to_have_count(1)
    told = await office.texts("rescheduled")
    assert len(told) == 2
    assert all("14:30" in text for text in told)
    assert {link for link in links.values() if any(link in text for text in told)} == set(links.values())
    await page.goto(f"{office.home}/sessions/{session}")
    assert await page.locator("#link-consumer").input_value() == links["consumer"]
    await expect(page.locator("#seat-consumer .sent li").first).to_contain_text("新的时间")
    after = await entry(page, office.home, links["consumer"])
    assert before["UID"] == after["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert (after["METHOD"], after["DTSTART"]) == ("REQUEST", thursday.strftime("%Y%m%dT%H%M%SZ"))
    await page.locator("[data-open=cancel]").click()
    await page.fill("#reason", "双方已和解")
    await page.locator("#cancel .btn-stamp").click()
    await page.wait_for_url("**/complaints/*")
    off = await entry(page, office.home, links["consumer"])
    assert (off["METHOD"], off["UID"], int(off["SEQUENCE"])) == ("CANCEL", before["UID"], int(after["SEQUENCE"]) + 1)


async def test_a_second_mediation_at_the_same_time_is_warned_of_and_confirmed(office: Scheduling) -> None:
    monday = working_monday()
    first, second, *_ = await office.complaints()
    await office.arranged(first, at(monday, 10))
    page = await office.window(office.zhou)
    await page.goto(f"{office.home}/complaints/{second}/schedule")
    await page.locator("input[name=at][value=later]").check()
    await page.fill("#starts_day", str(monday))
    await page.fill("#starts_time", "10:00")
    await page.locator("form .btn-act").click()
    await expect(page.get_by_text("调解员这个时间已有另一场调解")).to_have_count(1)
    await page.locator("#anyway").check()
    await page.locator("form .btn-act").click()
    await page.wait_for_url("**/sessions/*")
    session = page.url.rsplit("/", 1)[1]
    await page.goto(f"{office.home}/calendar?week={monday}")
    await expect(page.locator(f"td[data-starts='{iso(at(monday, 10))}'] .booking")).to_have_count(2)
    tuesday = at(monday + timedelta(days=1), 9)
    await office.arranged(first, tuesday)
    await page.goto(f"{office.home}/sessions/{session}/reschedule?starts={iso(tuesday)}")
    await expect(page.locator("#warned")).to_contain_text("已有另一场调解")
    await page.fill("#starts_time", "09:15")  # another time is looked at anew, before anything moves
    await page.locator("form .btn-act").click()
    await expect(page.locator("#warned")).to_contain_text("已有另一场调解")
    assert await office.texts("rescheduled") == []
    await page.locator("form .btn-act").click()
    await page.wait_for_url(f"**/sessions/{session}")
    assert "09:15" in (await office.texts("rescheduled"))[0]


async def test_a_holiday_and_every_offices_own_hours_are_respected(office: Scheduling) -> None:
    day = new_year()
    eve = day - timedelta(days=1)
    (complaint, *_) = await office.complaints()
    session, _ = await office.arranged(complaint, at(eve, 10))
    page = await office.window(office.zhou)
    await page.goto(f"{office.home}/sessions/{session}/reschedule?starts={iso(at(day, 10))}")
    await expect(page.locator("#warned")).to_contain_text("元旦")
    await page.goto(f"{office.home}/calendar?week={day}")
    await expect(page.locator("th[data-rest]", has_text="元旦")).to_have_count(1)
    await expect(page.locator(f"td[data-starts='{iso(at(day, 10))}']")).to_have_attribute("data-state", "closed")
    free = (await appointment_service(office.parts).diary(await office.parts.rooms.state(session))).slots(day)
    assert free == []
    # Another office holds mediations in the evening only; ours does not change by it.
    monday = working_monday()
    other = await office.mediator_of(Office("other", "西山区市场监管一所", "西山一所", "027-00001290", "西高一投"))
    head = await office.window(await office.supervisor_beside(other))
    await head.goto(f"{office.home}/calendar")
    await expect(head.locator("#move-keys")).to_have_count(0)  # nothing there is hers to move
    await head.locator("a[href$='/calendar/hours']").click()
    for weekday in range(7):
        await head.fill(f"#office_{weekday}", "18:00-20:00" if weekday < 5 else "")
    await sound(head, "hours-of-the-office-zh")
    await head.locator("form[action$='/office'] button").click()
    await head.wait_for_load_state()
    theirs = await office.window(other)
    await theirs.goto(f"{office.home}/calendar/hours")
    await expect(theirs.locator("dl.facts dd").first).to_have_text("18:00-20:00")
    await expect(theirs.locator("form[action$='/office']")).to_have_count(0)
    await theirs.goto(f"{office.home}/calendar?week={monday}")
    await expect(theirs.locator(f"td[data-starts='{iso(at(monday, 18))}']")).to_have_attribute("data-state", "free")
    await expect(theirs.locator(f"td[data-starts='{iso(at(monday, 10))}']")).to_have_attribute("data-state", "closed")
    await page.goto(f"{office.home}/calendar?week={monday}")
    await expect(page.locator(f"td[data-starts='{iso(at(monday, 10))}']")).to_have_attribute("data-state", "free")


async def asks(office: Scheduling, link: str, nth: int) -> str:
    """Somebody opens their link, asks for the nth free time and shows by a code who they are; the time."""
    phone = await office.phone()
    await phone.goto(f"{link}/other-time")
    await sound(phone, "other-time-zh")
    chosen = phone.locator(".time input").nth(nth)
    wanted = await chosen.get_attribute("value")
    assert wanted is not None
    await chosen.check()
    await phone.locator(".actions .btn-act").click()
    await phone.wait_for_url("**/join/code*")
    await phone.locator(".actions .btn-act").click()
    await phone.locator("#code").fill(await office.code())
    await phone.locator(".actions .btn-act").click()
    await phone.wait_for_url("**/join/asked")
    return wanted


async def test_a_party_s_free_time_lands_on_the_desk_and_one_press_moves_it_or_keeps_the_time(
    office: Scheduling,
) -> None:
    monday = working_monday()
    (complaint, *_) = await office.complaints()
    session, links = await office.arranged(complaint, at(monday, 10))
    wanted = await asks(office, links["consumer"], 3)
    page = await office.window(office.zhou)
    await page.goto(f"{office.home}/desk")
    asking = page.locator("section[aria-labelledby=asked] li")
    await expect(asking).to_have_count(1)
    await sound(page, "desk-asked-zh")
    await asking.locator("form .btn-act").click()
    await page.wait_for_url("**/desk*")
    await expect(asking).to_have_count(0)
    assert iso((await office.parts.rooms.state(session)).starts) == wanted
    assert len(await office.texts("rescheduled")) == 2
    await asks(office, links["business"], 1)
    await page.goto(f"{office.home}/desk")
    await asking.get_by_role("button", name="不改期，并告知对方").click()
    await expect(asking).to_have_count(0)
    assert iso((await office.parts.rooms.state(session)).starts) == wanted
    (told,) = await office.texts("reminder")
    assert "没能改成" in told


async def test_the_arrow_keys_move_it_as_a_drag_does(office: Scheduling) -> None:
    monday = working_monday()
    (complaint, *_) = await office.complaints()
    session, _ = await office.arranged(complaint, at(monday, 10))
    page = await office.window(office.zhou)
    await page.goto(f"{office.home}/calendar?week={monday}")
    await page.locator(f"table [data-move*='{session}'] .move").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        await page.keyboard.press(key)
    await expect(page.locator("[data-calendar-said]")).to_contain_text("10:30")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/reschedule?*")
    await expect(page.locator("#starts_day")).to_have_value(str(monday + timedelta(days=2)))
    await expect(page.locator("#starts_time")).to_have_value("10:30")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_calendar_is_sound_at_both_widths_and_on_a_phone_a_list_of_days(
    office: Scheduling, language: str
) -> None:
    monday = working_monday()
    for n, complaint in enumerate((await office.complaints())[:3]):
        session, _ = await office.arranged(complaint, at(monday + timedelta(days=n), 10 + n))
    page = await office.window(office.zhou, language)
    await page.goto(f"{office.home}/calendar?week={monday}")
    await sound(page, f"calendar-{language}")
    small = await page.evaluate(
        "[...document.querySelectorAll('.booking a')].filter(a => a.offsetParent"
        " && (a.offsetHeight < 44 || a.offsetWidth < 44)).length"
    )
    assert small == 0
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.locator("table.calendar")).to_be_hidden()
    await expect(page.locator(".calendar-narrow section")).to_have_count(7)
    await page.locator(".calendar-narrow .move").first.click()
    await page.wait_for_url(re.compile("/reschedule"))
    await sound(page, f"reschedule-{language}")
    await page.goto(f"{office.home}/calendar/hours")
    await sound(page, f"hours-{language}")
    await page.goto(f"{office.home}/sessions/{session}")
    await sound(page, f"session-{language}")
