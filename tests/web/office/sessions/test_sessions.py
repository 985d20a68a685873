"""Sessions as a mediator uses them, without script: scheduling, links, seats, the end."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rooms import AlreadyClosed, events as e
from rooms.vocabulary import Consent, Outcome, OutcomeKind, Role, Status
from tests.web.client import Browser, heading_of
from tests.web.fakes import World
from tests.web.fakes.records.signing import ROW
from tests.web.office.audit import story


async def test_scheduling_now_makes_a_link_for_every_party(world: World, zhou: Browser) -> None:
    await zhou.get("/complaints/c0/schedule")
    form = {"at": "now", "send": "yes", "role_1": "lawyer", "name_1": "李律", "phone_1": "13900001111"}
    page = await zhou.follow(await zhou.post("/complaints/c0/schedule", form | {"side_1": "consumer"}))
    links = re.findall(r'value="(http[^"]*/j/[^"]+)"', page.text)
    assert len(links) == 3
    assert "李律" in page.text


async def test_a_later_time_is_the_offices_time(world: World, zhou: Browser) -> None:
    day = (world.clock() + timedelta(days=3)).date()
    await zhou.get("/complaints/c0/schedule")
    answer = await zhou.post(
        "/complaints/c0/schedule",
        {"at": "later", "starts_day": day.isoformat(), "starts_time": "09:30", "anyway": "yes"},  # it may be a day off
    )
    state = await world.sessions.state(answer.location.rsplit("/", 1)[1])
    assert state.starts == datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"at": "later", "starts_day": "2020-01-01", "starts_time": "09:30"}, "already passed"),
        ({"at": "later", "starts_day": "", "starts_time": ""}, "Choose a date and a time"),
        ({"at": "now", "name_1": "李律", "role_1": "lawyer", "side_1": "consumer"}, "Please fill this in"),
        ({"at": "now", "name_1": "李律", "phone_1": "13900001111", "role_1": "lawyer", "side_1": ""}, "one of the two"),
        ({"at": "now", "name_1": "李律", "phone_1": "13900001111", "role_1": "mediator", "side_1": ""}, "Choose one"),
    ],
)
async def test_a_bad_appointment_is_not_made(world: World, zhou: Browser, form: dict[str, str], said: str) -> None:
    await zhou.get("/complaints/c0/schedule")
    page = await zhou.post("/complaints/c0/schedule", form)
    assert page.status == 422
    assert said in page.text
    assert list(world.sessions.streams) == ["m1"]


async def test_every_seat_has_its_link_its_code_and_its_message(world: World, zhou: Browser) -> None:
    world.link("s-consumer")
    page = await zhou.get("/sessions/m1")
    url = re.search(r'value="(http[^"]*/j/[^"]+)"', page.text)
    assert url
    assert page.text.count(f'data-copy="{url[1]}"') == 1
    assert "nothing to install" in page.text
    code = await zhou.get("/sessions/m1/seats/s-consumer/qr.svg")
    assert code.headers["Content-Type"] == "image/svg+xml"
    assert code.headers["Cache-Control"] == "no-store"
    assert (await zhou.get("/sessions/m1/seats/s-business/qr.svg")).status == 404  # no link, no code


async def test_a_new_link_replaces_the_old_one_and_a_withdrawn_one_is_gone(world: World, zhou: Browser) -> None:
    old = world.link("s-consumer")
    seen = re.search(r'name="replaces" value="([^"]+)"', (await zhou.get("/sessions/m1")).text)
    assert seen
    page = await zhou.follow(await zhou.post("/sessions/m1/seats/s-consumer/link", {"replaces": seen[1]}))
    assert old not in page.text
    assert "/j/" in page.text
    page = await zhou.follow(await zhou.post("/sessions/m1/seats/s-consumer/revoke", {"reason": "发错人了"}))
    assert "/j/" not in page.text
    assert [event.reason for event in world.sessions.events("m1") if isinstance(event, e.LinkRevoked)] == ["发错人了"]


async def test_how_far_each_person_has_come_is_said_in_words(world: World, zhou: Browser) -> None:
    world.sessions.append(
        "m1",
        e.ConsentGiven("s-consumer", Consent.PARTICIPATE, "1"),
        e.ConsentRefused("s-consumer", Consent.RECORD, "1"),
        e.OtherTimeAsked("s-consumer", "下周二下午"),
        e.ConsentRefused("s-business", Consent.PARTICIPATE, "1"),
    )
    page = await zhou.get("/sessions/m1")
    for words in ("agreed to take part", "does not want to be recorded", "下周二下午", "does not want to take part"):
        assert words in page.text
    assert "speech" not in page.text  # left open
    world.sessions.append("m1", e.ConsentGiven("s-consumer", Consent.TRANSCRIBE, "1"))
    assert "agreed that speech becomes text" in (await zhou.get("/sessions/m1")).text


async def test_a_seat_is_added_with_its_link(world: World, zhou: Browser) -> None:
    await zhou.get("/sessions/m1")
    seat = {"role": "interpreter", "name": "马译", "phone": "13900002222", "side": ""}
    page = await zhou.follow(await zhou.post("/sessions/m1/seats", seat))
    assert "马译" in page.text
    assert "/j/" in page.text
    state = await world.sessions.state("m1")
    assert [s.role for s in state.seats.values()][-1] is Role.INTERPRETER


async def test_cancelling_needs_a_reason(world: World, zhou: Browser) -> None:
    await zhou.get("/sessions/m1")
    assert (await zhou.post("/sessions/m1/cancel", {"reason": ""})).status == 422
    assert (await zhou.post("/sessions/m1/cancel", {"reason": "双方自行和解"})).status == 303
    assert (await world.sessions.state("m1")).status is Status.CANCELLED


async def test_a_closed_session_shows_its_outcome_and_takes_corrections(world: World, zhou: Browser) -> None:
    world.sessions.append("m1", e.SessionOpened(), e.SessionClosed(story.OUTCOME))
    page = await zhou.get("/sessions/m1")
    assert "Settled: 退款 ¥2,000.00" in heading_of(page)
    assert "/j/" not in page.text
    page = await zhou.follow(await zhou.post("/sessions/m1/corrections", {"text": "金额应为两千元整"}))
    assert "金额应为两千元整" in page.text


async def test_a_closed_session_lists_what_was_sealed_and_its_record_is_made_once(world: World, zhou: Browser) -> None:
    assert "Sealed documents" not in (await zhou.get("/sessions/m1")).text
    world.sessions.append("m1", e.SessionOpened(), e.SessionClosed(story.OUTCOME))
    assert "/sessions/m1/documents/" not in (await zhou.get("/sessions/m1")).text
    assert (await zhou.post("/sessions/m1/documents")).location == "/sessions/m1"
    assert world.signing.done == ["file"]
    world.signing.rows.append(replace(ROW, kind="record", taken=("丁小禾",)))
    page = (await zhou.get("/sessions/m1")).text
    assert 'href="/sessions/m1/documents/d1"' in page
    assert "Copies taken by 丁小禾" in page
    assert "Make the record and seal it" not in page


@pytest.mark.parametrize(
    ("order", "gist"), [("121", "A party stays away"), ("20", "The parties cannot agree on a testing")]
)
async def test_the_ground_is_named_by_the_order_that_applies(
    world: World, zhou: Browser, order: str, gist: str
) -> None:
    world.complaints.keep(replace(world.complaints.pages["c0"], order=order))
    world.sessions.append("m1", e.SessionOpened(), e.SessionClosed(Outcome(OutcomeKind.ENDED, ground=2)))
    assert gist in heading_of(await zhou.get("/sessions/m1"))


async def test_of_two_who_act_at_once_the_second_is_told(world: World, zhou: Browser) -> None:
    await zhou.get("/sessions/m1")
    world.sessions.refusal = AlreadyClosed()
    page = await zhou.post("/sessions/m1/cancel", {"reason": "重复"})
    assert page.status == 409
    assert "already_closed" in page.text
    assert (await world.sessions.state("m1")).status is Status.SCHEDULED
