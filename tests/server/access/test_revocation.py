"""Whoever may no longer be there is out within a second: every change of what they came in by, and all they hold.

A penetration test found that a revoked link, a signed-out or closed account, a changed password or role went on seeing,
hearing and writing. The changes are a list; what is left of what is held is measured in `mediation.py`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from offices import EDITABLE
from offices.systems import SCIM, AccountWish, System
from rooms.commands import Remove
from server.app.demo import OFFICE
from tests.server.access.mediation import Held, Scene, scene
from tests.server.app.office import PASSWORD, SECOND
from tests.server.app.program import yuntiao
from tests.web.client import AiohttpClient
from web.api.scim import PROVISIONED
from web.http import cookies
from web.office.oversight import ACCESS, ACCOUNTS

pytestmark = pytest.mark.media

NEW = "vier-jahreszeiten-17"
Undo = Callable[[], Awaitable[object]]
Change = Callable[[Scene, Held], Awaitable[Undo | None]]


async def measured(
    it: Scene, changes: dict[str, Change], come: Callable[[], Awaitable[Held]], others: tuple[str, str]
) -> list[str]:
    """Of each change in turn, on a person who has come in anew: what it left them."""
    wrong = []
    for name, change in changes.items():
        held = await come()
        await it.everybody_receives(held.name, *others)
        assert (await held.browser.get(held.file)).status == 200, held.file
        undo = await change(it, held)
        wrong += [f"{name}: {what}" for what in await it.left_to(held, time.monotonic(), others)]
        await held.hang_up()
        if undo is not None:
            await undo()
    return wrong


# ------------------------------------------------------------ a party, by a link


async def revoked(it: Scene, held: Held) -> None:
    await it.parts.links.revoke(it.zhou, it.session, held.seat, "发错了人")


async def replaced(it: Scene, held: Held) -> None:
    await it.parts.links.issue(it.zhou, it.session, held.seat, send=False)


async def removed(it: Scene, held: Held) -> None:
    await it.parts.rooms.submit(it.session, Remove(held.seat, "辱骂"), it.zhou.actor)


PARTY: dict[str, Change] = {"link revoked": revoked, "link replaced": replaced, "asked to leave": removed}


# ------------------------------------------------------------ an officer, by a sign-in


async def signed_out(it: Scene, held: Held) -> None:
    await it.parts.officers.sign_out(held.browser.cookies[cookies.OFFICER])


async def ended_elsewhere(it: Scene, held: Held) -> None:
    [own] = [
        one.id for one in await it.parts.officers.sessions(it.zhou, held.browser.cookies[cookies.OFFICER]) if one.this
    ]
    await it.parts.officers.end_session(it.zhou, own)


async def others_ended(it: Scene, held: Held) -> None:
    await it.parts.officers.end_others(it.zhou, await it.token(it.zhou.id))


async def password_changed(it: Scene, held: Held) -> None:
    await it.parts.officers.change_password(it.zhou, PASSWORD, NEW)


async def password_set(it: Scene, held: Held) -> None:
    await it.app[ACCOUNTS].set_password(it.admin, it.zhou.id, PASSWORD)


async def role_changed(it: Scene, held: Held) -> Undo:
    await it.app[ACCOUNTS].change_role(it.admin, "", it.zhou.id, "inspector", "调岗")
    return lambda: it.app[ACCOUNTS].change_role(it.admin, "", it.zhou.id, "mediator", "调回")


async def account_closed(it: Scene, held: Held) -> Undo:
    await it.app[ACCOUNTS].close(it.admin, it.zhou.id, "离职")
    return lambda: it.app[ACCOUNTS].open(it.admin, "", it.zhou.id, "弄错了")


async def account_closed_by_the_directory(it: Scene, held: Held) -> Undo:
    program = System("t", "", "统一目录", "mediator", OFFICE, totp=False, scopes=frozenset({SCIM}), token="t")
    change = it.app[PROVISIONED].change
    await change(program, it.zhou.id, AccountWish(active=False))
    return lambda: change(program, it.zhou.id, AccountWish(active=True))


async def second_step_taken(it: Scene, held: Held) -> None:
    address = await it.parts.officers.begin_totp(it.zhou)
    code = pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0]).now()
    await it.parts.officers.confirm_totp(it.zhou, code, await it.token(it.zhou.id))


async def second_step_dropped(it: Scene, held: Held) -> None:
    await it.parts.officers.drop_totp(it.zhou, PASSWORD, await it.token(it.zhou.id))


async def second_step_dropped_by_another(it: Scene, held: Held) -> None:
    await it.app[ACCOUNTS].drop_second_step(it.admin, "", it.zhou.id, "手机丢了")


async def mediations_withheld(it: Scene, held: Held) -> None:
    access = it.app[ACCESS]
    allowed = access.most["mediator"] & EDITABLE - {"sessions"}  # type: ignore[attr-defined]
    await access.set(it.admin, "", OFFICE.id, "mediator", allowed, "暂停")


OFFICER: dict[str, Change] = {
    "signed out": signed_out,
    "ended in another browser": ended_elsewhere,
    "all others ended": others_ended,
    "password changed": password_changed,
    "password set by the administrator": password_set,
    "role changed": role_changed,
    "account closed": account_closed,
    "account closed by the directory": account_closed_by_the_directory,
    "second step taken": second_step_taken,
    "second step dropped": second_step_dropped,
    "second step dropped by the administrator": second_step_dropped_by_another,
    "mediations withheld": mediations_withheld,
}


# ------------------------------------------------------------ whoever looks on


async def overseeing_withdrawn(it: Scene, held: Held) -> Undo:
    user = f"{SECOND.id}-supervisor"
    await it.app[ACCESS].oversee(it.admin, "", user, [], "调整")
    return lambda: it.parts.store.oversee(user, [OFFICE.id])


async def overseeing_withdrawn_at_the_command_line(it: Scene, held: Held) -> Undo:
    user = f"{SECOND.id}-supervisor"
    data = str(it.parts.settings.data)
    process = await yuntiao("offices", "oversee", f"supervisor.{SECOND.id}", SECOND.id, "--data", data)
    assert await process.wait() == 0
    return lambda: it.parts.store.oversee(user, [OFFICE.id])


async def supervision_withheld(it: Scene, held: Held) -> None:
    access = it.app[ACCESS]
    allowed = access.most["supervisor"] & EDITABLE - {"supervision"}  # type: ignore[attr-defined]
    await access.set(it.admin, "", SECOND.id, "supervisor", allowed, "暂停")


ONLOOKER: dict[str, Change] = {
    "signed out": signed_out,
    "overseeing withdrawn": overseeing_withdrawn,
    "overseeing withdrawn at the command line": overseeing_withdrawn_at_the_command_line,
    "supervision withheld": supervision_withheld,
}


async def test_a_party_whose_link_ends_sees_hears_and_writes_nothing_after_a_second(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client) as it:
        await it.mediator()
        await it.party("business")
        wrong = await measured(it, PARTY, lambda: it.party("consumer"), ("mediator", "business"))
        assert not wrong, "\n".join(wrong)


async def test_an_officer_whose_sign_in_ends_sees_hears_and_writes_nothing_after_a_second(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client) as it:
        await it.party("consumer")
        await it.party("business")
        wrong = await measured(it, OFFICER, it.mediator, ("consumer", "business"))
        assert not wrong, "\n".join(wrong)


async def test_whoever_looks_on_and_may_no_longer_sees_and_hears_nothing_after_a_second(
    tmp_path: Path, aiohttp_client: AiohttpClient
) -> None:
    async with scene(tmp_path, aiohttp_client) as it:
        user = await it.account("supervisor", SECOND.id)
        await it.parts.store.oversee(user, [OFFICE.id])
        await it.mediator()
        await it.party("consumer")
        wrong = await measured(it, ONLOOKER, lambda: it.supervisor(user), ("mediator", "consumer"))
        assert not wrong, "\n".join(wrong)
