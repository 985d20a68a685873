"""Two nodes on one database, one room: whoever came where, one of them has it, and nobody else says who hears whom."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy.engine import URL

from journal import Event, stamp
from journal.clock import lease_clock
from server.app.rehearsal.command import PASSWORD, Venue
from server.serving.nodes import LEASE
from tests.browser.play import ROLES
from tests.server.db.databases import create_postgres
from tests.server.serving.nodes.house import House, Node, PacketCount, nodes, rows, sitting
from tests.survival.pages import everybody_moves, three_pages

pytestmark = [pytest.mark.long, pytest.mark.media, pytest.mark.postgres, pytest.mark.nginx]

PARTIES = ("consumer", "business")
TALK = 3.0  # seconds of it that are heard
SHORT = timedelta(seconds=0.5)


async def until(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Another process tells nobody: look again."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - that of other processes
            await asyncio.sleep(0.1)


def said(node: Node, words: str) -> int:
    return node.venue.log.read_text(errors="replace").count(words)


async def test_a_page_at_the_node_without_the_room_hears_of_what_happens_in_it(
    tmp_path: Path, postgres_server: URL
) -> None:
    async with sitting(tmp_path, create_postgres(postgres_server), mediator="a", parties="b") as house:
        without = next(node for node in house.nodes.values() if node.name != house.owner())
        cookies = {"Cookie": house.desk.cookies, "Origin": without.edge}
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{without.edge}/alerts/socket", headers=cookies) as page,
        ):
            await house.person("business").ask("say", {"text": "在吗"})
            async with asyncio.timeout(30):
                while "changed" not in (news := await page.receive_json()):
                    assert "alert" in news  # a clock, of all that was already there
        assert news == {"changed": {"session": house.story.session}}


async def test_of_a_private_talk_not_one_packet_reaches_the_other_side_whichever_node_each_came_to(
    tmp_path: Path, postgres_server: URL
) -> None:
    async with sitting(tmp_path, create_postgres(postgres_server), mediator="a", parties="b") as house:
        owner = house.owner()
        await house.person("mediator").ask("start_caucus", {"side": "business"})
        outside, inside = [await PacketCount.of_peer(house.peer(role)) for role in PARTIES]
        await asyncio.gather(house.heard("business", "mediator", TALK), house.heard("mediator", "business", TALK))
        assert outside.rtp == 0
        assert inside.rtp > 100
        await house.person("mediator").ask("end_caucus")
        await house.all_meet()
        assert outside.rtp > 0
        events = await house.journal()
        assert [event.type for event in events if event.type == "Disconnected"] == []
        assert rows(house.url, "SELECT DISTINCT node FROM owners WHERE name LIKE 'session/%'") == [(owner,)]
        assert house.owner() == owner


async def stopped_past_its_lease(house: House, node: Node) -> None:
    """And another node has taken the room meanwhile."""
    began = lease_clock()
    node.stop()
    await until(lambda: house.owner() not in ("", node.name), "another owner")
    assert lease_clock() - began > LEASE - 2.0, "renewed at most a moment before it stopped"
    await until(lambda: lease_clock() - began > LEASE + 1.0, "its lease to be over")


async def disconnected(house: House, since: int) -> list[Event]:
    """The journal once the node that took the room has said that everybody was cut off; it may have to wait for the
    end of an append that was stopped in the middle."""
    async with asyncio.timeout(30):
        while True:
            events = await house.journal()
            if [event.type for event in events[since:]].count("Disconnected") == len(house.callers):
                return events
            await asyncio.sleep(0.2)  # another process tells nobody


async def test_an_owner_stopped_past_its_lease_and_continued_appends_nothing_and_sends_nothing(
    tmp_path: Path, postgres_server: URL
) -> None:
    async with sitting(tmp_path, create_postgres(postgres_server), mediator="a", parties="b") as house:
        owner = house.nodes[house.owner()]
        other = next(node for node in house.nodes.values() if node is not owner)
        before, stood = len(await house.journal()), datetime.now(UTC)
        await stopped_past_its_lease(house, owner)
        # What its people send meanwhile lies in its sockets: a word in the chat, and their sound and pictures.
        asked = [
            asyncio.create_task(house.person(role).ask("say", {"text": "还在吗"})) for role in ("mediator", *PARTIES)
        ]
        counted = {role: await PacketCount.of_peer(house.peer(role)) for role in house.callers}
        await asyncio.sleep(0)  # the words are on their way
        taken = await disconnected(house, before)
        incarnation = house.incarnation(owner.name)
        owner.go_on()
        await until(lambda: house.incarnation(owner.name) > incarnation, "the node to come back as another")
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(result, Exception) for result in results), results
        assert {role: count.rtp for role, count in counted.items()} == dict.fromkeys(counted, 0)
        # Its files are finished, and the node that has the room writes them down; they end where it stood still.
        later = (await house.journal())[len(taken) :]
        assert {event.type for event in later} <= {"SegmentSealed", "NothingRecorded"}
        assert all(event.data["ended"] <= stamp(stood + SHORT) for event in later)
        assert house.owner() == other.name
        for role in ("mediator", *PARTIES):
            await house.come_back(role, owner.name)
        await house.all_meet()
        assert house.owner() == other.name
        assert said(owner, "could not be renewed in time") == 1


async def test_media_ends_by_itself_when_only_the_program_is_stopped(tmp_path: Path, postgres_server: URL) -> None:
    async with sitting(tmp_path, create_postgres(postgres_server), mediator="a", parties="b") as house:
        owner = house.nodes[house.owner()]
        os.kill(owner.program(), signal.SIGSTOP)
        began = lease_clock()
        await until(lambda: house.owner() not in ("", owner.name), "another owner")
        counted = {role: await PacketCount.of_peer(house.peer(role)) for role in house.callers}
        assert lease_clock() - began < LEASE * 3
        for role in ("mediator", *PARTIES):
            await house.come_back(role, next(name for name in house.nodes if name != owner.name))
        await house.all_meet()
        assert {role: count.rtp for role, count in counted.items()} == dict.fromkeys(counted, 0)
        os.kill(owner.program(), signal.SIGCONT)


async def test_a_worker_stopped_past_its_lease_drops_what_waited_for_it(tmp_path: Path, postgres_server: URL) -> None:
    async with sitting(tmp_path, create_postgres(postgres_server), mediator="a", parties="b") as house:
        owner = house.nodes[house.owner()]
        (worker,) = owner.workers()
        os.kill(owner.program(), signal.SIGSTOP)
        os.kill(worker, signal.SIGSTOP)
        await until(lambda: house.owner() not in ("", owner.name), "another owner")
        counted = {role: await PacketCount.of_peer(house.peer(role)) for role in house.callers}
        os.kill(worker, signal.SIGCONT)
        await until(lambda: said(owner, "The time of a room is over") == 1, "the worker to notice")
        assert {role: count.rtp for role, count in counted.items()} == dict.fromkeys(counted, 0)
        os.kill(owner.program(), signal.SIGCONT)


async def test_when_a_node_dies_everybody_meets_again_at_another(tmp_path: Path, postgres_server: URL) -> None:
    async with sitting(tmp_path, create_postgres(postgres_server), mediator="a", parties="b") as house:
        owner = house.nodes[house.owner()]
        other = next(name for name in house.nodes if name != owner.name)
        lines = await house.person("mediator").ask("say", {"text": "请稍等"})
        assert lines == {}
        await owner.venue.kill()
        await until(lambda: house.owner() == other, "another owner")
        for role in ("mediator", *PARTIES):
            await house.come_back(role, other)
        await house.all_meet()
        assert [line["text"] for line in await house.person("mediator").lines()][-1] == "请稍等"
        await house.person("mediator").ask("say", {"text": "我们继续"})


@pytest.mark.browser
async def test_pages_that_nobody_reloads_follow_their_room_to_another_node(
    tmp_path: Path, postgres_server: URL
) -> None:
    """Whichever node each page's socket came to at first, and when the node that has the room dies."""
    url = create_postgres(postgres_server)
    async with (
        nodes(tmp_path, url, browsers=True) as (net, made),
        three_pages(Venue(net.pages, tmp_path, PASSWORD, tmp_path / "log"), tmp_path) as play,
    ):
        await everybody_moves(play)
        for role in ROLES:
            await play.page(role).evaluate("window.untouched = true")
        room = f"SELECT node FROM owners WHERE name = 'session/{play.session}'"
        ((owner,),) = rows(url, room)
        await made[owner].venue.kill()
        await everybody_moves(play)
        for role in ROLES:
            assert await play.page(role).evaluate("window.untouched"), f"the {role}'s page was loaded anew"
        assert rows(url, room) not in ([], [(owner,)])
