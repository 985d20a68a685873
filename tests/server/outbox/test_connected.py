"""An administrator connects a provider from docs/connect.md alone: file, template, test, message and receipt."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from aiohttp import web

from offices import Office
from server.app.parts import PARTS
from server.app.wiring import create_app
from server.identity import digest, fresh_token
from server.identity.store import User
from server.outbox import cancelled_text
from server.outbox.store import MessageStore
from server.serving.settings import Settings
from tests.server.app.office import NoMedia
from tests.server.outbox.carriers import KEY, SECRET, AliyunSimulator
from tests.web.client import AiohttpClient, Browser, browser
from web.http import cookies

OFFICE = Office("east", "东湖市监局东湖所", "东湖所", "027-87001234", "东投", signature="东湖市监")
PHONE = "13900000812"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def provider() -> AsyncIterator[AliyunSimulator]:
    made = AliyunSimulator(now)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def app(tmp_path: Path, provider: AliyunSimulator) -> web.Application:
    for name, said in (("key", SECRET), ("back", "4f0c2d")):
        file = tmp_path / name
        file.write_text(said)
        file.chmod(0o600)
    file = tmp_path / "connections.toml"
    file.write_text(f"""
[messages.aliyun]
provider = "aliyun"
offices = ["east"]
endpoint = "{provider.server.make_url("")}"
access_key_id = "{KEY}"
access_key_secret = {{ file = "{tmp_path}/key" }}
callback = {{ file = "{tmp_path}/back" }}
price = 0.045
""")
    return create_app(Settings(data=tmp_path / "data", connections=file), NoMedia())


@pytest.fixture
async def admin(app: web.Application, aiohttp_client: AiohttpClient) -> Browser:
    person = await browser(aiohttp_client, app)
    parts, token = app[PARTS], fresh_token()
    await parts.store.add_office(OFFICE)
    await parts.store.add_user(
        User("u", "admin", "何静", "administrator", OFFICE.id, "-", now(), totp_sealed="-")
    )  # fmt: skip
    await parts.store.add_session(digest(token), "u", now(), now() + timedelta(hours=1))
    person.sign_in(token)
    person.cookies[cookies.LANGUAGE] = "en"
    return person


async def test_from_the_file_to_the_receipt(app: web.Application, admin: Browser, provider: AliyunSimulator) -> None:
    given, tried = "given-messages-aliyun", "/systems/connections/messages/aliyun/test"
    await admin.get("/systems/connections")
    assert "does not work" in (await admin.post(tried, {given: PHONE})).text  # nothing is registered yet
    for name in ("test", "cancelled"):
        path = f"/outbox/templates/aliyun/{name}?language=zh"
        page = (await admin.get(path)).text
        written = re.search(r'id="parameters"[^>]*value="([^"]*)"', page)
        parameters = unescape(written[1]) if written else ""
        entered = {"code": f"SMS_{name}", "parameters": parameters, "state": "approved"}
        assert (await admin.post(path, entered)).status == 303
    await admin.get("/systems/connections")
    assert "works" in (await admin.post(tried, {given: PHONE})).text
    assert [one.said["TemplateCode"] for one in provider.held] == ["SMS_test"]

    parts = app[PARTS]
    made = parts.outbox.compose("east", "", "cancelled", PHONE, cancelled_text(OFFICE, "东投〔2026〕1号", now(), "zh"))
    moved = asyncio.Event()
    parts.outbox.moved.append(lambda _message: moved.set())
    await MessageStore(parts.database).put(made)
    parts.outbox.nudge()
    async with asyncio.timeout(20):
        await moved.wait()
    held = provider.held[-1]
    assert (held.id, held.said["SignName"], held.said["values"]["number"]) == (made.id, "东湖市监", "东投〔2026〕1号")
    assert "Given to the provider" in (await admin.get("/outbox")).text

    report = json.dumps(provider.report(held, "DELIVERED")).encode()
    for secret, status in (("guessed", 403), ("4f0c2d", 200), ("4f0c2d", 200)):
        answer = await admin.client.post(f"/api/receipts/aliyun/{secret}", data=report)
        assert answer.status == status
    page = (await admin.get("/outbox")).text
    assert "Arrived" in page
    assert "0.09 yuan" in page
    assert (await admin.client.post("/api/receipts/nobody/4f0c2d", data=report)).status == 404
