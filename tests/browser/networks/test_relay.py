"""Real Chromium in the real room with coturn beside it: who has no other way comes through the relay by themselves."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from server.app.rehearsal.peer import Pattern
from tests.browser.desk import Desk, Sitting
from tests.browser.people import DESKTOP, FLAGS, PHONE, Window, another
from tests.machine import browser
from tests.server.app.application import demo_program
from tests.server.rooms.relay.coturn import LISTENING, SECRET, Coturn, coturn

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.turn,
    pytest.mark.media,
    pytest.mark.asyncio(loop_scope="module"),
]

ANYBODY = Pattern()
POLICY = "webrtc-ip-handling-policy=disable_non_proxied_udp"
NO_UDP = [f"--{POLICY}", f"--force-{POLICY}"]
"""As behind a firewall that lets out TCP alone; the option was renamed once."""

WAYS = """async () => {
  const found = [];
  for (const connection of window.connections) {
    if (connection.connectionState !== "connected") continue;
    const reports = await connection.getStats();
    for (const report of reports.values()) {
      if (report.type !== "transport") continue;
      const pair = reports.get(report.selectedCandidatePairId);
      const local = pair && reports.get(pair.localCandidateId);
      if (local) found.push(`${local.candidateType} ${local.relayProtocol ?? local.protocol}`);
    }
  }
  return found.sort();
}"""


@dataclass
class Hearing:
    """A mediation in progress: the mediator inside, and phones with or without a direct way."""

    desk: Desk
    sitting: Sitting
    cockpit: Page
    open: Browser
    closed: Browser

    @contextlib.asynccontextmanager
    async def phone(self, role: str, behind: Browser) -> AsyncIterator[Window]:
        """Somebody's phone, let into the room."""
        async with another(behind, ANYBODY, "en", PHONE) as window:
            await self.desk.lead(window.page.context, self.sitting.links[role])
            await window.page.goto(f"{self.desk.venue.url}/room")
            await expect(window.page.locator(".hush h1")).to_have_text("You are here")
            await self.cockpit.locator(".knock .btn-act").click()
            await window.page.locator(".room .controls").wait_for()
            yield window


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with coturn(tmp_path_factory.mktemp("coturn")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hearing(tmp_path_factory: pytest.TempPathFactory, relay: Coturn) -> AsyncIterator[Hearing]:
    folder = tmp_path_factory.mktemp("hearing")
    secret = folder / "turn-secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    urls = [f"turn:{LISTENING}:{relay.port}?transport={name}" for name in ("udp", "tcp")]
    options = [part for url in urls for part in ("--turn-url", url)]
    async with contextlib.AsyncExitStack() as stack:
        venue = await stack.enter_async_context(
            demo_program(folder, "--workers", "1", *options, "--turn-secret-file", str(secret))
        )
        desk = await stack.enter_async_context(Desk(venue))
        playwright = await stack.enter_async_context(async_playwright())
        expect.set_options(timeout=15_000)  # a busy machine is no fault
        browsers = []
        for more in ([], NO_UDP):
            browsers.append(await playwright.chromium.launch(executable_path=browser(), args=[*FLAGS, *more]))
            stack.push_async_callback(browsers[-1].close)
        mediator = await stack.enter_async_context(another(browsers[0], ANYBODY, "en", DESKTOP))
        sitting = await desk.arrange()
        await desk.sign_in(mediator.page.context)
        await mediator.page.goto(f"{venue.url}/sessions/{sitting.id}/room")
        await mediator.page.get_by_role("button", name="Begin the mediation").click()
        await mediator.page.wait_for_selector(".phases li.now")
        yield Hearing(desk, sitting, mediator.page, *browsers)
        assert SECRET not in venue.log.read_text()


async def flows(window: Window, *ways: str) -> None:
    """Both connections take one of these ways, and pictures come and go over them."""
    for _ in range(300):
        found = await window.page.evaluate(WAYS)
        if len(found) == 2 and set(found) <= set(ways):
            break
        await window.page.wait_for_timeout(50)
    else:
        raise AssertionError(f"{found} instead of {ways}")
    before = [await window.moved(*which) for which in (("inbound", "video"), ("outbound", "video"))]
    for _ in range(300):
        now = [await window.moved(*which) for which in (("inbound", "video"), ("outbound", "video"))]
        if all(later > earlier + 5000 for later, earlier in zip(now, before, strict=True)):
            return
        await window.page.wait_for_timeout(50)
    raise AssertionError(f"{before}, later {now}")


async def shows(page: Page, way: str) -> None:
    """What the phone says of its connection."""
    await page.get_by_role("button", name="More").click()
    await page.locator("dialog[open] .row", has_text="Connection").click()
    await expect(page.locator("dialog[open] dl")).to_contain_text(way, timeout=10_000)


async def test_a_phone_without_udp_comes_through_the_relay_by_itself(hearing: Hearing, relay: Coturn) -> None:
    async with hearing.phone("consumer", hearing.closed) as consumer:
        await flows(consumer, "relay tcp")
        await shows(consumer.page, "through the relay")
        assert consumer.troubles == []
    log = relay.log.read_text()
    assert "peer 127.0.0.1 lifetime updated" in log
    assert SECRET not in log


async def test_a_phone_with_a_direct_way_takes_the_other_when_asked_to(hearing: Hearing) -> None:
    async with hearing.phone("business", hearing.open) as business:
        await flows(business, "host udp", "prflx udp")
        await shows(business.page, "direct")
        await business.page.get_by_role("button", name="Try another way").click()
        await flows(business, "relay udp", "relay tcp")
        await shows(business.page, "through the relay")
        await business.page.get_by_role("button", name="Try another way").click()
        await flows(business, "host udp", "prflx udp")
        assert business.troubles == []


NO_RELAY = """
const Connection = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Connection {
  constructor(configuration) {
    super({...configuration, iceServers: []});
  }
};
"""


@pytest.mark.parametrize(
    ("closed", "before", "found", "said"),
    [
        (False, [], "direct", {}),
        (True, [], "relay", {"en": "go through the relay", "zh": "经中转服务器"}),
        (True, [NO_RELAY], "none", {"en": "lets no sound and picture through", "zh": "不放行声音和画面"}),
    ],
)
async def test_the_device_check_says_which_way_is_open(
    hearing: Hearing, closed: bool, before: list[str], found: str, said: dict[str, str]
) -> None:
    role = f"observer {found}"
    await hearing.desk.add(hearing.sitting, "observer", role, "consumer")
    behind = hearing.closed if closed else hearing.open
    async with another(behind, ANYBODY, "en", PHONE, *before) as window:
        page = window.page
        await hearing.desk.lead(page.context, hearing.sitting.links["observer"], until="/join/device")
        for language in ("en", "zh"):
            await page.goto(f"{hearing.desk.venue.url}/join/device?lang={language}")
            await expect(page.locator("#findings")).to_have_value(re.compile(f"way:{found}"), timeout=15_000)
            way = page.locator("#network-way")
            if said:
                await expect(way).to_contain_text(said[language])
                await expect(page.locator("#network")).to_have_attribute(
                    "data-q", re.compile("1" if found == "none" else "[2-4]")
                )
            else:
                await expect(way).to_be_hidden()
        trial = json.loads(await page.locator("#page-data").text_content() or "")["trial"]
        assert 0 < trial["relay"]["ttl"] <= 300
        assert window.troubles == []


@pytest.mark.parametrize("closed", [False, True], ids=["a direct way", "no way but the relay"])
async def test_a_call_tried_beforehand_is_judged_by_the_way_that_there_is(hearing: Hearing, closed: bool) -> None:
    async with another(hearing.closed if closed else hearing.open, ANYBODY, "en", PHONE) as window:
        page = window.page
        await page.goto(f"{hearing.desk.venue.url}/test-call?lang=en")
        await page.click("#begin")
        await expect(page.locator("[data-verdict=good]")).to_be_visible(timeout=20_000)
        await expect(page.locator("#way")).to_contain_text("milliseconds")
        assert window.troubles == []
