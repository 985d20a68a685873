"""Files under way when whoever takes or sends them may do so no longer; and changes that another process makes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import update

from server.db.engine import Database
from server.db.schema import devices, links, officer_sessions
from server.identity.link_store import LinkStore
from server.identity.sign_in_store import SignInStore
from server.identity.store import IdentityStore
from signaling import RECHECK
from tests.complaints.record.test_uploads import PDF
from tests.server.access.mediation import COMPLAINT, Scene, scene
from tests.server.access.sockets import Socket, code_of
from tests.server.app.office import NoMedia
from tests.web.client import AiohttpClient, Browser
from web.http import cookies
from web.http.security import STANDING_FOR

LARGE = 96 << 20  # bytes: more than all buffers between server and browser hold


class Engine(NoMedia):
    """Says of whom it was told to let go."""

    def __init__(self) -> None:
        super().__init__()
        self.removed: asyncio.Queue[str] = asyncio.Queue()

    async def remove(self, room: str, participant: str) -> None:
        self.removed.put_nowait(participant)


async def taken(person: Browser, path: str, change: Callable[[], Awaitable[object]]) -> tuple[int, bool]:
    """Bytes of a file that somebody gets who pauses while the change is made, and whether the end came."""
    cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.get(person.client.make_url(path), headers={"Cookie": cookie}) as answer,
    ):
        assert (answer.status, answer.content_length) == (200, LARGE)
        got = len(await answer.content.readexactly(1 << 16))
        await change()
        await asyncio.sleep(STANDING_FOR)  # what is promised
        try:
            async for piece in answer.content.iter_any():
                got += len(piece)
        except (aiohttp.ClientPayloadError, ConnectionResetError):
            return got, False
    return got, True


async def test_a_download_under_way_ends_when_the_link_is_revoked(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client, Engine()) as it:
        phone, path = await it.phone("consumer"), f"/api/room/exhibits/{it.exhibit}/pages/1"
        socket = await Socket.open(phone)
        await socket.ask("arrive")
        mediator = await Socket.open(await it.desk(), it.session)
        assert code_of(await mediator.ask("admit", {"seat": "consumer"})) == "ok"
        page = (await it.parts.rooms.state(it.session)).exhibits.items[it.exhibit].pages[0]
        it.parts.shelf.put(it.session, page.path, io.BytesIO(bytes(LARGE)))
        got, whole = await taken(phone, path, lambda: it.parts.links.issue(it.zhou, it.session, "business", send=False))
        assert (got, whole) == (LARGE, True), "nobody else's change ends it"
        got, whole = await taken(
            phone, path, lambda: it.parts.links.revoke(it.zhou, it.session, "consumer", "发错了人")
        )
        assert not whole
        assert got < LARGE
        assert (await phone.get(path)).status == 410
        await mediator.close()


async def test_what_is_still_being_sent_when_the_sign_in_ends_is_not_taken(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client, Engine()) as it:
        person = await it.desk()
        before = len((await it.parts.complaints.state(COMPLAINT)).attachments)
        assert await sent_slowly(person, it, lambda: asyncio.sleep(0)) == 303
        assert len((await it.parts.complaints.state(COMPLAINT)).attachments) == before + 1
        token = person.cookies[cookies.OFFICER]
        assert await sent_slowly(person, it, lambda: it.parts.officers.sign_out(token)) in (303, 401, 403)
        assert len((await it.parts.complaints.state(COMPLAINT)).attachments) == before + 1


async def sent_slowly(person: Browser, it: Scene, change: Callable[[], Awaitable[object]]) -> int:
    """The status of an upload whose last part is sent after the change."""
    await person.get(f"/complaints/{COMPLAINT}")
    boundary = "somewhere-between"
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("csrf", person.token), ("about", "evidence"), ("note", ""))
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    tail = f"\r\n--{boundary}--\r\n".encode()
    asked = asyncio.Event()
    officers = it.parts.officers
    officer = officers.officer

    async def noticed(token: str) -> object:
        """Whose it is was asked: from here on the old program asked no more."""
        found = await officer(token)
        asked.set()
        return found

    async def body() -> AsyncIterator[bytes]:
        yield head.encode() + PDF[: len(PDF) // 2]
        await asked.wait()
        await change()
        yield PDF[len(PDF) // 2 :] + tail

    cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    officers.officer = noticed  # type: ignore[method-assign,assignment]  # the real one, and told when
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.post(
                person.client.make_url(f"/complaints/{COMPLAINT}/attachments"),
                data=body(),
                headers={"Cookie": cookie, "Content-Type": f"multipart/form-data; boundary={boundary}"},
                allow_redirects=False,
            ) as answer,
        ):
            return answer.status
    finally:
        officers.officer = officer  # type: ignore[method-assign]


# ------------------------------------------------------------ another process, and time


async def link_revoked(there: Database, it: Scene) -> None:
    await LinkStore(there).revoke(it.session, "consumer", "发错了人", datetime.now(UTC))


async def link_expired(there: Database, it: Scene) -> None:
    async with there.write() as connection:
        for table in (links, devices):
            await connection.execute(update(table).values(expires=datetime.now(UTC) - timedelta(seconds=1)))


async def account_closed(there: Database, it: Scene) -> None:
    await SignInStore(there).close(it.zhou.id, datetime.now(UTC))


async def sign_in_expired(there: Database, it: Scene) -> None:
    async with there.write() as connection:
        await connection.execute(update(officer_sessions).values(expires=datetime.now(UTC) - timedelta(seconds=1)))


async def role_changed(there: Database, it: Scene) -> None:
    await IdentityStore(there).set_role(it.zhou.id, "inspector")


HEARD, BY_THE_CLOCK = RECHECK, 0.2
"""Seconds between two looks at everybody: what is announced must not need one; a minute is a fifth of a second here."""


@pytest.mark.parametrize(
    ("change", "seat", "code", "recheck"),
    [
        pytest.param(link_revoked, "consumer", "link_revoked", HEARD, id="link revoked"),
        pytest.param(account_closed, "mediator", "sign_in_needed", HEARD, id="account closed"),
        pytest.param(role_changed, "mediator", "sign_in_needed", HEARD, id="role changed"),
        pytest.param(link_expired, "consumer", "link_expired", BY_THE_CLOCK, id="link expired"),
        pytest.param(sign_in_expired, "mediator", "sign_in_needed", BY_THE_CLOCK, id="sign-in expired"),
    ],
)
async def test_what_another_process_changes_is_heard_and_what_time_ends_is_found_by_the_clock(
    tmp_path: Path,
    aiohttp_client: AiohttpClient,
    change: Callable[[Database, Scene], Awaitable[None]],
    seat: str,
    code: str,
    recheck: float,
) -> None:
    engine = Engine()
    async with scene(tmp_path, aiohttp_client, engine, recheck=recheck) as it:
        phone, desk = await it.phone("consumer"), await it.desk()
        sockets = {"consumer": await Socket.open(phone), "mediator": await Socket.open(desk, it.session)}
        await sockets["consumer"].ask("arrive")
        await sockets["mediator"].ask("admit", {"seat": "consumer"})
        for socket in sockets.values():
            assert code_of(await socket.ask("media_join")) == "ok"
        there = Database(it.parts.settings.database)  # as the command line has it open
        await change(there, it)
        await there.close()
        async with asyncio.timeout(10):
            await sockets[seat].cut.wait()
            assert await engine.removed.get() == seat
        again = await (Socket.open(phone) if seat == "consumer" else Socket.open(desk, it.session))
        assert again.refused == code
        [other] = set(sockets) - {seat}
        assert code_of(await sockets[other].ask("say", {"text": "还在", "to": ""})) == "ok"
        assert engine.removed.empty()
        await sockets[other].close()
