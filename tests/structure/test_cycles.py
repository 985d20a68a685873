"""No module needs another one that needs it: each can be read alone, after those it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import ROOT
from tests.tools.imports import cycles, cycles_of, import_graph, sources


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    return import_graph(sources(ROOT))


def test_no_module_is_in_an_import_cycle(graph: dict[str, set[str]]) -> None:
    assert cycles(graph) == []


def test_a_cycle_is_found_also_where_only_types_are_imported(tmp_path: Path) -> None:
    folder = tmp_path / "law"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "one.py").write_text("from law import two\n")
    (folder / "two.py").write_text("if TYPE_CHECKING:\n    from law.three import name\n")
    (folder / "three.py").write_text("import law.one\n")
    (folder / "four.py").write_text("def late():\n    from law import one\n")
    assert cycles_of("law", import_graph(sources(tmp_path))) == [["law.one", "law.three", "law.two"]]
