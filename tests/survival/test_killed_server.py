"""kill -9 of the program, as a power cut: nothing acknowledged is lost, and people find their session again."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta
from pathlib import Path

import pytest

from journal import stamp
from server.app.rehearsal.person import Person, RoomFault
from tests.survival.conftest import Figures
from tests.survival.sitting import sitting

pytestmark = [pytest.mark.long, pytest.mark.media]

WITHIN = timedelta(seconds=1)  # of withdrawing consent, that person's recording has ended


async def test_a_session_goes_on_where_it_was_with_every_acknowledged_word_and_one_film(
    tmp_path: Path, figures: Figures
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    async with sitting(tmp_path) as here:
        mediator = here.person("mediator")
        await mediator.ask("cover_opening", {"item": "identity", "done": True})
        await mediator.ask("enter_phase", {"phase": "consumer_statement"})
        seats = {role: here.person(role).seat for role in here.callers}
        sent: list[str] = []
        acknowledged: list[str] = []
        talking = [asyncio.create_task(_talk(here.person(role), sent, acknowledged)) for role in here.callers]
        await asyncio.sleep(random.Random(seed).uniform(0.5, 1.5))  # until the power cut
        await here.venue.kill()
        await _end(talking)

        events = await here.journal()
        killed = events[-1].at
        said = [event.data["text"] for event in events if event.type == "Said"]
        assert acknowledged, f"seed {seed}: it was killed before anybody said anything"
        assert set(acknowledged) <= set(said), f"seed {seed}: lost {sorted(set(acknowledged) - set(said))}"
        assert len(said) == len(set(said)), f"seed {seed}: something twice"
        assert here.loose_files()

        began = time.monotonic()
        await here.venue.start()
        back = time.time()
        figures["server_start_s"] = time.monotonic() - began
        for role in here.callers:
            await here.come_back(role)
        await here.all_meet()
        figures["server_killed_to_all_heard_again_s"] = time.monotonic() - began
        view = await here.all_recorded()
        assert (view["session"]["status"], view["session"]["phase"]) == ("live", "consumer_statement")
        assert view["opening"] == {"identity": True, "rights": False, "recusal": False, "sham": False}
        assert [line["text"] for line in await here.person("mediator").lines()] == said
        assert {role: here.person(role).seat for role in here.callers} == seats
        events = await here.journal()
        assert [event.data["cause"] for event in events if event.type == "Disconnected"] == ["server"] * 3
        rescued = [event for event in here.segments(events) if event.data["started"] < stamp(killed)]
        assert {event.data["seat"] for event in rescued} == set(seats.values())

        await here.settle()
        await mediator.ask("close", {"anyway": ""})
        film = await here.film()
        for role in here.callers:
            for times in (film.seen(role), film.heard(role)):
                assert any(at < killed.timestamp() for at in times), f"nothing of the {role} from before"
                assert any(at > back for at in times), f"nothing of the {role} from after"
        assert not here.loose_files()
        await here.complaint_followed()
        await here.journal()  # the chain holds to the end


async def test_closing_that_was_acknowledged_is_followed_up_and_what_was_withdrawn_stays_out(
    tmp_path: Path, figures: Figures
) -> None:
    async with sitting(tmp_path) as here:
        business = here.person("business")
        await business.ask("withdraw_consent", {"kind": "record"})
        answered = time.time()
        view = await here.person("mediator").until(
            lambda view: here.seat("business") not in view["recording"]["seats"], "the sign to go out", 2
        )
        assert view["recording"]["refused"] == [here.seat("business")]
        assert view["recording"]["on"], "the others are still recorded"
        stopped = await here.until_journaled("RecordingStopped", seat=here.seat("business"))
        assert stopped.data["cause"] == "consent"
        assert stopped.at.timestamp() - answered < 1.0
        await here.all_meet()  # who is not recorded is still seen and heard

        await here.settle()
        await here.person("mediator").ask("close", {"anyway": ""})
        closed, later = time.time(), random.SystemRandom().uniform(0.0, 0.3)
        await asyncio.sleep(later)  # until the power cut: files are being finished, or the video is asked for
        await here.venue.kill()
        await here.venue.start()
        await here.complaint_followed()
        film = await here.film()
        events = await here.journal()
        assert [event.type for event in events].count("SessionClosed") == 1
        assert {event.data["seat"] for event in here.segments(events)} == {here.seat(role) for role in here.callers}
        withdrawn = next(event.at for event in events if event.type == "ConsentWithdrawn")
        limit = stamp(withdrawn + WITHIN)
        assert all(event.data["ended"] <= limit for event in here.segments(events, "business"))
        for role in here.callers:
            for times in (film.seen(role), film.heard(role)):
                assert times, f"nothing of the {role}, killed {later} s after closing"
                if role == "business":
                    figures["filmed_after_withdrawal_s"] = max(times) - withdrawn.timestamp()
                    assert max(times) <= (withdrawn + WITHIN).timestamp()
                else:
                    assert max(times) > closed - 3.0


async def _talk(person: Person, sent: list[str], acknowledged: list[str]) -> None:
    """One line after another, as fast as the room takes them."""
    while True:
        text = f"{person.name} {len(sent)}"
        sent.append(text)
        try:
            await person.ask("say", {"text": text, "to": ""})
        except RoomFault:  # faster than a person may be: not said
            await asyncio.sleep(0.05)
        else:
            acknowledged.append(text)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
