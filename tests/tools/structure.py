"""`python -m tests.tools.structure [--json] [--trace]`: how the tree is built, in figures.

Modules and their size, importers, folders, import cycles, names of classes, errors and docstrings, of the production
packages. `--trace` also runs a rehearsal and an import and counts the modules entered per flow (`tests.tools.flows`).
"""

from __future__ import annotations

import ast
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.tools.imports import PACKAGES, Graph, cycles_of, import_graph, sources

ROOT = Path(__file__).parents[2]
MANY_ENTRIES = 25
SMALL = 100  # lines

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Structure:
    """What one reading of the tree finds."""

    lines: dict[str, int] = field(default_factory=dict)  # by module
    one_importer: list[str] = field(default_factory=list)
    of_those_siblings: list[str] = field(default_factory=list)  # whose one importer is in the same folder
    crowded: dict[str, int] = field(default_factory=dict)  # folder -> entries
    cycles: dict[str, int] = field(default_factory=dict)  # package -> modules in cycles
    class_names: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    functions: int = 0
    documented: int = 0
    with_arguments: int = 0  # whose docstring lists arguments
    with_errors: int = 0  # whose docstring says what it raises

    def rows(self) -> dict[str, object]:
        """The table, by its left column."""
        several = {name: count for name, count in self.class_names.items() if count > 1}
        return {
            "production modules": len(self.lines),
            "median lines": int(median(self.lines.values())),
            f"under {SMALL} lines": sum(lines < SMALL for lines in self.lines.values()),
            "above 500 lines": sorted(name for name, lines in self.lines.items() if lines > 500),
            "with one importer": len(self.one_importer),
            "of those, a sibling": len(self.of_those_siblings),
            f"folders above {MANY_ENTRIES} entries": self.crowded,
            "modules in import cycles": self.cycles,
            "class names of several classes": len(several),
            "classes so named": sum(several.values()),
            "the most frequent": dict(Counter(several).most_common(8)),
            "error classes": len(self.errors),
            "functions with a docstring": f"{self.documented / max(1, self.functions):.0%}",
            "docstrings that list arguments": self.with_arguments,
            "docstrings that say what is raised": self.with_errors,
        }


def read(root: Path) -> Structure:
    """Read the production packages below `root`."""
    modules = sources(root)
    found = Structure()
    bases: dict[str, set[str]] = {}
    for name, path in modules.items():
        text = path.read_text(encoding="utf-8")
        found.lines[name] = text.count("\n")
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                found.class_names[node.name] += 1
                bases.setdefault(node.name, set()).update(_name(base) for base in node.bases)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                _count_docstring(found, node)
    found.errors = sorted(name for name in bases if _is_error(name, bases))
    graph = import_graph(modules)
    _count_importers(found, graph)
    found.crowded = dict(_crowded(root))
    found.cycles = {package: sum(map(len, groups)) for package in PACKAGES if (groups := cycles_of(package, graph))}
    return found


def _count_docstring(found: Structure, function: Function) -> None:
    found.functions += 1
    said = ast.get_docstring(function)
    if said is None:
        return
    found.documented += 1
    found.with_arguments += "Args:" in said or any(f"`{each.arg}`" in said for each in function.args.args)
    found.with_errors += "aises" in said or "Error" in said


def _name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""


def _is_error(name: str, bases: dict[str, set[str]]) -> bool:
    """True if a class descends from Exception, by the names of its bases."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for base in bases.get(waiting.pop(), ()):
            if base in ("Exception", "BaseException") or (base.endswith(("Error", "Exception")) and base not in bases):
                return True
            if base not in seen:
                seen.add(base)
                waiting.append(base)
    return False


def _count_importers(found: Structure, graph: Graph) -> None:
    importers: dict[str, list[str]] = {name: [] for name in graph}
    for name, targets in graph.items():
        for target in targets:
            importers[target].append(name)
    for name, users in importers.items():
        if len(users) == 1:
            found.one_importer.append(name)
            if name.rpartition(".")[0] == users[0].rpartition(".")[0]:
                found.of_those_siblings.append(name)


def _crowded(root: Path) -> Iterator[tuple[str, int]]:
    for top in (root / name for name in (*PACKAGES, "tests") if (root / name).is_dir()):
        for folder in [top, *sorted(each for each in top.rglob("*") if each.is_dir())]:
            if any(part in ("__pycache__", "node_modules", "dist") for part in folder.parts):
                continue
            entries = [
                each for each in folder.iterdir() if each.name != "__pycache__" and each.suffix not in (".so", ".pyc")
            ]
            if len(entries) > MANY_ENTRIES:
                yield str(folder.relative_to(root)), len(entries)


def main(arguments: Sequence[str]) -> None:
    rows = read(ROOT).rows()
    if "--trace" in arguments:
        from tests.tools.flows import modules_entered

        rows |= {f"modules entered: {flow}": count for flow, count in modules_entered().items()}
    if "--json" in arguments:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    for name, value in rows.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {count}" for key, count in sorted(value.items(), key=lambda item: -item[1]))
        elif isinstance(value, list):
            value = ", ".join(map(str, value)) or "none"
        sys.stdout.write(f"| {name} | {value} |\n")


if __name__ == "__main__":
    main(sys.argv[1:])
