"""`yuntiao import`, as a clerk's script would call it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from complaints.channels.mapping import builtin
from server.cli import app
from server.db.engine import Database
from server.identity.store import IdentityStore
from server.imports import importing, offline
from server.serving.settings import Settings
from tests.server.app.office import FIRST, SECOND
from tests.server.imports.conftest import Write, line


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()

    async def founded() -> None:
        database = Database(Settings(data=folder).database)
        await database.migrate()
        await IdentityStore(database).add_office(FIRST)
        await database.close()

    asyncio.run(founded())
    return folder


def call(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments, "--data", str(data)])


def test_a_preview_shows_columns_and_rows_and_keeps_nothing(data: Path, write: Write) -> None:
    path = write(line("HL-1"), line("HL-2", time="2026-06-08、2026-06-09"))
    answer = call(data, str(path), "--channel", "hotline", "--preview", "--json")
    report = json.loads(answer.stdout)
    assert (answer.exit_code, report["refused"], report["header_row"]) == (1, 1, 1)
    assert report["columns"]["consumer_phone"] == "联系电话"
    assert report["rows"][1]["problems"] == ["来电时间: There are two dates in this cell."]
    again = json.loads(call(data, str(path), "--channel", "hotline", "--json").stdout)
    assert (again["taken"], again["refused"]) == (1, 1)


def test_a_preview_shows_the_day_of_receipt_each_row_takes_and_until_when_to_decide(data: Path, write: Write) -> None:
    """Half past midnight in Wuhan is still the day before by UTC."""
    path = write(line("HL-1", time="2026-06-12 00:30"))
    (row,) = json.loads(call(data, str(path), "--channel", "hotline", "--preview", "--json").stdout)["rows"]
    assert (row["received"], row["decide_by"]) == ("2026-06-12", "2026-06-24")
    told = call(data, str(path), "--channel", "hotline", "--preview").stdout
    assert "row 2: received 2026-06-12, decide by 2026-06-24; 甲健身馆" in told


def test_an_import_falls_under_the_order_the_installation_chose(
    data: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Received before Order 121 was in force, and taken after."""
    monkeypatch.setenv("YUNTIAO_ORDER_RULE", "procedure")
    assert call(data, str(write(line("HL-1", time="2026-03-02 09:00"))), "--channel", "hotline").exit_code == 0
    monkeypatch.setenv("YUNTIAO_ORDER_RULE", "receipt")
    assert call(data, str(write(line("HL-2", time="2026-03-02 09:00"))), "--channel", "hotline").exit_code == 0
    with closing(sqlite3.connect(data / "yuntiao.db")) as database:
        found = database.execute("select law_order, deadlines from complaints order by rowid").fetchall()
    assert [order for order, _ in found] == ["121", "20"]
    assert ["暂行办法" in deadlines for _, deadlines in found] == [False, True]


def test_an_import_says_how_many_and_why_not(data: Path, write: Write) -> None:
    answer = call(data, str(write(line("HL-1"), line("HL-2", phone="12"), encoding="gb18030")), "--channel", "hotline")
    assert answer.exit_code == 1
    assert "1 taken, 0 updated, 0 known already, 1 refused" in answer.stdout
    assert "row 3: 联系电话: This is not a phone number." in answer.stdout
    assert call(data, str(write(line("HL-1"))), "--channel", "hotline").exit_code == 0


def test_a_long_import_says_how_far_it_is(data: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "TOLD_SECONDS", 0.0)
    for size in ("MADE", "WRITTEN"):
        monkeypatch.setattr(importing, size, 3)
    rows = [line("HL-0", phone="12"), *[line(f"HL-{n}") for n in range(1, 30)]]
    answer = call(data, str(write(*rows)), "--channel", "hotline", "--json")
    told = answer.stderr.splitlines()
    assert told
    assert set(told) <= {f"row {row}: {row - 2} taken, 1 refused so far" for row in range(2, 32)}
    assert json.loads(answer.stdout)["taken"] == 29


def test_an_own_mapping_is_used_and_its_mistakes_are_named(data: Path, write: Write, tmp_path: Path) -> None:
    plain = builtin("hotline").plain()
    plain["columns"]["facts"] = ["性别"]
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(plain), "utf-8")
    path = str(write(line("HL-1")))
    given = ("--channel", "hotline", "--mapping", str(mapping))
    report = json.loads(call(data, path, *given, "--preview", "--json").stdout)
    assert report["columns"]["facts"] == "性别"
    mapping.write_text(json.dumps(plain | {"channel": "window"}), "utf-8")
    answer = call(data, path, *given)
    assert answer.exit_code == 2
    assert "The mapping has a mistake: channel window." in answer.stderr


def test_what_cannot_be_read_is_one_line_on_the_terminal(data: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    for arguments, why in (
        ([str(empty), "--channel", "hotline", "--preview"], "There is nothing in this file."),
        ([str(tmp_path / "none.csv"), "--channel", "hotline"], "no such file"),
        ([str(empty), "--channel", "pigeon"], "no channel pigeon"),
        ([str(empty), "--channel", "hotline", "--office", SECOND.id], "which office?"),
    ):
        answer = call(data, *arguments)
        assert answer.exit_code == 2
        assert why in answer.stderr
        assert len(answer.stderr.strip().splitlines()) == 1
