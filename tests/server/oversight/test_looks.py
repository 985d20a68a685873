"""Numbers to call: who is in charge looks at one press, others say why; as many a day as the office allows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from complaints.complaint import in_charge
from complaints.events import (
    ComplaintAccepted,
    ComplaintClosed,
    ComplaintEvent,
    MediationScheduled,
    to_draft,
)
from complaints.procedure import RecusalDecided, RecusalRequested
from journal import Event, sealed
from journal.refusals import Refused
from offices import Officer
from offices.oversight import LOOK_BOUNDS, LookLimits
from server.app.demo import ADMINISTRATOR, MEDIATOR, OFFICE, SUPERVISOR
from server.identity.store import User
from server.oversight.service import looks_stream
from server.serving.settings import Settings
from tests.server.oversight.test_approvals import (
    COMPLAINT,
    Place,
    place as place,  # a fixture
)
from tests.web.client import Answer, Browser
from web.office.oversight import LOOK_LIMITS

WHICH = {"which": "consumer.phone"}


async def mediated(place: Place) -> None:
    """Arranged by the mediator, who is in charge from here on."""
    zhou = await place.officer(MEDIATOR)
    await place.parts.desk.schedule(zhou, COMPLAINT, datetime.now(UTC) + timedelta(hours=1), [])


async def look(person: Browser, reason: str = "") -> Answer:
    await person.get(f"/complaints/{COMPLAINT}")
    return await person.post(f"/complaints/{COMPLAINT}/look", {**WHICH, "reason": reason})


async def colleague(place: Place) -> Browser:
    zhou = await place.parts.store.user_by_login(MEDIATOR)
    assert zhou is not None
    other = User("other", "chenqi", "陈琪", "mediator", OFFICE.id, zhou.password_hash, datetime.now(UTC))
    await place.parts.store.add_user(other)
    return await place.sign_in("chenqi")


async def test_who_is_in_charge_sees_a_number_at_one_press_and_the_journal_says_so(place: Place) -> None:
    await mediated(place)
    mediator = await place.sign_in(MEDIATOR)
    page = (await mediator.get(f"/complaints/{COMPLAINT}")).text
    assert "Show the number" in page
    assert '<dialog id="look-' not in page
    shown = await look(mediator)
    assert shown.status == 200
    assert 'href="tel:138' in shown.text
    last = (await place.parts.journal.read(f"complaint/{COMPLAINT}"))[-1]
    assert (last.type, last.data["in_hand"], last.data["reason"]) == ("PhoneRevealed", True, "")
    assert "the case being in hand" in (await mediator.get(f"/complaints/{COMPLAINT}")).text
    told = (await (await place.sign_in(SUPERVISOR)).get("/oversight")).text
    assert "looked at a full number" in told
    assert "case in hand" in told


async def test_in_the_room_it_comes_alone_and_only_to_who_has_the_case_in_hand(place: Place) -> None:
    await mediated(place)
    mediator, other = await place.sign_in(MEDIATOR), await colleague(place)
    for person in (mediator, other):
        await person.get(f"/complaints/{COMPLAINT}")
    told = await mediator.post(f"/complaints/{COMPLAINT}/number", WHICH)
    assert told.headers["Cache-Control"] == "no-store"
    found = json.loads(told.text)
    assert found["call"] == f"tel:{found['number']}"
    last = (await place.parts.journal.read(f"complaint/{COMPLAINT}"))[-1]
    assert (last.type, last.data["in_hand"]) == ("PhoneRevealed", True)
    assert (await other.post(f"/complaints/{COMPLAINT}/number", WHICH)).status == 403
    assert (await mediator.post(f"/complaints/{COMPLAINT}/number", {"which": "nobody.phone"})).status == 403
    assert (await place.parts.journal.read(f"complaint/{COMPLAINT}"))[-1].version == last.version


async def test_a_colleague_still_says_why(place: Place) -> None:
    await mediated(place)
    other = await colleague(place)
    assert '<dialog id="look-consumer.phone"' in (await other.get(f"/complaints/{COMPLAINT}")).text
    assert (await look(other)).status == 422
    assert (await look(other, "代周敏通知改期")).status == 200
    officer = await place.officer("chenqi")
    with pytest.raises(Refused, match="missing"):
        await place.parts.desk.reveal(officer, COMPLAINT, "consumer.phone", "")


async def test_the_charge_begins_with_who_registered_it_and_ends_with_the_file_or_a_recusal(place: Place) -> None:
    await colleague(place)
    zhou, chen, stream = await place.officer(MEDIATOR), await place.officer("chenqi"), f"complaint/{COMPLAINT}"
    entries = [one for one in await place.parts.journal.read(stream) if one.type != "ComplaintAccepted"]
    assert in_charge([]) == frozenset()
    assert in_charge(entries) == {zhou.id}  # who registered it

    def then(before: list[Event], event: ComplaintEvent, officer: Officer) -> list[Event]:
        more = [to_draft(event, datetime.now(UTC), officer.actor)]
        return [*before, *sealed(stream, len(before), "", more)]

    entries = then(entries, ComplaintAccepted(), chen)
    assert in_charge(entries) == {chen.id}
    entries = then(entries, MediationScheduled("m1", 1, datetime.now(UTC), zhou.id), chen)
    assert in_charge(entries) == {chen.id, zhou.id}
    recused = then(entries, RecusalRequested("consumer", zhou.id, "亲属"), chen)
    assert in_charge(then(recused, RecusalDecided(zhou.id, True, "属实"), chen)) == {chen.id}
    assert in_charge(then(entries, ComplaintClosed(), chen)) == frozenset()


async def test_an_office_sets_how_many_and_looks_in_hand_are_counted_apart(place: Place) -> None:
    await mediated(place)
    admin, mediator = await place.sign_in(ADMINISTRATOR), await place.sign_in(MEDIATOR)
    page = (await admin.get("/access")).text
    assert 'name="in_hand"' in page
    for field, (least, most) in LOOK_BOUNDS.items():
        for wrong in (str(least - 1), str(most + 1), "many", ""):
            told = {"in_hand": "60", "other": "20", "more": "50", field: wrong}
            refused = await admin.post("/access/looks", told)
            assert refused.status == 422
            assert f'id="{field}-error"' in refused.text
    assert await place.kinds(looks_stream(OFFICE.id)) == []
    set_to = {"in_hand": "10", "other": "1", "more": "2"}
    assert (await admin.post("/access/looks", set_to)).status == 303
    assert await place.kinds(looks_stream(OFFICE.id)) == ["LookLimitsSet"]
    limits = place.nobody.client.server.app[LOOK_LIMITS]  # type: ignore[attr-defined]
    assert await limits.of(OFFICE.id) == LookLimits(10, 1, 2)
    assert (
        "10 full numbers of complaints you are in charge of and at 1 of others"
        in (await mediator.get("/approvals")).text
    )
    assert [(await look(mediator, "核对")).status for _ in range(2)] == [200, 429]
    assert [(await look(mediator)).status for _ in range(11)] == [200] * 10 + [429]
    hints = (await (await place.sign_in(SUPERVISOR)).get("/oversight")).text
    assert "within ten minutes" in hints  # many at once are still told


async def test_only_an_administrator_sets_them(place: Place) -> None:
    supervisor = await place.sign_in(SUPERVISOR)
    await supervisor.get("/oversight")
    assert (await supervisor.post("/access/looks", {"in_hand": "60", "other": "20", "more": "50"})).status == 403


@pytest.mark.parametrize(
    "address", ["javascript:{number}", "https://pbx.example/call", "https://pbx.example/{name}{number}"]
)
def test_an_address_of_a_phone_system_names_the_number_and_nothing_odd(address: str) -> None:
    with pytest.raises(ValueError, match="number"):
        Settings(call_url=address)
    assert Settings(call_url="https://pbx.example/call?to={number}&by={officer}").call_url
