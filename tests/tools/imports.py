"""Which module of ours names which: the import graph of a source tree, read from the syntax trees.

What stands under `if TYPE_CHECKING:` counts, what a function imports when it runs does not: a module is hard to read
alone when it cannot be described without another, whether or not Python would have to load it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

PACKAGES = (
    "journal", "law", "offices", "complaints", "casebook", "rooms", "media", "recordings", "signaling", "web", "server",
)  # fmt: skip

Graph = Mapping[str, Set[str]]


def sources(root: Path, packages: Iterable[str] = PACKAGES) -> dict[str, Path]:
    """Every module of the packages by its dotted name."""
    found: dict[str, Path] = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def import_graph(modules: Mapping[str, Path]) -> dict[str, set[str]]:
    """Each module's imports at module level, of those in `modules`."""
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {target for node in _module_level(tree.body) for target in _targets(node, modules)}
        graph[name] = named - {name}
    return graph


def _module_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            yield from _module_level(statement.body)
            yield from _module_level(getattr(statement, "orelse", []))
            for handler in getattr(statement, "handlers", []):
                yield from _module_level(handler.body)


def _targets(node: ast.stmt, modules: Mapping[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            if inner in modules:
                yield inner
            elif node.module in modules:
                yield node.module


def cycles(graph: Graph) -> list[list[str]]:
    """The groups of modules that all lead to one another (strongly connected components of two and more)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = low[module] = len(order)
        stack.append(module)
        for target in sorted(graph[module]):
            if target not in order:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], order[target])
        if low[module] == order[module]:
            at = stack.index(module)
            group, stack[at:] = stack[at:], []
            if len(group) > 1:
                found.append(sorted(group))

    for module in sorted(graph):
        if module not in order:
            visit(module)
    return sorted(found)


def cycles_of(package: str, graph: Graph) -> list[list[str]]:
    """The cycles among one package's modules."""
    own = {name for name in graph if name == package or name.startswith(f"{package}.")}
    return cycles({name: graph[name] & own for name in own})
