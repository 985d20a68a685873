"""The pages of an unpacked evidence package in a real Chromium, from a disk: all of it is read whole, at any width."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import av
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from recordings.evidence.lines import withheld
from tests.machine import browser
from tests.recordings.evidence.log import WHEN
from tests.recordings.evidence.test_confidence import TALK
from tests.recordings.evidence.told import Story, heard
from web.evidence import record, watermark

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

OFFICE = "武汉东湖新技术开发区市场监督管理局第一市场监管所"
ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    told = heard(
        Story(before_recording=TALK),
        ("c", 3.0, "我要退款，订单是七月三号下的，一直没有发货。"),
        ("b", 42.5, "退三千圆"),
        corrected={"2": "退3000元"},
    )
    told = replace(told, session=withheld(told.session))
    pages = record(told, (), ZONE, None) | {"export.html": watermark("罗建国", OFFICE, WHEN, ZONE)}
    for name, page in pages.items():
        (folder / name).write_bytes(page)
    (folder / "video").mkdir()
    _film(folder / "video" / "composed.mp4", 60)
    return folder


def _film(path: Path, seconds: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(seconds * 5):
            picture = np.full((180, 320, 3), number % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


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


CUT = """() => [...document.querySelectorAll("td, th")].filter((cell) => {
    const edge = cell.closest(".wide")?.getBoundingClientRect();
    const box = cell.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || (edge && box.right > edge.right + 1));
}).map((cell) => cell.textContent)"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".chart text")].map((text) => {
    const svg = text.ownerSVGElement;
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return parseFloat(getComputedStyle(text).fontSize) * scale;
}))"""
CONTRAST = """() => [...document.querySelectorAll('.chart text[class^="on-"]')].map((text) => {
    const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const [one, two] = [text, text.previousElementSibling].map((shape) => light(getComputedStyle(shape).fill));
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
})"""


@pytest.mark.parametrize("name", ["index.zh.html", "index.en.html"])
async def test_on_a_phone_no_column_is_cut_off(chromium: Browser, package: Path, name: str) -> None:
    page = await chromium.new_page(viewport={"width": 390, "height": 800})
    await page.goto((package / name).as_uri())
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.evaluate(CUT) == []
    await page.close()


@pytest.mark.parametrize("name", ["index.zh.html", "index.en.html"])
async def test_the_picture_can_be_read_on_a_phone_and_says_that_it_goes_on(
    chromium: Browser, package: Path, name: str
) -> None:
    page = await chromium.new_page(viewport={"width": 390, "height": 800})
    await page.goto((package / name).as_uri())
    assert await page.evaluate(SMALLEST) >= 11
    assert await page.locator(".cue").is_visible()
    chart = page.locator(".chart")
    await chart.focus()
    await page.keyboard.press("ArrowRight")
    await page.wait_for_function("document.querySelector('.chart').scrollLeft > 0")
    await page.set_viewport_size({"width": 1280, "height": 800})
    assert not await page.locator(".cue").is_visible()
    assert await chart.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    await page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_on_the_bars_stand_out(chromium: Browser, package: Path, scheme: Literal["light", "dark"]) -> None:
    page = await chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    await page.goto((package / "index.zh.html").as_uri())
    found = await page.evaluate(CONTRAST)
    assert found
    assert min(found) >= 4.5
    await page.close()


PLAYS = """(from) => { const film = document.querySelector("video");
    return film && !film.paused && film.currentTime >= from && film.currentTime < from + 10; }"""
UNCOVERED = """(line) => { const { right, top } = line.getBoundingClientRect();
    return document.elementFromPoint(right - 20, top + 20).closest("li") === line; }"""


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_line_of_the_transcript_plays_its_second_beside_it_without_a_network(
    chromium: Browser, package: Path, width: int
) -> None:
    page = await chromium.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto((package / "index.zh.html").as_uri())
    for line, second in (("line-2", 42.5), ("line-1", 3.0)):
        await page.locator(f"#{line} a").click()
        frame = page.frame(name="film")
        assert frame is not None
        await frame.wait_for_function(PLAYS, arg=second)
        assert await page.locator(".player iframe").evaluate("(one) => one.getBoundingClientRect().top >= 0")
        assert await page.locator(f"#{line}").evaluate(UNCOVERED)
    assert all(url.startswith(package.as_uri()) for url in asked)
    assert page.url == (package / "index.zh.html").as_uri()
    await page.close()
