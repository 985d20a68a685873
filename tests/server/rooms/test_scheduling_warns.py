"""Scheduling says who could not be let in, and what to do about it, before anything is arranged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from complaints.service import Authorised
from complaints.views import NewComplaint
from law import WorkingCalendar
from rooms.scheduling import STANDARD, Diary
from rooms.vocabulary import Role, Side
from server.app.demo import MEDIATOR, OFFICE
from tests.server.app.office import filing
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.web.client import Answer, Browser

TODAY = datetime.now(UTC).date()
ANYWAY = "Arrange it all the same"


async def registered(place: Place, **more: object) -> str:
    new: NewComplaint = replace(filing(datetime.now(UTC)), **more)  # type: ignore[arg-type]
    return await place.parts.desk.register(await place.officer(MEDIATOR), new)


async def arrange(zhou: Browser, complaint: str, days: int = 0, **more: str) -> Answer:
    await zhou.get(f"/complaints/{complaint}/schedule")
    day = (TODAY + timedelta(days=days)).isoformat()
    when = {"at": "later", "starts_day": day, "starts_time": "23:30"} if days else {"at": "now"}
    return await zhou.post(f"/complaints/{complaint}/schedule", {**when, "mode": "video", **more})


def proxy(until: date) -> Authorised:
    return Authorised("丁父", "13900007788", "父亲", "本次投诉", "代为和解", until)


SEAT = {"name_1": "丁父", "phone_1": "13900007788", "role_1": "representative", "side_1": "consumer"}


async def test_a_day_after_the_proxys_term_is_said_and_the_seat_knows_its_term(place: Place) -> None:
    complaint = await registered(place, proxy=proxy(TODAY + timedelta(days=3)))
    zhou = await place.sign_in(MEDIATOR)
    late = await arrange(zhou, complaint, 6, **SEAT)
    assert late.status == 422
    assert "The authorisation of 丁父 is good up to" in late.text
    assert ANYWAY in late.text
    assert 'value="丁父"' in late.text  # nothing typed is lost
    assert (await place.parts.complaints.state(complaint)).sessions == ()
    within = await arrange(zhou, complaint, 2, **SEAT)
    assert "authorisation" not in within.text  # of the hour before midnight it is still warned
    good = await arrange(zhou, complaint, 2, anyway="yes", **SEAT)
    assert good.status == 303, good.text
    state = await place.parts.rooms.state(good.location.removeprefix("/sessions/"))
    [seat] = [one.seat for one in state.seats.values() if one.role is Role.REPRESENTATIVE]
    assert seat.until is not None
    assert seat.until == datetime.combine(TODAY + timedelta(days=4), time(), ZoneInfo(OFFICE.zone))
    other = await place.parts.desk.add_seat(
        await place.officer(MEDIATOR), state.id, Role.REPRESENTATIVE, "别人", "13900007789", Side.CONSUMER
    )
    assert (await place.parts.rooms.state(state.id)).seats[other].seat.until is None


async def test_a_minor_without_a_guardian_is_said_and_arranged_only_when_meant(place: Place) -> None:
    young = filing(datetime.now(UTC)).consumer._replace(age_band="14_17")
    complaint = await registered(place, consumer=young)
    zhou = await place.sign_in(MEDIATOR)
    form = await zhou.get(f"/complaints/{complaint}/schedule")
    assert "no guardian is on file" in form.text
    assert (await arrange(zhou, complaint)).status == 422
    assert (await arrange(zhou, complaint, anyway="yes")).status == 303
    guarded = await registered(place, consumer=young, proxy=Authorised("丁母", "13900007788", "母亲", guardian=True))
    assert "no guardian is on file" not in (await zhou.get(f"/complaints/{guarded}/schedule")).text
    assert (await arrange(zhou, guarded)).status == 303


async def test_the_next_free_time_is_proposed_and_one_outside_of_the_hours_is_warned_of(place: Place) -> None:
    complaint = await registered(place)
    zhou = await place.sign_in(MEDIATOR)
    form = await zhou.get(f"/complaints/{complaint}/schedule")
    day, at = (re.search(rf'name="starts_{part}"[^>]*value="([^"]+)"', form.text) for part in ("day", "time"))
    assert day is not None
    assert at is not None
    proposed = datetime.fromisoformat(f"{day[1]}T{at[1]}").replace(tzinfo=ZoneInfo(OFFICE.zone))
    assert proposed.date() > datetime.now(ZoneInfo(OFFICE.zone)).date()
    assert Diary(ZoneInfo(OFFICE.zone), WorkingCalendar(), STANDARD).objections(proposed) == []
    night = await arrange(zhou, complaint, 3)
    assert night.status == 422
    assert "outside of the hours" in night.text or "This day is off" in night.text
    assert (await arrange(zhou, complaint, 3, anyway="yes")).status == 303
