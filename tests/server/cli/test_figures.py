"""`yuntiao stats` on a real data folder, and the page that is written from the definitions."""

from __future__ import annotations

import json
from asyncio import to_thread
from pathlib import Path

import pytest
from typer.testing import CliRunner

from complaints.statistics import current, markdown
from server.cli import app
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.projections import projectors
from server.identity.store import IdentityStore
from tests import ROOT
from tests.server.db.databases import sqlite_url
from tests.server.db.history import Teller
from tests.server.db.readers import FIRST, SECOND


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    database = Database(sqlite_url(tmp_path / "yuntiao.db"))
    await database.migrate()
    for office in (FIRST, SECOND):
        await IdentityStore(database).add_office(office)
    tell = Teller(SqlJournal(database, projectors()))
    for number in (1, 2):
        await tell.mediated(f"c{number}", f"m{number}", office=f"o{number}")
    await database.close()
    return tmp_path


def asked(data: Path, *options: str) -> dict[str, object]:
    answer = CliRunner().invoke(app, ["stats", "--data", str(data), *options, "--json"])
    assert answer.exit_code == 0, answer.output
    found: dict[str, object] = json.loads(answer.output)
    return found


def figures(report: dict[str, object]) -> dict[tuple[str, str], object]:
    rows = report["figures"]
    assert isinstance(rows, list)
    return {(row["group"], row["name"]): row["value"] for row in rows}


def test_the_standards_page_is_what_the_definitions_say() -> None:
    answer = CliRunner().invoke(app, ["stats", "--define"])
    assert answer.output == markdown() == (ROOT / "docs" / "statistics.md").read_text()


async def test_a_months_figures_of_all_offices_and_of_one(data: Path) -> None:
    april = "--from", "2026-04-01", "--to", "2026-04-30"
    report = await to_thread(asked, data, *april)
    assert report["period"] == {"from": "2026-04-01", "to": "2026-04-30"}
    both = figures(report)
    assert set(both) == {("", one.name) for one in current()}
    assert (both["", "received"], both["", "loss_recovered"], both["", "success_rate"]) == (2, "4000.00", "100.0")
    one = figures(await to_thread(asked, data, *april, "--office", "o2", "--by", "office"))
    assert one["o2", "mediated"] == 1
    assert ("o1", "mediated") not in one
    earlier = figures(await to_thread(asked, data, *april, "--as-of", "2026-04-13"))
    assert (earlier["", "accepted"], earlier["", "mediated"], earlier["", "success_rate"]) == (2, 0, "0.0")
    older = await to_thread(asked, data, *april, "on_time_decision@1")
    assert figures(older) == {("", "on_time_decision"): "100.0"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["happiness"], "there is no statistic happiness"),
        (["--office", "o9"], "there is no office o9"),
        (["--from", "yesterday"], "--from is no day: yesterday"),
        (["--from", "2026-05-02", "--to", "2026-05-01"], "the period ends before it begins"),
        (["--as-of", "2026-05-01T10:00"], "--as-of needs its zone"),
        (["--data", "/nonexistent"], "there is no installation in /nonexistent"),
    ],
)
async def test_what_cannot_be_told_is_said_in_one_line(data: Path, options: list[str], why: str) -> None:
    answer = await to_thread(CliRunner().invoke, app, ["stats", "--data", str(data), *options])
    assert answer.exit_code == 2
    assert answer.stderr.startswith(f"yuntiao: {why}")
    assert answer.stderr.count("\n") == 1


async def test_a_person_reads_names_in_their_language(data: Path) -> None:
    answer = await to_thread(
        CliRunner().invoke, app, ["stats", "mediated", "--data", str(data), "--from", "2026-04-01", "--language", "en"]
    )
    assert answer.output == "Mediated with success: 2 complaints\n"
