"""What a mediator reaches by key and keeps to themselves, and what makes a phone's room easier: in real Chromium."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests import ROOT
from tests.browser import axe
from tests.browser.building import Room, eventually
from tests.browser.people import until

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

PICTURES = ROOT / "artifacts" / "ease"
SECRET = "wants to leave by noon; would take 2,500"
# Looks on: what is handed to the voice is kept, and handed on.
LISTEN = """
  window.handed = [];
  const speak = window.speechSynthesis.speak.bind(window.speechSynthesis);
  window.speechSynthesis.speak = (utterance) => {
    window.handed.push({ text: utterance.text, lang: utterance.lang });
    speak(utterance);
    setTimeout(() => utterance.onend && utterance.onend(new Event("end")), 0);
  };
  null;
"""


async def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")


async def test_an_article_is_found_shown_to_everybody_and_put_away(room: Room) -> None:
    cockpit = room.cockpit
    await cockpit.keyboard.press("Alt+/")
    await expect(cockpit.locator("#law-search")).to_be_focused()
    await cockpit.keyboard.type("triple compensation")
    await cockpit.get_by_role("button", name="Show Consumer Protection Law, Art 55 to everybody").click()
    for role in ("consumer", "business"):
        card = room.page(role).locator(".law-card")
        await expect(card).to_contain_text("Consumer Protection Law, Art 55")
        await expect(card).to_contain_text("three times the price")
        await picture(room.page(role), f"law-{role}")
    await picture(cockpit, "cockpit-law")
    assert await axe.violations(cockpit) == []
    assert await axe.violations(room.page("consumer")) == []
    assert await axe.sideways(room.page("consumer")) == []
    fold = room.page("consumer").locator(".law-card button")
    await fold.click()
    await expect(room.page("consumer").locator(".law-text")).to_be_hidden()
    await fold.click()
    await expect(room.page("consumer").locator(".law-text")).to_be_visible()
    await cockpit.locator("body").click(position={"x": 2, "y": 2})
    await cockpit.keyboard.press("Alt+w")
    for role in ("consumer", "business"):
        await expect(room.page(role).locator(".law-card")).to_have_count(0)


async def test_notes_are_saved_by_themselves_and_survive_a_reload(room: Room) -> None:
    cockpit = room.cockpit
    await cockpit.keyboard.press("Alt+t")
    await expect(cockpit.locator("#note-text")).to_be_focused()
    await expect(cockpit.locator("#note-text")).to_be_editable()
    await cockpit.keyboard.type(SECRET)
    await expect(cockpit.locator("#note-state")).to_have_text("Saved")
    await picture(cockpit, "cockpit-notes")
    assert await axe.violations(cockpit) == []
    for role in ("consumer", "business"):
        assert SECRET not in await room.page(role).content()
    await cockpit.reload()
    await cockpit.get_by_role("tab", name="Notes").click()
    await expect(cockpit.locator("#note-text")).to_have_value(SECRET)
    # What was typed within the last pause goes out with the page.
    await cockpit.locator("#note-text").focus()
    await cockpit.keyboard.press("End")
    await cockpit.keyboard.type("!")
    await cockpit.reload()
    await cockpit.get_by_role("tab", name="Notes").click()
    await expect(cockpit.locator("#note-text")).to_have_value(f"{SECRET}!")


async def test_the_script_card_is_kept_on_the_server(room: Room) -> None:
    cockpit = room.cockpit
    tick = cockpit.get_by_label("Said that taking part is voluntary")
    await tick.check()
    await until(cockpit, "() => !document.querySelector('[aria-busy=true]')")
    await cockpit.reload()
    await expect(cockpit.get_by_label("Said that taking part is voluntary")).to_be_checked()


async def test_keys_act_with_alt_only_are_listed_and_can_be_switched_off(room: Room) -> None:
    cockpit = room.cockpit
    sheet = cockpit.locator("dialog[open]")
    await cockpit.keyboard.press("Alt+h")
    await expect(sheet).to_contain_text("How do I conduct a mediation?")
    await cockpit.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await cockpit.keyboard.press("Alt+k")
    await expect(sheet).to_contain_text("Next phase")
    assert await cockpit.locator("dialog[open] kbd", has_text="Alt").count() > 10
    await picture(cockpit, "cockpit-keys")
    assert await axe.violations(cockpit) == []
    await sheet.get_by_role("checkbox").uncheck()
    await sheet.get_by_role("button", name="Close").click()
    await cockpit.keyboard.press("Alt+2")
    await expect(cockpit.get_by_role("tab", name="Case")).to_have_attribute("aria-selected", "true")
    await cockpit.get_by_role("button", name="Keys Alt K", exact=True).click()
    await cockpit.locator("dialog[open]").get_by_role("checkbox").check()
    await cockpit.locator("dialog[open]").get_by_role("button", name="Close").click()
    for alone in "2ctek":
        await cockpit.keyboard.press(alone)
    await expect(sheet).to_have_count(0)
    await expect(cockpit.get_by_role("tab", name="Case")).to_have_attribute("aria-selected", "true")
    await cockpit.keyboard.press("Alt+2")
    await expect(cockpit.get_by_role("tab", name="Law")).to_have_attribute("aria-selected", "true")


async def test_a_private_talk_is_asked_about_by_key_and_by_button(room: Room) -> None:
    cockpit, question = room.cockpit, room.cockpit.locator("dialog[open]")
    for by_key in (True, False):
        if by_key:
            await cockpit.keyboard.press("Alt+c")
        else:
            await cockpit.get_by_role("button", name="With the consumer").click()
        await expect(question).to_contain_text("Talk with the consumer alone?")
        await picture(cockpit, "cockpit-talk")
        assert await axe.violations(cockpit) == []
        await question.get_by_role("button", name="Not now").click()
        await expect(question).to_have_count(0)
        await expect(cockpit.locator(".private-strip")).to_have_count(0)
    await cockpit.keyboard.press("Alt+e")
    await expect(question).to_contain_text("The result of this mediation is")
    await cockpit.keyboard.press("Escape")


async def test_the_cockpit_fits_a_small_laptop_without_scrolling_the_page(room: Room) -> None:
    cockpit = room.cockpit
    await cockpit.set_viewport_size({"width": 1280, "height": 720})
    await cockpit.keyboard.press("Alt+2")
    left = await cockpit.evaluate("document.documentElement.scrollHeight - window.innerHeight")
    await picture(cockpit, "cockpit-1280x720")
    assert left <= 0


async def test_a_phone_reads_aloud_what_is_said_once_it_was_asked_to(room: Room) -> None:
    phone = room.page("consumer")
    await phone.evaluate(LISTEN)
    await room.cockpit.get_by_role("tab", name="Chat").click()
    await room.cockpit.fill("#file-chat-text", "Before anybody asked")
    await room.cockpit.click(".panel form button[type=submit]")
    await expect(phone.get_by_role("button", name="Chat 1")).to_be_visible()
    assert await phone.evaluate("window.handed.length") == 0
    await room.more("consumer", "Read aloud")
    await phone.get_by_role("button", name="Read aloud from now on").click()
    await picture(phone, "phone-aloud")
    assert await axe.violations(phone) == []
    await phone.locator("dialog[open]").get_by_role("button", name="Close").click()
    await room.cockpit.fill("#file-chat-text", "Please have the receipt ready")
    await room.cockpit.click(".panel form button[type=submit]")
    await until(phone, "() => window.handed.some((each) => each.text.includes('Please have the receipt ready'))")
    handed = await phone.evaluate("window.handed")
    assert handed[0]["text"] == "From now on this phone reads to you."
    assert {each["lang"][:2] for each in handed} == {"en"}
    await room.more("consumer", "Read aloud")
    await phone.get_by_role("button", name="Stop reading aloud").click()
    await phone.locator("dialog[open]").get_by_role("button", name="Close").click()


async def test_larger_type_is_kept_on_the_phone(room: Room) -> None:
    phone = room.page("business")
    before = float(await phone.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)"))
    await room.more("business", "Larger type")
    await until(phone, f"() => parseFloat(getComputedStyle(document.documentElement).fontSize) > {before} * 1.2")
    await picture(phone, "phone-large")
    assert await axe.sideways(phone) == []
    assert await axe.violations(phone) == []
    kept = {cookie["name"]: cookie["value"] for cookie in await phone.context.cookies()}
    assert "large" in kept.values()
    await room.more("business", "Type of the usual size")
    await until(phone, f"() => parseFloat(getComputedStyle(document.documentElement).fontSize) === {before}")


VOLUME = "(seat) => document.querySelector(`audio[data-seat='${seat}']`)?.volume"
IPHONE = "Object.defineProperty(HTMLMediaElement.prototype, 'volume', {get: () => 1, set: () => undefined});"


async def test_somebody_is_turned_down_by_who_hears_them_and_for_nobody_else(room: Room) -> None:
    page, business = room.page("consumer"), room.seat("business")
    assert await page.evaluate(VOLUME, business) == 1
    await room.more("consumer", "How loud each person is")
    slider = page.get_by_role("slider").and_(page.locator(f"#volume-{business}"))
    await slider.focus()
    for _ in range(6):
        await slider.press("ArrowLeft")
    await expect(slider).to_have_attribute("aria-valuetext", "40%")
    assert await page.evaluate(VOLUME, business) == 0.4
    await slider.press("Home")
    await expect(slider).to_have_attribute("aria-valuetext", "10%")  # nobody is left out unheard
    await slider.press("PageUp")
    kept = await page.evaluate(VOLUME, business)
    assert await axe.violations(page) == []
    assert await axe.small_targets(page) == []
    await room.press("consumer", "Close")
    assert await page.evaluate(VOLUME, room.seat("mediator")) == 1
    assert await room.cockpit.evaluate(VOLUME, business) == 1
    await page.reload()

    async def as_before() -> bool:
        return bool(await page.evaluate(VOLUME, business) == kept)

    await eventually(as_before, "it is as low after a reload")
    await room.together()
    await room.more("consumer", "How loud each person is")
    await page.get_by_role("slider").and_(page.locator(f"#volume-{business}")).press("End")
    await room.press("consumer", "Close")


async def test_the_mediator_turns_somebody_down_beside_the_devices(room: Room) -> None:
    page = room.cockpit
    await page.get_by_role("toolbar").get_by_role("button", name="Devices").click()
    await page.locator("dialog[open] .row", has_text="How loud each person is").click()
    slider = page.locator(f"#volume-{room.seat('consumer')}")
    await slider.press("Home")
    assert await page.evaluate(VOLUME, room.seat("consumer")) == 0.1
    assert await axe.violations(page) == []
    await slider.press("End")
    await room.press("mediator", "Close")


async def test_where_a_phone_plays_everybody_equally_loud_it_says_so(room: Room) -> None:
    async with room.guest("companion", "小韩", "consumer", IPHONE) as guest:
        await room.admit(guest.page)
        await guest.page.get_by_role("button", name="More").click()
        await guest.page.locator("dialog[open] .row", has_text="How loud each person is").click()
        await expect(guest.page.locator("dialog[open]")).to_contain_text("iPhones let no page change that")
        await expect(guest.page.get_by_role("slider")).to_have_count(0)
        await guest.page.get_by_role("button", name="Close").click()
        await room.leave(guest.page)


async def test_the_manual_is_one_tap_away_and_leaves_nobody_out_of_the_room(room: Room) -> None:
    phone = room.page("consumer")
    await phone.get_by_role("link", name="Help for this page").click()
    await expect(phone.locator("dialog[open]")).to_contain_text("the mediator speaks with one side alone")
    assert await axe.violations(phone) == []
    await picture(phone, "phone-manual")
    await phone.locator("dialog[open]").get_by_role("button", name="Close the help").click()
    await expect(phone.locator("dialog[open]")).to_have_count(0)
    assert await phone.locator("video").count()


async def test_every_control_and_word_is_explained(room: Room) -> None:
    phone = room.page("consumer")
    await room.more("consumer", "What is this?")
    await expect(phone.locator("dialog[open]")).to_contain_text("The mediator speaks with one side alone")
    await picture(phone, "phone-help")
    assert await axe.violations(phone) == []
    await phone.locator("dialog[open]").get_by_role("button", name="Close").click()


async def test_a_helper_beside_somebody_is_seen_by_all(room: Room) -> None:
    phone = room.page("consumer")
    await room.more("consumer", "Somebody sits with me")
    await phone.get_by_label("The helper's name").fill("Wang Xiaohua")
    await phone.get_by_label("Who they are").select_option("station")
    await phone.get_by_role("checkbox").check()
    await picture(phone, "phone-helper")
    assert await axe.violations(phone) == []
    await phone.get_by_role("button", name="Yes, they sit here").click()
    await expect(phone.locator(".helpers")).to_contain_text("Wang Xiaohua (works at the station) sits with you.")
    await expect(room.page("business").locator(".helpers")).to_contain_text("Wang Xiaohua")
    await expect(room.line("consumer")).to_contain_text("with helper Wang Xiaohua")
    await picture(room.cockpit, "cockpit-helper")
    await room.line("consumer").get_by_role("button", name="Who sits with").click()
    await room.cockpit.get_by_role("button", name="Nobody sits here any more").click()
    await expect(room.page("business").locator(".helpers")).to_have_count(0)
