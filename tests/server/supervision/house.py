"""The real application with a week of mediations behind it, and its people at their browsers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from journal.notes import Checkpoint, checkpoint_body
from rooms.supervision import begins, monday, week_of
from server.app.demo import OFFICE
from server.app.wiring import PARTS, Parts
from server.evidence.log_store import LogStore, StoredCheckpoint
from server.identity import digest, fresh_token
from server.identity.store import User
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.db.history import SETTLED, Teller
from tests.web.client import AiohttpClient, Browser, another, browser
from web.http import cookies


def this_week() -> str:
    return week_of(datetime.now(ZoneInfo(OFFICE.zone)).date())


def start_of_week() -> datetime:
    first = monday(this_week())
    assert first is not None
    return begins(first, OFFICE.zone)


@dataclass
class House:
    parts: Parts
    nobody: Browser
    supervisor: Browser
    second: Browser
    mediator: Browser


async def signed_in(parts: Parts, nobody: Browser, id_: str, name: str, role: str, office: str = OFFICE.id) -> Browser:
    now = datetime.now(UTC)
    if await parts.store.user(id_) is None:
        await parts.store.add_user(User(id_, id_, name, role, office, "-", now))  # type: ignore[arg-type]
    token = fresh_token()
    await parts.store.add_session(digest(token), id_, now, now + timedelta(hours=1))
    person = await another(nobody)
    person.sign_in(token)
    person.cookies[cookies.LANGUAGE] = "en"
    return person


async def house(tmp_path: Path, client: AiohttpClient, count: int = 14) -> House:
    settings = Settings(
        data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD), public_url="http://yuntiao.example"
    )
    app = demo_app(settings)
    parts = app[PARTS]
    await parts.database.migrate()  # what happened before the program was started: it follows sessions up itself
    tell, start = Teller(parts.journal), start_of_week()
    for n in range(count):
        opened = start - timedelta(hours=2 * (count - n))
        await tell.mediated(f"w{n}", f"w-m{n}", SETTLED, office=OFFICE.id, opened=opened, minutes=30)
    size, root = await LogStore(parts.database).head()
    at = start - timedelta(seconds=1)
    body = checkpoint_body(Checkpoint("yuntiao/test", size, root, at))
    await LogStore(parts.database).put(StoredCheckpoint(size, at, f"{body}\n\u2014 yuntiao/test {'A' * 92}\n"))
    nobody = await browser(client, app)
    found = House(
        parts,
        nobody,
        await signed_in(parts, nobody, "u-lin", "林岚", "supervisor"),
        await signed_in(parts, nobody, "u-gu", "顾青", "supervisor"),
        await signed_in(parts, nobody, "u-zhou", "周敏", "mediator"),  # who held them
    )
    for person in (found.supervisor, found.second, found.mediator):
        await person.get("/account")  # for a form token
    return found
