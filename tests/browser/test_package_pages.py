"""The pages of an unpacked evidence package in a real Chromium, from a disk: who exported it is read whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.evidence.log import WHEN
from tests.evidence.told import Story
from tests.machine import browser
from web.evidence import record, watermark

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

OFFICE = "武汉东湖新技术开发区市场监督管理局第一市场监管所"
ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    pages = record(Story().record(), (), ZONE, None) | {"export.html": watermark("罗建国", OFFICE, WHEN, ZONE)}
    for name, page in pages.items():
        (folder / name).write_bytes(page)
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        await opened.close()


@pytest.mark.parametrize("width", [360, 390, 480, 768, 960, 1280])
@pytest.mark.parametrize("name", ["index.html", "index.zh.html", "index.en.html"])
async def test_who_exported_it_and_when_is_not_cut_off(chromium: Browser, package: Path, name: str, width: int) -> None:
    page = await chromium.new_page(viewport={"width": width, "height": 800})
    await page.goto((package / name).as_uri())
    frame = page.frame(url=(package / "export.html").as_uri())
    assert frame is not None
    size = "[document.documentElement.scrollHeight, document.documentElement.clientHeight, document.body.innerText]"
    needed, there, said = await frame.evaluate(size)
    assert OFFICE in said
    assert needed <= there
    await page.close()
