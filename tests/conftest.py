"""What every test may rely on: a browser and a database when the machine has them, and a clear word when not.

A suite whose tool is missing is left out (never skipped one by one) and named in the last line; under CI a
missing tool fails the run instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from server.identity import passwords
from tests.machine import missing_tools

ARTIFACTS = Path(__file__).parent.parent / "artifacts"

# Time is for benchmarks: on a busy machine an example may take long without being wrong.
settings.register_profile("here", deadline=None)
settings.load_profile("here")

_left_out = pytest.StashKey[dict[str, int]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = missing_tools()
    left_out: dict[str, int] = {}
    kept = []
    for item in items:
        lacking = [marker for marker in missing if item.get_closest_marker(marker)]
        for marker in lacking:
            left_out[marker] = left_out.get(marker, 0) + 1
        if not lacking:
            kept.append(item)
    if left_out and os.environ.get("CI"):
        raise pytest.UsageError("; ".join(f"{marker}: {missing[marker]}" for marker in left_out))
    config.stash[_left_out] = left_out
    items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash.get(_left_out, {})
    if left_out:
        missing = missing_tools()
        parts = [f"{count} {marker} tests ({missing[marker]})" for marker, count in left_out.items()]
        terminalreporter.write_line("Left out: " + "; ".join(parts))


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> Iterator[None]:
    """Hash passwords at next to no cost in this process; `tests/identity/test_passwords.py` holds the program's own."""
    with pytest.MonkeyPatch.context() as patch:
        quick = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "PasswordHasher", quick)
        yield


@pytest.fixture
def artifacts() -> Path:
    """A git-ignored folder that CI keeps: screenshots and reports go there."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
