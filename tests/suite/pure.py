"""The pure tests: those of the packages that know no framework. `-m pure` runs them alone, in under a minute.

They write no file, open no socket or database and start no process; a test among them that does so fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

FOLDERS = ("casebook", "complaints", "journal", "law", "offices", "rooms")
TESTS = ROOT / "tests"
OUTSIDE = frozenset({
    "socket.connect", "socket.bind", "socket.sendto", "subprocess.Popen", "os.posix_spawn", "os.fork",
    "sqlite3.connect",
})  # fmt: skip
TOOLS = (".hypothesis", "__pycache__")  # what Hypothesis and Python keep for themselves

_watching = False
_installed = False


def may_hold_pure(path: Path) -> bool:
    """True if the tests in this file are pure, or what they share may be in it: the rest is not even imported."""
    parts = path.relative_to(TESTS).parts if path.is_relative_to(TESTS) else ()
    return len(parts) < 2 or parts[0] in FOLDERS


def is_pure(item: pytest.Item) -> bool:
    return item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).parts[0] in FOLDERS


@contextmanager
def watched() -> Iterator[None]:
    """Whatever reaches outside the process meanwhile is refused."""
    global _watching, _installed
    if not _installed:  # a hook stays for as long as the process lives
        sys.addaudithook(_refuse)
        _installed = True
    _watching = True
    try:
        yield
    finally:
        _watching = False


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and (event in OUTSIDE or (event == "open" and _writes(*arguments))):
        raise PermissionError(f"a pure test does not do this: {event} {arguments!r}")


def _writes(path: object, _mode: object, flags: int) -> bool:
    name = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else os.devnull
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) and name != os.devnull and not _tools(name)


def _tools(name: str) -> bool:
    return any(tool in Path(name).parts for tool in TOOLS)
