"""SQL is in `server.db` and in the stores of the features; nothing else knows it."""

from __future__ import annotations

import ast
from pathlib import Path

from tests import ROOT

# An import tells a locked database from other trouble; a projection hands its connection to the stores that write.
EXEMPT = {
    "server/complaints/projection.py",
    "server/imports/importing.py",
    "server/imports/offline.py",
}


def test_only_stores_and_the_database_import_sqlalchemy() -> None:
    stray = [
        name
        for path in sorted((ROOT / "server").rglob("*.py"))
        if (name := path.relative_to(ROOT).as_posix()) not in EXEMPT
        and not name.startswith("server/db/")
        and not path.stem.endswith("store")
        and _imports_sqlalchemy(path)
    ]
    assert stray == []


def test_every_exemption_is_needed() -> None:
    assert [name for name in sorted(EXEMPT) if not _imports_sqlalchemy(ROOT / name)] == []


def test_only_the_database_asks_the_driver_itself() -> None:
    """A transaction that appends may not have begun yet: `bulk.driver` has it begin."""
    stray = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "server").rglob("*.py"))
        if any(name in path.read_text("utf-8") for name in ("get_raw_connection", "driver_connection"))
    ]
    assert stray == ["server/db/bulk.py", "server/db/engine.py"]


def _imports_sqlalchemy(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        if any(name.partition(".")[0] == "sqlalchemy" for name in names):
            return True
    return False
