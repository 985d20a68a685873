"""The registers of reports and of consultations as workbooks: the list as it is narrowed, without who came."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from openpyxl import load_workbook

from complaints.leads import ConsultationRow, LeadRow
from offices import Officer
from tests.web.client import Browser
from tests.web.fakes import LIN, World
from tests.web.fakes.accounts.officers import Account

TITLE = "=HYPERLINK(“举报短斤少两”)"
ROWS = (
    LeadRow(
        "r1", "东高一投举〔2026〕0001号", "report", "decided", TITLE, datetime(2026, 6, 23, 17, tzinfo=UTC), None,
        owner_name="查问", outcome="case", channel="12315", informant="named", in_time=False,
    ),
    LeadRow(
        "r2", "东高一投举〔2026〕0002号", "report", "open", "夸大宣传", datetime(2026, 6, 20, 2, tzinfo=UTC),
        date(2026, 7, 11), informant="anonymous",
    ),
)  # fmt: skip


async def test_the_list_is_saved_as_it_is_narrowed_and_no_cell_is_a_formula(world: World, zhou: Browser) -> None:
    world.reports.rows = ROWS
    inspector = Officer("u-cha", "cha", "查问", "inspector", LIN.office, totp=False)
    world.identity.accounts[inspector.login] = Account(inspector, "")
    zhou.sign_in(world.identity.token(inspector.login))
    page = await zhou.get("/reports?first=2026-06-01&last=2026-06-30&state=decided")
    address = "/reports/register.xlsx?first=2026-06-01&last=2026-06-30&state=decided"
    assert f'href="{address.replace("&", "&amp;")}"' in page.text
    answer = await zhou.client.get(address, cookies=zhou.cookies)
    asked = world.reports.asked
    assert asked is not None
    assert (asked.first, asked.state) == (date(2026, 6, 1), "decided")
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    heads, *rows = sheet.iter_rows(values_only=True)
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [row["Number"] for row in told] == [row.number for row in ROWS]
    assert told[0] == {
        "Number": ROWS[0].number, "Received at": "2026-06-24 01:00", "Came through": "National 12315 platform",
        "Informant": "by name", "About": TITLE, "Verifying officer": "查问", "State": "decision made", "Due": None,
        "Outcome": "A case is opened", "Decided in time": "past its period",
    }  # fmt: skip
    assert told[1]["Came through"] == "Split off complaints"
    assert told[1]["Due"].date() == date(2026, 7, 11)
    assert [sheet["E2"].data_type, sheet["E2"].quotePrefix] == ["s", True]


async def test_a_register_that_is_cut_short_says_so_in_its_last_row(world: World, zhou: Browser) -> None:
    world.reports.rows, world.reports.more = ROWS, True
    zhou.sign_in(world.identity.token("lin"))
    answer = await zhou.client.get("/reports/register.xlsx", cookies=zhou.cookies)
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    assert "narrow the list" in str(list(sheet.iter_rows(values_only=True))[-1][0])


async def test_consultations_are_saved_as_they_are_narrowed_without_who_asked(world: World, zhou: Browser) -> None:
    world.consultations.rows = [
        ConsultationRow(
            "c1", "东高一投询〔2026〕0001号", "disclosure", "answered", "=申请公开检查结果",
            datetime(2026, 6, 23, 17, tzinfo=UTC), "12345", date(2026, 6, 25),
        )
    ]  # fmt: skip
    world.consultations.more = True
    page = await zhou.get("/consultations?state=answered&kind=disclosure")
    address = "/consultations/register.xlsx?state=answered&kind=disclosure"
    assert f'href="{address.replace("&", "&amp;")}"' in page.text
    answer = await zhou.client.get(address, cookies=zhou.cookies)
    assert world.consultations.asked == ("answered", "disclosure")
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    heads, row, last = sheet.iter_rows(values_only=True)
    told = dict(zip(heads, row, strict=True))
    assert (told["Number"], told["Received at"], told["About"], told["State"]) == (
        "东高一投询〔2026〕0001号", "2026-06-24 01:00", "=申请公开检查结果", "answered",
    )  # fmt: skip
    assert sheet["E2"].data_type == "s"
    assert "narrow the list by kind or state" in str(last[0])
