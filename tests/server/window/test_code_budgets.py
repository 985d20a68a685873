"""Whoever knows a party's number asks for codes at the public window, and the party gets theirs all the same."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from complaints.public_views import WindowFiling
from journal.clock import utc_now
from journal.refusals import Refused
from offices import Officer
from server.app.demo import MEDIATOR
from server.app.wiring import create_app
from server.identity.codes import SigningCodes
from server.serving.settings import Settings
from tests.server.app.office import PASSWORD, NoMedia, filing
from tests.server.window.test_window import codes_sent, parts
from tests.web.client import AiohttpClient, Browser, browser
from web import WINDOW
from web.room import SIGNING

PHONE = "13800005076"
IP = "192.0.2.66"


@pytest.fixture
async def attacker(tmp_path: Path, aiohttp_client: AiohttpClient) -> Browser:
    settings = Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD))
    return await browser(aiohttp_client, create_app(settings, NoMedia()))


async def standing(attacker: Browser) -> Officer:
    user = await parts(attacker).store.user_by_login(MEDIATOR)
    assert user is not None
    officer = await parts(attacker).officers.standing(user.id)
    assert officer is not None
    return officer


async def flood(attacker: Browser) -> int:
    """Five public requests to file against one number and twenty to follow, each from an address of its own; how many
    codes to file went out."""
    window = attacker.client.server.app[WINDOW]  # type: ignore[attr-defined]
    (office, *_) = await window.offices()
    filing_in = WindowFiling(
        office=office.id, title="x", request="退款", facts="y", amount=None, name="路人", phone=PHONE, city="",
        business_name="某店", business_phone="", business_city="", business_address="", requests=("refund",),
    )  # fmt: skip
    sent = 0
    for n in range(5):
        with contextlib.suppress(Refused):
            await window.file(await window.begin(f"192.0.2.{n}"), filing_in, f"192.0.2.{n}")
            sent += 1
    for n in range(20):
        with contextlib.suppress(Refused):
            await window.follow("东高一投〔2026〕1号", PHONE, f"198.51.100.{n}", "zh")
    return sent


async def test_whoever_knows_a_number_locks_its_owner_out_of_no_mediation_and_no_signature(attacker: Browser) -> None:
    at = parts(attacker)
    mediator = await standing(attacker)
    complaint = await at.desk.register(mediator, filing(utc_now(), PHONE))
    session = await at.desk.schedule(mediator, complaint, utc_now() + timedelta(days=1), [])
    link = await at.links.issue(mediator, session, "consumer", send=False)
    assert await flood(attacker) == 1  # the phone itself is not flooded
    device = await at.links.begin(link.url.rpartition("/j/")[2])
    await at.links.send_code(device, IP)
    codes = attacker.client.server.app[SIGNING]._at.codes  # type: ignore[attr-defined]
    assert isinstance(codes, SigningCodes)
    await codes.send("sign", mediator.office.id, complaint, session, "consumer", "a" * 64, "1号", IP)
    await flood(attacker)
    with pytest.raises(Refused) as no:
        await at.links.send_code(device, IP)  # their own budget, and that alone
    assert no.value.params["seconds"] <= 60


@pytest.mark.parametrize("there", [True, False])
async def test_a_complaints_number_has_one_budget_however_it_is_written(attacker: Browser, there: bool) -> None:
    complaint = await parts(attacker).desk.register(await standing(attacker), filing(utc_now(), PHONE))
    number = (await parts(attacker).complaints.state(complaint)).record.number
    number = number if there else "没有投〔2026〕0001号"
    window = attacker.client.server.app[WINDOW]  # type: ignore[attr-defined]
    await window.follow(number, PHONE, IP, "zh")
    for n, otherwise in enumerate((f" {number} ", number.replace("〔", "[").replace("〕", "]"), number.rstrip("号"))):
        with pytest.raises(Refused) as no:
            await window.follow(otherwise, PHONE, f"198.51.100.{n}", "zh")
        assert no.value.code == "too_many_codes"
    assert await codes_sent(attacker) == (1 if there else 0)


async def test_the_public_window_floods_no_phone(attacker: Browser) -> None:
    assert await flood(attacker) == 1
    assert await codes_sent(attacker) == 1
