"""A server with no room for more sound and pictures: who is turned away is told, stays, and gets in later."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.app.rehearsal import RehearsalReport
from server.app.rehearsal.person import RoomFault, seat_of
from server.app.rehearsal.story import MEDIATOR, Story
from tests.server.app.application import demo_program

pytestmark = [pytest.mark.long, pytest.mark.media]


async def test_the_third_person_on_a_server_for_two_waits_and_comes_in_when_one_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YUNTIAO_MEDIA_MOST_PARTICIPANTS", "2")
    async with demo_program(tmp_path) as venue:
        story = Story(venue.url, venue.password, RehearsalReport(), ("127.0.0.1",))
        try:
            desk = story._visitor()
            await story.sign_in(desk, MEDIATOR)
            await story.schedule(desk)
            for role in ("consumer", "business"):
                await story.arrive(desk, role)
            await story.open_room(desk)
            with pytest.raises(RoomFault, match="worker_full"):
                await story.admit()
            mediator, consumer = story.callers["mediator"], story.callers["consumer"]
            business = story.callers["business"]
            assert seat_of(business.person.view, "business")["status"] == "present"
            await business.person.ask("say", {"text": "我先打字。", "to": ""})
            await business.leave()

            await consumer.leave()
            await consumer.person.ask("leave")
            await mediator.person.until(lambda view: seat_of(view, "consumer")["status"] == "left", "the leaving")
            await business.join()
            seat = str(seat_of(mediator.person.view, "business")["id"])
            await mediator.peer.until(lambda: mediator.peer.of(seat, "camera").frames > 3)
        finally:
            await story.end()
