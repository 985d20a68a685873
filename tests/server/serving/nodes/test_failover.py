"""What two nodes rest on fails under them: a link, the machine of the database. People talk on, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from recordings.gap_ledger import ledger
from rooms.events import history, stream
from server.app.rehearsal.command import PASSWORD, Venue
from server.db.engine import Database
from server.db.journal import SqlJournal
from tests.browser.play import ROLES as BROWSERS
from tests.server.db.test_group_commit import whole
from tests.server.serving.nodes.house import Estate, Node, estate
from tests.server.serving.nodes.rooms import Room, Writer, writing
from tests.survival.conftest import Figures, figures as figures
from tests.survival.pages import everybody_moves, three_pages

pytestmark = [pytest.mark.media, pytest.mark.postgres, pytest.mark.nginx, pytest.mark.links]

PATIENCE = 90  # seconds: this machine may have much else to do


async def all_is_there(of: Estate, writers: list[Writer]) -> None:
    """Each line that was acknowledged, once; and chains and tree hold."""
    database = Database(of.url)
    try:
        for writer in writers:
            events = await SqlJournal(database).read(stream(writer.room.session))
            said = Counter(event.data["text"] for event in events if event.type == "Said")
            assert [words for words in writer.acknowledged if said[words] != 1] == []
        await whole(database)
    finally:
        await database.close()


@pytest.mark.long
async def test_of_a_database_that_fails_over_at_once_nobody_hears_anything(tmp_path: Path) -> None:
    async with estate(tmp_path) as here:
        await here.fill(2)
        async with writing(here.rooms.all) as writers:
            await asyncio.gather(*(writer.more(5) for writer in writers))
            await here.databases.fail_over()
            await asyncio.gather(*(writer.more(20) for writer in writers))
        assert [room.outages for room in here.rooms.all if room.outages] == []
        assert {code for writer in writers for code in writer.refused} <= {"busy"}
        await all_is_there(here, writers)
        await here.databases.rebuild()
        for node in here.nodes.values():
            assert "could not be renewed" not in node.venue.log.read_text()


@pytest.mark.long
async def test_a_database_that_is_cut_off_ends_rooms_in_time_and_all_come_back_with_its_standby(
    tmp_path: Path, figures: Figures
) -> None:
    async with estate(tmp_path) as here:
        await here.fill(2)
        private, *others = here.rooms.all
        await private.part()
        await here.rooms.until_whole(PATIENCE)
        async with writing(others) as writers:
            await asyncio.gather(*(writer.more(5) for writer in writers))
            lost = here.databases.primary
            lost.machine.cut()
            await here.rooms.until(lambda: all(room.silent for room in here.rooms.all), PATIENCE)
            await here.databases.fail_over()
            await here.rooms.until_whole(PATIENCE)
            await asyncio.gather(*(writer.more(5) for writer in writers))
        figures["database_cut_off_quiet_s"] = max(end - begin for room in here.rooms.all for begin, end in room.outages)
        assert {code for writer in writers for code in writer.refused} <= {"busy", "away"}
        assert private.leaked == 0
        await all_is_there(here, writers)


async def without_its_link(here: Estate, count: int) -> list[float]:
    """So many rooms, the link of the node that has most of them cut, and everything in their packages afterwards. How
    long each of its rooms was not whole."""
    await here.fill(count)
    private = here.rooms.all[-1]
    await private.part()
    await here.rooms.until_whole(PATIENCE)
    lost, of_it = here.of_one_node()
    (other,) = here.nodes.keys() - {lost.name}
    lost.machine.cut()
    await here.rooms.until(lambda: all(room.outages for room in of_it), PATIENCE)
    await here.rooms.until_whole(PATIENCE)
    assert {here.owners()[room.session] for room in of_it} == {other}
    assert private.leaked == 0
    lost.machine.mend()
    for room in of_it:
        await here.rooms.close(room)
    for room, package in zip(of_it, await here.packages(of_it, other), strict=True):
        assert package.codes == [], [check.text("en") for check in package.amiss]
        found = ledger(history(await here.journal(room.session)), sealed=True)
        assert found.unexplained_ms == 0
        for track in found.tracks:  # of what was said apart nothing is recorded
            assert ("caucus" if room is private else "server") in {gap.cause for gap in track.missing}
    return [end - begin for room in of_it for begin, end in room.outages]


@pytest.mark.long
async def test_rooms_of_a_node_without_its_link_go_on_at_the_other_and_all_of_it_is_in_their_packages(
    tmp_path: Path,
) -> None:
    async with estate(tmp_path) as here:
        assert await without_its_link(here, 3)


async def told_to_stop(here: Estate, node: Node, rooms: list[Room]) -> None:
    """Everybody in these rooms is told."""
    told = [seat.person.restart.wait() for room in rooms for seat in room.seats.values()]
    os.kill(node.program(), signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*told)


@pytest.mark.long
async def test_a_node_that_drains_gives_a_room_away_in_its_recess_and_stops_after_the_last(tmp_path: Path) -> None:
    async with estate(tmp_path, ("--drain", "3600")) as here:
        await here.fill(4)
        node, rooms = here.of_one_node()
        resting, *talking = rooms
        await told_to_stop(here, node, rooms)
        await resting.seats["mediator"].person.ask("start_recess", {})
        await here.rooms.until(lambda: here.owners()[resting.session] != node.name, PATIENCE)
        for room in talking:
            assert here.owners()[room.session] == node.name
            assert room.outages == []
        await resting.again("mediator", "end_recess")
        await here.rooms.until_whole(PATIENCE)
        for room in talking:
            await here.rooms.close(room)
        async with asyncio.timeout(PATIENCE):
            assert await node.ended() == 0
        await here.rooms.close(resting)


@pytest.mark.long
async def test_a_node_whose_time_to_drain_is_over_hands_each_room_over_and_nothing_of_it_is_lost(
    tmp_path: Path, figures: Figures
) -> None:
    async with estate(tmp_path, ("--drain", "1")) as here:
        await here.fill(4)
        node, rooms = here.of_one_node()
        await told_to_stop(here, node, rooms)
        async with asyncio.timeout(PATIENCE):
            assert await node.ended() == 0
        await here.rooms.until_whole(PATIENCE)
        figures["handed_over_quiet_s"] = max(end - begin for room in rooms for begin, end in room.outages)
        (other,) = here.nodes.keys() - {node.name}
        for room in rooms:
            await here.rooms.close(room)
        for package in await here.packages(rooms, other):
            assert package.codes == [], [check.text("en") for check in package.amiss]
            assert package.absent == 0


@pytest.mark.long
@pytest.mark.browser
async def test_pages_whose_node_loses_its_link_find_their_room_at_another(tmp_path: Path, figures: Figures) -> None:
    async with (
        estate(tmp_path, browsers=True) as here,
        three_pages(Venue(here.net.pages, tmp_path, PASSWORD, tmp_path / "log"), tmp_path) as play,
    ):
        await everybody_moves(play)
        for role in BROWSERS:
            await play.page(role).evaluate("window.untouched = true")
        owner = here.owners()[play.session]
        here.nodes[owner].machine.cut()
        began = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            while here.owners()[play.session] == owner:  # noqa: ASYNC110 - another process tells nobody
                await asyncio.sleep(0.2)
        await everybody_moves(play)
        figures["link_lost_pages_quiet_s"] = time.monotonic() - began
        for role in BROWSERS:
            assert await play.page(role).evaluate("window.untouched"), f"the {role}'s page was loaded anew"
