"""Exports as offices have them, through the real pages: every row comes in, what is unclear is asked once, history is
history."""

from __future__ import annotations

import asyncio
import csv
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pydantic import SecretStr
from sqlalchemy import select

from complaints.channels.mapping import IMPORTED, builtin, header_of
from complaints.channels.reading import ReadingContext, RowReader
from complaints.complaint import fold
from complaints.decisions import owed_notices
from complaints.state import Complaint, ComplaintState, stream
from server.app.demo import MEDIATOR
from server.app.wiring import PARTS
from server.db.engine import Database
from server.db.schema import complaint_facts, complaints, import_rows
from server.identity import digest, fresh_token
from server.imports.jobs import MapImportValueJob, unfinished_imports
from server.imports.values import suggested_businesses
from server.serving.settings import Settings
from tests.server.app.application import demo_app
from tests.server.app.office import PASSWORD
from tests.web.client import AiohttpClient, Browser, browser
from web.http import cookies

EXPORTS = Path(__file__).parent / "exports"


@dataclass
class Intake:
    person: Browser
    data: Path
    parts: Any

    @property
    def database(self) -> Database:
        found: Database = self.parts.database
        return found

    async def imported(self, name: str, channel: str = "", content: bytes = b"") -> str:
        """Upload, look, take; the address of the batch."""
        await self.person.get("/imports")
        form = aiohttp.FormData({"csrf": self.person.token, "channel": channel or name})
        form.add_field("file", content or (EXPORTS / f"{name}.csv").read_bytes(), filename=f"{name}.csv")
        async with self.person.client.post(
            "/imports", data=form, cookies=self.person.cookies, allow_redirects=False
        ) as response:
            assert response.status == 303, await response.text()
            where = response.headers["Location"]
        assert (await self.person.get(where)).status == 200
        answer = await self.person.post(f"{where}/start", {})
        assert answer.status == 303
        async with asyncio.timeout(300):
            while await asyncio.to_thread(unfinished_imports, self.data):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.05)
        return where

    async def complaints(self, *numbers: str) -> list[Complaint]:
        """By their numbers at the source, in their order; all there are of none given."""
        async with self.database.read() as connection:
            wanted = select(import_rows.c.complaint, import_rows.c.number).where(import_rows.c.outcome == "taken")
            ids = {row.number: row.complaint for row in await connection.execute(wanted)}
        found = [fold(await self.parts.journal.read(stream(ids[number]))) for number in numbers or ids]
        return [one for one in found if one is not None]

    async def count(self, table: Any) -> int:
        async with self.database.read() as connection:
            return len((await connection.execute(select(table))).all())


@pytest.fixture
async def intake(tmp_path: Path, aiohttp_client: AiohttpClient) -> Intake:
    app = demo_app(Settings(data=tmp_path, demo=True, demo_password=SecretStr(PASSWORD)))
    person = await browser(aiohttp_client, app)
    parts = app[PARTS]
    user = await parts.store.user_by_login(MEDIATOR)
    assert user is not None
    token, at = fresh_token(), datetime.now(UTC)
    await parts.store.add_session(digest(token), user.id, at, at + timedelta(hours=1))
    person.sign_in(token)
    person.cookies[cookies.LANGUAGE] = "en"
    return Intake(person, tmp_path, parts)


@pytest.mark.parametrize("name", [*IMPORTED, "english"])
async def test_every_row_of_a_channels_export_comes_in(intake: Intake, name: str) -> None:
    where = await intake.imported(name, "hotline" if name == "english" else name)
    page = (await intake.person.get(where)).text
    with (EXPORTS / f"{name}.csv").open(encoding="utf-8") as file:
        rows = sum(1 for _ in csv.reader(file)) - (2 if name == "hotline" else 1)
    async with intake.database.read() as connection:
        outcomes = Counter((await connection.execute(select(import_rows.c.outcome))).scalars())
    assert outcomes["taken"] + outcomes["apart"] == rows
    linked = re.findall(r'href="(/(?:complaints|consultations)/[0-9a-f]{32})"', page)
    assert len(set(linked)) == rows
    for link in linked[:2]:
        assert (await intake.person.get(link)).status == 200


async def test_a_business_that_only_the_text_names_is_suggested_and_named_by_one_press(intake: Intake) -> None:
    await intake.imported("board")
    titles = {one.record.sources[0].number: one.record.business.title for one in await intake.complaints()}
    assert set(titles.values()) == {""}
    async with intake.database.read() as connection:
        wanted = select(import_rows.c.complaint).where(import_rows.c.number == "LY-20260602-0007")
        complaint = (await connection.execute(wanted)).scalar_one()
    page = await intake.person.get(f"/complaints/{complaint}")
    assert 'value="武汉优学教育科技有限公司"' in page.text
    assert 'value="甲公司"' not in page.text  # it stands in the subject, which is never asked
    assert 'id="answer"' not in page.text  # nobody can be asked yet, and the page leads to naming
    assert 'href="#name-business"' in page.text
    refused = await intake.person.post(f"/complaints/{complaint}/decide/accept", {})
    assert refused.status == 409
    assert "which business this is about" in refused.text
    answer = await intake.person.post(f"/complaints/{complaint}/business", {"name": "武汉优学教育科技有限公司"})
    assert answer.status == 303
    (named,) = await intake.complaints("LY-20260602-0007")
    assert named.record.business.organisation == "武汉优学教育科技有限公司"
    assert named.amendments[0].changes[0].field == "business.organisation"
    page = await intake.person.get(f"/complaints/{complaint}")
    assert 'id="answer"' not in page.text  # and now its number is missing
    assert page.text.count(f'href="/complaints/{complaint}/amend"') > 1
    told = {"tell": "otherwise", "whom_consumer": "yes", "way": "phone"}
    answer = await intake.person.post(f"/complaints/{complaint}/decide/accept", told)
    assert "which business this is about" not in answer.text
    assert "武汉优学教育科技有限公司" in (await intake.person.get("/complaints")).text


async def test_a_selection_of_businesses_is_looked_over_before_it_is_named(intake: Intake) -> None:
    where = await intake.imported("board")
    page = (await intake.person.get(where)).text
    offered = dict(re.findall(r'name="(name-[0-9a-f]{32})" maxlength="120" value="([^"]+)"', page))
    assert set(offered.values()) == {"光谷云端健身会所", "武汉优学教育科技有限公司", "鲜果时光水果店", "优品数码旗舰店"}
    picked = {name.replace("name-", "pick-"): "1" for name in offered}
    preview = await intake.person.post(f"{where}/names", {**offered, **picked})
    assert preview.status == 200
    assert all(name in preview.text for name in offered.values())
    assert {one.record.business.title for one in await intake.complaints()} == {""}
    sure = await intake.person.post(f"{where}/names", {**offered, **picked, "confirmed": "1"})
    assert sure.status == 303
    named = Counter(one.record.business.title for one in await intake.complaints())
    assert named == Counter(["", "", *offered.values()])
    nothing = await intake.person.post(f"{where}/names", {})
    assert nothing.status == 422


async def test_a_word_nobody_knew_is_mapped_once_for_good(intake: Intake) -> None:
    where = await intake.imported("hotline")
    page = (await intake.person.get(where)).text
    assert "服务合同纠纷" in page
    first, second = await intake.complaints("GD2026060800077", "GD2026060800093")
    assert [(one.record.problem_class, one.record.problem) for one in (first, second)] == [
        ("other", "服务合同纠纷"), ("other", "诉求-市场监管-餐饮卫生"),
    ]  # fmt: skip
    chosen = {"value-problem_class-服务合同纠纷": "contract", "value-problem_class-诉求-市场监管-餐饮卫生": "safety"}
    assert (await intake.person.post(f"{where}/values", chosen)).status == 303
    page = (await intake.person.get(where)).text
    assert "“服务合同纠纷” is not known here" not in page
    assert "“服务合同纠纷” means Contract" in page
    first, second = await intake.complaints("GD2026060800077", "GD2026060800093")
    assert [(one.record.problem_class, one.record.unknown) for one in (first, second)] == [
        ("contract", ()), ("safety", ()),
    ]  # fmt: skip
    # The same file once more says nothing new; another one is known at once, in any channel.
    again = await intake.imported("hotline")
    assert (await intake.person.get(again)).status == 200
    async with intake.database.read() as connection:
        counted = Counter((await connection.execute(select(import_rows.c.outcome))).scalars())
    assert (counted["refused"], counted["updated"], counted["duplicate"]) == (0, 0, 6)
    other = "登记编号,登记时间,企业名称,投诉内容,问题类别\nNEW-1,2026-06-21 09:00,甲,乙,服务合同纠纷\n"
    await intake.imported("other", "12315", other.encode())
    (new,) = await intake.complaints("NEW-1")
    assert (new.record.problem_class, new.record.unknown) == ("contract", ())


async def test_a_word_of_a_great_import_is_mapped_by_the_job_process_which_can_begin_anew(intake: Intake) -> None:
    where = await intake.imported("hotline")
    claim: Any = None  # of which it makes no use
    job, by = MapImportValueJob(intake.data), {"id": "zhou", "name": "周敏", "role": "mediator", "office": ""}
    (before,) = await intake.complaints("GD2026060800077")
    by["office"] = before.record.office
    for _ in range(2):
        await job(claim, where.rsplit("/", 1)[1], "problem_class", "服务合同纠纷", "contract", by)
    (after,) = await intake.complaints("GD2026060800077")
    assert (after.record.problem_class, len(after.amendments)) == ("contract", 1)


async def test_a_status_that_was_not_known_becomes_history_once_it_is_mapped(intake: Intake) -> None:
    where = await intake.imported("petition")
    (waiting,) = await intake.complaints("XF-2026-0552")
    assert waiting.state is ComplaintState.REGISTERED
    assert (await intake.person.post(f"{where}/values", {"value-status-转送中": "closed"})).status == 303
    (over,) = await intake.complaints("XF-2026-0552")
    assert over.state is ComplaintState.CLOSED
    assert over.record.earlier is not None
    assert (over.record.earlier.said, over.record.unknown) == ("转送中", ())


async def test_a_value_that_means_nothing_here_is_refused(intake: Intake) -> None:
    where = await intake.imported("hotline")
    answer = await intake.person.post(f"{where}/values", {"value-problem_class-服务合同纠纷": "weather"})
    assert answer.status in (400, 409, 422)
    (kept,) = await intake.complaints("GD2026060800077")
    assert kept.record.problem_class == "other"


async def test_five_years_of_history_leave_a_desk_with_todays_work_only(intake: Intake) -> None:
    desk_before = await due(intake)
    await intake.imported("12315")
    found = {one.record.sources[0].number[-2:]: one for one in await intake.complaints()}
    states = {number: (one.state.value, one.closed_from and one.closed_from.value) for number, one in found.items()}
    assert states == {
        "45": ("closed", "settled"), "46": ("closed", "ended"), "47": ("closed", "refused"), "48": ("closed", "ended"),
        "49": ("closed", None), "50": ("accepted", None), "51": ("registered", None),
    }  # fmt: skip
    async with intake.database.read() as connection:
        rows = {row.number: row for row in await connection.execute(select(complaints))}
    running = {one.record.sources[0].number[-2:]: rows[one.record.number].running for one in found.values()}
    assert {number for number, clock in running.items() if clock} == {"50", "51"}
    assert (running["50"], running["51"]) == ("mediate", "accept")
    telling = {rows[one.record.number].telling for one in found.values()}
    assert telling == {""}
    assert [owed_notices(one) for one in found.values()] == [()] * 5 + [[], []]
    assert len(await due(intake)) == len(desk_before) + 2
    assert found["45"].record.number.split("〔")[1].startswith("2021")
    assert "不予受理" in (await intake.person.get(f"/complaints/{await id_of(intake, found['47'])}")).text


async def test_statistics_count_history_in_the_years_it_happened_in(intake: Intake) -> None:
    await intake.imported("12315")
    ids = {await id_of(intake, one): one.record.sources[0].number[-2:] for one in await intake.complaints()}
    async with intake.database.read() as connection:
        rows = await connection.execute(select(complaint_facts).where(complaint_facts.c.id.in_(ids)))
        facts = {ids[row.id]: row for row in rows}
    assert (facts["45"].received, facts["45"].accepted, facts["45"].settled) == (
        date(2021, 3, 2), date(2021, 3, 5), date(2021, 3, 26),
    )  # fmt: skip
    assert (facts["45"].recovered, facts["45"].closed, facts["45"].days_to_handling) == (3299, date(2021, 3, 26), 24)
    assert (facts["46"].ended, facts["46"].told, facts["46"].settled) == (date(2022, 1, 7), date(2022, 1, 7), None)
    assert (facts["47"].refused, facts["47"].accepted, facts["47"].handled) == (
        date(2022, 6, 24), None, date(2022, 6, 24),
    )  # fmt: skip
    assert (facts["49"].handled, facts["49"].settled, facts["49"].ended) == (date(2024, 9, 12), None, None)
    assert (facts["50"].accepted, facts["50"].handled) == (date(2025, 12, 24), None)


async def test_an_import_of_history_can_be_taken_back(intake: Intake) -> None:
    where = await intake.imported("12315")
    assert (await intake.person.post(f"{where}/undo", {"reason": "wrong file"})).status == 303
    assert {one.state for one in await intake.complaints()} == {ComplaintState.UNDONE}


async def test_what_the_channel_says_later_of_one_it_handles_itself_is_taken_over(intake: Intake) -> None:
    await intake.imported("12315")
    later = (EXPORTS / "12315.csv").read_text("utf-8").replace("办理中,,,,", "已办结,调解成功,2026-06-22,100,")
    await intake.imported("later", "12315", later.encode())
    (done,) = await intake.complaints("1420111002026050012350")
    assert (done.state, done.closed_from) == (ComplaintState.CLOSED, ComplaintState.SETTLED)


async def due(intake: Intake) -> list[str]:
    """Numbers of complaints whose clock runs."""
    async with intake.database.read() as connection:
        return list((await connection.execute(select(complaints.c.number).where(complaints.c.running != ""))).scalars())


async def id_of(intake: Intake, complaint: Complaint) -> str:
    async with intake.database.read() as connection:
        wanted = select(complaints.c.id).where(complaints.c.number == complaint.record.number)
        return str((await connection.execute(wanted)).scalar_one())


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ("我在光谷云端健身会所办了年卡，闭店两个月不退钱。", ["光谷云端健身会所"]),
        ("在拼多多“优品数码旗舰店”买手机，收到翻新机。", ["优品数码旗舰店"]),
        ("被投诉商家：阿强烧烤\n吃坏肚子", ["阿强烧烤"]),
        ("在老李水果店隔壁的鲜果时光水果店买了一箱苹果", ["鲜果时光水果店", "老李水果店"]),
        ("楼下超市卖过期牛奶", []),
        ("小区门口停车收费涨到每小时10元", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_text_suggests_the_businesses_it_names(facts: str, names: list[str]) -> None:
    assert list(suggested_businesses(facts)) == names


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(IMPORTED), st.lists(_WORDS, min_size=9, max_size=9))
def test_no_row_is_ever_lost_whatever_its_cells_say(channel: str, cells: list[str]) -> None:
    mapping = builtin(channel)
    fields = ["problem_class", "requests", "mode", "kind", "status", "urgency", "consumer_sex", "secret", "title"]
    header = header_of(mapping, [*(mapping.columns[field][0] for field in fields), mapping.columns["facts"][0]])
    place = ReadingContext("o", "东高一投", "Asia/Shanghai", datetime(2026, 6, 24, tzinfo=UTC))
    (row,) = RowReader(mapping, header, place).read([(1, [*cells, "经过"])])
    assert row.filing is not None or row.apart is not None or row.problems
    if row.filing is not None:
        said = {one.said for one in row.filing.unknown}
        assert {one.params.get("value") for one in row.notes if one.code == "unknown_value"} == said
