"""Captions with a real engine: what a microphone plays goes through the SFU and stands as text on another's phone."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from recordings.speech.models import install
from tests.browser import axe
from tests.browser.building import Building, Room, building as built, eventually
from tests.machine import spoken
from tests.recordings.speech.spoken import error_rate

pytestmark = [pytest.mark.browser, pytest.mark.media, pytest.mark.speech, pytest.mark.asyncio(loop_scope="module")]

# A microphone that says nothing until it is asked to say one of the recordings; the promise is kept when it has ended.
SAYS = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const RECORDINGS = __RECORDINGS__;
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  const [track] = stream.getAudioTracks();
  if (!track) return stream;
  const context = new AudioContext({sampleRate: 48000}), to = context.createMediaStreamDestination();
  await context.resume();
  const hum = new ConstantSourceNode(context, {offset: 0});
  hum.connect(to);
  hum.start();
  window.says = async (name) => {
    const bytes = Uint8Array.from(atob(RECORDINGS[name]), (one) => one.charCodeAt(0));
    const source = new AudioBufferSourceNode(context, {buffer: await context.decodeAudioData(bytes.buffer)});
    source.connect(to);
    source.start();
    window.saying = new Promise((done) => source.onended = done);
  };
  const [made] = to.stream.getAudioTracks(), said = track.getSettings();
  made.getSettings = () => ({...said, noiseSuppression: true});
  stream.removeTrack(track);
  stream.addTrack(made);
  return stream;
};
"""
LETS = re.compile("^Turn what I say into text")
STOPS = re.compile("^Do not turn what I say into text")
HEARD = 30  # seconds in which what a machine had time for stands there
TIMES = 6  # that somebody says it again, since there was no time for it: the rest of the suite keeps the machine busy


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    recordings = {one: base64.b64encode((corpus() / one).read_bytes()).decode() for one in ("1.wav", "3.wav")}
    voice = SAYS.replace("__RECORDINGS__", json.dumps(recordings))
    folder = tmp_path_factory.mktemp("building")
    install(None, folder / "data" / "speech-model")
    async with built(folder, scripts=dict.fromkeys(("consumer", "business", "mediator"), voice)) as made:
        yield made


def corpus() -> Path:
    folder = spoken()
    assert folder is not None
    return folder


def words(name: str) -> str:
    table = (corpus() / "words.tsv").read_text("utf-8")
    said: dict[str, str] = dict(line.split("\t", 1) for line in table.splitlines())
    return said[name]


async def packets(building: Building) -> float:
    """How many of microphones' packets were handed over to become text."""
    async with aiohttp.ClientSession() as http, http.get(f"{building.desk.venue.url}/metrics") as answer:
        text = await answer.text()
    return sum(float(one) for one in re.findall(r"^yuntiao_media_captioned_total\S* (\S+)$", text, re.M))


async def handed_over(building: Building, more_than: float) -> None:
    async def some() -> bool:
        return await packets(building) > more_than

    await eventually(some, "sound is handed over")


@contextlib.asynccontextmanager
async def sheet(room: Room, role: str) -> AsyncIterator[Locator]:
    await room.more(role, "Captions")
    dialog = room.page(role).locator("dialog[open]")
    yield dialog
    await dialog.get_by_role("button", name="Close").click()


async def reads_along(room: Room, role: str) -> None:
    async with sheet(room, role) as dialog:
        if await dialog.get_by_role("button", name="Show captions").count():
            await dialog.get_by_role("button", name="Show captions").click()
    await expect(room.page(role).get_by_role("region", name="Captions")).to_be_visible()


async def lets_become_text(room: Room, role: str) -> None:
    async with sheet(room, role) as dialog:
        if await dialog.get_by_role("button", name=LETS).count():
            await dialog.get_by_role("button", name=LETS).click()
        await expect(dialog.get_by_role("button", name=STOPS)).to_be_visible()


async def says(room: Room, role: str, name: str) -> None:
    await room.page(role).evaluate("(name) => window.says(name)", name)


async def has_said(room: Room, role: str) -> None:
    await room.page(role).evaluate("() => window.saying")


async def says_until_read(room: Room, role: str, name: str, reader: str) -> None:
    """As people do: they say again what the captions left out."""
    lines = room.page(reader).locator(f".captions-said li[data-role={role}] p")
    before, new = await lines.count(), list[str]()

    async def whole() -> bool:
        new[:] = (await lines.evaluate_all("all => all.map((one) => one.lastChild.textContent)"))[before:]
        spans = itertools.combinations(range(len(new) + 1), 2)
        return any(error_rate(words(name), "".join(new[first:end])) < 0.25 for first, end in spans)

    for _ in range(TIMES):
        await says(room, role, name)
        await has_said(room, role)
        with contextlib.suppress(AssertionError):
            return await eventually(whole, "what was said is read", HEARD)
    raise AssertionError(f"read instead: {new}")


def said(room: Room, role: str) -> Callable[[], Awaitable[list[str]]]:
    async def texts() -> list[str]:
        return await room.page(role).locator(".captions-said li:not(.captions-why)").all_inner_texts()

    return texts


async def test_what_the_business_says_stands_on_the_phone_of_a_deaf_consumer(room: Room, building: Building) -> None:
    await reads_along(room, "consumer")
    captions = room.page("consumer").get_by_role("region", name="Captions")
    await lets_become_text(room, "business")
    await says_until_read(room, "business", "1.wav", "consumer")
    assert await captions.get_by_role("log").get_attribute("aria-live") == "off"
    assert await axe.violations(room.page("consumer")) == []
    # Who did not ask is told nothing.
    assert await room.page("business").get_by_role("region", name="Captions").count() == 0
    room.nobody_complained()


async def test_a_sentence_in_whose_middle_consent_is_taken_back_is_dropped(room: Room, building: Building) -> None:
    await reads_along(room, "consumer")
    await lets_become_text(room, "business")
    texts = said(room, "consumer")
    async with sheet(room, "business") as dialog:
        before, count = await texts(), await packets(building)
        await says(room, "business", "3.wav")
        await handed_over(building, count)
        await dialog.get_by_role("button", name=STOPS).click()
        await expect(dialog.get_by_role("button", name=LETS)).to_be_visible()
        await has_said(room, "business")
    # The mediator's own words are the office's: what they say now comes after whatever would have come.
    await says_until_read(room, "mediator", "1.wav", "consumer")
    assert [text for text in await texts() if text not in before and "陈立:" in text] == []


async def test_in_a_private_talk_not_a_packet_is_handed_over_and_nobody_reads_anything(
    room: Room, building: Building
) -> None:
    await reads_along(room, "consumer")
    await lets_become_text(room, "business")
    texts, count = said(room, "consumer"), await packets(building)
    await says(room, "business", "1.wav")
    await handed_over(building, count)  # so far it is
    await room.cockpit.get_by_role("toolbar").get_by_role("button", name="With the business").click()
    await room.cockpit.locator("dialog[open]").get_by_role("button", name="Talk alone").click()
    await expect(room.cockpit.locator(".private-strip")).to_be_visible()

    async def still() -> bool:
        """Of the load a worker reports every second, two are alike: what was taken before has been counted."""
        first = await packets(building)
        await room.cockpit.wait_for_timeout(2500)
        return await packets(building) == first

    await eventually(still, "nothing is handed over any more")
    before, count = await texts(), await packets(building)
    await says(room, "business", "3.wav")
    await says(room, "mediator", "1.wav")
    await has_said(room, "business")
    await room.cockpit.wait_for_timeout(2500)
    assert await packets(building) == count
    assert await texts() == before
