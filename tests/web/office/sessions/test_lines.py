"""The report on connections: what the mediator reads, what the office's IT reads, and what both can take along."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest

from rooms import events as e
from rooms.media.diagnosis import FIGURES, LineMinute
from tests.web.client import AiohttpClient, Browser, another
from tests.web.fakes import World

CO, BU = "s-consumer", "s-business"


def minute(seat: str, at: datetime, loss: float = 0.0, *said: tuple[datetime, str]) -> LineMinute:
    figures = dict.fromkeys(FIGURES, (0.01, 0.02)) | {"loss_up": (loss, loss * 2), "up": (400.0, 90.0)}
    return LineMinute(seat, at, "Chrome 131, Android", "relay/tcp", 15, figures, said)


@pytest.fixture
def begun(world: World) -> datetime:
    """The consumer was in for ten minutes, lost packets from the third to the sixth, and once the connection."""
    start = world.clock.now.replace(second=0, microsecond=0)
    happened: list[tuple[int, e.SessionEvent]] = [
        (0, e.SessionOpened()),
        (0, e.Arrived(CO)),
        (0, e.Admitted(CO)),
        (7, e.Disconnected(CO, "media")),
        (8, e.Reconnected(CO)),
    ]
    for after, event in happened:
        world.clock.now = start + timedelta(minutes=after)
        world.sessions.append("m1", event)
    bad, good = start + timedelta(minutes=3, seconds=8), start + timedelta(minutes=6, seconds=20)
    said = {3: ((bad, "loss_up"),), 6: ((good, ""),)}
    world.lines.minutes["m1"] = [
        minute(CO, start + timedelta(minutes=n), 0.12 if 3 <= n < 6 else 0.0, *said.get(n, ())) for n in range(10)
    ]
    return start


@pytest.fixture
async def admin(world: World, zhou: Browser) -> Browser:
    person = await another(zhou)
    person.sign_in(world.identity.token("admin"))
    return person


async def test_the_mediator_reads_whose_line_it_was_when_and_how_bad(zhou: Browser, begun: datetime) -> None:
    page = await zhou.get("/connections/m1")
    assert page.status == 200
    assert "their line: packets lost on the way to us" in page.text
    assert "Chrome 131, Android" in page.text
    assert "through the relay (TCP)" in page.text
    assert "sound and picture broke off" in page.text
    assert "24.0 %" in page.text  # the worst minutes
    assert 'class="l-up"' in page.text
    assert page.text.count('<section class="card stack" id="seat-') == 1  # of whom nothing is known, nothing is said


async def test_who_looks_after_the_network_does_not_learn_whose_dispute_it_was(
    world: World, admin: Browser, zhou: Browser, begun: datetime
) -> None:
    name = (await world.sessions.state("m1")).seats[CO].seat.name
    assert name in (await zhou.get("/connections/m1")).text
    for address in ("", "/report.json", "/report.csv"):
        found = await admin.get(f"/connections/m1{address}")
        assert found.status == 200
        assert name not in found.text
    page = (await admin.get("/connections/m1")).text
    assert "婚恋积分退款" not in page
    assert " 消费者</h2>" in page  # no number: there is one
    assert "婚恋积分退款" not in (await admin.get("/connections")).text
    assert "m1" in (await admin.get("/connections")).text


async def test_the_files_say_the_same(zhou: Browser, begun: datetime) -> None:
    said = json.loads((await zhou.get("/connections/m1/report.json")).text)
    [seat] = said["seats"]
    [finding] = seat["findings"]
    assert (finding["finding"], finding["side"]) == ("loss_up", "uplink")
    assert [one["cause"] for one in seat["connections"]] == ["media", ""]
    assert seat["figures"]["loss_up"] == {"p50": 0.0, "p95": 0.24}
    assert seat["figures"]["up"]["p95"] == 90.0
    saved = await zhou.get("/connections/m1/report.csv")
    disposition = saved.headers["Content-Disposition"]
    assert disposition.isascii()  # the number is Chinese, and a header is not
    assert f"{said['number']}-1.csv" in unquote(disposition)
    table = saved.text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 10
    assert [row["said"] for row in rows if row["said"]] == ["loss_up", "'-"]


async def test_a_mediation_without_figures_says_so(zhou: Browser) -> None:
    assert "Nobody was connected by video" in (await zhou.get("/connections/m1")).text
    assert "No mediation by video has been measured yet" in (await zhou.get("/connections")).text


async def test_a_colleague_and_a_supervisor_are_shown_nothing(
    world: World, zhou: Browser, aiohttp_client: AiohttpClient, begun: datetime
) -> None:
    person = await another(zhou)
    person.sign_in(world.identity.token("lin"))
    assert (await person.get("/connections/m1")).status == 403
