"""A phone on a line that carries no more than sound: it says so, sound goes on, pictures come back by themselves."""

from __future__ import annotations

import random
from functools import partial

import pytest
from playwright.async_api import expect

from tests.browser.building import PATTERNS, Room, eventually, heard, moving, still
from tests.tools.bench.media.network import Condition, Network

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

WIDE = Condition(delay=0.02)
NARROW = Condition(delay=0.02, rate=100_000)

BY_WAY_OF_A_LINE = r"""
const take = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
  const found = /127\.0\.0\.1 (\d+) typ host/.exec(description.sdp);
  if (!found) return take.call(this, description);
  const port = await window.wayTo(Number(found[1]));
  const sdp = description.sdp.replace(found[0], `127.0.0.1 ${port} typ host`);
  return take.call(this, {type: description.type, sdp});
};
"""


async def test_on_a_narrow_line_sound_goes_on_and_the_page_says_why_there_are_no_pictures(room: Room) -> None:
    for role in ("mediator", "business"):  # one voice at a time: more would be too much for the line by themselves
        await room.press(role, "Sound on")
    network = Network(WIDE, WIDE, random.Random(3))

    async def way_to(port: int) -> int:
        await network.lead_to(port)
        return network.port

    consumer = room.seat("consumer")
    async with room.guest("representative", "Chen Li", "business", BY_WAY_OF_A_LINE) as guest:
        await guest.page.expose_function("wayTo", way_to)
        await room.admit(guest.page)
        sees = partial(moving, guest, consumer, "camera", PATTERNS["consumer"].colour)
        await eventually(sees, "the guest sees the consumer")
        banner = guest.page.locator(".room .banner", has_text="Your network is weak")
        await expect(banner).to_have_count(0)

        network.become(NARROW, NARROW)
        await expect(banner).to_be_visible(timeout=40_000)
        await expect(room.line("representative")).to_contain_text("weak network, sound first")
        await eventually(partial(still, guest, "inbound", "video"), "no picture comes any more")
        for _ in range(3):
            await eventually(partial(heard, guest, consumer), "the sound is there")
        await expect(guest.page.locator(f"video[data-seat='{consumer}']")).to_have_count(0)

        network.become(WIDE, WIDE)
        await expect(banner).to_have_count(0, timeout=90_000)
        await eventually(sees, "the guest sees the consumer again", 90)
        await expect(room.line("representative")).not_to_contain_text("weak network")
    await network.close()
