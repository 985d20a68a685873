"""The verification page in a real Chromium: from a disk, without a network, with packages that hold and that do not."""

from __future__ import annotations

import base64
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

import assets
from tests import ROOT
from tests.browser import axe
from tests.frontend.tale import Tale
from tests.machine import browser
from tests.recordings.evidence.target import opened, zipped
from tests.recordings.evidence.test_witnesses import OTHER, WITNESS, package as countersigned
from tests.recordings.evidence.verifiers import vkey
from web.http.responses import verify_page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PICTURES = ROOT / "artifacts" / "screens"
WIDE, NARROW, LEAST = (1280, 800), (390, 844), (360, 740)

DROP = """([name, raw]) => {
  const bytes = Uint8Array.from(atob(raw), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  for (const type of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: carried}));
  }
}"""


@dataclass
class Table:
    """Where an auditor sits: the page on a disk, the package beside it, no network."""

    browser: Browser
    page: Path
    tale: Tale

    @contextlib.asynccontextmanager
    async def sit(self, language: str, size: tuple[int, int] = WIDE) -> AsyncIterator[Page]:
        asked, said = list[str](), list[str]()
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN" if language == "zh" else "en-GB",
            offline=True, reduced_motion="reduce",
        )  # fmt: skip
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto(self.page.as_uri())
        yield page
        assert [url for url in asked if url not in (self.page.as_uri(), "data:,")] == []
        assert said == []
        await context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def table(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Table]:
    assets.build(ROOT)
    built = verify_page()
    assert built is not None
    page = tmp_path_factory.mktemp("disk") / "核验 verify.html"
    shutil.copy(built, page)
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--disable-gpu"])
        yield Table(chromium, page, Tale())
        await chromium.close()


async def drop(page: Page, package: bytes, name: str = "package.zip") -> None:
    await page.evaluate(DROP, [name, base64.b64encode(package).decode()])


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_auditor_drops_a_package_compares_the_key_and_reads_what_happened(table: Table, language: str) -> None:
    async with table.sit(language) as page:
        await drop(page, table.tale.bytes())
        verdict = page.locator("#verdict")
        await expect(page.locator(".outcome")).to_have_attribute("data-tone", "warn")
        await expect(verdict).to_be_focused()
        await page.fill("#key", base64.b64encode(table.tale.log.key.public).decode())
        await expect(page.locator(".outcome")).to_have_attribute("data-tone", "ok")
        assert await page.locator(".finding").count() == 21
        account = await page.locator("#page").inner_text()
        for told in ("周敏", "丁小禾", "东高一投〔2026〕7号", "¥2,000.00", "补记：商家方陈立"):
            assert told in account
        heard = page.locator("section:has(> #routing) tbody tr").nth(1)
        await expect(heard).to_contain_text("丁小禾谁也听不到" if language == "zh" else "丁小禾 heard nobody")


async def test_a_piece_swapped_for_another_is_named_in_red_and_the_account_is_marked(table: Table) -> None:
    entries = opened(table.tale.bytes())
    path = next(name for name in entries if name.startswith("media/c/"))
    async with table.sit("en") as page:
        await drop(page, zipped({**entries, path: b"another recording"}))
        await expect(page.locator(".outcome")).to_have_attribute("data-tone", "seal")
        await expect(page.locator('[data-code="item_changed"]')).to_contain_text(path)
        await expect(page.locator('[data-code="segment_hash"]')).to_contain_text(path)
        await expect(page.locator("#happened ~ .banner")).to_contain_text("does not hold")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_witness_counts_by_the_key_an_auditor_has_of_it_and_by_no_other(
    table: Table, language: str, tmp_path: Path
) -> None:
    package, bureau = countersigned(tmp_path, story=table.tale)
    holds, fails, none = {
        "zh": ("的签名成立", "用您给的密钥核对", "这不是见证方的密钥"),
        "en": ("holds, ", "does not hold by the key that you gave", "These are not keys of witnesses"),
    }[language]
    async with table.sit(language) as page:
        await drop(page, package.read_bytes())
        row, said = page.locator('[data-code="witness"]'), page.locator("#witness-said")
        await expect(row).to_have_attribute("data-status", "open")
        await page.fill("#witness", vkey(WITNESS.name, WITNESS.public))
        await expect(row).to_have_attribute("data-status", "ok")
        await expect(row).to_contain_text(holds)
        await expect(said).to_contain_text(WITNESS.name)
        await page.fill("#key", base64.b64encode(bureau).decode())
        await page.screenshot(path=PICTURES / f"verify-witness-1280-{language}.png", full_page=True)
        await expect(page.locator(".outcome")).to_have_attribute("data-tone", "ok")
        published = FilePayload(
            name="witness.pub", mimeType="text/plain", buffer=f"{vkey(OTHER.name, OTHER.public)}\n".encode()
        )
        await page.locator(".key-form:has(#witness) input[type=file]").set_input_files([published])
        await expect(row).to_have_attribute("data-status", "failed")
        await expect(row).to_contain_text(fails)
        await expect(page.locator(".outcome")).to_have_attribute("data-tone", "seal")
        await page.fill("#witness", vkey(WITNESS.name, WITNESS.public)[:-6])
        await expect(said).to_contain_text(none)
        await expect(row).to_have_attribute("data-status", "open")
        await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        await page.screenshot(path=PICTURES / f"verify-witness-390-{language}.png", full_page=True)
        assert await axe.sideways(page) == []
        assert await axe.violations(page) == []


async def test_something_that_is_no_package_and_another_one_after_it(table: Table) -> None:
    async with table.sit("en") as page:
        await drop(page, b"PK no package at all", "holiday.zip")
        await expect(page.locator("#verdict")).to_have_text("This is not an evidence package, or it is damaged.")
        await page.set_input_files(
            "input[type=file] >> nth=0", {"name": "p.zip", "mimeType": "", "buffer": table.tale.bytes()}
        )
        await expect(page.locator("#happened")).to_be_visible()


@pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param(WIDE, "zh", id="wide-zh"),
        pytest.param(NARROW, "en", id="narrow-en"),
        pytest.param(WIDE, "en", id="wide-en", marks=pytest.mark.long),
        pytest.param(NARROW, "zh", id="narrow-zh", marks=pytest.mark.long),
    ],
)
async def test_it_is_readable_for_everybody_on_any_screen(table: Table, language: str, size: tuple[int, int]) -> None:
    wrong: list[str] = []
    async with table.sit(language, size) as page:
        good = table.tale.bytes()
        altered = zipped({**opened(good), "sheets/chat.json": b"{}"})
        for name, package in (("empty", None), ("open", good), ("damaged", good[:-1] + b"?"), ("altered", altered)):
            if package is not None:
                await drop(page, package)
                await expect(page.locator("#verdict")).to_be_focused()
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                await axe.settle(page)
                wrong += [f"{name}, {scheme}: {one}" for one in await axe.violations(page)]
                await page.screenshot(
                    path=PICTURES / f"verify-{name}-{size[0]}-{language}-{scheme}.png", full_page=True
                )
            await page.emulate_media(color_scheme="light")
            if size is NARROW:
                await page.set_viewport_size({"width": LEAST[0], "height": LEAST[1]})
            wrong += [f"{name}: {one}" for one in await axe.sideways(page)]
            await axe.text_size(page, 200)
            await axe.settle(page)
            wrong += [f"{name}, text at 200 %: {one}" for one in await axe.sideways(page)]
            await axe.text_size(page, 100)
            await page.set_viewport_size({"width": size[0], "height": size[1]})
    assert not wrong, "\n" + "\n".join(wrong)
