"""Who may do what, edited on the real application: every way in, live sessions and sockets, two persons, undone."""

from __future__ import annotations

import re

import pytest

from offices import EDITABLE, Office, OfficerRole, of_path
from server.app.demo import ADMINISTRATOR, MEDIATOR, OFFICE, SUPERVISOR
from server.oversight.access import STREAM
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
    yes,
)
from tests.web.client import Browser
from web.http.security import access_map

LOGINS = {"mediator": MEDIATOR, "supervisor": SUPERVISOR, "administrator": ADMINISTRATOR}


@pytest.fixture
async def admin(place: Place) -> Browser:
    await place.parts.store.set_intake(OFFICE.id, True)  # its administrator is the bureau's
    return await place.sign_in(ADMINISTRATOR)


def could(place: Place, role: OfficerRole) -> set[str]:
    accesses = access_map(place.nobody.client.server.app)  # type: ignore[attr-defined]
    of = {of_path(path) for (_, path), one in accesses.items() if one.who == "officer" and role in one.roles}
    return {one.id for one in of if one is not None} & EDITABLE


async def save(
    place: Place,
    admin: Browser,
    role: OfficerRole,
    without: set[str],
    office: str = OFFICE.id,
) -> str:
    await admin.get("/access")
    form = {f"may_{one}": "yes" for one in could(place, role) - without}
    answer = await admin.post(f"/access/roles/{office}/{role}", {**form, "reason": "轮岗期间"})
    assert answer.status == 303, answer.text
    return answer.location


@pytest.mark.parametrize("role", ["mediator", "supervisor", "administrator"])
async def test_whatever_is_withheld_no_page_form_or_file_of_it_opens_and_everything_else_does(
    place: Place,
    admin: Browser,
    role: OfficerRole,
) -> None:
    """Role by route, with edits applied: a session that was open before them."""
    person = admin if role == "administrator" else await place.sign_in(LOGINS[role])
    gone = set(sorted(could(place, role))[::2])
    await save(place, admin, role, gone)
    accesses = access_map(place.nobody.client.server.app)  # type: ignore[attr-defined]
    wrong = []
    for (method, path), access in sorted(accesses.items()):
        if access.who != "officer" or method not in ("GET", "POST") or path in ("/sign-out",):
            continue
        permission = of_path(path)
        closed = (access.roles and role not in access.roles) or (permission is not None and permission.id in gone)
        if method == "POST" and not closed:
            continue  # nothing is changed here
        filled = re.sub(r"\{\w+\}", "demo-0917", path.replace(".{form}", ".vtt"))
        if method == "POST":
            await person.get("/nowhere")
        answer = await (person.get(filled) if method == "GET" else person.post(filled))
        if (answer.status == 403) != bool(closed):
            wrong.append((method, path, answer.status))
    assert not wrong
    page = await person.get("/account")
    assert not [one for one in gone if f'href="/{one}"' in page.text]


async def test_withholding_is_at_once_and_giving_back_takes_a_second_person(
    place: Place,
    admin: Browser,
) -> None:
    mediator, supervisor = await place.sign_in(MEDIATOR), await place.sign_in(SUPERVISOR)
    assert await save(place, admin, "mediator", {"complaints", "outbox"}) == f"/access?cell={OFFICE.id}/mediator#cell"
    refused = await mediator.get("/complaints")
    assert refused.status == 403
    assert "The bureau withholds it" in refused.text
    asked = await save(place, admin, "mediator", {"outbox"})
    assert asked.startswith("/approvals/")
    assert (await mediator.get("/complaints")).status == 403  # still
    assert (await yes(admin, asked)).status == 409
    seen = await supervisor.get(asked)
    assert "Work on complaints" in seen.text  # what the yes is to
    assert (await yes(supervisor, asked)).status == 303
    assert (await mediator.get("/complaints")).status == 200
    assert (await mediator.get("/outbox")).status == 403
    told = [(one.type, one.data["permission"], one.data["before"], one.data["after"], one.actor.name)
            for one in await place.parts.journal.read(STREAM)]  # fmt: skip
    name = (await place.officer(ADMINISTRATOR)).name
    assert told == [
        ("AccessChanged", "complaints", True, False, name),
        ("AccessChanged", "outbox", True, False, name),
        ("AccessChanged", "complaints", False, True, name),
    ]
    acts = await supervisor.get("/oversight")
    assert "who may do what" in acts.text


async def test_a_change_is_undone_once_and_what_stands_survives_the_program(
    place: Place,
    admin: Browser,
) -> None:
    await save(place, admin, "supervisor", {"statistics"})
    await admin.get("/access")
    asked = await admin.post("/access/changes/1/undo")
    assert asked.location.startswith("/approvals/")  # it gives back, and so takes two
    assert (await yes(await place.sign_in(SUPERVISOR), asked.location)).status == 303
    assert (await (await place.sign_in(SUPERVISOR)).get("/statistics")).status == 200
    await admin.get("/access")
    assert (await admin.post("/access/changes/1/undo")).status == 409
    assert (await admin.post("/access/changes/2/undo")).status == 303  # the undoing undone: withheld, at once
    assert (await (await place.sign_in(SUPERVISOR)).get("/statistics")).status == 403
    assert (await admin.post("/access/changes/99/undo")).status == 404


async def test_no_form_leaves_the_limits(place: Place, admin: Browser) -> None:
    await admin.get("/access")
    for form in ({"may_leads": "yes"}, {"may_everything": "yes"}, {"may_people": "yes"}):
        answer = await admin.post(f"/access/roles/{OFFICE.id}/mediator", {**form, "reason": "试试"})
        assert answer.status == 409
    assert (await admin.post(f"/access/roles/{OFFICE.id}/mediator", {"reason": ""})).status == 422
    assert (await admin.post("/access/roles/nowhere/mediator", {"reason": "试试"})).status == 404
    assert (await admin.post(f"/access/roles/{OFFICE.id}/party", {"reason": "试试"})).status == 404
    await save(place, admin, "administrator", could(place, "administrator"))  # all that can be taken
    for kept in ("/access", "/officers", "/approvals", "/oversight"):
        assert (await admin.get(kept)).status == 200
    await place.parts.store.set_intake(OFFICE.id, False)  # another office's administrator sees, and changes nothing
    assert (await admin.get("/access")).status == 200
    assert (await admin.post(f"/access/roles/{OFFICE.id}/mediator", {"reason": "试试"})).status == 403
    assert (await admin.post("/access/changes/1/undo")).status == 403


async def test_overseeing_more_takes_two_and_less_is_at_once(place: Place, admin: Browser) -> None:
    await place.parts.store.add_office(Office("o9", "九所", "九所", "027-1", "九投"))
    supervisor = await place.officer(SUPERVISOR)
    await admin.get(f"/access?overseer={supervisor.id}")
    form = {"office_o9": "yes", "reason": "分片监督"}
    asked = (await admin.post(f"/access/overseers/{supervisor.id}", form)).location
    assert asked.startswith("/approvals/")
    assert not await place.parts.store.overseen(supervisor.id)
    assert (await admin.post(f"/access/overseers/{supervisor.id}", form)).status == 409  # one waits already
    by = await place.officer(ADMINISTRATOR)
    other = await place.parts.officers.add_officer(by, "fanglan", "方岚", "supervisor", "another-good-one-7")
    assert other.role == "supervisor"
    assert (await yes(await place.sign_in(SUPERVISOR), asked)).status == 303
    assert await place.parts.store.overseen(supervisor.id) == {"o9"}
    await admin.get("/access")
    assert (await admin.post(f"/access/overseers/{supervisor.id}", {"reason": "调整"})).location == "/access#overseers"
    assert not await place.parts.store.overseen(supervisor.id)
    first, second = await place.parts.journal.read(STREAM)
    assert (first.data["before"], first.data["after"]) == ([], ["o9"])
    assert (second.data["before"], second.data["after"]) == (["o9"], [])
    mediator = await place.officer(MEDIATOR)
    assert (await admin.post(f"/access/overseers/{mediator.id}", form)).status == 404
