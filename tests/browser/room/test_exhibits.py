"""A photo from a phone on the mediator's table: sent, shown to everybody, pointed at, disputed by the other side."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser import axe
from tests.browser.building import Room
from tests.browser.people import until
from tests.browser.room.test_ease import picture as pictured
from tests.server.rooms.exhibits.files import document, photo_with_place, picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SHOWN = "() => document.querySelector('svg.glass image')?.getAttribute('href')?.startsWith('blob:') === true"


async def bring(room: Room, role: str, title: str, *files: Path, only: bool = False) -> None:
    """From the phone's gallery, by the buttons a person would press."""
    page = room.page(role)
    await room.press(role, "More")
    await page.locator("dialog[open]").get_by_text("Bring photos").click()
    await page.locator("dialog[open] label[class*=picker] input[multiple]").set_input_files(files)
    await page.fill("#exhibit-title", title)
    if only:
        await page.check("#exhibit-only")
    await page.locator("dialog[open]").get_by_role("button", name="Send it").click()
    await expect(page.locator("dialog[open] .exhibit-row", has_text=title)).to_be_visible(timeout=60_000)
    await page.locator("dialog[open]").get_by_role("button", name="Close").click()


async def test_the_consumer_sends_a_photo_the_mediator_shows_it_and_the_business_disputes_it(
    room: Room, tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(photo_with_place())
    await bring(room, "consumer", "Proof of payment <b>", photo)
    mediator, business = room.page("mediator"), room.page("business")
    await mediator.get_by_role("tab", name="Exhibits").click()
    row = mediator.locator("[data-exhibit]", has_text="Proof of payment <b>")
    await expect(row).to_contain_text("the business: no answer yet")
    await row.get_by_role("button", name="to everybody").click()
    for role in ("mediator", "consumer", "business"):
        await until(room.page(role), SHOWN)
    await expect(business.get_by_role("img", name="Proof of payment <b>")).to_be_visible()
    await mediator.get_by_role("button", name="Frame").click()
    glass = mediator.locator("svg.glass")
    box = await glass.bounding_box()
    assert box
    await mediator.mouse.move(box["x"] + box["width"] / 2 - 20, box["y"] + box["height"] / 2 - 20)
    await mediator.mouse.down()
    await mediator.mouse.move(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2 + 20, steps=4)
    await mediator.mouse.up()
    for role in ("consumer", "business"):
        await expect(room.page(role).locator("svg.glass rect.glass-mark")).to_have_count(1)
    await mediator.get_by_role("button", name="Larger").click()
    await until(business, "() => document.querySelector('svg.glass').getAttribute('viewBox').split(' ')[0] !== '0'")
    # Disputed where it is seen, with the reason; taken back in the list.
    on_show = business.locator(".stage-answer")
    await pictured(business, "exhibit-on-show")
    assert await axe.violations(business) == []
    await on_show.get_by_role("button", name="I dispute it").click()
    await on_show.locator("[name=reason]").fill("That is not our account")
    await pictured(business, "exhibit-disputed-on-show")
    await on_show.get_by_role("button", name="Add the reason").click()
    await expect(on_show).to_have_count(0)
    await business.locator(".exhibit-line").click()
    await expect(row).to_contain_text("the business: disputed (That is not our account)")
    await business.locator("dialog[open]").get_by_role("button", name="Take back what you said").click()
    await expect(row).to_contain_text("the business: no answer yet")
    await business.locator("dialog[open]").get_by_role("button", name="I accept it").click()
    await expect(row).to_contain_text("the business: accepted")
    await business.locator("dialog[open]").get_by_role("button", name="Close").click()
    await mediator.get_by_role("button", name="Put it away", exact=True).click()
    await expect(business.locator("svg.glass")).to_have_count(0)
    assert [window.troubles for window in room.windows.values()] == [[], [], []]


async def test_screenshots_are_pages_that_are_turned_for_everybody_and_what_is_private_stays(
    room: Room, tmp_path: Path
) -> None:
    shots = []
    for n in range(3):
        shots.append(tmp_path / f"{n}.png")
        shots[-1].write_bytes(picture("PNG", (300 + n, 400)))
    mediator, business = room.page("mediator"), room.page("business")
    before = await business.locator(".exhibit-line").all_inner_texts()
    await bring(room, "consumer", "Chat record", *shots, only=True)
    await mediator.get_by_role("tab", name="Exhibits").click()
    row = mediator.locator("[data-exhibit='Chat record']")
    await expect(row).to_contain_text("not for the other side")
    await expect(row.get_by_role("button", name="to everybody")).to_have_count(0)
    assert await business.locator(".exhibit-line").all_inner_texts() == before
    await room.page("consumer").locator(".exhibit-line").click()
    await (
        room.page("consumer")
        .locator(".exhibit-row", has_text="Chat record")
        .get_by_role("button", name="Let everybody see it")
        .click()
    )
    await room.page("consumer").locator("dialog[open]").get_by_role("button", name="Close").click()
    await row.get_by_role("button", name="to everybody").click()
    await expect(business.get_by_role("img", name="Chat record, page 1 of 3")).to_be_visible()
    await mediator.locator(".table").focus()
    await mediator.keyboard.press("PageDown")
    await expect(business.get_by_role("img", name="Chat record, page 2 of 3")).to_be_visible()


async def test_what_cannot_be_taken_is_said_in_a_sentence(room: Room, tmp_path: Path) -> None:
    page = room.page("consumer")
    strange = tmp_path / "photo.gif"
    strange.write_bytes(b"GIF89a" + bytes(2000))
    papers = tmp_path / "contract.pdf"
    papers.write_bytes(document(2))
    await room.press("consumer", "More")
    await page.locator("dialog[open]").get_by_text("Bring photos").click()
    seen = tmp_path / "goods.png"
    seen.write_bytes(picture("PNG"))
    await page.locator("dialog[open] label[class*=picker] input[multiple]").set_input_files([strange, seen])
    # What was chosen is seen before anything is sent, and can be left out.
    await expect(page.locator(".chosen li")).to_have_count(2)
    await until(page, "() => document.querySelector('.chosen-picture')?.naturalWidth === 320")
    await expect(page.locator(".chosen .chosen-sign")).to_have_count(1)
    assert await axe.violations(page) == []
    await pictured(page, "exhibit-chosen")
    await page.get_by_role("button", name="Leave out goods.png").click()
    await expect(page.locator(".chosen li")).to_have_count(1)
    await page.fill("#exhibit-title", "Holiday")
    await page.get_by_role("button", name="Send it").click()
    await expect(page.locator("dialog[open] .rows .danger")).to_contain_text("Only photos (JPEG, PNG, WebP, HEIC)")
    await page.get_by_role("button", name="Do not send").click()
    await page.locator("dialog[open]").get_by_role("button", name="Close").click()
    await bring(room, "consumer", "Contract", papers)
