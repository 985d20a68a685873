"""A module over 500 lines says in its docstring why, as CONTRIBUTING asks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import ROOT

MOST = 500
PACKAGES = (
    "journal", "offices", "law", "complaints", "casebook", "rooms", "media", "recordings", "signaling", "web", "server",
)  # fmt: skip


def unexplained(path: Path) -> bool:
    text = path.read_text("utf-8")
    said = (ast.get_docstring(ast.parse(text)) or "") if text.count("\n") > MOST else "longer than other modules"
    return "longer than other modules" not in " ".join(said.lower().split())


@pytest.mark.pure
def test_a_long_module_says_why() -> None:
    modules = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py") if "versions" not in path.parts]
    assert [str(path.relative_to(ROOT)) for path in modules if unexplained(path)] == []
