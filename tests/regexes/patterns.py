"""Every regular expression of the program: found in its source, evaluated in its module, with how it is used."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = (
    "journal", "law", "complaints", "casebook", "rooms", "media", "recordings", "signaling", "web", "server",
)  # fmt: skip
# A rehearsal reads what the program itself wrote, never a stranger's text.
EXEMPT: Final = ("server.rehearsal", "server.db.migrations")
METHODS: Final = frozenset({"match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split"})


@dataclass(frozen=True, slots=True)
class Use:
    """One regular expression: where it stands and by which methods text meets it."""

    where: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


@dataclass(slots=True)
class Found:
    """What the scan of the source came to."""

    uses: list[Use] = field(default_factory=list)
    at_run_time: list[str] = field(default_factory=list)  # "module: source of the pattern's expression"


@lru_cache
def modules() -> tuple[ModuleType, ...]:
    """Imports every module of the program."""
    found = []
    for package in PACKAGES:
        found.append(top := importlib.import_module(package))
        for info in pkgutil.walk_packages(top.__path__, f"{package}."):
            spec = info.module_finder.find_spec(info.name, None)
            if spec and str(spec.origin).endswith(".py") and not info.name.startswith(EXEMPT):
                found.append(importlib.import_module(info.name))
    return tuple(found)


@lru_cache
def found() -> Found:
    """Collects compiled patterns from modules' and classes' attributes, and inline ones from calls of `re`."""
    result, everywhere = Found(), _methods_by_name(tuple(tree for _, tree in trees()))
    seen: set[tuple[str, int, str, frozenset[str]]] = set()
    for module in modules():
        here = _methods_by_name((_tree(module.__file__),)) if module.__file__ else {}
        for name, pattern in _compiled(module):
            methods = (here if name.startswith("_") else everywhere).get(name, METHODS)
            key = (str(pattern.pattern), pattern.flags, module.__name__, methods)
            if key not in seen:
                seen.add(key)
                result.uses.append(Use(f"{module.__name__}.{name}", pattern, methods))
        for call, expression in _inline(module):
            try:
                pattern = _evaluated(call, expression, module)
            except NameError:
                result.at_run_time.append(f"{module.__name__}: {ast.unparse(expression)}")
                continue
            method = call.func.attr if isinstance(call.func, ast.Attribute) else "search"
            methods = METHODS if method == "compile" else frozenset({method})
            if method == "compile" and pattern in [one.pattern for one in result.uses]:
                continue
            result.uses.append(Use(f"{module.__name__}:{call.lineno}", pattern, methods))
    for model, pattern in _constraints():
        result.uses.append(Use(model, pattern, frozenset({"search"})))
    return result


def trees() -> Iterator[tuple[ModuleType, ast.Module]]:
    """Yields each module of the program with its syntax tree."""
    for module in modules():
        if module.__file__ and module.__file__.endswith(".py"):
            yield module, _tree(module.__file__)


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text())


def _compiled(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any]]]:
    for name, value in vars(module).items():
        for pattern in _within(value):
            yield name, pattern
        if isinstance(value, type) and value.__module__ == module.__name__:
            for attribute, held in vars(value).items():
                for pattern in _within(held):
                    yield attribute, pattern


def _within(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 6 and isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from _within(one, depth + 1)
    elif depth < 6 and isinstance(value, dict):
        for key, one in value.items():
            yield from _within(key, depth + 1)
            yield from _within(one, depth + 1)


def _inline(module: ModuleType) -> Iterator[tuple[ast.Call, ast.expr]]:
    if not module.__file__ or not module.__file__.endswith(".py"):
        return
    for node in ast.walk(_tree(module.__file__)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=attr), args=[first, *_]) if (
                attr in METHODS or attr == "compile"
            ):
                yield node, first


def _evaluated(call: ast.Call, expression: ast.expr, module: ModuleType) -> re.Pattern[Any]:
    source = eval(compile(ast.Expression(expression), "<pattern>", "eval"), dict(vars(module)))
    if isinstance(source, re.Pattern):
        return source
    flags = 0
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    rest = call.args[1:] if method == "compile" else call.args[2:] if method not in ("sub", "subn", "split") else []
    for one in [*rest, *(keyword.value for keyword in call.keywords if keyword.arg == "flags")]:
        flags |= eval(compile(ast.Expression(one), "<flags>", "eval"), dict(vars(module)))
    return re.compile(source, flags)


@lru_cache
def _methods_by_name(within: tuple[ast.Module, ...]) -> dict[str, frozenset[str]]:
    """Of each name a pattern may have: the methods it is called by; all of them where it is also handed on."""
    called: dict[str, set[str]] = {}
    handed: set[str] = set()
    for tree in within:
        on_method = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS and (name := _name(node.value)):
                called.setdefault(name, set()).add(node.attr)
                on_method.add(id(node.value))
        for node in ast.walk(tree):
            if (
                isinstance(node, (ast.Name, ast.Attribute))
                and isinstance(node.ctx, ast.Load)
                and id(node) not in on_method
            ):
                handed.add(_name(node) or "")
    return {name: frozenset(methods) for name, methods in called.items() if name not in handed}


def _name(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def _constraints() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yields the patterns of pydantic's models, read from their calls (`pattern=`)."""
    for module, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "pattern":
                source = eval(compile(ast.Expression(node.value), "<pattern>", "eval"), dict(vars(module)))
                yield f"{module.__name__}:{node.value.lineno}", re.compile(source)
