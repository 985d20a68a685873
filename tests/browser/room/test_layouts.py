"""How the room lies on phones, tablets and PCs: nothing sideways or covered, who speaks large, a closer look."""

from __future__ import annotations

import contextlib
import re
from functools import partial

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.building import FAKE_SCREEN, Building, Room, eventually, moving
from tests.browser.people import DESKTOP, PHONE
from tests.conftest import ARTIFACTS

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

PARTY = ((390, 844), (844, 390), (820, 1180), (1366, 768), (1920, 1080))
COCKPIT = ((1024, 768), (1366, 768), (1920, 1080))

COVERED = """() => {
  const found = [];
  const {innerWidth: wide, innerHeight: high} = window;
  const words = (e) => (e.getAttribute("aria-label") ?? e.textContent).trim().slice(0, 24);
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className} “${words(e)}”`;
  const meets = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const places = ":is(.room-head, .controls, .pictures, .tiles, .toolbar)";
  for (const e of document.querySelectorAll(`${places} button, .help-button`)) {
    const {left, top, width, height} = e.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    if (!width || x < 0 || y < 0 || x > wide || y > high) continue;
    const over = document.elementFromPoint(x, y);
    const passing = over?.closest(".toast, .one-table") && e.closest(".pictures, .tiles"); // over a picture for a while
    if (over && !passing && !e.contains(over)) found.push(`${name(e)} lies under ${name(over)}`);
  }
  const self = document.querySelector(".tile-self");
  const own = self.getBoundingClientRect();
  for (const tile of document.querySelectorAll(":is(.pictures, .tiles) .tile:not(.tile-self)")) {
    const {left, right, top, bottom, width, height} = tile.getBoundingClientRect();
    const face = {left: left + width / 4, right: right - width / 4, top: top + height / 5, bottom: bottom - height / 4};
    if (meets(own, face)) found.push(`one's own picture covers the face in ${name(tile)}`);
  }
  for (const plate of document.querySelectorAll(".plate, .tile:not(.tile-self) > .tile-foot b")) {
    if (meets(own, plate.getBoundingClientRect())) found.push(`one's own picture covers ${name(plate)}`);
  }
  for (const tools of document.querySelectorAll(".stage-tools")) {
    for (const said of document.querySelectorAll(".stage-main :is(.plate, .speaking)")) {
      const over = meets(tools.getBoundingClientRect(), said.getBoundingClientRect());
      if (over) found.push(`${name(tools)} lies on ${name(said)}`);
    }
  }
  const controls = document.querySelector(".room > .controls, .toolbar").getBoundingClientRect();
  if (meets(own, controls)) found.push("one's own picture covers the controls");
  return found;
}"""

TOUCHING = """() => {
  const all = [...document.querySelectorAll(".controls .tool")].map((tool) => {
    const inside = document.createRange();
    inside.selectNodeContents(tool);
    return [tool.innerText, inside.getBoundingClientRect()];
  });
  const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return all.flatMap(([word, place], n) => all.slice(n + 1).filter(([, other]) => meets(place, other))
    .map(([other]) => `${word} touches ${other}`));
}"""

IN_SIGHT = """() => [...document.querySelectorAll(":is(.pictures, .tiles) .tile")].filter((e) => {
  const {top, bottom} = e.getBoundingClientRect();
  return top < -1 || bottom > window.innerHeight + 1;
}).length"""

WATCH_SHIFTS = """() => {
  window.shifted = [];
  new PerformanceObserver((list) => {
    for (const {sources} of list.getEntries()) {
      for (const {node} of sources) {
        const element = node?.nodeType === 1 ? node : node?.parentElement;
        if (element?.closest(".pictures, .controls, .tiles, .toolbar, .seats")) window.shifted.push(element.className);
      }
    }
  }).observe({type: "layout-shift"});
}"""

SCALE = """() => new DOMMatrix(getComputedStyle(document.querySelector("dialog[open] video")).transform).a"""


async def become(page: Page, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await axe.settle(page)


async def faults(page: Page, size: tuple[int, int]) -> list[str]:
    """In each corner that one's own picture can be in."""
    await become(page, size)
    found = await axe.sideways(page)
    for arrow in ("ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown"):
        await page.locator(".tile-self").press(arrow)
        await axe.settle(page)
        found += [f"{what}, own picture {arrow}" for what in await page.evaluate(COVERED)]
    return [f"{size}: {what}" for what in found]


async def test_a_partys_room_fits_every_screen_with_the_speaker_large_and_with_all_alike(room: Room) -> None:
    page = room.page("consumer")
    wrong: list[str] = []
    for word in ("All alike", "Speaker large"):
        for size in PARTY:
            wrong += await faults(page, size)
            wrong += [f"{size}: {n} pictures out of sight" for n in [await page.evaluate(IN_SIGHT)] if n]
        wrong += await axe.violations(page)
        wrong += await axe.small_targets(page)
        await page.get_by_role("button", name=word).click()
    for size in ((390, 844), (1366, 768)):
        await become(page, size)
        await axe.browser_text_size(page, 200)
        await axe.settle(page)
        wrong += [f"{size}, twice the text: {what}" for what in await axe.sideways(page)]
        wrong += [f"{size}, twice the text: {what}" for what in await page.evaluate(COVERED)]
        await axe.browser_text_size(page, 100)
    await page.set_viewport_size(PHONE["viewport"])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("percent", [100, 125, 200])
async def test_no_word_of_the_controls_touches_the_next_however_large_the_text(room: Room, percent: int) -> None:
    page, wrong = room.page("consumer"), []
    for size in ((320, 640), (360, 740), (390, 844), (412, 900), (844, 390), (1366, 768)):
        await become(page, size)
        await axe.text_size(page, percent)
        wrong += [f"{size}: {what}" for what in await page.evaluate(TOUCHING)]
    await axe.text_size(page, 100)
    await page.set_viewport_size(PHONE["viewport"])
    assert not wrong, "\n".join(wrong)


async def test_on_a_pc_a_party_sees_more_than_a_phones_column(room: Room) -> None:
    page = room.page("business")
    await become(page, (1366, 768))
    large = await page.locator(".stage-main").bounding_box()
    assert large is not None
    assert large["width"] > 0.6 * 1366
    assert large["height"] > 0.6 * 768
    await page.set_viewport_size(PHONE["viewport"])


async def test_the_cockpit_fits_with_both_sides_alike_and_with_the_speaker_large(room: Room) -> None:
    page = room.cockpit
    await expect(page.locator(".alert-toasts .toast")).to_have_count(0)  # they pass
    wrong: list[str] = []
    for word in ("Speaker large", "All alike"):
        for size in COCKPIT:
            wrong += await faults(page, size)
        wrong += await axe.violations(page)
        await page.get_by_role("button", name=word).click()
    await page.set_viewport_size(DESKTOP["viewport"])
    assert not wrong, "\n".join(wrong)


async def test_five_people_fit_a_phone_a_pc_and_the_cockpit(room: Room) -> None:
    page, cockpit = room.page("consumer"), room.cockpit
    wrong: list[str] = []
    async with contextlib.AsyncExitStack() as stack:
        guests = []
        for role, name, side in (("companion", "小韩", "consumer"), ("interpreter", "小鲁", "business")):
            guests.append(await stack.enter_async_context(room.guest(role, name, side)))
            await room.admit(guests[-1].page)
        await expect(cockpit.locator(".tiles[data-count='4'] video")).to_have_count(5)
        await expect(cockpit.locator(".alert-toasts .toast")).to_have_count(0)  # they pass
        await expect(page.locator(".pictures .tile:not(.tile-self)")).to_have_count(4)
        for word in ("All alike", "Speaker large"):
            for size in PARTY:
                wrong += await faults(page, size)
            wrong += await axe.violations(page)
            await page.get_by_role("button", name=word).click()
        for word in ("Speaker large", "All alike"):
            for size in COCKPIT:
                wrong += await faults(cockpit, size)
            wrong += await axe.violations(cockpit)
            await cockpit.get_by_role("button", name=word).click()
        for guest in guests:
            await room.leave(guest.page)
    await page.set_viewport_size(PHONE["viewport"])
    await cockpit.set_viewport_size(DESKTOP["viewport"])
    assert not wrong, "\n".join(wrong)


PHONES = ((360, 640), (430, 932), (640, 360), (932, 430))
GUESTS = (
    ("companion", "小韩", "consumer"), ("interpreter", "小鲁", "business"), ("lawyer", "小方", "consumer"),
    ("representative", "小白", "business"), ("companion", "小石", "business"),
)  # fmt: skip


async def test_ones_own_picture_goes_where_it_is_dragged_and_stays_there(room: Room) -> None:
    page = room.page("consumer")
    own, frame = page.locator(".tile-self"), page.locator(".stage-main")
    from_, to = await own.bounding_box(), await frame.bounding_box()
    assert from_ is not None
    assert to is not None
    await page.mouse.move(from_["x"] + 20, from_["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(to["x"] + 30, to["y"] + 40, steps=4)
    await page.mouse.up()
    await expect(own).to_have_attribute("data-corner", "top-start")
    await page.reload()
    await page.locator(".room .controls").wait_for()
    await expect(own).to_have_attribute("data-corner", "top-start")
    await own.click()
    await expect(own).to_have_attribute("data-corner", "top-end")
    await room.together()


async def test_what_is_said_over_the_room_moves_nothing(room: Room) -> None:
    watching = ("business", "mediator")
    for role in watching:
        await room.page(role).evaluate(WATCH_SHIFTS)
    await room.more("consumer", "Stop recording me")
    for role in watching:
        await expect(room.page(role).locator(".toast", has_text="is no longer recorded")).to_be_visible()
        await axe.settle(room.page(role))
        assert await room.page(role).evaluate("() => window.shifted") == [], role
    await room.more("consumer", "Allow recording me")


async def test_who_speaks_is_large_for_everybody_else_and_nobodys_large_for_speaking_oneself(room: Room) -> None:
    cockpit = room.cockpit
    await cockpit.get_by_role("button", name="Speaker large").click()
    await room.press("mediator", "Sound on")
    for speaks, listens in (("business", "consumer"), ("consumer", "business")):
        if await room.page(speaks).locator(".tool-main", has_text="Muted").count():
            await room.press(speaks, "Muted")
        await room.press(listens, "Sound on")
        large = f'video[data-seat="{room.seat(speaks)}"]'
        await expect(room.page(listens).locator(f".stage-main > {large}")).to_have_count(1)
        await expect(cockpit.locator(f".tile-large > {large}")).to_have_count(1)
        speaker = room.page(speaks)
        await expect(speaker.locator(".tile-self[data-speaking]")).to_have_count(1)
        await expect(speaker.locator(f".stage-main > {large}")).to_have_count(0)
        await expect(speaker.locator(".stage-main > .stage-name .speaking, .strip [data-speaking]")).to_have_count(0)
    await room.press("business", "Muted")
    await cockpit.locator(".toolbar").get_by_role("button", name="Muted").click()
    await cockpit.get_by_role("button", name="All alike").click()


async def test_somebody_is_kept_large_whoever_speaks_until_it_is_undone(room: Room) -> None:
    page = room.page("consumer")
    pin = '.strip .tile:has(video[data-seat="{}"]) .tile-press'
    await page.locator(pin.format(room.seat("business"))).tap()
    kept = page.locator(f'.stage-main > video[data-seat="{room.seat("business")}"]')
    await expect(kept).to_have_count(1)
    await room.press("business", "Sound on")  # the mediator alone speaks, if anybody
    await expect(page.locator(pin.format(room.seat("mediator")))).to_have_accessible_name("Keep 周敏 large")
    await room.press("mediator", "Share")  # what is shown comes before
    await expect(page.locator(".stage-main .screen-press")).to_have_count(1)
    await room.press("mediator", "Stop sharing")
    await expect(kept).to_have_count(1)
    assert await axe.violations(page) == []
    assert not await faults(page, (390, 844))
    await axe.browser_text_size(page, 200)  # the name takes more lines
    await axe.settle(page)
    assert await page.evaluate(COVERED) == []
    await axe.browser_text_size(page, 100)
    await page.get_by_role("button", name="Follow who speaks").tap()
    await expect(page.locator(f'.stage-main > video[data-seat="{room.seat("mediator")}"]')).to_have_count(1)
    await room.press("business", "Muted")


async def test_a_shared_screen_is_enlarged_by_a_tap_and_zoomed_and_back_closes_it(room: Room) -> None:
    page = room.page("consumer")
    await room.press("mediator", "Share")
    seen = partial(moving, room.windows["consumer"], room.seat("mediator"), "screen", FAKE_SCREEN)
    await eventually(seen, "the screen is seen")
    await page.locator(".stage-main .screen-press").tap()
    dialog = page.locator("dialog[open]")
    await expect(dialog.locator("video")).to_be_visible()
    box = await dialog.locator(".zoomed").bounding_box()
    assert box is not None
    assert box["width"] > 0.85 * 390
    assert await page.evaluate(SCALE) == 1
    await page.mouse.move(box["x"] + 50, box["y"] + 50)
    await page.mouse.wheel(0, -100)
    await page.mouse.wheel(0, -100)
    await axe.settle(page)
    assert await page.evaluate(SCALE) > 1.5
    await dialog.locator(".zoomed").dblclick()
    await axe.settle(page)
    assert await page.evaluate(SCALE) == 1
    assert await axe.violations(page) == []
    await become(page, (844, 390))
    lying = await dialog.locator(".zoomed").bounding_box()
    assert lying is not None
    assert lying["height"] > 0.8 * 390, "a phone lying down shows it larger than the room does"
    await become(page, (390, 844))
    await page.evaluate("() => history.back()")
    await expect(dialog).to_have_count(0)
    assert page.url.endswith("/room")
    await page.get_by_role("button", name="Look closely").click()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.get_by_role("button", name="Look closely").click()
    await dialog.get_by_role("button", name=re.compile("^Full screen")).click()
    await expect(page.locator(".enlarged:fullscreen")).to_have_count(1)
    await room.press("mediator", "Stop sharing")
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".enlarged:fullscreen")).to_have_count(0)


async def test_the_mediator_keeps_the_room_in_sight_in_a_small_window(room: Room) -> None:
    page = room.cockpit
    if not await page.evaluate("() => 'documentPictureInPicture' in window"):
        pytest.skip("this browser has no small windows for pages")
    await page.get_by_role("button", name="Small window").click()
    tiles = "() => documentPictureInPicture.window?.document.querySelectorAll('.small-window .tile video').length ?? 0"

    async def shows(n: int) -> bool:
        return bool(await page.evaluate(tiles) == n)

    await eventually(partial(shows, 2), "both sides are seen in the small window")
    await page.get_by_role("button", name="Close the small window").click()
    await eventually(partial(shows, 0), "the small window is closed")
    await expect(page.get_by_role("button", name="Small window", exact=True)).to_have_count(1)


# As Safari is: videos may have a small window of their own, pages may not.
NO_PAGES = "() => Object.defineProperty(window, 'documentPictureInPicture', {value: undefined, configurable: true})"
ALONE = "() => document.pictureInPictureElement?.dataset.seat ?? ''"


async def test_where_pages_have_no_small_windows_the_video_of_who_speaks_stands_alone(room: Room) -> None:
    page = room.cockpit
    await page.evaluate(NO_PAGES)
    if not await page.evaluate("() => document.pictureInPictureEnabled"):
        pytest.skip("this browser has no small windows for videos")

    async def stands(seat: str) -> bool:
        return bool(await page.evaluate(ALONE) == seat)

    async def somebody() -> bool:
        return bool(await page.evaluate(ALONE))

    opener, closer = (
        page.get_by_role("button", name=name, exact=True) for name in ("Small window", "Close the small window")
    )
    await page.get_by_role("button", name="Sound on", exact=True).first.click()
    await opener.click()
    await eventually(somebody, "somebody's video stands alone")
    for speaks, listens in (("business", "consumer"), ("consumer", "business")):
        if await room.page(speaks).locator(".tool-main", has_text="Muted").count():
            await room.press(speaks, "Muted")
        if not await room.page(listens).locator(".tool-main", has_text="Muted").count():
            await room.press(listens, "Sound on")
        # On a busy machine pictures rest for a while, and who has none cannot stand there.
        await eventually(partial(stands, room.seat(speaks)), f"the {speaks} speaks and stands alone", 150)
    await closer.click()
    await eventually(partial(stands, ""), "it is closed")
    await opener.click()
    await eventually(somebody, "it is open again")
    await page.evaluate("() => document.exitPictureInPicture()")  # by the cross in the window itself
    await expect(opener).to_be_visible()
    await opener.click()
    await eventually(somebody, "and once more")
    await room.press("consumer", "Picture on")  # whose video stands alone
    await eventually(partial(stands, room.seat("business")), "the other one's video stands there instead")
    await room.press("consumer", "Picture off")
    await page.get_by_role("button", name="Recess").click()
    await page.get_by_role("toolbar").get_by_role("button", name="Go on").click()
    await closer.click()
    await eventually(partial(stands, ""), "it is closed at last")
    room.nobody_complained()


async def test_on_a_phone_ones_own_picture_covers_no_face_of_two_to_eight_people(building: Building) -> None:
    """Last, since it fills a room of its own. A face is the middle half of a picture, from a fifth to
    three quarters of its height."""
    room = await building.convene()
    page, wrong = room.page("consumer"), list[str]()

    async def look() -> None:
        others = await page.locator(":is(.pictures, .strip) .tile:not(.tile-self)").count()
        for size in PHONES:
            wrong.extend(f"{others} others: {what}" for what in await faults(page, size))
            name = (
                f"faces-{others}-{size[0]}-{'grid' if await page.locator('.pictures-grid').count() else 'speaker'}.png"
            )
            await page.screenshot(path=ARTIFACTS / "screens" / name)

    async with contextlib.AsyncExitStack() as stack:
        for word in ("All alike", "Speaker large"):
            await look()
            await page.get_by_role("button", name=word).click()
        for role, name, side in GUESTS:
            guest = await stack.enter_async_context(room.guest(role, name, side, mode="text"))
            await room.admit(guest.page)
            for word in ("All alike", "Speaker large"):
                await look()
                await page.get_by_role("button", name=word).click()
    assert not wrong, "\n".join(sorted(set(wrong)))
