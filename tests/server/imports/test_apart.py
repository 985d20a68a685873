"""Rows of an import that are no complaints: reports behind their wall, consultations and other bodies' matters."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from complaints.channels.mapping import builtin
from complaints.consultations import ConsultationService
from complaints.leads import AssignLead, LeadService
from journal import Actor
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import rebuild
from server.db.schema import complaint_facts, complaints, consultations, leads
from server.imports.batches import Batches
from server.imports.store import Batch
from tests.server.app.office import FIRST
from tests.server.imports.conftest import NOW, ZHOU
from tests.server.imports.quick import batches_of, office as office  # a fixture

HEAD = "登记编号,类型,来电时间,来电人,联系电话,企业名称,诉求内容"
COMPLAINT = "A-1,投诉,2026-06-08 14:30,丁小禾,13800001234,甲健身馆,余款未退"
REPORT = "A-2,举报,2026-06-09 10:00,丁小禾,13800001234,甲健身馆,无照经营"
ANONYMOUS = "A-3,举报,2026-06-09 11:00,匿名,,乙超市,销售过期食品"
ASKED = "A-4,咨询,2026-06-09 12:00,陈一,13900005678,,食品经营许可证怎么办"
DISCLOSED = "A-5,信息公开,2026-06-10 12:00,陈一,13900005678,,申请公开抽检结果"


def export(folder: Path, *rows: str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    return path


async def run(batches: Batches, path: Path) -> Batch:
    return await batches.run(await batches.begin(FIRST, ZHOU, builtin("12315"), path, path.name), FIRST)


def counts(batch: Batch) -> tuple[int, int, int, int, int]:
    return batch.taken, batch.updated, batch.duplicate, batch.refused, batch.apart


@pytest.fixture(params=[0, 1], ids=["here", "with a process beside"])
def batches(office: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Batches:
    return batches_of(office, tmp_path, request.param)


async def test_each_row_becomes_what_it_is_and_none_is_refused(
    batches: Batches, office: Database, tmp_path: Path
) -> None:
    batch = await run(batches, export(tmp_path, COMPLAINT, REPORT, ANONYMOUS, ASKED, DISCLOSED))
    assert counts(batch) == (1, 0, 0, 0, 4)
    async with office.read() as connection:
        of = leads.c
        reports = (await connection.execute(select(of.number, of.informant, of.title).order_by(of.found))).all()
        row = consultations.c
        others = (await connection.execute(select(row.number, row.kind, row.state).order_by(row.received))).all()
        filed = (await connection.execute(select(func.count()).select_from(complaints))).scalar_one()
        counted = (await connection.execute(select(func.count()).select_from(complaint_facts))).scalar_one()
    assert [tuple(one) for one in reports] == [
        ("东高一投举〔2026〕0001号", "named", "无照经营"),
        ("东高一投举〔2026〕0002号", "anonymous", "销售过期食品"),
    ]
    assert [tuple(one) for one in others] == [
        ("东高一投询〔2026〕0001号", "consultation", "registered"),
        ("东高一投询〔2026〕0002号", "disclosure", "registered"),
    ]
    assert (filed, counted) == (1, 1), "neither is in any figure of complaints"


async def test_the_same_export_again_doubles_nothing_and_what_changed_is_not_lost(
    batches: Batches, office: Database, tmp_path: Path
) -> None:
    await run(batches, export(tmp_path, COMPLAINT, REPORT, ASKED))
    again = await run(batches, export(tmp_path, COMPLAINT, REPORT, ASKED, name="again.csv"))
    assert counts(again) == (0, 0, 3, 0, 0)
    more, other = REPORT.replace("无照经营", "无照经营，并伪造检验报告"), ASKED.replace("怎么办", "怎么换")
    changed = await run(batches, export(tmp_path, more, other, name="changed.csv"))
    assert counts(changed) == (0, 1, 0, 1, 0)
    async with office.read() as connection:
        (lead,) = (await connection.execute(select(leads.c.id))).scalars()
    report = await LeadService(SqlJournal(office), lambda: NOW).state(lead)
    assert [one.content for one in report.supplements] == ["无照经营，并伪造检验报告"]
    (refused,), _ = await batches.store.rows(changed.id, ("refused",))
    assert refused.problems is not None
    assert refused.problems[0]["code"] == "changed"


async def test_an_import_that_died_behind_a_report_registers_it_once(
    batches: Batches, office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(tmp_path, REPORT, ASKED, COMPLAINT)
    batch = await batches.begin(FIRST, ZHOU, builtin("12315"), path, path.name)
    noted = batches.store.note

    class Died(Exception):
        pass

    async def dying(*_args: object, **_more: object) -> None:
        raise Died

    monkeypatch.setattr(batches.store, "note", dying)
    with pytest.raises(Died):
        await batches.run(batch, FIRST)
    monkeypatch.undo()
    assert batches.store.note == noted
    assert counts(await batches.run(batch, FIRST, again=True)) == (1, 0, 0, 0, 2)
    async with office.read() as connection:
        assert len((await connection.execute(select(leads.c.id))).all()) == 1
        assert len((await connection.execute(select(consultations.c.id))).all()) == 1


async def test_undoing_an_import_takes_its_reports_and_consultations_back_that_nobody_has_worked_on(
    batches: Batches, office: Database, tmp_path: Path
) -> None:
    batch = await run(batches, export(tmp_path, COMPLAINT, REPORT, ANONYMOUS, ASKED))
    async with office.read() as connection:
        wanted = select(leads.c.id).where(leads.c.informant == "anonymous")
        (touched,) = (await connection.execute(wanted)).scalars()
    inspector = Actor("officer", "cha", "何静", "inspector", FIRST.id)
    service = LeadService(SqlJournal(office), lambda: NOW)
    await service.submit(touched, AssignLead("cha", "何静"), inspector)
    assert await batches.undo(batch, ZHOU, "选错了文件") == (3, 1)
    await rebuild(office)
    async with office.read() as connection:
        states = sorted((await connection.execute(select(leads.c.state))).scalars())
        asked = list((await connection.execute(select(consultations.c.state))).scalars())
    assert (states, asked) == (["open", "withdrawn"], ["withdrawn"])


async def test_a_refused_report_is_mended_and_registered_as_one(
    batches: Batches, office: Database, tmp_path: Path
) -> None:
    batch = await run(batches, export(tmp_path, REPORT.replace("甲健身馆", "")))
    assert counts(batch) == (0, 0, 0, 1, 0)
    cells = await batches.cells(batch, 2)
    handled = await batches.mend(batch, 2, FIRST, ZHOU, {**cells, "企业名称": "甲健身馆"})
    assert handled.outcome == "apart"
    after = await batches.store.batch(batch.id)
    assert after is not None
    assert counts(after) == (0, 0, 0, 0, 1)


async def test_a_number_that_cannot_be_one_keeps_the_row_and_uses_up_no_serial(
    batches: Batches, office: Database, tmp_path: Path
) -> None:
    batch = await run(batches, export(tmp_path, REPORT, ASKED.replace("13900005678", "1390000")))
    assert counts(batch) == (0, 0, 0, 1, 1)
    batch = await run(batches, export(tmp_path, ASKED.replace("A-4", "A-9"), name="more.csv"))
    async with office.read() as connection:
        (id_,) = (await connection.execute(select(consultations.c.id))).scalars()
    state = await ConsultationService(SqlJournal(office), lambda: NOW).state(id_)
    assert state.registered.number == "东高一投询〔2026〕0001号"
