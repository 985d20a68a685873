"""A real browser loses its network for some seconds: one 'reconnecting', and nothing else.

The consumer's phone is behind a relay of ours for its media, and taken offline for everything else at the same
moment; the two other browsers and the journal are the witnesses.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from journal import Event
from rooms.events import history, stream
from rooms.timing import measure
from server.db.engine import Database
from server.db.journal import SqlJournal
from tests.browser.building import Building, Room, building as built, eventually
from tests.media.relay import Relay

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.media, pytest.mark.asyncio(loop_scope="module")]

CUT = 5.0
BACK_WITHIN = 3.0

# Whatever the server says of where it listens, this phone reaches it through the relay only.
THROUGH_RELAY = """
(() => {
  const kept = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.replace(/127\\.0\\.0\\.1 %d typ host/g, "127.0.0.1 %d typ host");
    return kept.call(this, {type: description.type, sdp});
  };
})();
"""

# Notes when somebody's picture and sound stood still, and how often the page said that somebody is away.
WITNESS = """([seat, away]) => {
  const now = () => Date.now() / 1000;
  const witness = {still: [], said: 0, codes: 0};
  const last = {picture: [0, now()], sound: [0, now()]};
  const note = (what, count) => {
    if (count <= last[what][0]) return;
    if (now() - last[what][1] > 0.7) witness.still.push([what, last[what][1], now()]);
    last[what] = [count, now()];
  };
  witness.timer = setInterval(async () => {
    const video = document.querySelector(`video[data-seat="${seat}"][data-source=camera]`);
    if (video) note("picture", video.getVideoPlaybackQuality().totalVideoFrames);
    const audio = document.querySelector(`audio[data-seat="${seat}"]`);
    const track = audio && audio.srcObject && audio.srcObject.getTracks()[0];
    for (const connection of window.connections) {
      if (!track || connection.connectionState === "closed") continue;
      for (const report of (await connection.getStats()).values()) {
        if (report.type === "inbound-rtp" && report.trackIdentifier === track.id) note("sound", report.packetsReceived);
      }
    }
  }, 100);
  let shown = false;
  witness.looking = new MutationObserver(() => {
    const says = [...document.querySelectorAll(away)].some((element) => /reconnecting/.test(element.textContent));
    if (says && !shown) witness.said += 1;
    shown = says;
  });
  witness.looking.observe(document.body, {subtree: true, childList: true, characterData: true});
  window.witness = witness;
}"""
TESTIMONY = """() => {
  clearInterval(window.witness.timer);
  window.witness.looking.disconnect();
  return {still: window.witness.still, said: window.witness.said};
}"""


class Line:
    """One phone's way out: media over the relay, everything else over the browser's own network."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    async def cut(self, room: Room, role: str, seconds: float) -> tuple[float, float]:
        """Pull the plug and put it back; when that was."""
        context = room.page(role).context
        began = time.time()
        self.relay.blocked = True
        await context.set_offline(True)
        await asyncio.sleep(seconds)
        self.relay.blocked = False
        await context.set_offline(False)
        return began, time.time()


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line() -> AsyncIterator[tuple[int, Line]]:
    """The port of the program's media, and the consumer's way there."""
    port, relay = free_udp_port(), Relay()
    await relay.lead_to(port)
    yield port, Line(relay)
    relay.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory, line: tuple[int, Line]) -> AsyncIterator[Building]:
    port, way = line
    script = THROUGH_RELAY % (port, way.relay.port)
    options = ("--workers", "1", "--media-port", str(port))
    async with built(tmp_path_factory.mktemp("building"), *options, scripts={"consumer": script}) as made:
        yield made


async def journal(room: Room) -> list[Event]:
    database = Database(f"sqlite+aiosqlite:///{room.desk.venue.data / 'yuntiao.db'}")
    try:
        return await SqlJournal(database).read(stream(room.sitting.id))
    finally:
        await database.close()


async def watch(room: Room, viewer: str, shown: str) -> None:
    await room.page(viewer).evaluate(WITNESS, [room.seat(shown), ".veil" if viewer == "consumer" else ".badge"])


async def told(room: Room, viewer: str) -> dict[str, Any]:
    found: dict[str, Any] = await room.page(viewer).evaluate(TESTIMONY)
    return found


async def flows(room: Room, viewer: str, other: str) -> bool:
    return await room.sees(viewer, other) and await room.hears(viewer, other)


VIEWS = (("mediator", "consumer"), ("business", "consumer"), ("consumer", "business"))


async def lose(room: Room, way: Line, seconds: float) -> tuple[float, float, dict[str, Any]]:
    """Cut the consumer off while everybody watches; when it began and ended, and what everybody saw."""
    for viewer, shown in VIEWS:
        await watch(room, viewer, shown)
    began, back = await way.cut(room, "consumer", seconds)
    try:
        for viewer, shown in VIEWS:
            await eventually(partial(flows, room, viewer, shown), f"the {viewer} has the {shown} again")
        await eventually(partial(recorded, room), "the consumer is recorded again")
    except AssertionError as fault:
        lately = [f"{e.at.timestamp() - back:.1f} {e.type} {e.data}"[:120] for e in (await journal(room))[-25:]]
        raise AssertionError("\n".join([str(fault), *lately])) from None
    return began, back, {viewer: await told(room, viewer) for viewer in room.windows}


async def recorded(room: Room) -> bool:
    kinds = [e.type for e in await journal(room) if e.data.get("seat") == room.seat("consumer")]
    return kinds.count("RecordingStarted") > kinds.count("RecordingStopped")


def returned(seen: dict[str, Any], back: float) -> float:
    """Seconds from the network's return to the first picture and sound after it, the later of the two."""
    ends = [end for _, start, end in seen["still"] if start < back < end]
    return max(ends, default=back) - back


async def test_five_seconds_without_a_network_cost_one_reconnecting_and_nothing_else(
    room: Room, line: tuple[int, Line], artifacts: Path
) -> None:
    await eventually(partial(recorded, room), "the consumer is recorded")
    before, seats = await journal(room), dict(room.sitting.seats)
    await room.page("consumer").evaluate("window.untouched = true")
    began, back, seen = await lose(room, line[1], CUT)
    events = await journal(room)
    since = events[len(before) :]

    figures = {viewer: round(returned(seen[viewer], back), 2) for viewer in seen}
    (artifacts / "reconnect.json").write_text(json.dumps({"figures": figures, "seen": seen}, indent=1))
    assert {viewer: seen[viewer]["said"] for viewer in seen} == {"mediator": 1, "business": 1, "consumer": 1}, seen
    assert max(figures.values()) <= BACK_WITHIN, figures
    assert await room.page("consumer").evaluate("window.untouched"), "the page was not loaded anew"

    # In the record: gone once, back once, and none of what coming in for the first time leaves behind.
    own = [e for e in since if e.data.get("seat") == room.seat("consumer")]
    kinds = [e.type for e in own]
    assert kinds.count("Disconnected") == kinds.count("Reconnected") == 1, kinds
    assert not {"CodeSent", "Arrived", "Admitted", "Left", "DeviceChecked", "LinkOpened"} & set(kinds), kinds
    assert room.sitting.seats == seats
    assert kinds.count("RecordingStopped") == kinds.count("RecordingStarted") <= 1, kinds

    # One presence with the gap in it.
    timing = measure(history(events), datetime.now(UTC)).seats[room.seat("consumer")]
    assert timing.reconnects == 1
    (first, second), (gap,) = timing.presence, timing.away
    assert (first.end, second.start) == (gap.start, gap.end)
    assert abs(gap.start.timestamp() - began) < 4.0
    assert abs(gap.end.timestamp() - back) < BACK_WITHIN


async def test_the_network_is_lost_again_and_again_and_every_time_it_is_back_within_three_seconds(
    room: Room, line: tuple[int, Line], artifacts: Path
) -> None:
    times: list[float] = []
    for _ in range(4):
        _, back, seen = await lose(room, line[1], CUT)
        times.append(max(returned(seen[viewer], back) for viewer in seen))
        assert {viewer: seen[viewer]["said"] for viewer in seen} == {"mediator": 1, "business": 1, "consumer": 1}, seen
    worst = sorted(times)[max(0, round(0.95 * len(times)) - 1)]
    (artifacts / "reconnect-times.json").write_text(json.dumps({"seconds": times, "p95": worst}))
    assert worst <= BACK_WITHIN, times


async def test_another_address_from_one_packet_to_the_next_is_nobodys_concern(
    room: Room, line: tuple[int, Line]
) -> None:
    before = len(await journal(room))
    for viewer, shown in VIEWS:
        await watch(room, viewer, shown)
    line[1].relay.move()
    for viewer, shown in VIEWS:
        await eventually(partial(flows, room, viewer, shown), f"the {viewer} has the {shown} still")
    seen = {viewer: await told(room, viewer) for viewer in room.windows}
    assert {viewer: seen[viewer]["said"] for viewer in seen} == {"mediator": 0, "business": 0, "consumer": 0}
    assert not {"Disconnected", "Reconnected"} & {e.type for e in (await journal(room))[before:]}
