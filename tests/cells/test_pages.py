"""What officers are shown of it, on pages of whole installations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from server.cells import store
from server.cells.service import complaint_here
from tests.cells import CITY, OTHER, PROVINCE, Cell, complaint, installations
from tests.cells.test_transfers import WHY, away, sent
from web import WINDOW
from web.http import cookies


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Cell, Cell]]:
    async with installations(tmp_path, CITY, OTHER) as (city, other):
        await city.knows(other)
        await other.knows(city)
        yield city, other


async def test_an_officer_sends_it_on_its_page_and_reads_there_what_came_back(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await city.parts.desk.register(city.mediator, complaint())
    status, text = await city.page(city.mediator, f"/complaints/{filed}")
    assert (status, "移送其他机关" in text, OTHER.name in text) == (200, True, True)
    step = f"/complaints/{filed}/procedure/transfer"
    id = (await other.cells.own()).id
    status, text = await city.page(city.mediator, step, cell=id, reason="")
    assert status == 422
    assert (await city.state(filed)).transfers.sent == ()
    await city.page(city.mediator, step, cell=id, reason=WHY)
    _, text = await city.page(city.mediator, f"/complaints/{filed}")
    assert "尚未收到接收回执" in text
    await city.told()
    _, text = await city.page(city.mediator, f"/complaints/{filed}")
    going = await away(city, filed)
    assert going.acknowledged is not None
    for said in (going.acknowledged.number, going.acknowledged.digest, f"移送{OTHER.name}：{WHY}"):
        assert said in text
    for act in ("更正登记", "上传附件", "全部确认", "/decide/accept"):  # nothing is done here any more
        assert act not in text
    there = complaint_here((await city.cells.own()).id, going.sent.transfer)
    _, text = await other.page(other.mediator, f"/complaints/{there}")
    assert (CITY.issuer in text, WHY in text, "退回移送机关" in text) == (True, True, True)
    await other.page(other.mediator, f"/complaints/{there}/procedure/send_back", reason="实际经营地在武汉")
    await other.told()
    _, text = await city.page(city.mediator, f"/complaints/{filed}")
    assert "实际经营地在武汉" in text
    assert "更正登记" in text


async def test_the_administrator_sees_who_is_known_and_what_waits(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    await other.close()
    await sent(city, other)
    await city.told()
    status, text = await city.page(city.administrator, "/systems/cells")
    own, theirs = await city.cells.own(), (await city.cells.cells(city.administrator))[0]
    assert status == 200
    for said in (own.key, own.fingerprint, theirs.fingerprint, theirs.address, "待对方确认", "该网址无法连接"):
        assert said in text
    assert (await city.page(city.mediator, "/systems/cells"))[0] == 403


async def test_a_province_reads_its_table_its_cities_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MONTHS", 3)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    async with installations(tmp_path, PROVINCE, CITY, OTHER) as (province, city, other):
        for cell in (city, other):
            await province.knows(cell, "below")
        await city.knows(province, "above")  # and the other one lets nobody read its figures
        for _ in range(3):
            await city.parts.desk.register(city.mediator, complaint(long_ago))
        await province.cells.figures.pull_now(province.supervisor)
        month = f"{long_ago + timedelta(hours=8):%Y-%m}"
        boss = province.supervisor
        _, text = await province.page(boss, "/statistics")
        assert 'href="/statistics/bureaus"' in text
        status, text = await province.page(boss, f"/statistics/bureaus?month={month}")
        assert (status, "2个机关中有1个未报送或者迟报" in text, "本月数据尚未报送" in text) == (200, True, True)
        theirs = (await city.cells.own()).id.rpartition("/")[2]
        status, text = await province.page(boss, f"/statistics/bureaus/{theirs}?month={month}")
        assert (status, "第1版" in text) == (200, True)
        assert (await province.page(boss, f"/statistics/bureaus/0123?month={month}"))[0] == 404
        status, text = await province.page(boss, f"/statistics/bureaus.csv?month={month}")
        rows = [line.split(",") for line in text.splitlines()]
        column = rows[0].index("接收投诉")
        assert [(row[0].lstrip("\ufeff"), row[column]) for row in rows[1:]] == [
            ("合计", "3"), (CITY.name, "3"), (OTHER.name, "0"),
        ]  # fmt: skip
        status, text = await province.page(boss, f"/statistics/bureaus/{theirs}/figures.csv?month={month}&edition=1")
        assert (status, text.splitlines()[1].split(",")[0].lstrip("\ufeff")) == (200, CITY.name)
        assert (await province.page(province.mediator, "/statistics/bureaus"))[0] == 403


async def test_the_complainant_reads_which_bureau_has_it_and_under_which_number(pair: tuple[Cell, Cell]) -> None:
    city, other = pair
    filed = await city.parts.desk.register(city.mediator, complaint())
    visit = await followed(city, filed)
    assert "正在决定是否受理" in await visit("/follow/state")
    assert "撤回投诉" in await visit("/follow/state")
    await sent(city, other, filed)
    on_its_way = await visit("/follow/state")
    assert f"您的投诉正在移送{OTHER.name}办理。" in on_its_way
    assert "撤回投诉" not in on_its_way, "nothing is decided here meanwhile"
    await city.told()
    receipt = (await away(city, filed)).acknowledged
    assert receipt is not None
    assert f"您的投诉现由{OTHER.name}办理，编号为{receipt.number}。" in await visit("/follow/state")
    assert f"这件投诉由{OTHER.name}办理" in await visit("/follow/photos")
    there = complaint_here((await city.cells.own()).id, receipt.transfer)
    theirs = await followed(other, there)
    assert "正在决定是否受理" in await theirs("/follow/state")
    await other.page(other.mediator, f"/complaints/{there}/procedure/send_back", reason="实际经营地在武汉")
    assert f"您的投诉现由{CITY.issuer}办理" in await theirs("/follow/state")
    await other.told()
    assert "正在决定是否受理" in await visit("/follow/state")


async def followed(cell: Cell, complaint: str) -> Callable[[str], Awaitable[str]]:
    """What the complainant is shown, who has confirmed their phone."""
    window, number = cell.app[WINDOW], (await cell.state(complaint)).record.number
    token = await window.follow(number, "13800005076", "127.0.0.1", "zh")
    messages, _ = await cell.parts.outbox._store.page([cell.office.id])
    code = next(one for one in messages if one.kind == "code")
    digits = re.search(r"\d{6}", cell.parts.seal.open(code.text_sealed, "message"))
    assert digits
    token = await window.confirm(token, digits[0], "127.0.0.1")

    async def shown(path: str) -> str:
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies({cookies.WINDOW: token, cookies.LANGUAGE: "zh"}, URL(cell.address))
        async with aiohttp.ClientSession(cell.address, cookie_jar=jar) as http, http.get(path) as answer:
            return await answer.text()

    return shown
