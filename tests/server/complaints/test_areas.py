"""Areas and triage on a real database: drawn by an administrator, found in an address, kept apart by office."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from complaints.record.industries import DIVISIONS
from complaints.triage import ConfirmTriage
from journal.refusals import Refused
from server.cli import app
from server.complaints.office_store import IndustryStore
from server.complaints.service import TriageService
from server.complaints.store import SqlReads
from server.db.engine import Database
from server.db.projections import rebuild
from server.identity.offices import OfficeAreas
from tests.server.app.office import World


@pytest.fixture
def reads(world: World, tmp_path: Path) -> SqlReads:
    return SqlReads(world.database, world.rooms, tmp_path, world.clock.now)


async def test_an_area_is_found_in_the_address_and_survives_a_rebuild(world: World, reads: SqlReads) -> None:
    areas = OfficeAreas(world.journal, world.clock.now)
    admin = replace(world.zhou, role="administrator")
    await areas.draw(admin, "", "武汉全境", "武汉市", "")
    complaint = await world.register()
    for _ in range(2):
        page = (await reads.complaint(world.zhou, complaint)).triage
        assert page is not None
        (area,) = page.suggested.jurisdiction
        assert area.value == page.areas[0].jurisdiction.id
        assert page.areas[0].office == "一所"
        await rebuild(world.database)
    await areas.drop(admin, area.value)
    page = (await reads.complaint(world.zhou, complaint)).triage
    assert page is not None
    assert page.areas == []


async def test_an_administrator_changes_only_their_own_offices_areas(world: World) -> None:
    areas = OfficeAreas(world.journal, world.clock.now)
    admin, other = (replace(officer, role="administrator") for officer in (world.zhou, world.other))
    await areas.draw(admin, "", "光谷", "", "光谷步行街")
    (area,) = await areas.areas(admin)
    await areas.drop(other, area.id)
    await areas.draw(other, area.id, "抢来的", "", "光谷步行街")
    assert await areas.areas(admin) == [area]
    assert [one.name for one in await areas.areas(other)] == ["抢来的"]


async def test_what_was_confirmed_is_in_the_journal_with_who_did_it(world: World, reads: SqlReads) -> None:
    desk, complaint = TriageService(world.complaints, reads), await world.register()
    answers = ConfirmTriage("O8070", "contract", ("refund",), (), "武汉市", changed=("division",), lists="1")
    await desk.confirm(world.zhou, complaint, answers)
    event = (await world.journal.read(f"complaint/{complaint}"))[-1]
    assert (event.type, event.actor.id, event.data["division"]) == ("TriageConfirmed", world.zhou.id, "420100")
    with pytest.raises(Refused) as hidden:
        await desk.confirm(world.other, complaint, answers)
    assert hidden.value.status == 404
    with pytest.raises(Refused, match="bad_choice"):
        await desk.confirm(world.zhou, complaint, replace(answers, jurisdiction="nobody’s"))


def test_the_official_table_is_imported_and_names_the_finer_codes(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = [*(f"{code},{name}" for code, name in DIVISIONS.items()), "6210,正餐服务"]
    table.write_bytes("\n".join(rows).encode("gb18030"))
    run = CliRunner()
    told = run.invoke(app, ["industries", "import", str(table), "--data", str(tmp_path)])
    assert (told.exit_code, told.output) == (0, "98 industries\n")
    table.write_text("F52,零售业")
    wrong = run.invoke(app, ["industries", "import", str(table), "--data", str(tmp_path)])
    assert wrong.exit_code == 2
    assert "lacks A01" in wrong.output
    assert asyncio.run(_count(tmp_path)) == 98


async def _count(data: Path) -> int:
    database = Database(f"sqlite+aiosqlite:///{data / 'yuntiao.db'}")
    try:
        return await IndustryStore(database).count()
    finally:
        await database.close()
