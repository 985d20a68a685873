"""Workbooks as they come, and as they come from somebody who means harm."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from complaints.channels import ChannelError, UnreadableFile
from complaints.channels.cells import Cell
from complaints.channels.mapping import builtin
from complaints.channels.reading import ChannelRow, ReadingContext, RowReader
from server.imports.batches import ConfinedTable
from tests.server.app.office import FIRST
from tests.server.imports.conftest import NOW

HOTLINE = builtin("hotline")
PLACE = ReadingContext(FIRST.id, FIRST.number_prefix, FIRST.zone, NOW)
HEAD = ["工单编号", "来电时间", "来电人", "联系电话", "身份证号", "企业名称", "诉求内容"]
ROW: list[Cell] = ["HL-1", datetime(2026, 6, 8, 14, 30), "丁小禾", 13800001234, None, "甲", "乙"]


def book(tmp_path: Path, *rows: Sequence[Cell], then: Callable[[openpyxl.Workbook], None] = lambda _: None) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    then(made)
    path = tmp_path / "export.xlsx"
    made.save(path)
    return path


def read(path: Path) -> list[ChannelRow]:
    with ConfinedTable(path, HOTLINE) as table:
        return list(RowReader(HOTLINE, table.header, PLACE).rows(table.rows))


def code_of(path: Path) -> str:
    with pytest.raises(UnreadableFile) as no:
        read(path)
    return no.value.code


def changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with one of its parts rewritten."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_numbers_and_dates_of_a_workbook_are_what_the_clerk_saw(tmp_path: Path) -> None:
    (row,) = read(book(tmp_path, ["某市工单"], HEAD, ROW))
    assert row.row == 3
    assert row.filing is not None
    assert (row.filing.consumer.phone, row.filing.received.isoformat()) == ("13800001234", "2026-06-08T06:30:00+00:00")


def test_an_identity_number_a_spreadsheet_took_for_a_number_is_refused(tmp_path: Path) -> None:
    (row,) = read(book(tmp_path, HEAD, [*ROW[:4], 420106199001011234, *ROW[5:]]))
    assert [(one.code, one.column) for one in row.problems] == [("digits_lost", "身份证号")]


def test_merged_cells_speak_for_every_row_they_reach(tmp_path: Path) -> None:
    def merge(made: openpyxl.Workbook) -> None:
        made.worksheets[0].merge_cells("F3:F4")
        made.worksheets[0].merge_cells("A1:G1")

    rows = read(book(tmp_path, ["标题"], HEAD, ROW, ["HL-2", *ROW[1:5], None, "丙"], then=merge))
    assert [row.filing and row.filing.business.organisation for row in rows] == ["甲", "甲"]


def test_a_table_that_begins_elsewhere_and_on_another_sheet_is_found(tmp_path: Path) -> None:
    def move(made: openpyxl.Workbook) -> None:
        second = made.create_sheet("数据")
        for column, (name, cell) in enumerate(zip(HEAD, ROW, strict=True), 3):
            second.cell(4, column, name)
            second.cell(5, column, cell)

    (row,) = read(book(tmp_path, ["封面"], then=move))
    assert (row.row, row.number) == (5, "HL-1")


def test_a_formula_is_refused_with_its_cell(tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, [*ROW[:6], '=HYPERLINK("http://x.example","点我")'])
    with pytest.raises(UnreadableFile) as no:
        read(path)
    assert (no.value.code, no.value.params) == ("formula", {"cell": "G2"})


def test_macros_old_files_and_other_things_are_named_for_what_they_are(tmp_path: Path) -> None:
    assert code_of(changed(book(tmp_path, HEAD, ROW), "xl/vbaProject.bin", lambda _: b"x")) == "macros"
    for raw, code in (
        (b"", "empty"), (b"\xef\xbb\xbf\r\n", "empty"), (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "old_excel"),
        (b"%PDF-1.7", "unknown_kind"), (b"PK\x05\x06" + b"\0" * 18, "unknown_kind"), (b"a\0b", "not_text"),
    ):  # fmt: skip
        path = tmp_path / "other"
        path.write_bytes(raw)
        assert code_of(path) == code, raw


def test_a_truncated_workbook_says_so_wherever_it_was_cut(tmp_path: Path) -> None:
    raw = book(tmp_path, HEAD, *[ROW] * 50).read_bytes()
    for part in (30, len(raw) // 3, len(raw) // 2, len(raw) - 30):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(raw[:part])
        assert code_of(path) == "truncated"


def test_a_workbook_that_unpacks_to_far_more_is_not_unpacked(tmp_path: Path) -> None:
    path = changed(book(tmp_path, HEAD, ROW), "xl/media/x.bin", lambda _: b"\0" * (8 << 20))
    assert code_of(path) == "bomb"


def test_one_cell_in_the_last_corner_does_not_cost_the_memory_of_the_whole_sheet(tmp_path: Path) -> None:
    def far(xml: bytes) -> bytes:
        return xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')

    assert code_of(changed(book(tmp_path, HEAD, ROW), SHEET, far)) == "hard"
    long = lambda xml: re.sub(rb'<row r="2"[^>]*><c r="A2"', b'<row r="1048576"><c r="A1048576"', xml)  # noqa: E731
    assert code_of(changed(book(tmp_path, HEAD, ROW), SHEET, long)) == "too_many_rows"
    wide = lambda xml: re.sub(rb'<c r="A2"', b'<c r="XFD2"', xml)  # noqa: E731
    assert code_of(changed(book(tmp_path, HEAD, ROW), SHEET, wide)) == "too_many_columns"


def test_a_document_type_in_a_sheet_is_not_expanded(tmp_path: Path) -> None:
    def declared(xml: bytes) -> bytes:
        return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + xml

    assert code_of(changed(book(tmp_path, HEAD, ROW), SHEET, declared)) == "unknown_kind"


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, ROW)
    os.truncate(path, (100 << 20) + 1)  # a hole
    assert code_of(path) == "too_big"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(at=st.integers(0, 6000), raw=st.binary(min_size=1, max_size=40))
def test_damaged_bytes_lead_to_rows_or_to_a_declared_refusal(tmp_path: Path, at: int, raw: bytes) -> None:
    whole = bytearray(book(tmp_path, HEAD, ROW).read_bytes())
    at = min(at, len(whole) - 1)
    whole[at : at + len(raw)] = raw
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(whole)
    with suppress(ChannelError):
        for row in read(path):
            assert (row.filing is None) == bool(row.problems)


def test_the_zip_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("readme.txt", "x")
    path = tmp_path / "x.zip"
    path.write_bytes(raw.getvalue())
    assert code_of(path) == "unknown_kind"
