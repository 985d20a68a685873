"""Every message a socket may carry, against every role of another office: generated from the registry of messages.

A new message is in it by itself; one whose body cannot be made up fails. Sockets and their cookies are real.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from offices import EDITABLE, Officer, OfficerRole
from rooms.commands import Arrive
from server.app.demo import OFFICE
from server.cli import app as command_line
from server.identity import digest, fresh_token
from server.oversight.access import AccessService
from tests.server.access.sockets import MESSAGES, Socket, body_of, code_of
from tests.server.access.test_isolation import ROLES, Site, now, site
from tests.server.app.office import SECOND, filing
from tests.web.client import Browser, another
from web.http import cookies
from web.office.administration import OFFICES
from web.office.oversight import ACCESS

__all__ = ["site"]

THEIRS = {"leave", "ask_captions", "media_join", "media_answer", "media_restart", "media_look", "report_quality"}
"""What a supervisor who looks on may send: to go, to receive, and to read along."""


def test_every_message_has_a_body_that_fits_it() -> None:
    for form in MESSAGES.values():
        form.model_validate(body_of(form))


async def opened(site: Site) -> str:
    """The first office's session, under way."""
    await site.parts.rooms.submit(site.session, Arrive(), site.mediator.actor)
    return site.session


async def told(site: Site, session: str) -> int:
    """What anybody did; that the mediator's media has not come is the program's own entry, after some seconds."""
    return sum(event.actor.kind != "system" for event in await site.parts.journal.read(f"session/{session}"))


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_of_another_office_gets_a_socket_into_a_session(site: Site, role: OfficerRole) -> None:
    session = await opened(site)
    before = await told(site, session)
    person = await site.officer(role, SECOND.id)
    socket = await Socket.open(person, session)
    assert socket.refused in ("unknown_session", "not_allowed"), role
    assert socket.views == []
    if role in ("mediator", "supervisor"):
        assert socket.refused == "unknown_session", "another office's session does not exist"
    assert await told(site, session) == before


@pytest.mark.parametrize("role", ROLES)
async def test_of_the_own_office_nobody_but_its_mediator_gets_one_without_being_announced(
    site: Site, role: OfficerRole
) -> None:
    session = await opened(site)
    socket = await Socket.open(await site.officer(role, OFFICE.id), session)
    assert socket.refused == "not_allowed"
    assert (await Socket.open(site.nobody, session)).refused == "sign_in_needed"
    assert (await Socket.open(site.nobody)).refused == "no_invitation"


async def test_no_message_of_a_mediator_reaches_another_offices_session_whatever_it_names(site: Site) -> None:
    """In the middle of a session of their own they say everything there is to say, and name the other one."""
    theirs = await opened(site)
    person = await site.officer("mediator", SECOND.id)
    stranger = await site.parts.officers.officer(person.cookies[cookies.OFFICER])
    assert stranger is not None
    own = await elsewhere(site, stranger)
    socket = await Socket.open(person, own)
    assert (socket.refused, code_of(await socket.ask("arrive"))) == ("", "ok")
    before = await told(site, theirs)
    last = ("leave", "close")
    for name in sorted(MESSAGES, key=lambda name: (name in last, name)):
        forged: dict[str, Any] = body_of(MESSAGES[name]) | {"session": theirs}
        answer = await patient(socket, name, forged)
        assert code_of(answer) == "bad_message", (name, "no body names a session")
        answer = await patient(
            socket, name, {key: named(key, value, theirs) for key, value in body_of(MESSAGES[name]).items()}
        )
        assert theirs not in str(answer.get("ok", "")), name
    assert await told(site, theirs) == before
    assert all(view["view"]["session"]["id"] == own for view in socket.views)
    await socket.close()


def named(key: str, value: Any, session: str) -> Any:
    """Ids become the other session's where they are ids."""
    return session if key in ("seat", "exhibit", "case", "clause", "fact", "article") else value


async def patient(socket: Socket, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Asked again where it was too much at once."""
    while code_of(answer := await socket.ask(name, body)) == "too_fast":  # noqa: ASYNC110 - only asking tells
        await asyncio.sleep(0.02)
    return answer


async def elsewhere(site: Site, stranger: Officer) -> str:
    """A session of the second office."""
    complaint = await site.parts.desk.register(stranger, filing(now()))
    return await site.parts.desk.schedule(stranger, complaint, now(), [])


async def test_a_supervisor_who_looks_on_is_refused_every_message_but_those_to_go_receive_and_read_along(
    site: Site,
) -> None:
    session = await opened(site)
    person = await site.officer("supervisor", OFFICE.id)
    page = await person.get(f"/supervision/live/{session}")
    assert page.status == 200
    came = await person.post(f"/supervision/live/{session}", {"reason": "例行检查"})
    assert (came.status, came.location) == (303, f"/supervision/live/{session}")
    socket = await Socket.open(person, session)
    assert socket.refused == ""
    allowed = set()
    for name in sorted(MESSAGES, key=lambda name: (name == "leave", name)):
        answer = await patient(socket, name, body_of(MESSAGES[name]))
        if code_of(answer) != "not_allowed":
            allowed.add(name)
        if name == "point_exhibit":
            assert answer == {"ok": {}}, "told to nobody: whoever shows nothing points at nothing"
    assert allowed - {"point_exhibit"} == THEIRS
    written = [event.type for event in await site.parts.journal.read(f"session/{session}")]
    assert written[-2:] == ["Left", "Routed"]
    assert "Said" not in written
    await socket.close()


async def test_a_line_reaches_the_mediator_who_wrote_it_and_no_supervisor_live_or_by_page(site: Site) -> None:
    session = await opened(site)
    mediator = await Socket.open(*await holds(site))
    person = await site.officer("supervisor", OFFICE.id)
    await person.get(f"/supervision/live/{session}")
    await person.post(f"/supervision/live/{session}", {"reason": "例行检查"})
    overseer = await Socket.open(person, session)
    assert await mediator.ask("say", {"text": "只给在场各方"}) == {"ok": {}}
    assert await mediator.ask("set_door", {"locked": True}) == {"ok": {}}
    assert [line["text"] for line in mediator.lines] == ["只给在场各方"]
    page = await mediator.ask("read_lines", {"after": 0})
    assert [line["text"] for line in page["ok"]["lines"]] == ["只给在场各方"]
    assert code_of(await overseer.ask("read_lines", {"after": 0})) == "not_allowed"
    assert overseer.lines == []
    assert "只给在场各方" not in str(overseer.views)
    for socket in (mediator, overseer):
        await socket.close()


async def test_whoever_no_longer_oversees_an_office_gets_no_socket_again(site: Site) -> None:
    session = await opened(site)
    person = await site.officer("supervisor", SECOND.id)
    assert (await person.get(f"/supervision/live/{session}")).status == 404
    await person.get("/supervision")
    assert (await person.post(f"/supervision/live/{session}", {"reason": "看看"})).status == 404
    await site.parts.store.oversee(f"{SECOND.id}-supervisor", [OFFICE.id])
    await person.get(f"/supervision/live/{session}")
    assert (await person.post(f"/supervision/live/{session}", {"reason": "  "})).status == 422
    assert (await person.post(f"/supervision/live/{session}", {"reason": "看看"})).status == 303
    assert 'id="room"' in (await person.get(f"/supervision/live/{session}")).text
    socket = await Socket.open(person, session)
    assert socket.refused == ""
    await access(site).oversee(bureau(site), "", f"{SECOND.id}-supervisor", [], "调整")
    async with asyncio.timeout(20):
        await socket.cut.wait()  # the page that was open, too
    assert (await Socket.open(person, session)).refused == "unknown_session"


async def test_whoever_looks_on_from_above_is_cut_off_when_the_office_is_let_go(site: Site) -> None:
    session = await opened(site)
    store, above = site.parts.store, replace(SECOND, level="county", intake=True)
    await store.change_offices([above, replace(OFFICE, superior=above.id)])
    person = await site.officer("supervisor", above.id)
    await person.get(f"/supervision/live/{session}")
    assert (await person.post(f"/supervision/live/{session}", {"reason": "看看"})).status == 303
    socket = await Socket.open(person, session)
    assert socket.refused == ""
    top = replace(bureau(site), office=above)
    register = site.nobody.client.server.app[OFFICES]  # type: ignore[attr-defined]
    assert await register.place(top, "", OFFICE.id, "", "office", "调整") == ""
    async with asyncio.timeout(20):
        await socket.cut.wait()
    assert (await Socket.open(person, session)).refused == "unknown_session"


async def test_whom_the_command_line_takes_an_office_from_is_cut_off_in_the_running_server(site: Site) -> None:
    """Another process ends it; its own loop in a thread of ours shares nothing with the server but the data folder."""
    session = await opened(site)
    person, mediator = await site.officer("supervisor", SECOND.id), await Socket.open(*await holds(site))
    await site.parts.store.oversee(f"{SECOND.id}-supervisor", [OFFICE.id])
    await person.get(f"/supervision/live/{session}")
    assert (await person.post(f"/supervision/live/{session}", {"reason": "看看"})).status == 303
    socket = await Socket.open(person, session)
    assert (socket.refused, mediator.refused) == ("", "")
    words = ["offices", "oversee", f"supervisor.{SECOND.id}", SECOND.id, "--reason", "调整"]
    data = str(site.parts.settings.data)
    ended = await asyncio.to_thread(CliRunner().invoke, command_line, [*words, "--data", data])
    assert ended.exit_code == 0, ended.output
    async with asyncio.timeout(20):
        await socket.cut.wait()
    assert (await Socket.open(person, session)).refused == "unknown_session"
    assert code_of(await mediator.ask("arrive")) == "ok"
    await mediator.close()


async def test_a_supervisor_from_whom_supervision_is_withheld_is_cut_off_and_the_mediator_is_not(site: Site) -> None:
    session = await opened(site)
    person, mediator = await site.officer("supervisor", OFFICE.id), await Socket.open(*await holds(site))
    await person.get(f"/supervision/live/{session}")
    await person.post(f"/supervision/live/{session}", {"reason": "例行检查"})
    socket = await Socket.open(person, session)
    assert (socket.refused, mediator.refused) == ("", "")
    desk = access(site)
    rest = (desk.most["supervisor"] & EDITABLE) - {"supervision"}
    await desk.set(bureau(site), "", OFFICE.id, "supervisor", rest, "轮岗")
    async with asyncio.timeout(20):
        await socket.cut.wait()
    assert (await Socket.open(person, session)).refused == "withheld"
    assert code_of(await mediator.ask("arrive")) == "ok"
    await mediator.close()


def access(site: Site) -> AccessService:
    found = site.nobody.client.server.app[ACCESS]  # type: ignore[attr-defined]
    assert isinstance(found, AccessService)
    return found


def bureau(site: Site) -> Officer:
    """An administrator of a unit that receives for the bureau."""
    return replace(site.mediator, id="bureau", role="administrator", office=replace(OFFICE, intake=True))


async def holds(site: Site) -> tuple[Browser, str]:
    """The browser of the session's own mediator, and the session."""
    token = fresh_token()
    await site.parts.store.add_session(digest(token), site.mediator.id, now(), now() + timedelta(hours=1))
    person = await another(site.nobody)
    person.sign_in(token)
    return person, site.session
