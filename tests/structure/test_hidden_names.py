"""A package and its modules do not fight for a name.

A submodule, once loaded, stands as an attribute of its package: it hides what the package calls so, or is hidden by it,
depending on who imports what first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests import ROOT
from tests.tools.imports import sources


def hidden(root: Path) -> list[str]:
    """Names of packages below `root` that one of the package's own modules has too."""
    modules = sources(root)
    found = []
    for package, path in modules.items():
        inside = {name.rpartition(".")[2] for name in modules if name.rpartition(".")[0] == package}
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{package}.{name}" for name in _bound(tree.body, package) if name in inside]
    return found


def _bound(body: Iterable[ast.stmt], package: str) -> Iterator[str]:
    """What a module calls something, but for its own submodules under their own names."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name
        elif isinstance(statement, ast.Import):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if (statement.module, alias.asname or alias.name) != (package, alias.name):
                    yield alias.asname or alias.name
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            yield from _bound([*statement.body, *getattr(statement, "orelse", [])], package)
        else:
            names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            yield from (node.id for node in names if isinstance(node.ctx, ast.Store))


def test_no_package_calls_something_as_one_of_its_modules_is_called() -> None:
    assert hidden(ROOT) == []


def test_a_name_is_found_however_the_package_came_by_it(tmp_path: Path) -> None:
    folder = tmp_path / "law"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from law import fine\nfrom law.read import read\nimport journal as log\nif True:\n    cut = 1\ndef draw(): ..."
    )
    for name in ("fine", "read", "log", "cut", "draw", "other"):
        (folder / f"{name}.py").write_text("")
    assert hidden(tmp_path) == ["law.read", "law.log", "law.cut", "law.draw"]
