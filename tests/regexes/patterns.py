"""Every regular expression of the program: found in its source, evaluated in its module, with how it is used."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = (
    "journal", "law", "complaints", "casebook", "rooms", "media", "recordings", "signaling", "web", "server",
)  # fmt: skip
# A rehearsal reads what the program itself wrote, never a stranger's text.
EXEMPT: Final = ("server.app.rehearsal", "server.db.migrations")
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


@dataclass(frozen=True, slots=True)
class _Source:
    """What the scan needs of a module's syntax tree, which itself is a hundred times as large and let go."""

    module: ModuleType
    called: dict[str, set[str]]  # name of what may be a pattern -> methods of patterns called on it
    handed: frozenset[str]  # names that are also handed on
    inline: list[tuple[ast.Call, ast.expr]]  # calls of `re`, each with its pattern
    constraints: list[ast.expr]  # of pydantic's models (`pattern=`)


@lru_cache
def found() -> Found:
    """Collects compiled patterns from modules' and classes' attributes, and inline ones from calls of `re`."""
    sources = [_source(module, tree) for module, tree in trees()]
    result, everywhere = Found(), _methods_by_name(sources)
    seen: set[tuple[str, int, str, frozenset[str]]] = set()
    for source in sources:
        module, here = source.module, _methods_by_name([source])
        for name, pattern in _compiled(module):
            methods = (here if name.startswith("_") else everywhere).get(name, METHODS)
            key = (str(pattern.pattern), pattern.flags, module.__name__, methods)
            if key not in seen:
                seen.add(key)
                result.uses.append(Use(f"{module.__name__}.{name}", pattern, methods))
        for call, expression in source.inline:
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
    for source in sources:
        for expression in source.constraints:
            text = eval(compile(ast.Expression(expression), "<pattern>", "eval"), dict(vars(source.module)))
            where = f"{source.module.__name__}:{expression.lineno}"
            result.uses.append(Use(where, re.compile(text), frozenset({"search"})))
    return result


def trees(*words: str) -> Iterator[tuple[ModuleType, ast.Module]]:
    """Yields each module of the program, or each that has one of the words, with its syntax tree."""
    for module in modules():
        if module.__file__ and module.__file__.endswith(".py"):
            text = Path(module.__file__).read_text("utf-8")
            if not words or any(word in text for word in words):
                yield module, ast.parse(text)


def _source(module: ModuleType, tree: ast.Module) -> _Source:
    called: dict[str, set[str]] = {}
    nodes, on_method, inline, constraints = list(ast.walk(tree)), set(), [], []
    for node in nodes:
        match node:
            case ast.Attribute(attr=attr, value=value) if attr in METHODS and (name := _name(value)):
                called.setdefault(name, set()).add(attr)
                on_method.add(id(value))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=attr), args=[first, *_]) if (
                attr in METHODS or attr == "compile"
            ):
                inline.append((node, first))
            case ast.keyword(arg="pattern", value=value):
                constraints.append(value)
    handed = {
        _name(node) or ""
        for node in nodes
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load) and id(node) not in on_method
    }
    return _Source(module, called, frozenset(handed), inline, constraints)


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


def _methods_by_name(sources: Iterable[_Source]) -> dict[str, frozenset[str]]:
    """Of each name a pattern may have: the methods it is called by; all of them where it is also handed on."""
    called: dict[str, set[str]] = {}
    handed: set[str] = set()
    for source in sources:
        handed |= source.handed
        for name, methods in source.called.items():
            called.setdefault(name, set()).update(methods)
    return {name: frozenset(methods) for name, methods in called.items() if name not in handed}


def _name(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None
