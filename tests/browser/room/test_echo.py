"""Two phones at one table: one of the two is asked to use the other's sound, and everything comes back by one tap."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.building import Building, Room, building as built, eventually

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

# A microphone on a table: whoever talks there is heard in all of them at the same time, by the clock, louder or softer.
AT_THE_TABLE = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  const [track] = stream.getAudioTracks();
  if (!track) return stream;
  const context = new AudioContext({sampleRate: 48000});
  const SECONDS = 60, SYLLABLE = 0.16, rate = context.sampleRate;
  const talk = context.createBuffer(1, SECONDS * rate, rate), samples = talk.getChannelData(0);
  const dice = (n) => { const x = Math.sin(n * 12.9898) * 43758.5453; return x - Math.floor(x); };
  for (let n = 0; n < samples.length; n++) {
    const at = n / rate, syllable = Math.floor(at / SYLLABLE), within = (at % SYLLABLE) / SYLLABLE;
    const pauses = dice(syllable) < 0.25 || dice(Math.floor(syllable / 7) + 0.5) < 0.3;
    const loud = pauses ? 0 : (0.1 + dice(syllable + 0.3)) * Math.sin(Math.PI * within);
    samples[n] = LOUDNESS * loud * ((at * 140) % 1 - 0.5);
  }
  const source = new AudioBufferSourceNode(context, {buffer: talk, loop: true});
  const to = context.createMediaStreamDestination();
  source.connect(to);
  await context.resume();
  source.start(0, (Date.now() / 1000) % SECONDS);
  const [made] = to.stream.getAudioTracks(), said = track.getSettings();
  made.getSettings = () => ({...said, noiseSuppression: true});
  stream.removeTrack(track);
  stream.addTrack(made);
  return stream;
};
"""
PLAYS = "() => [...document.querySelectorAll('audio[data-seat]')].some((audio) => !audio.muted)"

# Where everything stands with the question, and without it.
MOVES = """(question) => {
  const places = () => [...document.querySelectorAll("#room .room > :not(.one-table)")]
    .map((part) => Object.values(part.getBoundingClientRect().toJSON()));
  const withIt = places();
  question.style.display = "none";
  const without = places();
  question.style.display = "";
  return [withIt, without];
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    table = {
        role: AT_THE_TABLE.replace("LOUDNESS", loudness)
        for role, loudness in (("consumer", "0.6"), ("business", "0.2"))
    }
    async with built(tmp_path_factory.mktemp("building"), scripts=table) as made:
        yield made


async def test_one_of_two_at_a_table_uses_the_others_sound_until_their_own_is_wanted_again(room: Room) -> None:
    page = room.page("business")
    question = page.get_by_role("region", name="Sound").filter(has_text="There is somebody beside you")
    await expect(question).to_be_visible(timeout=60_000)
    with_it, without = await question.evaluate(MOVES)
    assert with_it == without, "nothing moves for it"
    assert await axe.violations(page) == []
    assert await room.page("consumer").get_by_text("There is somebody beside you").count() == 0
    await expect(room.line("business")).to_contain_text("two microphones at one table make an echo")

    await room.line("business").get_by_role("button", name=re.compile("^Write to")).click()
    told = await page.locator(".toast").bounding_box()
    asked = await question.bounding_box()
    assert told is not None
    assert asked is not None
    assert told["y"] + told["height"] <= asked["y"], "what is said just now covers no answer"
    await question.get_by_role("button", name="Use the other phone's sound").press("Enter")
    await expect(page.get_by_text("you use the other phone's sound")).to_be_visible()
    await expect(page.get_by_role("button", name="Muted")).to_be_visible()
    assert not await page.evaluate(PLAYS)
    await room.silence("consumer", "business")
    await page.reload()
    await expect(page.get_by_text("you use the other phone's sound")).to_be_visible()
    await eventually(partial(_carries, page), "the others' sound arrives")
    assert not await page.evaluate(PLAYS), "also after a reload"

    await page.get_by_role("button", name="Use this phone's sound again").click()
    await expect(page.get_by_role("button", name="Sound on")).to_be_visible()
    assert await page.evaluate(PLAYS)
    await eventually(partial(room.hears, "consumer", "business"), "the business is heard again")

    await expect(question).to_be_visible(timeout=60_000)
    await question.get_by_role("button", name="We sit apart").click()
    await expect(question).to_be_hidden()
    await expect(room.line("business")).not_to_contain_text("two microphones")
    room.nobody_complained()


async def _carries(page: Page) -> bool:
    return bool(await page.locator("audio[data-seat]").count())
