"""A supervisor looks back at a mediation in a real browser: real files, real seeking, real gaps."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser import axe
from tests.browser.people import until
from tests.browser.record.archive import Archive, archive as archive, looking, seek, settled, shows, state
from tests.browser.record.hearing import BACK, BROKEN, CHAT, GREEN, RED, SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 800}
MANY_CAPTIONS = """() => {
    const said = document.getElementById("said");
    said.textContent = ["one", "two", "three", "four", "five", "six"].join("\\n");
    said.hidden = false;
}"""
IS_SEEN = """(wanted) => {
    const what = document.querySelector(wanted);
    what.scrollIntoView({ block: "center" });
    const { x, y, width, height } = what.getBoundingClientRect();
    return what.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


async def test_the_film_plays_and_the_cursor_goes_with_it(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await page.click("#play")
        await until(page, "() => document.getElementById('film').currentTime > 1")
        moved = "() => Number(document.getElementById('cursor').getAttribute('transform').match(/[\\d.]+/)[0])"
        before = float(await page.evaluate(moved))
        await until(page, f"() => ({moved})() > {before}")
        await page.keyboard.press("Alt+k")
        assert (await state(page)).paused


async def test_a_video_that_something_else_starts_and_stops_takes_the_player_along(archive: Archive) -> None:
    """As a key for media, a headset or the browser's own menu does."""
    async with looking(archive) as window:
        page = window.page
        await seek(page, 1.0)
        await page.evaluate("() => document.getElementById('film').play()")
        await expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
        clock = str(await page.text_content("#clock"))
        await expect(page.locator("#clock")).not_to_have_text(clock)
        await page.evaluate("() => document.getElementById('film').pause()")
        await expect(page.locator("#play")).to_have_attribute("aria-label", "Play")
        assert (await state(page)).paused


async def test_a_line_of_the_transcript_plays_is_followed_and_found(archive: Archive) -> None:
    async with looking(archive, "/transcript") as window:
        page = window.page
        lines = page.locator("#transcript li")
        await expect(lines).to_have_count(3)
        assert await axe.violations(page) == []
        await page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        await axe.text_size(page, 200)
        assert await axe.sideways(page) == []
        await axe.text_size(page, 100)
        await page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        await lines.nth(1).locator("[data-seek]").click()
        await expect(lines.nth(1)).to_have_attribute("aria-current", "true")
        film = await state(page)
        assert film.at >= 3.0 - 0.05
        await until(page, "() => !document.getElementById('film').paused")
        await seek(page, 9.5)
        await expect(lines.nth(2)).to_have_attribute("aria-current", "true")
        await expect(page.locator("[aria-current=true]#line-2")).to_have_count(0)
        await page.fill("#tr-find", "退款")
        await expect(page.locator("#transcript li:visible")).to_have_count(1)
        await expect(page.locator("#transcript mark")).to_have_text("退款")
        await page.fill("#tr-find", "没有")
        await expect(page.locator("#tr-found")).to_have_text("Not found")
        await page.fill("#tr-find", "")
        await expect(page.locator("#transcript li:visible")).to_have_count(3)
    assert "transcript" in archive.journaled()


async def test_a_tap_anywhere_in_the_picture_over_time_goes_just_there(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        chart = page.locator("#chart")
        first, last, left, right = [
            float(str(await chart.get_attribute(f"data-{name}"))) for name in ("first", "last", "left", "right")
        ]
        wanted = 8.0
        box = await chart.bounding_box()
        assert box
        x = (left + (right - left) * (wanted - first) / (last - first)) / 1000 * box["width"]
        await chart.click(position={"x": x, "y": 34 / 1000 * box["width"]})  # on the bar of a phase that began earlier
        await settled(page, wanted, 0.3)


async def test_another_track_keeps_the_moment_and_the_speed(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await page.select_option("#speed", "1.5")
        await seek(page, 2.0)
        await page.click(f"[data-who='{archive.hearing.consumer}']")
        own = await settled(page, 2.0)
        assert f"/tracks/{archive.hearing.consumer}/" in own.src
        assert own.speed == 1.5
        assert own.time == pytest.approx(2.0, abs=0.3)
        await shows(page, RED)
        await seek(page, 9.0)
        await shows(page, GREEN)
        await seek(page, 3.0)
        await shows(page, RED)
        await page.click("[data-who='']")
        film = await settled(page, 3.0)
        assert film.src.endswith("/recording.mp4")
        assert film.speed == 1.5
        assert film.time == pytest.approx(3.0, abs=0.3)


async def test_a_gap_says_why_and_the_player_goes_on_by_itself(archive: Archive) -> None:
    async with looking(archive, f"?who={archive.hearing.consumer}&t=3") as window:
        page = window.page
        await settled(page, 3.0)
        await page.select_option("#speed", "2")
        await page.click("#play")
        card = page.locator("#card")
        await expect(card).to_contain_text("the connection was broken; the seat was kept")
        during = await state(page)
        assert BROKEN - 0.5 < during.at < BACK
        assert during.paused
        await expect(card).to_be_hidden()
        await until(page, f"() => Number(document.getElementById('scrub').value) > {BACK + 0.3}")
        await shows(page, GREEN)
        await until(page, "() => document.getElementById('play').dataset.on === 'false'", seconds=20)
        assert (await state(page)).at == pytest.approx(SECONDS, abs=0.3)


async def test_a_gap_can_be_skipped(archive: Archive) -> None:
    async with looking(archive, f"?who={archive.hearing.consumer}&t=5") as window:
        page = window.page
        await page.get_by_role("button", name=re.compile("Go on at")).click()
        await settled(page, BACK)
        await shows(page, GREEN)


async def test_who_refused_is_a_card_from_beginning_to_end(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await page.click(f"[data-who='{archive.hearing.business}']")
        await expect(page.locator("#card")).to_contain_text("this person has not agreed to be recorded")
        await expect(page.locator("#card button")).to_be_hidden()


async def test_captions_are_shown_and_can_be_put_away(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await seek(page, 3.0)
        await expect(page.locator("#said")).to_contain_text(CHAT)
        await page.click("#captions")
        await expect(page.locator("#said")).to_be_hidden()
        await page.keyboard.press("Alt+c")
        await expect(page.locator("#said")).to_contain_text(CHAT)


async def test_captions_leave_what_stands_in_for_the_picture_alone(archive: Archive) -> None:
    """However many come at once; of these the newest stay."""
    async with looking(archive, f"?who={archive.hearing.consumer}&t=5") as window:
        page = window.page
        go = page.get_by_role("button", name=re.compile("Go on at"))
        await expect(go).to_be_visible()
        for size in (WIDE, NARROW):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            for percent in (100, 200):
                await axe.text_size(page, percent)
                await page.evaluate(MANY_CAPTIONS)
                await axe.settle(page)
                said, button = await page.locator("#said").bounding_box(), await go.bounding_box()
                view = await page.locator(".player-view").bounding_box()
                assert said
                assert button
                assert view
                at = f"{size['width']} px, {percent} %"
                assert said["height"] > 0, at
                assert button["y"] + button["height"] <= said["y"], at
                assert said["y"] + said["height"] <= view["y"] + view["height"], at
                for part in ("b", "p", "button"):
                    assert await page.evaluate(IS_SEEN, f"#card {part}"), f"{part} at {at}"
        await page.screenshot(path=archive.pictures / "record-captions-390.png")
        await axe.text_size(page, 100)
        await go.click()
        await settled(page, BACK)


async def test_the_keys_are_those_of_the_help_and_can_be_switched_off(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await expect(page.locator("#keys")).to_contain_text("10 s back, on")
        await seek(page, 1.0)
        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("ArrowRight")
        await settled(page, 6.0)
        await page.keyboard.press("Alt+.")
        await settled(page, 6.04, 0.02)
        await page.keyboard.press("Alt+,")
        await page.keyboard.press("Alt+j")
        await settled(page, 0.0)
        await page.keyboard.press("Alt+l")
        await settled(page, 10.0)
        await page.keyboard.press("Alt+>")
        assert (await state(page)).speed == 1.25
        await page.uncheck("#keys-on")
        await page.keyboard.press("Alt+j")
        await page.evaluate("() => new Promise((next) => requestAnimationFrame(next))")
        assert (await state(page)).at == pytest.approx(10.0, abs=0.1)
        await page.check("#keys-on")


async def test_full_screen_keeps_who_looks_over_the_picture(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await seek(page, 2.0)
        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("Alt+f")
        await until(page, "() => document.fullscreenElement?.id === 'player'")
        mark = page.locator("#player .watermark span").first
        await expect(mark).to_contain_text("罗建国 · luojianguo · ")
        seen = await page.evaluate(
            """() => {
              const [span] = document.querySelectorAll("#player .watermark span");
              const {left, top, width, height} = span.getBoundingClientRect();
              const style = getComputedStyle(span);
              return width > 50 && height > 5 && left >= 0 && top >= 0 && style.visibility === "visible";
            }"""
        )
        assert seen
        await page.screenshot(path=archive.pictures / "audit-record-fullscreen.png")
        first = await mark.inner_text()
        await until(page, "(first) => document.querySelector('#player .watermark span').innerText !== first", first)
        await page.keyboard.press("Alt+f")
        await until(page, "() => !document.fullscreenElement")


async def test_a_note_is_added_and_corrected_beside_the_player(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await seek(page, 9.0)
        await page.evaluate("() => { window.stays = true; }")
        await page.fill("#note-new", "这里应当先核对身份")
        assert await page.input_value("#note-new-at") == "00:09"
        await page.locator("#notes form:has(#note-new) button").click()
        note = page.locator("#notes ol.notes > li")
        await expect(note).to_have_count(1)
        await expect(note).to_contain_text("这里应当先核对身份")
        assert await page.evaluate("() => window.stays"), "the page was loaded anew"
        assert (await state(page)).at == pytest.approx(9.0, abs=0.1)
        await seek(page, 1.0)
        await note.locator("a[data-seek]").first.click()
        await until(page, "() => Number(document.getElementById('scrub').value) >= 9")
        await page.keyboard.press("Alt+k")
        await note.locator("summary").click()
        await note.locator("textarea").fill("身份在09:10已核对")
        await note.locator("form button").click()
        await expect(note).to_have_count(2)
        await expect(page.locator("#notes li.corrected")).to_contain_text("这里应当先核对身份")
        await page.fill("#note-new", "说明")
        await page.fill("#note-new-at", "soon")
        await page.locator("#notes form:has(#note-new) button").click()
        await expect(page.locator("#notes [role=alert]")).to_contain_text("minutes and seconds")
        assert await page.input_value("#note-new") == "说明"


async def test_gaps_are_told_on_focus_and_walked_with_arrows(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await page.locator("#chart .hole[tabindex='0']").focus()
        told = page.locator("#told")
        await expect(told).to_contain_text("missing")
        first = await told.inner_text()
        await page.keyboard.press("ArrowRight")
        await until(page, "(first) => document.getElementById('told').innerText !== first", first)
        assert await page.locator("#chart .hole[tabindex='0']").count() == 1
        await expect(page.locator("tr.chosen")).to_have_count(1)


async def test_any_entry_of_the_journal_leads_to_its_second(archive: Archive) -> None:
    async with looking(archive, "/journal") as window:
        page = window.page
        row = page.locator("tr", has_text="Came back to the same seat")
        await row.locator("a[data-seek]").click()
        await page.wait_for_url("**?t=*")
        await settled(page, BACK - 0.3, 0.3)


async def test_every_part_that_was_looked_at_is_in_the_journal_once(archive: Archive) -> None:
    parts = archive.journaled()
    seats = {f"track:{archive.hearing.consumer}", "record", "recording", "journal"}
    assert seats <= set(parts)
    assert len(parts) == len(set(parts)), "one visit is one look"


async def test_a_review_begins_beside_the_recording_and_takes_its_moments(archive: Archive) -> None:
    async with looking(archive) as window:
        page = window.page
        await page.goto(f"{archive.url}/supervision/reviews/{archive.hearing.session}")
        await settled(page, 0.0)
        assert (await state(page)).speed == 1.5
        await page.locator("#work .btn-act").click()
        await expect(page.locator("#item-identity")).to_be_visible()
        where = page.locator(".moments a").nth(1)
        await page.locator("details:has(.moments) > summary").click()
        await where.click()
        await settled(page, float(await where.get_attribute("data-seek") or "0"))
        await page.locator("#item-identity [data-moment]").click()
        await expect(page.locator("#identity-moments")).not_to_have_value("")
        # Handed on too early: the reason is said where the eye is taken to.
        await page.locator("#work form[action$=hand_on] button").click()
        await expect(page.locator("#work [role=alert]")).to_be_in_viewport()
        await expect(page.locator("#work [role=alert]")).to_be_focused()
        [refused] = window.troubles
        assert "409" in refused
        window.troubles.clear()
        for size in (WIDE, NARROW):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert await axe.violations(page) == []
            assert await axe.sideways(page) == []
        await page.screenshot(path=archive.pictures / "review.png", full_page=True)


async def test_without_script_the_record_plays_and_lists(archive: Archive) -> None:
    async with looking(archive, "?t=3", java_script_enabled=False) as window:
        page = window.page
        assert await page.get_attribute("#film", "controls") is not None
        assert str(await page.get_attribute("#film", "src")).endswith("/recording.mp4#t=3.0")
        await expect(page.locator("#bar")).to_be_hidden()
        await expect(page.locator(".watermark span").first).to_contain_text("罗建国")
        await page.click(f"[data-who='{archive.hearing.consumer}']")
        assert "/tracks/" in str(await page.get_attribute("#film", "src"))
        await expect(page.locator(".pieces li")).to_have_count(2)


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.long)])
async def test_the_record_is_readable_and_reachable(archive: Archive, language: str) -> None:
    wrong: list[str] = []
    async with looking(archive, f"?who={archive.hearing.consumer}&t=5", language, reduced_motion="reduce") as window:
        page = window.page
        await expect(page.locator("#card")).to_be_visible()
        for name in ("gap", "playing"):
            for size in (WIDE, NARROW):
                await page.set_viewport_size(size)  # type: ignore[arg-type]
                await axe.settle(page)
                at = f"{name} {language} {size['width']}"
                wrong += [f"{at}: {found}" for found in await axe.violations(page)]
                wrong += [f"{at}: {found}" for found in await axe.sideways(page)]
                await page.screenshot(
                    path=archive.pictures / f"record-{name}-{size['width']}-{language}.png", full_page=True
                )
                await page.emulate_media(color_scheme="dark")
                await axe.settle(page)
                wrong += [f"{at}, dark: {found}" for found in await axe.violations(page, axe.COLOURS)]
                if name == "gap":
                    await page.screenshot(
                        path=archive.pictures / f"record-dark-{size['width']}-{language}.png", full_page=True
                    )
                await page.emulate_media(color_scheme="light")
                await axe.text_size(page, 200)
                await axe.settle(page)
                wrong += [f"{at}, text at 200 %: {found}" for found in await axe.sideways(page)]
                await axe.text_size(page, 100)
            await page.set_viewport_size(WIDE)  # type: ignore[arg-type]
            await page.click("[data-who='']")
            await seek(page, 3.0)
    assert not wrong, "\n" + "\n".join(wrong)
