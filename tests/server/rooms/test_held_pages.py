"""A mediation without a room is recorded on its complaint's page, as its form is filled in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from complaints.notices import NoticeKind
from journal import Actor
from rooms import commands as c
from rooms.vocabulary import OutcomeKind, Status
from server.app.demo import MEDIATOR, SUPERVISOR
from server.rooms.service import next_session
from tests.server.app.office import filing
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.server.signing.sheets import scribble

COURSE, REASON = "先后与双方通话，逐项核对了费用。", "双方对退款金额分歧较大"


async def _recorded(place: Place, **more: str) -> str:
    """A telephone mediation without a settlement; its session."""
    zhou = await place.sign_in(MEDIATOR)
    received = datetime.now(UTC) - timedelta(hours=1)
    complaint = await place.parts.desk.register(await place.officer(MEDIATOR), filing(received))
    form = (await zhou.get(f"/complaints/{complaint}/held")).text
    filled = dict(re.findall(r'name="((?:began|ended)_(?:day|time))"[^>]*? value="([^"]*)"', form))
    assert len(filled) == 4, filled
    filled |= {"mode": "phone", "outcome": "not_settled", "course": COURSE, "reason": REASON, **more}
    answer = await zhou.post(f"/complaints/{complaint}/held", filled)
    assert answer.location.startswith("/sessions/"), answer.text
    return answer.location.removeprefix("/sessions/")


async def test_what_the_parties_are_told_is_the_reason_and_not_the_whole_course(place: Place) -> None:
    state = await place.parts.rooms.state(await _recorded(place))
    assert state.held is not None
    assert state.held.course == COURSE
    assert state.outcome is not None
    assert (state.outcome.kind, state.outcome.note) == (OutcomeKind.NOT_SETTLED, REASON)


async def test_the_record_of_a_telephone_mediation_says_nothing_of_a_room(place: Place) -> None:
    session = await _recorded(place)
    page = (await (await place.sign_in(MEDIATOR)).get(f"/audit/{session}")).text
    for part in ("Outcome", "The complaint", "Journal", "Keeping"):
        assert f">{part}</h2>" in page, part
    for part in ("Over time", "What is missing, and why", "Time", "Recording", "Consent"):
        assert f">{part}</h2>" not in page, part
    for part in ("Nothing was recorded", "Interruptions", "begins when the first person comes"):
        assert part not in page, part


async def test_it_goes_on_at_another_time_in_the_same_press_and_both_are_told(place: Place) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    later = {"outcome": "adjourned", "adjourned_to_day": day, "adjourned_to_time": "14:30"}
    session = await _recorded(place, **later, next_mode="on_site", next_place="一所调解室")
    over = await place.parts.rooms.state(session)
    await place.parts.follow_up.catch_up()
    again = await place.parts.rooms.state(next_session(session))
    assert (again.status, again.mode, again.place) == (Status.SCHEDULED, "on_site", "一所调解室")
    assert again.starts == over.outcome.adjourned_to  # type: ignore[union-attr]
    for _ in range(2):  # told twice it does nothing twice
        await place.parts.follow_up.follow(session)
    notices = (await place.parts.complaints.state(over.complaint)).notices
    [told] = [one.issued for one in notices if one.issued.kind == NoticeKind.MEDIATION]
    assert told.session == again.id
    assert {one.whom for one in told.to} == {"consumer", "business"}
    zhou = await place.sign_in(MEDIATOR)
    form = (await zhou.get(f"/complaints/{over.complaint}/held")).text
    assert 'value="一所调解室"' in form  # it is recorded as the one that was arranged


async def test_a_mediation_on_site_that_is_moved_has_its_notice_issued_anew(place: Place) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    later = {"outcome": "adjourned", "adjourned_to_day": day, "adjourned_to_time": "14:30"}
    over = await _recorded(place, **later, next_mode="on_site", next_place="一所调解室")
    await place.parts.follow_up.catch_up()
    session, zhou = next_session(over), await place.sign_in(MEDIATOR)
    complaint = (await place.parts.rooms.state(session)).complaint
    [before] = (await place.parts.complaints.state(complaint)).notices
    day = (datetime.now(UTC) + timedelta(days=6)).date().isoformat()
    moved = {"pick": "own", "starts_day": day, "starts_time": "15:45", "anyway": "yes"}
    form = (await zhou.get(f"/sessions/{session}/reschedule")).text
    for _ in range(2):  # the first time it may say what speaks against that day
        seen = re.findall(r'name="seen" value="([^"]*)"', form)
        answer = await zhou.post(f"/sessions/{session}/reschedule", moved | ({"seen": seen[0]} if seen else {}))
        form = answer.text
        if answer.status == 303:
            break
    assert answer.status == 303
    old, new = (await place.parts.complaints.state(complaint)).notices
    assert (old.issued.notice, old.standing) == (before.issued.notice, False)
    assert (new.issued.session, new.issued.replaces, new.standing) == (session, old.issued.number, True)
    assert {one.whom for one in new.issued.to} == {"consumer", "business"}
    assert "15:45" in (await zhou.get(f"/complaints/{complaint}")).text


async def test_a_time_that_has_passed_is_no_other_appointment(place: Place) -> None:
    zhou = await place.sign_in(MEDIATOR)
    complaint = await place.parts.desk.register(await place.officer(MEDIATOR), filing(datetime.now(UTC)))
    form = (await zhou.get(f"/complaints/{complaint}/held")).text
    filled = dict(re.findall(r'name="((?:began|ended)_(?:day|time))"[^>]*? value="([^"]*)"', form))
    filled |= {"mode": "phone", "outcome": "adjourned", "adjourned_to_day": "2026-01-05", "adjourned_to_time": "09:00"}
    answer = await zhou.post(f"/complaints/{complaint}/held", {**filled, "next_mode": "phone"})
    assert answer.status == 422
    assert "Choose a time that is still to come." in answer.text


async def test_a_review_of_a_telephone_mediation_asks_nothing_about_a_recording(place: Place) -> None:
    session = await _recorded(place)
    supervisor = await place.sign_in(SUPERVISOR)
    await supervisor.get(f"/supervision/reviews/{session}")
    await supervisor.post(f"/supervision/reviews/{session}")
    page = (await supervisor.get(f"/supervision/reviews/{session}")).text
    assert "Record and papers say how it was held" in page
    assert "being recorded" not in page
    assert "Both sides could say as much" not in page


async def test_a_file_is_closed_once_the_record_is_sealed_or_said_to_be_on_paper(place: Place) -> None:
    """Order 121 Art 24."""
    zhou = await place.sign_in(MEDIATOR)
    for paper in ("", "一所档案柜2026-6"):
        session = await _recorded(place)
        complaint = (await place.parts.rooms.state(session)).complaint
        await place.parts.follow_up.catch_up()
        page = (await zhou.get(f"/complaints/{complaint}")).text
        told = {"how": "phone", "to": "本人", "by": "周敏"}
        told |= dict(re.findall(r'name="(when_day|when_time)"[^>]*? value="([^"]*)"', page))
        whom = {"whom_consumer": "yes", "whom_business": "yes"}
        assert (await zhou.post(f"/complaints/{complaint}/told", told | whom)).status == 303
        refused = await zhou.post(f"/complaints/{complaint}/close")
        assert (refused.status, "Neither agreement nor record of this mediation is under seal" in refused.text) == (
            409,
            True,
        )
        if not paper:
            assert (await zhou.post(f"/sessions/{session}/documents")).status == 303
        assert (await zhou.post(f"/complaints/{complaint}/close", {"paper": paper})).status == 303
        page = (await zhou.get(f"/complaints/{complaint}")).text
        assert ("the record of the mediation is kept on paper: 一所档案柜2026-6" in page) is bool(paper)


# ------------------------------------------------------------ signed without a room

CODE = "730914"


async def _signed_by_both(place: Place) -> str:
    """A settlement by telephone that both sides have signed on their phones; its session."""
    due = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    who = {"consumer_by": "丁小禾本人", "business_by": "陈立，售后负责人"}
    promise = {"who_1": "business", "action_1": "退还剩余积分款", "amount_1": "2000", "due_1": due}
    session = await _recorded(
        place, outcome="settled", agreement="wanted", capacity="head", reason="", **who, **promise
    )
    zhou = await place.sign_in(MEDIATOR)
    await zhou.get(f"/sessions/{session}")
    assert (await zhou.post(f"/sessions/{session}/held/ask-to-sign")).status == 303
    state = await place.parts.rooms.state(session)
    assert state.signing is not None
    text = state.signing.text
    for seat in state.signing.parties:
        name = state.seats[seat].name
        for command in (
            c.ReadThrough(text),
            c.AgreeElectronicForm(text, "electronic-1"),
            c.ConfirmSigner(text, "code"),
            c.Sign(text, name),
        ):
            await place.parts.rooms.submit(session, command, Actor("party", seat, name))
    return session


async def test_an_office_that_seals_without_the_mediator_does_so_after_a_telephone_mediation_too(place: Place) -> None:
    office = (await place.officer(MEDIATOR)).office
    await place.parts.store.change_offices([replace(office, seal_only=True)])
    session = await _signed_by_both(place)
    zhou = await place.sign_in(MEDIATOR)
    page = (await zhou.get(f"/sessions/{session}")).text
    assert "Seal without my signature" in page
    assert "saved signature" not in page
    assert (await zhou.post(f"/sessions/{session}/held/sign")).status == 303
    state = await place.parts.rooms.state(session)
    assert state.sealed
    assert state.signing is not None
    assert state.mediator_seat not in state.signing.hands
    assert set(state.signing.hands) == set(state.signing.parties)


async def test_a_mediator_signs_a_telephone_mediation_with_the_saved_drawing_and_its_code(place: Place) -> None:
    session, zhou = await _signed_by_both(place), await place.sign_in(MEDIATOR)
    page = (await zhou.get(f"/sessions/{session}")).text
    assert "Sign with my typed name" in page
    assert "Sign with the saved signature" not in page
    await place.parts.signatures.save(await place.officer(MEDIATOR), scribble(), CODE)
    assert "Sign with the saved signature" in (await zhou.get(f"/sessions/{session}")).text
    wrong = await zhou.post(f"/sessions/{session}/held/sign", {"saved": "111222"})
    assert wrong.status == 409
    assert "That is not the code of your saved signature" in wrong.text
    state = await place.parts.rooms.state(session)
    assert state.signing is not None
    assert state.mediator_seat not in state.signing.hands
    assert (await zhou.post(f"/sessions/{session}/held/sign", {"saved": CODE})).status == 303
    state = await place.parts.rooms.state(session)
    assert state.sealed
    assert state.signing is not None
    assert state.signing.hands[state.mediator_seat].how == "saved"
