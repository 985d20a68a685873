"""The figures of `tests.tools.structure`, on a tree small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

from tests.tools.structure import read

ONE = '''
from law.two import Line as Other

class Fault(Exception):
    """."""

class Line:
    def draw(self, width):
        """Draw it, `width` wide. Raises Fault."""

    def hide(self):
        pass
'''


def test_the_table_counts_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "law"
    folder.mkdir()
    (folder / "one.py").write_text(ONE)
    (folder / "two.py").write_text("class Line:\n    pass\n\nclass Narrow(Fault):\n    pass\n")
    rows = read(tmp_path).rows()
    assert rows["production modules"] == 2
    assert (rows["with one importer"], rows["of those, a sibling"]) == (1, 1)
    assert (rows["class names of several classes"], rows["classes so named"]) == (1, 2)
    assert rows["error classes"] == 2
    assert rows["functions with a docstring"] == "50%"
    assert (rows["docstrings that list arguments"], rows["docstrings that say what is raised"]) == (1, 1)
    assert rows["folders above 25 entries"] == rows["modules in import cycles"] == {}
