"""The pages of imports on the real application: look, take, mend, undo, and a mapping of one's own."""

from __future__ import annotations

import asyncio
import html
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from server.app.demo import MEDIATOR
from server.app.wiring import PARTS
from server.identity import digest, fresh_token
from server.imports.jobs import unfinished_imports
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.server.imports.conftest import FULL, line
from tests.web.client import AiohttpClient, Answer, Browser, browser
from web.http import cookies


@dataclass
class Desk:
    person: Browser
    data: Path

    async def upload(self, *lines: str, channel: str = "hotline") -> Answer:
        await self.person.get("/imports")
        form = aiohttp.FormData({"csrf": self.person.token, "channel": channel})
        text = "\n".join([FULL, *lines, ""]) if lines else ""
        form.add_field("file", text.encode(), filename="export.csv", content_type="text/csv")
        async with self.person.client.post(
            "/imports", data=form, cookies=self.person.cookies, allow_redirects=False
        ) as response:
            assert response.status == 303, await response.text()
            return await self.person.get(response.headers["Location"])

    async def taken(self, page: Answer) -> Answer:
        """Press "Import it", and look again until the job process has read the file."""
        answer = await self.press(page, "/start")
        async with asyncio.timeout(300):
            while await asyncio.to_thread(unfinished_imports, self.data):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.05)
        return await self.person.follow(answer)

    async def press(self, page: Answer, ending: str, **form: str) -> Answer:
        found = re.search(rf'action="(/imports/[^"]*{ending})"', page.text)
        assert found, page.text
        return await self.person.post(found[1], form)


@pytest.fixture
async def desk(tmp_path: Path, aiohttp_client: AiohttpClient) -> Desk:
    settings = Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD))
    app = demo_app(settings)
    person = await browser(aiohttp_client, app)
    parts = app[PARTS]
    user = await parts.store.user_by_login(MEDIATOR)
    assert user is not None
    token, at = fresh_token(), datetime.now(UTC)
    await parts.store.add_session(digest(token), user.id, at, at + timedelta(hours=1))
    person.sign_in(token)
    person.cookies[cookies.LANGUAGE] = "en"
    return Desk(person, tmp_path)


async def test_a_file_is_looked_at_first_and_taken_when_the_officer_says_so(desk: Desk) -> None:
    page = await desk.upload(line("HL-1"), line("HL-2", amount="三百"))
    assert "Consumer: phone" in page.text
    assert "金额(元): This is not an amount in yuan." in page.text
    assert "export.csv" in (await desk.person.get("/imports")).text
    assert "甲健身馆" not in (await desk.person.get("/complaints")).text
    page = await desk.taken(page)
    assert "Done" in page.text
    assert "甲健身馆" in (await desk.person.get("/complaints")).text


async def test_a_refused_row_is_mended_on_its_page(desk: Desk) -> None:
    page = await desk.taken(await desk.upload(line("HL-1", phone="1.38E+10", amount="三百")))
    row = re.search(r'href="(/imports/[^"]*/rows/2)"', page.text)
    assert row, page.text
    form = await desk.person.get(row[1])
    assert "cut this number off" in form.text
    fields = dict(re.findall(r'<label for="(cell\d+)">([^<]+)', form.text))
    by_name = {name: id for id, name in fields.items()}
    again = await desk.person.post(row[1], {by_name["联系电话"]: "13800001234"})
    assert again.status == 422
    assert "This is not an amount in yuan." in again.text
    assert "cut this number off" not in again.text
    mended = await desk.person.post(row[1], {by_name["金额(元)"]: "300"})
    assert mended.status == 303
    assert "甲健身馆" in (await desk.person.get("/complaints")).text


async def test_a_row_nobody_wants_is_dropped_for_a_reason(desk: Desk) -> None:
    page = await desk.taken(await desk.upload(line("HL-1", phone="12")))
    found = re.search(r'href="(/imports/[^"]*/rows/2)"', page.text)
    assert found
    assert (await desk.person.post(f"{found[1]}/drop", {"reason": ""})).status == 422
    assert (await desk.person.post(f"{found[1]}/drop", {"reason": "测试件"})).status == 303
    assert (await desk.person.get(found[1])).status == 404


async def test_an_import_is_undone_for_a_reason(desk: Desk) -> None:
    page = await desk.taken(await desk.upload(line("HL-1")))
    assert (await desk.press(page, "/undo", reason="")).status == 422
    answer = await desk.person.follow(await desk.press(page, "/undo", reason="上错了文件"))
    assert "Undone" in answer.text
    assert "Taken back" in (await desk.person.get("/complaints?state=undone")).text


async def test_a_file_that_cannot_be_read_says_why_and_is_not_offered(desk: Desk) -> None:
    page = await desk.upload()
    assert "There is nothing in this file." in page.text
    assert "/start" not in page.text
    assert (await desk.press(page, "/discard")).location == "/imports"
    assert not list((desk.data / "imports").iterdir())


async def test_a_mapping_of_before_is_told_what_it_does_not_read_and_takes_it_up_by_one_press(desk: Desk) -> None:
    def edited(page: str) -> dict[str, Any]:
        found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S)
        assert found
        return dict(json.loads(html.unescape(found[1])))

    known = edited((await desk.person.get("/imports/mappings/hotline")).text)
    gone = known["columns"].pop("consumer_address")
    known["columns"]["facts"] = ["性别", gone[0]]  # this header reads something else here
    old = await desk.person.follow(await desk.person.post("/imports/mappings/hotline", {"mapping": json.dumps(known)}))
    assert "reads more than this one" in old.text
    answer = await desk.person.post("/imports/mappings/hotline", {"mapping": json.dumps(known), "add": "1"})
    new = await desk.person.follow(answer)
    assert edited(new.text)["columns"] == known["columns"] | {"consumer_address": gone[1:]}
    assert "reads more than this one" not in new.text


async def test_an_office_edits_its_mapping_and_a_mistake_is_named(desk: Desk) -> None:
    page = await desk.person.get("/imports/mappings/hotline")
    assert page.status == 200
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.S)
    assert found
    plain = json.loads(found[1].replace("&#34;", '"').replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
    plain["columns"]["facts"] = ["性别"]
    bad = await desk.person.post("/imports/mappings/hotline", {"mapping": json.dumps(plain | {"keep": [1]})})
    assert bad.status == 422
    assert "The mapping has a mistake" in bad.text
    answer = await desk.person.post("/imports/mappings/hotline", {"mapping": json.dumps(plain)})
    saved = await desk.person.follow(answer)
    assert "its own mapping" in saved.text
    preview = await desk.upload(line("HL-1"))
    assert '<span lang="zh-CN">女士</span><br>' in preview.text
    assert re.search(r"<dt>性别</dt><dd>Facts</dd><dd>Consumer: sex</dd>", preview.text)
    assert "taken from the column “来电时间”" in preview.text
    assert "received on 8 June 2026, to be decided on by 17 June 2026" in preview.text
    back = await desk.person.follow(await desk.person.post("/imports/mappings/hotline", {"back": "1"}))
    assert "comes with" in back.text
