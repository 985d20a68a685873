"""An entry that says something untrue is explained by a further one: a supervisor asks, somebody else agrees."""

from __future__ import annotations

from rooms import events as e
from rooms.events import event_draft, stream
from rooms.vocabulary import Consent, Outcome, OutcomeKind
from server.app.demo import ADMINISTRATOR, MEDIATOR, SUPERVISOR
from tests.server.oversight.test_approvals import COMPLAINT, Place, now, place as place, yes

INVENTED = "2099-01-01.3"
FORM = {"entry": "0", "wrong": "版次从未公布", "right": "出示的是当日版次", "reason": "程序日志"}


async def over(place: Place) -> tuple[str, int]:
    """A mediation that ended, and the number of an entry of it that names an edition nobody knows."""
    session = await place.parts.desk.schedule(await place.officer(MEDIATOR), COMPLAINT, now(), [])
    entries = await place.parts.journal.read(stream(session))
    told: list[e.SessionEvent] = [
        e.ConsentGiven("consumer", Consent.RECORD, INVENTED),
        e.SessionClosed(Outcome(OutcomeKind.NOT_SETTLED)),
    ]
    await place.parts.journal.append(stream(session), len(entries), [event_draft(one, now()) for one in told])
    return session, len(entries) + 1


async def test_a_supervisor_and_a_second_person_explain_an_entry_and_the_record_shows_it(place: Place) -> None:
    supervisor, admin = await place.sign_in(SUPERVISOR), await place.sign_in(ADMINISTRATOR)
    session, number = await over(place)
    form = {**FORM, "entry": str(number)}
    page = await supervisor.get(f"/audit/{session}")
    assert f"(a text of an edition that is not known: {INVENTED})" in page.text
    assert "Correct an entry" in (await supervisor.get(f"/audit/{session}/journal")).text
    seen = await supervisor.get(f"/audit/{session}/correct?entry={number}")
    assert f"text {INVENTED}" in seen.text
    asked = (await supervisor.post(f"/audit/{session}/correct", form)).location
    assert asked.startswith("/approvals/")
    assert "EntryCorrected" not in await place.kinds(stream(session))
    assert (await yes(supervisor, asked)).status == 409  # nobody is their own second person
    shown = await admin.get(asked)
    assert "出示的是当日版次" in shown.text
    assert (await yes(admin, asked)).status == 303
    entries = await place.parts.journal.read(stream(session))
    corrected = next(one for one in entries if one.type == "EntryCorrected")
    second = await place.officer(ADMINISTRATOR)
    assert corrected.data == {
        "entry": number,
        "wrong": FORM["wrong"],
        "right": FORM["right"],
        "reason": FORM["reason"],
        "agreed_by": second.name,
    }
    assert corrected.actor.role == "supervisor"
    whole = (await supervisor.get(f"/audit/{session}/journal")).text
    assert f"explained by correction {corrected.version}" in whole
    assert f"entry {number} was corrected" in (await supervisor.get(f"/audit/{session}")).text


async def test_only_a_supervisor_asks_and_only_about_entries_that_say_something(place: Place) -> None:
    supervisor, mediator = await place.sign_in(SUPERVISOR), await place.sign_in(MEDIATOR)
    session, number = await over(place)
    form = {**FORM, "entry": str(number)}
    slip = e.Confided("consumer", "只对调解员说", "", 1, ("consumer",))
    entries = await place.parts.journal.read(stream(session))
    await place.parts.journal.append(stream(session), len(entries), [event_draft(slip, entries[-1].at)])
    assert (await mediator.get(f"/audit/{session}/correct")).status == 403
    await supervisor.get(f"/audit/{session}/correct")
    for typed, said in (
        ("99", "There is no entry of this number"),
        ("x", "There is no entry of this number"),
        ("", "Please fill this in"),
        (str(len(entries) + 1), "told in confidence"),
    ):
        answer = await supervisor.post(f"/audit/{session}/correct", {**form, "entry": typed})
        assert (answer.status, said in answer.text) == (422, True), typed
    for name in ("wrong", "right", "reason"):
        assert (await supervisor.post(f"/audit/{session}/correct", {**form, name: " "})).status == 422
