"""An officer's own token on the real application: shown once, their offices and masks, over, revoked, withheld."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from server.app.demo import ADMINISTRATOR, MEDIATOR, OFFICE, SUPERVISOR
from server.db.schema import system_tokens
from server.identity import digest
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
)
from tests.web.client import Answer, Browser

TODAY = datetime.now(UTC).date()


async def make(person: Browser, scopes: tuple[str, ...], days: int = 30) -> Answer:
    await person.get("/account/tokens")
    last = (TODAY + timedelta(days=days)).isoformat()
    return await person.post("/account/tokens", {"name": "每日报表", "last": last, **dict.fromkeys(scopes, "1")})


def shown(page: Answer) -> str:
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'id="token">(yt_[\w-]+)<', page.text)
    assert found
    return found[1]


async def ask(place: Place, token: str, path: str = "/api/v1/complaints") -> tuple[int, str]:
    response = await place.nobody.client.get(path, headers={"Authorization": f"Bearer {token}"})
    told = await response.json()
    return response.status, told.get("error", {}).get("code", "")


async def test_a_token_reads_what_its_officer_reads_until_it_is_revoked_or_over(place: Place) -> None:
    mediator = await place.sign_in(MEDIATOR)
    token = shown(await make(mediator, ("complaints:read",)))
    page = await mediator.get("/account/tokens")
    assert token not in page.text
    assert "never used" in page.text
    assert (await ask(place, token))[0] == 200
    assert await ask(place, token, "/api/v1/statistics") == (403, "no_scope")
    assert "last used" in (await mediator.get("/account/tokens")).text
    complaint = await place.nobody.client.get(
        "/api/v1/complaints/demo-0917", headers={"Authorization": f"Bearer {token}"}
    )
    assert not re.search(r"1\d{10}", await complaint.text())  # masked
    async with place.parts.database.write() as connection:
        over = update(system_tokens).where(system_tokens.c.token_hash == digest(token))
        await connection.execute(over.values(expires=datetime.now(UTC)))
    assert await ask(place, token) == (401, "token_over")
    other = shown(await make(mediator, ("complaints:read",)))
    admin = await place.sign_in(ADMINISTRATOR)
    listed = await admin.get("/systems")
    assert "’s own" in listed.text
    [id_] = re.findall(r"/systems/([\w-]+)/revoke", listed.text)
    assert (await admin.post(f"/systems/{id_}/revoke")).status == 303
    assert await ask(place, other) == (401, "token_revoked")


async def test_what_is_withheld_from_an_offices_mediators_no_system_of_it_is_given(place: Place) -> None:
    admin = await place.sign_in(ADMINISTRATOR)
    await admin.get("/systems")
    last = (TODAY + timedelta(days=30)).isoformat()
    scopes = dict.fromkeys(("complaints:read", "complaints:write", "statistics:read"), "1")
    token = shown(await admin.post("/systems", {"name": "区平台", "last": last, **scopes}))
    assert (await ask(place, token))[0] == (await ask(place, token, "/api/v1/statistics"))[0] == 200
    await place.parts.store.set_intake(OFFICE.id, True)
    cells = f"/access/roles/{OFFICE.id}/mediator"
    await admin.get("/access")
    assert (await admin.post(cells, {"may_statistics": "yes", "reason": "只看数字"})).status == 303
    assert await ask(place, token) == (403, "no_scope")
    assert (await ask(place, token, "/api/v1/statistics"))[0] == 200
    # Their own tokens are withheld from mediators too: that is no matter of a system's.
    assert (await admin.post(cells, {"reason": "都不看"})).status == 303
    assert await ask(place, token, "/api/v1/statistics") == (403, "no_scope")


async def test_a_tokens_scopes_are_its_officers_and_end_with_their_account(place: Place) -> None:
    supervisor = await place.sign_in(SUPERVISOR)
    assert (await make(supervisor, ("complaints:write",))).status == 422  # no supervisor registers
    assert (await make(supervisor, ())).status == 422
    assert (await make(supervisor, ("complaints:read",), days=400)).status == 422
    admin = await place.sign_in(ADMINISTRATOR)
    assert (await admin.get("/account/tokens")).status == 403
    mediator = await place.sign_in(MEDIATOR)
    token = shown(await make(mediator, ("complaints:read",)))
    await supervisor.get("/account/tokens")
    own = re.findall(r"/account/tokens/([\w-]+)/revoke", (await mediator.get("/account/tokens")).text)
    assert (await supervisor.post(f"/account/tokens/{own[0]}/revoke")).status == 404  # somebody else's
    await place.parts.store.set_intake(OFFICE.id, True)
    await admin.get("/access")
    form = {"may_statistics": "yes", "may_tokens": "yes", "reason": "轮岗"}
    # Complaints are withheld from mediators, at once: their tokens read none either.
    assert (await admin.post(f"/access/roles/{OFFICE.id}/mediator", form)).status == 303
    assert await ask(place, token) == (403, "no_scope")
    officer = await place.officer(MEDIATOR)
    await admin.get(f"/officers/{officer.id}")
    assert (await admin.post(f"/officers/{officer.id}/close", {"reason": "离职"})).status == 303
    assert await ask(place, token) == (401, "bad_token")
