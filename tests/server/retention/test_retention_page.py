"""Keeping things for fewer years, on the real application: two persons, counts before the yes, what a crash leaves."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journal import SYSTEM, Actor
from offices import Officer, OfficerRole
from rooms import events as e
from rooms.commands import PlaceHold
from rooms.events import event_draft, history, stream
from rooms.record.rules import later
from rooms.session import Session, fold
from rooms.vocabulary import Consent, Outcome, OutcomeKind
from server.app.demo import ADMINISTRATOR, MEDIATOR, SUPERVISOR
from server.retention.erasure import CHANGED, SET, STREAM, reckon_change
from server.retention.service import all_kept
from server.rooms.store import retained
from tests.server.app.office import PASSWORD, SECOND
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
    yes,
)
from tests.web.client import Answer, Browser
from tests.web.fakes.records.sessions import scheduled
from web.office.oversight import APPROVALS, RETENTION

YEAR = timedelta(days=366)


def now() -> datetime:
    return datetime.now(UTC)


async def closed(place: Place, name: str, ago: timedelta, *told: str, kind: OutcomeKind = OutcomeKind.SETTLED) -> str:
    """A mediation that ended so long ago; `told`: the texts by which people agreed to be recorded."""
    at = now() - ago
    office = (await place.officer(MEDIATOR)).office.id
    begun = scheduled(f"c-{name}", f"号-{name}", "退款", at)
    seats = [seat.id for seat in begun.seats]
    given = [e.ConsentGiven(seat, Consent.RECORD, text) for seat, text in zip(seats, told, strict=False)]
    events: list[e.SessionEvent] = [replace(begun, office=office), *given, e.SessionClosed(Outcome(kind))]
    drafts = [event_draft(event, at) for event in events]
    await place.parts.journal.append(stream(name), 0, drafts)
    place.parts.shelf.put(name, f"{name}/s-consumer/a.webm", io.BytesIO(b"what was said"))
    return name


async def folded(place: Place, name: str) -> Session:
    state = fold(history(await place.parts.journal.read(stream(name))))
    assert state is not None
    return state


async def post(person: Browser, form: Mapping[str, str], sure: bool = True) -> Answer:
    page = await person.get("/retention")
    number = re.search(r'name="number" value="(\d+)"', page.text)
    assert number is not None, page.text
    more = {"sure": "yes", "reason": "库房有限"} if sure else {}
    return await person.post("/retention", {"number": number[1], **more, **form})


async def rules(place: Place) -> list[tuple[str, str]]:
    return [(entry.type, entry.actor.name) for entry in await place.parts.journal.read(STREAM)]


async def test_fewer_years_wait_for_a_second_person_who_sees_what_would_come_of_it(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    await closed(place, "old", 2 * YEAR)
    await closed(place, "promised", 2 * YEAR, "2026-11-25.1")
    held = await closed(place, "held", 2 * YEAR)
    await place.parts.rooms.submit(held, PlaceHold("诉讼中"), (await place.officer(SUPERVISOR)).actor)
    foreseen = await post(admin, {"settled": "1"}, sure=False)
    assert foreseen.status == 200
    for sentence in (
        "3 → one year",
        "one of 3 comes due earlier",
        "one of them in seven days",
        "one is held and stays",
    ):
        assert sentence in foreseen.text, sentence
    assert (await post(admin, {"settled": "1", "reason": " "})).status == 422
    asked = (await post(admin, {"settled": "1"})).location
    assert asked.startswith("/approvals/")
    assert (await post(admin, {"settled": "2"})).status == 409  # one waits already
    assert await rules(place) == [(SET, SYSTEM.name)]
    assert (await place.parts.retention.rule()).periods["settled"] == 3
    assert (await yes(admin, asked)).status == 409
    seen = await supervisor.get(asked)
    assert "one of 3 comes due earlier" in seen.text
    assert (await yes(supervisor, asked)).status == 303
    rule = await place.parts.retention.rule()
    assert (rule.periods["settled"], rule.periods["ended"], rule.version) == (1, 3, 2)
    chief, second = await place.officer(ADMINISTRATOR), await place.officer(SUPERVISOR)
    assert await rules(place) == [(SET, SYSTEM.name), (CHANGED, chief.name)]
    page = await supervisor.get("/retention")
    assert f"{chief.name} asked, {second.name} agreed" in page.text
    assert "库房有限" in page.text
    assert 'name="settled"' not in page.text  # who agrees does not ask
    acts = await supervisor.get("/oversight")
    assert "how long records are kept" in acts.text


async def test_what_comes_due_is_not_gone_at_once_and_its_page_says_until_when(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    old = await closed(place, "old", 2 * YEAR)
    assert (await yes(supervisor, (await post(admin, {"settled": "1"})).location)).status == 303
    assert await place.parts.erasures.look()
    assert (await place.parts.rooms.state(old)).erasure is None
    assert "This record is kept until" in (await supervisor.get(f"/kept/{old}")).text
    assert (await supervisor.get("/kept")).status == 200


async def test_more_years_count_at_once_and_take_a_hasty_change_back(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    old = await closed(place, "old", 2 * YEAR)
    assert (await yes(supervisor, (await post(admin, {"settled": "1", "ended": "2"})).location)).status == 303
    back = await post(admin, {"settled": "3"})
    assert back.location == "/retention#changes"
    rule = await place.parts.retention.rule()
    assert (rule.periods["settled"], rule.periods["ended"]) == (3, 2)
    state = await place.parts.rooms.state(old)
    assert state.closed_at is not None
    assert (await place.parts.retention.retention()).until(state) == later(state.closed_at, 3)
    page = await admin.get("/retention")
    assert "Ask for what stood before" in page.text


async def test_a_mixed_change_lengthens_at_once_and_asks_for_the_rest(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    await yes(supervisor, (await post(admin, {"settled": "1"})).location)
    asked = (await post(admin, {"settled": "2", "leads": "5"})).location
    rule = await place.parts.retention.rule()
    assert (rule.periods["settled"], rule.periods["leads"]) == (2, 10)
    assert (await yes(supervisor, asked)).status == 303
    assert (await place.parts.retention.rule()).periods["leads"] == 5


async def test_nobody_leaves_the_bounds_or_decides_who_does_not(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    for form in ({"settled": "4"}, {"settled": "0"}, {"leads": "1"}, {"leads": "11"}):
        assert (await post(admin, form)).status == 409
    for form in ({"settled": "many"}, {"settled": "-1"}, {"settled": ""}, {"settled": "٣"}):
        assert (await post(admin, form)).status == 422
    assert (await admin.post("/retention", {"sure": "yes", "reason": "x", "settled": "2"})).status == 409  # of no rule
    await supervisor.get("/retention")
    assert (await supervisor.post("/retention", {"number": "1", "sure": "yes", "reason": "x"})).status == 403
    mediator = await place.sign_in(MEDIATOR)
    assert (await mediator.get("/retention")).status == 403
    await place.parts.store.add_office(SECOND)  # now there are two, and neither dispatches
    assert 'name="settled"' not in (await admin.get("/retention")).text
    assert (await admin.post("/retention", {"number": "1", "sure": "yes", "reason": "x", "settled": "2"})).status == 403
    assert await rules(place) == [(SET, SYSTEM.name)]


async def test_another_offices_people_see_the_years_and_agree_to_nothing(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    asked = (await post(admin, {"settled": "1"})).location
    await place.parts.store.add_office(SECOND)
    elsewhere = Officer("x", "x", "x", "administrator", SECOND, totp=False)
    roles: tuple[OfficerRole, ...] = ("supervisor", "administrator")
    for role in roles:
        await place.parts.officers.add_officer(elsewhere, f"other-{role}", "外所", role, PASSWORD)
        stranger = await place.sign_in(f"other-{role}")
        page = await stranger.get("/retention")
        assert page.status == 200
        assert 'name="settled"' not in page.text
        assert (await stranger.get(asked)).status == 404
        assert (await yes(stranger, asked)).status == 404
    assert (await place.parts.retention.rule()).periods["settled"] == 3


async def test_a_yes_to_what_was_changed_meanwhile_changes_nothing(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    asked = (await post(admin, {"settled": "1"})).location
    by = Actor("officer", "command-line", "yuntiao (root)", "administrator", "donghu-1")
    before = (await place.parts.retention.rule()).periods
    await place.parts.retention.change(by, before, {**before, "settled": 2}, "x")
    assert (await yes(supervisor, asked)).status == 303
    assert "Something changed meanwhile" in (await supervisor.get(asked)).text
    assert (await place.parts.retention.rule()).periods["settled"] == 2


async def test_what_a_crash_left_between_the_yes_and_the_rule_is_done_at_the_next_start_and_once(place: Place) -> None:
    admin, luo = await place.officer(ADMINISTRATOR), await place.officer(SUPERVISOR)
    app = place.nobody.client.server.app  # type: ignore[attr-defined]
    approvals, desk = app[APPROVALS], app[RETENTION]
    carry_out = approvals.does["retention"]

    async def crash(_approval: object) -> None:
        raise OSError

    async def crash_afterwards(approval: object) -> None:
        await carry_out(approval)
        raise OSError

    for years, dies in (("2", crash), ("1", crash_afterwards)):
        approvals.does["retention"] = dies
        number = (await place.parts.retention.rule()).version
        asked = await desk.change(admin, "", number, {"settled": int(years)}, "库房有限")
        with pytest.raises(OSError):
            await approvals.approve(luo, "", asked)
        assert await place.kinds(f"approval/{asked}") == ["ApprovalAsked", "ApprovalGiven"]
        approvals.does["retention"] = carry_out
        await approvals.catch_up()
        await approvals.catch_up()
        assert (await place.kinds(f"approval/{asked}"))[-1] == "ApprovalCarriedOut"
        assert (await place.parts.retention.rule()).periods["settled"] == int(years)
    assert [kind for kind, _ in await rules(place)] == [SET, CHANGED, CHANGED]


async def test_what_is_counted_is_what_would_be_due(place: Place) -> None:
    """The counts read a few entries in SQL; the erasing folds the whole journal: both have to agree."""
    await place.parts.erasures.stop()  # or what is due would go while it is counted
    told = ("2026-11-25.1", "2026-11-26.2", "2026-11-26.9", "no such text")
    names = [
        await closed(place, f"s{n}", n * YEAR / 2, *told[n % 4 : n % 4 + n % 3])
        for n in range(8)
    ]  # fmt: skip
    luo = (await place.officer(SUPERVISOR)).actor
    seat = scheduled("c", "n", "t", now()).seats[0].id
    entries: dict[str, list[e.SessionEvent]] = {
        "s1": [e.ConsentWithdrawn(seat, Consent.RECORD)],
        "s2": [e.HoldPlaced("诉讼中"), e.ConsentRefused(seat, Consent.RECORD, "2026-11-26.1")],
        "s3": [e.HoldPlaced("诉讼中"), e.HoldLifted("结案")],
        "s4": [e.ConsentGiven(seat, Consent.PARTICIPATE, "2026-11-26.1")],
        "s5": [e.ErasureOrdered("当事人要求")],
    }
    for name, events in entries.items():
        after = len(await place.parts.journal.read(stream(name)))
        await place.parts.journal.append(stream(name), after, [event_draft(one, now(), luo) for one in events])
    rows = await retained(place.parts.database, {"settled"})
    rule = await place.parts.retention.retention()
    states = [await folded(place, name) for name in names]
    wanted = sorted(
        (state.closed_at, rule.promise(state), state.hold is not None) for state in states if state.erasure is None
    )
    assert sorted((row.closed, rule.fewest(row.texts.values()), row.held) for row in rows) == wanted
    book = place.parts.retention
    in_force = await book.rule()
    fewer = {**in_force.periods, "settled": 1}
    would = book.would_be(in_force, fewer)
    (effect,) = reckon_change(
        await all_kept(place.parts.database, place.parts.files)({"settled"}), rule, would, fewer
    )  # fmt: skip
    there = [state for state in states if state.erasure is None]
    moved = [state for state in there if would.until(state) != rule.until(state)]
    assert effect.kept == len(there)
    assert effect.held == len([state for state in moved if state.hold])
    assert effect.earlier == len([state for state in moved if not state.hold])
    assert effect.earlier > 0
