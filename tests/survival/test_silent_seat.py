"""Somebody's network goes away without a word, and comes back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from server.app.rehearsal.person import Person, RoomFault, seat_of
from tests.survival.conftest import Figures
from tests.survival.sitting import sitting

pytestmark = [pytest.mark.long, pytest.mark.media]

SHOWN_WITHIN = 3.5


async def test_a_silent_seat_is_shown_and_comes_back_to_itself_and_one_of_two_closings_wins(
    tmp_path: Path, figures: Figures
) -> None:
    async with sitting(tmp_path) as here:
        mediator, consumer = here.person("mediator"), here.callers["consumer"]
        seat, lost = here.seat("consumer"), consumer.person
        consumer.peer.go_silent()
        began = time.monotonic()
        await mediator.until(lambda view: seat_of(view, "consumer")["status"] == "reconnecting", "it to show")
        shown = time.monotonic() - began
        figures["silent_seat_shown_s"] = shown
        assert shown <= SHOWN_WITHIN, f"shown only after {shown:.1f} s"
        # The same network again: by itself.
        consumer.peer.speak_again()
        await mediator.until(lambda view: seat_of(view, "consumer")["status"] == "present", "it to be back")

        # Another network: a new socket and new media while the old ones still hang in the air.
        consumer.peer.go_silent()
        await mediator.until(lambda view: seat_of(view, "consumer")["status"] == "reconnecting", "it to show again")
        old_media = consumer.peer
        again = Person("consumer", lost.visitor)
        await again.connect()
        assert await lost.until_gone() == "elsewhere"
        await lost.hang_up()
        assert again.seat == seat
        await again.until(lambda view: seat_of(view, "consumer")["status"] == "present", "the same seat")
        here.take_over("consumer", again)
        await here.callers["consumer"].join()
        await here.all_meet()
        await old_media.hang_up(silently=True)
        await here.all_recorded()
        kinds = [event.type for event in await here.journal() if event.data.get("seat") == seat]
        assert kinds.count("CodeSent") == 1
        assert kinds.count("Arrived") == 1
        assert kinds.count("Disconnected") == kinds.count("Reconnected") == 2

        await here.settle()
        second = Person("mediator", here.desk)  # the same mediator in another tab
        await second.connect(here.story.session)
        assert await mediator.until_gone() == "elsewhere"
        answers = await asyncio.gather(
            *(person.ask("close", {"anyway": ""}) for person in (second, second)), return_exceptions=True
        )
        refusals = [str(answer) for answer in answers if isinstance(answer, RoomFault)]
        assert len(refusals) == 1
        # Refused by the room, or by a socket that the room has already let go of: told in either case.
        assert refusals[0].rpartition(" ")[2] in ("already_closed", "gone")
        assert await second.until_gone() == "closed"
        await second.hang_up()
        assert [event.type for event in await here.journal()].count("SessionClosed") == 1
