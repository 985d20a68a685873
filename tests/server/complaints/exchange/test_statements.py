"""What a platform has to be told, however its complaint came and whatever became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from complaints.channels.platforms import builtin
from complaints.commands import Accept
from complaints.exchange import BeginPriorSettlement, EndPriorSettlement
from complaints.leads import DecideLead, LeadOpened, LeadService
from complaints.procedure import NoteLead
from complaints.record import SourceNumber
from complaints.record.changes import KeepMerged, MergeInto
from server.complaints.officer_store import board
from server.db.projections import rebuild
from server.rooms.agenda_store import AlertStore
from tests.contracts.exchange_contract import MEDIATOR, NAME, ZHOU, ExchangeHouse, csv, exchange_house
from tests.contracts.platform_simulator import complaint_row
from tests.server.app.office import FIRST
from tests.web.client import AiohttpClient


@pytest.fixture
async def house(tmp_path: Path, sqlite_template: Path, aiohttp_client: AiohttpClient) -> AsyncIterator[ExchangeHouse]:
    async with exchange_house(builtin("12345"), tmp_path, sqlite_template, aiohttp_client) as made:
        yield made


async def imported(house: ExchangeHouse, *rows: dict[str, str]) -> None:
    """A file of the platform, by Imports."""
    mapping = await house.batches.mapping(FIRST.id, "hotline")
    batch = await house.batches.begin(FIRST, ZHOU, mapping, csv([{**row} for row in rows]), "export.csv")
    batch = await house.batches.run(batch, FIRST)
    assert batch.refused == 0


def row(house: ExchangeHouse, number: str, **changes: str) -> dict[str, str]:
    return complaint_row(house.platform, number, facts="购买三千积分，要求退款被拒。", **changes)


async def test_a_file_of_theirs_is_receipted_too_and_once(house: ExchangeHouse) -> None:
    for _ in range(2):
        await imported(house, row(house, "20260001"), row(house, "20260002"))
    complaint = await house.complaint("20260001")
    assert await house.states(complaint) == [("received", "queued")]
    assert await house.traffic.deliver_due() == 2
    assert await house.states(complaint) == [("received", "sent")]
    assert {row["办理环节"] for row in house.simulator.came} == {"已签收"}


async def test_what_is_over_there_is_told_to_nobody(house: ExchangeHouse) -> None:
    await imported(
        house, row(house, "20260001") | {"工单状态": "已办结"}, row(house, "20260002") | {"工单状态": "处理中"}
    )
    assert await house.states(await house.complaint("20260001")) == []
    assert await house.states(await house.complaint("20260002")) == [("received", "queued")]


async def test_tables_made_anew_tell_nothing_again(house: ExchangeHouse) -> None:
    complaint = await house.filed()
    await house.do(complaint, Accept())
    await house.traffic.deliver_due()
    await rebuild(house.database)
    assert await house.traffic.deliver_due() == 0
    assert await house.states(complaint) == [("received", "sent"), ("accepted", "sent")]


async def test_a_complaint_that_led_to_a_case_is_told_as_such(house: ExchangeHouse) -> None:
    complaint = await house.filed()
    await house.do(complaint, Accept())
    leads = LeadService(house.journal, lambda: datetime.now(UTC))
    opened = LeadOpened(
        FIRST.id,
        complaint,
        "东高一投〔2026〕0001号",
        "mediation",
        datetime.now(UTC),
        "121",
        "无证经营",
        "现场未见执照",
        "甲",
    )
    await leads.open("l1", opened, FIRST.number_prefix, 2026, ZHOU)
    await house.do(complaint, NoteLead("l1"))
    await leads.submit("l1", DecideLead("case", approver="何局"), replace(ZHOU, role="inspector"))
    assert [stage for stage, _ in await house.states(complaint)] == ["received", "accepted", "referred", "case"]
    while await house.traffic.deliver_due():
        pass
    assert [came["办理环节"] for came in house.simulator.came][-1] == "诉转案"
    assert not any("执照" in str(value) for came in house.simulator.came for value in came.values())


async def test_a_merged_complaint_is_told_under_both_numbers(house: ExchangeHouse) -> None:
    kept, gone = await house.filed("20260001"), await house.filed("20260002")
    source = SourceNumber("hotline", "20260002")
    await house.do(kept, KeepMerged(gone, "东高一投〔2026〕0002号", (source,), "同一纠纷"))
    await house.do(gone, MergeInto(kept, "东高一投〔2026〕0001号", "同一纠纷"))
    await house.do(kept, Accept())
    while await house.traffic.deliver_due():
        pass
    told = {(came["工单编号"], came["办理环节"]) for came in house.simulator.came}
    assert told == {("20260001", "办理中"), ("20260002", "办理中")}


async def test_a_settlement_tried_first_is_told_with_its_end(house: ExchangeHouse) -> None:
    complaint = await house.filed()
    await house.do(complaint, BeginPriorSettlement(datetime.now(UTC).date()))
    await house.do(complaint, EndPriorSettlement(True, "已退款，投诉人电话确认"))
    assert [stage for stage, _ in await house.states(complaint)] == ["received", "settling", "settled_first"]


async def test_the_senders_limits_are_listed_and_alerted_beside_the_statutory_ones(house: ExchangeHouse) -> None:
    complaint = await house.filed(finish="2026-07-01 17:00", sign="1个工作日", settle="10个工作日")
    zone = ZoneInfo(FIRST.zone)
    today = datetime(2026, 7, 1, tzinfo=zone).date()
    found = await board(house.database, MEDIATOR, "", today)
    due = {one.deadline.code: one.deadline.due for one in (*found.late, *found.today, *found.soon)}
    assert due["sender_finish"] == today
    assert "accept" in due
    assert "sender_sign" not in due  # its receipt was our answer
    (only,) = (await board(house.database, MEDIATOR, "sender_finish", today)).today
    assert only.id == complaint
    alerts = await AlertStore(house.database).clocks(MEDIATOR, today, datetime(2026, 7, 1, 3, tzinfo=UTC), zone)
    assert [one.kind for one in alerts] == ["due"]
    await rebuild(house.database)
    assert (await board(house.database, MEDIATOR, "sender_finish", today)).today


async def test_a_platform_that_is_entered_no_more_is_told_nothing_new(house: ExchangeHouse) -> None:
    complaint = await house.filed()
    await house.traffic.store.know([], datetime.now(UTC))
    await house.do(complaint, Accept())
    assert await house.states(complaint) == [("received", "sent")]
    assert NAME in house.traffic.lines
