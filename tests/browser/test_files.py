"""What a page is drawn and driven with is fetched once for it, as a real browser does it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.joining.street import ANYBODY, Street
from tests.browser.people import DESKTOP, another, until

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="session")]

FETCHED_AGAIN = """() => {
  const files = performance.getEntriesByType("resource").filter((one) => one.name.includes("/static/"));
  const names = files.filter((one) => one.transferSize > 0).map((one) => one.name);
  return { came: names.length, again: names.filter((name, i) => names.indexOf(name) !== i) };
}"""
OF_STAFF = ("/", "/complaints", "/statistics", "/focus", "/performance", "/outbox", "/procedure")


async def fetched_again(page: Page) -> list[str]:
    found = await page.evaluate(FETCHED_AGAIN)
    return list(found["again"])


@contextlib.asynccontextmanager
async def slow(url: str, seconds: float) -> AsyncIterator[str]:
    """Another address of the same server, whose answers are so late."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: float) -> None:
        while data := await reader.read(1 << 16):
            await asyncio.sleep(late)
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = urlsplit(url)
        back, forth = await asyncio.open_connection(server.hostname, server.port)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(pass_on(reader, forth, 0), pass_on(back, writer, seconds))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_the_device_page_fetches_no_file_twice_and_judges_the_network_by_how_it_was_loaded(
    street: Street,
) -> None:
    _, link = await street.invited()
    async with street.phone() as phone:
        page = await street.at_the_check(phone, link)
        network = page.locator("#network-word")
        await expect(network).to_have_text("很好")
        await until(page, "() => document.querySelector('#preview')?.videoWidth > 0")
        assert (await page.evaluate(FETCHED_AGAIN))["came"] > 0
        assert await fetched_again(page) == []
        async with slow(street.url, 0.7) as far:
            await page.goto(f"{far}/join/device")
            await expect(network).to_have_text("较弱")


async def test_no_page_of_staff_fetches_a_file_twice(street: Street) -> None:
    sitting, _ = await street.invited()
    async with another(street.browser, ANYBODY, "zh", DESKTOP) as window:
        await street.desk.sign_in(window.page.context)
        for path in (f"/sessions/{sitting.id}/room", f"/sessions/{sitting.id}", *OF_STAFF):
            answer = await window.page.goto(f"{street.url}{path}", wait_until="networkidle")
            assert answer is not None
            assert answer.ok, path
            assert await fetched_again(window.page) == [], path
