"""The schema for provinces, its page, and the example receiver, run against the real program."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer, unused_port
from pydantic import SecretStr

from complaints.channels.platforms import builtin
from complaints.commands import Accept
from complaints.views import ComplaintFilter
from journal import Actor
from server.app.demo import OFFICE
from server.app.parts import PARTS
from server.complaints import exchange as wire
from server.complaints.exchange.service import ExchangeService
from server.serving.settings import Settings
from tests import ROOT
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.tools import exchange as tool
from web.office.complaints.exchange import EXCHANGE

EXAMPLE = ROOT / "docs" / "examples" / "exchange_receiver.py"
SECRET = "a-secret-both-sides-know"
ROWS = [
    {
        "number": "SP20260001",
        "facts": "预付卡余额2,000元，商家停业，要求退款。",
        "received": "2026-11-30T09:30:00+08:00",
        "consumer_name": "丁小禾",
        "consumer_phone": "13800005076",
        "business_name": "武汉知遇桥信息技术有限公司",
        "requests": "退还费用",
        "finish_due": "15个工作日",
    }
]


def test_schema_and_page_are_written_from_the_classes() -> None:
    assert tool.SCHEMA.read_text("utf-8") == tool.schema_text(), "python -m tests.tools.exchange"
    said = tool.PAGE.read_text("utf-8")
    assert tool.page_text(said) == said, "python -m tests.tools.exchange"


def test_the_mapping_of_our_own_schema_has_its_members_and_no_others() -> None:
    platform = builtin("yuntiao")
    assert set(platform.intake.values()) == set(wire.ComplaintRow.model_fields)
    for table, row in (("progress", wire.ProgressRow), ("receipt", wire.ReceiptRow), ("count", wire.CountRow)):
        assert set(platform.rows[table]) == set(row.model_fields)


def test_a_later_minor_version_and_members_to_come_are_taken() -> None:
    text = {"version": "yuntiao-exchange/1.7", "kind": "hello", "at": "2026-12-01T00:00:00Z", "later": [1]}
    assert isinstance(wire.read(json.dumps(text).encode()), wire.Hello)
    for version in ("yuntiao-exchange/2.0", "yuntiao-exchange/1", ""):
        with pytest.raises(wire.BadDocument):
            wire.read(json.dumps(text | {"version": version}).encode())


@asynccontextmanager
async def receiver(folder: Path, port: int) -> AsyncIterator[Path]:
    """The example, as a process of its own; the file that it keeps."""
    env = {**os.environ, "EXCHANGE_SECRET": SECRET}
    kept = folder / "exchange.json"
    running = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), "--port", str(port), "--file", str(kept), env=env
    )
    try:
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    async with http.get(f"http://127.0.0.1:{port}/"):
                        break
                except aiohttp.ClientConnectorError:
                    assert running.returncode is None
        yield kept
    finally:
        running.terminate()
        await running.wait()


async def sends(folder: Path, address: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the example prints."""
    (file := folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    env = {**os.environ, "EXCHANGE_SECRET": SECRET}
    ran = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), "--yuntiao", address, "--send", str(file), env=env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await ran.communicate()
    assert ran.returncode == 0
    told: dict[str, Any] = json.loads(out)
    return told


async def test_the_example_exchanges_with_the_real_program(tmp_path: Path) -> None:
    port = unused_port()
    (secret := tmp_path / "secret").write_text(SECRET)
    secret.chmod(0o600)
    (connections := tmp_path / "connections.toml").write_text(
        f'[exchange.province]\noffice = "{OFFICE.id}"\nchannel = "hotline"\nurl = "http://127.0.0.1:{port}/exchange"\n'
        f'secret = {{ file = "{secret}" }}\n'
    )
    settings = Settings(data=tmp_path / "data", demo=True, demo_password=SecretStr(PASSWORD), connections=connections)
    app = demo_app(settings)
    async with receiver(tmp_path, port) as kept, TestServer(app) as server:
        address = str(server.make_url("/api/exchange/v1/province"))
        first = await sends(tmp_path, address, ROWS)
        again = await sends(tmp_path, address, ROWS)
        (one,), (two,) = first["rows"], again["rows"]
        assert (one["outcome"], two["outcome"]) == ("taken", "again")
        assert (one["receipt"], one["own_number"]) == (two["receipt"], two["own_number"])

        parts = app[PARTS]
        officer = next(user for user in await parts.store.users_of(OFFICE.id) if user.role == "mediator")
        standing = await parts.officers.standing(officer.id)
        assert standing is not None
        desk = app[EXCHANGE]
        assert isinstance(desk, ExchangeService)
        found = await parts.reads.complaints(standing, ComplaintFilter(search="SP20260001"))
        complaint = found.rows[0].id
        acting = Actor("officer", standing.id, standing.name, "mediator", OFFICE.id)
        await parts.complaints.submit(complaint, Accept(), acting)
        while [one.state for one in (await desk.of_complaint(standing, complaint)).statements] != ["sent", "sent"]:
            await desk.traffic.deliver_due()
        known = json.loads(kept.read_text("utf-8"))
        assert known["SP20260001"]["stage"] == "accepted"
        assert "受理" in known["SP20260001"]["statements"]["2"]["feedback"]
        async with aiohttp.ClientSession() as http, http.post(address, data=b"{}") as refused:
            assert refused.status == 401
