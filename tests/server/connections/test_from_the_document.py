"""An administrator connects a stock Keycloak, a provider of text messages, a telephone trunk and a seal of SM2 by what
docs/connect.md says alone: its sections, with this bureau's own addresses and secrets in them."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from offices import Office
from server.app.parts import PARTS
from server.app.wiring import create_app
from server.identity import digest, fresh_token
from server.identity.store import User
from server.rooms.phone import PROMPTS
from server.serving.settings import Settings
from tests import ROOT
from tests.browser.office import keycloak
from tests.server.app.office import NoMedia
from tests.server.connections.seal_service import CLIENT, SECRET as SEAL_SECRET, SealHouse, SealSimulator
from tests.server.outbox.carriers import KEY, SECRET as SMS_SECRET, AliyunSimulator
from tests.server.rooms.phone.telephone import free_port, telephone, tone
from tests.web.client import AiohttpClient, Browser, browser
from web.http import cookies

pytestmark = [
    pytest.mark.keycloak,
    pytest.mark.media,
    pytest.mark.long,
    pytest.mark.telephone,
]

OFFICE = Office("wuhan", "武汉市东湖高新区市场监管一所", "一所", "027-87001234", "东投", signature="东湖市监")
PHONE = "13900000812"
SECRETS = {
    "keycloak": keycloak.SECRET,
    "aliyun": SMS_SECRET,
    "aliyun-callback": "4f0c2d",
    "trunk": "1234",
    "eseal": SEAL_SECRET,
}
BLOCKS = re.findall(r"^```\n(.*?)^```$", (ROOT / "docs" / "connect.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)


def now() -> datetime:
    return datetime.now(UTC)


def section(begins: str, **own: str) -> str:
    """A block of the document, with what is this bureau's own in the place of the example's."""
    found: str
    (found,) = [block for block in BLOCKS if block.startswith(begins)]
    for name, value in own.items():
        found, count = re.subn(rf'^{name} = ("[^"]*"|\[.*?\]|\d+)', f"{name} = {value}", found, flags=re.MULTILINE)
        assert count == 1, name
    return found


@contextlib.asynccontextmanager
async def everything(folder: Path) -> AsyncIterator[str]:
    """All four run; the file that an administrator writes."""
    (secrets := folder / "secrets").mkdir()
    for name, said in SECRETS.items():
        (file := secrets / name).write_text(said)
        file.chmod(0o600)
    (prompts := folder / "prompts").mkdir()
    for name in PROMPTS:
        tone(prompts / f"{name}.wav", 700.0, 1.0)
    house = SealHouse()
    sms, eseal = AliyunSimulator(now), TestServer(SealSimulator(house).app())
    async with keycloak.running(folder) as provider, telephone(folder / "far") as far:
        await provider.set_up("https://tiaojie.example.cn")
        await sms.start()
        await eseal.start_server()
        common = section("offices = ")
        said = "\n".join([
            section("[sign_on.keycloak]", issuer=f'"{provider.issuer}"'),
            section("[messages.aliyun]\nprovider", access_key_id=f'"{KEY}"') + common,
            f'endpoint = "{sms.server.make_url("")}"',
            section(
                "[phone.trunk]", domain=f'"{far.address}:{far.port}"', register_every="0", peers='["127.0.0.2/32"]',
                listen=f'"127.0.0.1:{free_port("127.0.0.1")}"', interface='"127.0.0.1"',
                prompts=f'"{prompts}"',
            ),
            section(
                "[seal.province]", url=f'"{eseal.make_url("/eseal/sign")}"', client=f'"{CLIENT}"',
                office=f'"{OFFICE.id}"', authorities=f'"{house.pem(folder)}"',
            ),
        ])  # fmt: skip
        try:
            yield said.replace("/etc/yuntiao/secrets", str(secrets))
        finally:
            await sms.stop()
            await eseal.close()


async def administrator(folder: Path, file: Path, aiohttp_client: AiohttpClient) -> Browser:
    app = create_app(Settings(data=folder / "data", connections=file), NoMedia())
    person = await browser(aiohttp_client, app)
    parts, token = app[PARTS], fresh_token()
    await parts.store.add_office(OFFICE)
    await parts.store.add_user(User("u", "admin", "何静", "administrator", OFFICE.id, "-", now(), totp_sealed="-"))
    await parts.store.add_session(digest(token), "u", now(), now() + timedelta(hours=1))
    person.sign_in(token)
    person.cookies[cookies.LANGUAGE] = "en"
    return person


async def test_four_connections_work_by_what_the_document_says(tmp_path: Path, aiohttp_client: AiohttpClient) -> None:
    async with everything(tmp_path) as said:
        (file := tmp_path / "connections.toml").write_text(said, "utf-8")
        admin = await administrator(tmp_path, file, aiohttp_client)
        template = "/outbox/templates/aliyun/test?language=zh"  # registered with the provider, and entered here
        written = re.search(r'id="parameters"[^>]*value="([^"]*)"', (await admin.get(template)).text)
        parameters = unescape(written[1]) if written else ""
        entered = {"code": "SMS_test", "parameters": parameters, "state": "approved"}
        assert (await admin.post(template, entered)).status == 303
        page = await admin.get("/systems/connections")
        assert page.text.count("not used yet") == 4
        for kind, name, given in (
            ("sign_on", "keycloak", ""),
            ("messages", "aliyun", PHONE),
            ("phone", "trunk", PHONE),
            ("seal", "province", ""),
        ):
            form = {f"given-{kind}-{name}": given} if given else {}
            async with asyncio.timeout(40):
                tried = await admin.post(f"/systems/connections/{kind}/{name}/test", form)
                while "not started" in tried.text:  # the telephone's own process, which is on its way
                    tried = await admin.post(f"/systems/connections/{kind}/{name}/test", form)
            assert f"The connection to {name} works." in tried.text, re.findall(r"<code>.*?</code>", tried.text)
        page = await admin.get("/systems/connections")
        assert (page.text.count("last used"), "Tried in vain" in page.text) == (4, False)
        for secret in SECRETS.values():
            assert secret not in page.text
