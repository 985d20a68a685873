"""The article table is true: every article of the Orders stands in it, and all it names exists."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from law.compliance import BadComplianceTable, ComplianceRow, ComplianceTable, markdown, table, tables
from server.cli import app
from tests import ROOT

ROWS = [(one, row) for one in tables() for row in one.rows]
NO_DUTY = {1, 4, 5, 7}
"""Of Order 121: purpose, the guidance of lower by higher authorities, principles, and who is responsible for what."""


each = pytest.mark.parametrize(("of", "row"), ROWS, ids=[f"{of.id} {row.article}" for of, row in ROWS])


@each
def test_every_module_an_article_is_held_in_exists(of: ComplianceTable, row: ComplianceRow) -> None:
    missing = [module for module in row.modules if importlib.util.find_spec(module) is None]
    assert not missing
    assert row.modules


@each
def test_every_test_that_shows_an_article_exists(of: ComplianceTable, row: ComplianceRow) -> None:
    for node in row.tests:
        file, _, name = node.partition("::")
        path = ROOT / file
        assert path.is_file(), node
        assert not name or name in _functions(path), node


@functools.cache
def _functions(path: Path) -> frozenset[str]:
    """Most files show several articles."""
    every = ast.walk(ast.parse(path.read_text()))
    return frozenset(one.name for one in every if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_article_of_the_order_with_a_duty_stands_in_the_table() -> None:
    order = next(one for one in tables() if one.id == "order-121")
    told: set[int] = set()
    for row in order.rows:
        for first, last in re.findall(r"(\d+)(?:–(\d+))?", row.article):
            told |= set(range(int(first), int(last or first) + 1))
    assert told == set(range(1, 47)) - NO_DUTY


def test_what_software_cannot_hold_says_why_and_nothing_else_is_left_open() -> None:
    for of, row in ROWS:
        assert (row.verdict == "held") == (not row.why["zh"]), (of.id, row.article)
        assert row.tests, (of.id, row.article)


def test_the_page_in_docs_is_what_the_tables_say() -> None:
    answer = CliRunner().invoke(app, ["law", "articles"])
    assert answer.output == markdown() == (ROOT / "docs" / "law.md").read_text()


ROW: dict[str, Any] = {
    "article": "1", "zh": "甲", "en": "a", "held_zh": "乙", "held_en": "b", "modules": ["law"], "page": "",
    "tests": ["tests/law/test_compliance.py"], "verdict": "held",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"verdict": "nearly"}, "no verdict"),
        ({"tests": []}, "a test"),
        ({"tests": [], "pending": "next week"}, "nothing is called pending"),
        ({"verdict": "person"}, "why it is not held"),
        ({"why_zh": "丙", "why_en": "c"}, "only then"),
        ({"colour": "green"}, "nothing is called colour"),
        ({"modules": None}, "TypeError"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(BadComplianceTable, match=re.escape(why)):
        table("order", {"zh": "办法", "en": "Order", "since": "2026-04-15", "row": [{**ROW, **change}]})
