"""A mediation by telephone or on site recorded through the open interface: by its mediator's own token, once a key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rooms.vocabulary import OutcomeKind, Status
from server.app.demo import ADMINISTRATOR, MEDIATOR
from tests.server.app.office import SECOND, filing
from tests.server.identity.test_tokens import make, shown
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)

KEY = {"Idempotency-Key": "call-center-0001"}


def call(**more: object) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "mode": "phone",
        "began": (now - timedelta(minutes=40)).isoformat(timespec="seconds"),
        "ended": (now - timedelta(minutes=5)).isoformat(timespec="seconds"),
        "consumer_by": "丁小禾本人",
        "business_by": "陈立，售后负责人",
        "course": "先后与双方通话，商家同意退款。",
        "outcome": "settled",
        "terms": [{"who": "business", "action": "退还剩余积分款", "amount": "2000.00", "at_once": True}],
        **more,
    }


class Caller:
    def __init__(self, place: Place, token: str, complaint: str) -> None:
        self.place, self.token, self.complaint = place, token, complaint

    async def record(self, body: dict[str, object], **headers: str) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {self.token}", **KEY, **headers}
        path = f"/api/v1/complaints/{self.complaint}/mediations"
        response = await self.place.nobody.client.post(path, json=body, headers=sent)
        return response.status, await response.json()


async def registered(place: Place) -> str:
    return await place.parts.desk.register(await place.officer(MEDIATOR), filing(datetime.now(UTC)))


@pytest.fixture
async def caller(place: Place) -> Caller:
    token = shown(await make(await place.sign_in(MEDIATOR), ("mediations:write",)))
    return Caller(place, token, await registered(place))


async def test_the_same_key_records_once_and_another_body_under_it_is_refused(place: Place, caller: Caller) -> None:
    body = call()
    status, told = await caller.record(body)
    assert (status, told["complaint"]) == (201, caller.complaint)
    assert await caller.record(body) == (200, told)
    status, no = await caller.record({**body, "course": "另一经过"})
    assert (status, no["error"]["code"]) == (409, "key_reused")
    await place.parts.follow_up.catch_up()
    assert await caller.record(body) == (200, told)  # also once its complaint has followed
    state = await place.parts.rooms.state(told["session"])
    assert (state.status, state.mode, state.mediator_seat) == (Status.CLOSED, "phone", "mediator")
    assert state.outcome is not None
    assert (state.outcome.kind, str(state.outcome.loss_recovered)) == (OutcomeKind.SETTLED, "2000.00")
    complaint = await place.parts.complaints.state(caller.complaint)
    assert complaint.sessions == (told["session"],)
    entries = await place.parts.journal.read(f"session/{told['session']}")
    assert {entry.actor.name for entry in entries} == {(await place.officer(MEDIATOR)).name}


async def test_a_crash_after_the_session_was_arranged_is_made_up_for_by_the_same_request(
    place: Place, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = place.parts.rooms.submit
    broken: list[str] = []

    async def once(session: str, command: Any, actor: Any) -> Any:
        if not broken:
            broken.append(session)
            raise RuntimeError("the power went")
        return await submit(session, command, actor)

    monkeypatch.setattr(place.parts.rooms, "submit", once)
    body = call()
    assert (await caller.record(body))[0] == 500
    status, told = await caller.record(body)
    assert (status, told["session"]) == (201, broken[0])
    assert (await place.parts.complaints.state(caller.complaint)).sessions == (told["session"],)


async def test_one_that_was_arranged_on_site_is_recorded_as_itself(place: Place, caller: Caller) -> None:
    zhou = await place.officer(MEDIATOR)
    starts = datetime.now(UTC)
    session = await place.parts.desk.schedule(zhou, caller.complaint, starts, [], "on_site", "一所调解室")
    body = call(mode="on_site", place="一所调解室")
    status, told = await caller.record(body)
    assert (status, told["session"]) == (201, session)
    assert (await caller.record(body))[0] == 200


async def test_a_room_that_is_open_is_not_overtaken(place: Place, caller: Caller) -> None:
    await place.parts.desk.schedule(await place.officer(MEDIATOR), caller.complaint, datetime.now(UTC), [])
    status, no = await caller.record(call())
    assert (status, no["error"]["code"]) == (409, "session_open")


LATER = {"who": "business", "action": "退款", "amount": "100.00", "due": "2099-01-05"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mode": "video"}, "mode"),
        ({"began": "yesterday"}, "began"),
        ({"ended": "2026-01-01T00:00:00+08:00"}, "ended"),
        ({"mode": "on_site"}, "place"),
        ({"consumer_by": ""}, "consumer_by"),
        ({"terms": []}, "terms"),
        ({"terms": [{**LATER, "due": None}]}, "terms.0.due"),
        ({"terms": [LATER]}, "agreement"),
        ({"terms": [LATER], "agreement": "wanted", "capacity": "agent"}, "basis"),
        ({"terms": [LATER], "agreement": "maybe"}, "agreement"),
        ({"outcome": "ended", "terms": []}, "ground"),
        ({"outcome": "adjourned", "terms": []}, "adjourned_to"),
        ({"proof": ["nothing"]}, "proof"),
        ({"course": "长" * 2001}, "course"),
        ({"extra": 1}, "extra"),
    ],
)
async def test_what_the_form_would_refuse_is_named(caller: Caller, change: dict[str, object], field: str) -> None:
    status, no = await caller.record(call(**change))
    assert (status, no["error"]["code"], no["error"]["params"]["field"]) == (422, "bad_request", field)


async def test_it_goes_on_at_another_time(place: Place, caller: Caller) -> None:
    to = (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="seconds")
    status, told = await caller.record(
        call(outcome="adjourned", terms=[], adjourned_to=to, next_mode="on_site", next_place="一所调解室")
    )
    assert status == 201
    held = (await place.parts.rooms.state(told["session"])).held
    assert held is not None
    assert (held.next_mode, held.next_place) == ("on_site", "一所调解室")


async def test_only_a_mediators_own_token_records_and_only_with_its_scope(place: Place, caller: Caller) -> None:
    caller.token = shown(await make(await place.sign_in(MEDIATOR), ("complaints:write",)))
    status, no = await caller.record(call())
    assert (status, no["error"]["code"]) == (403, "no_scope")
    admin = await place.sign_in(ADMINISTRATOR)
    page = await admin.get("/systems")
    assert "mediations:write" not in page.text  # a system mediates nothing
    last = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    given = {"name": "区平台", "last": last, "mediations:write": "1"}
    assert (await admin.post("/systems", given)).status == 422


async def test_another_offices_complaint_does_not_exist(place: Place, caller: Caller) -> None:
    stranger = replace(await place.officer(MEDIATOR), id="wu", login="wu", office=SECOND)
    for complaint in (await place.parts.desk.register(stranger, filing(datetime.now(UTC))), "nowhere"):
        caller.complaint = complaint
        assert (await caller.record(call(), **{"Idempotency-Key": f"call-center-{complaint}"}))[0] == 404


async def test_a_key_that_is_too_short_to_be_anybodys_own_is_refused(caller: Caller) -> None:
    assert (await caller.record(call(), **{"Idempotency-Key": "short"}))[0] == 400
