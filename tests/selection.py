"""Which tests of the whole suite run today, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

SHARES = 4
"""A long test runs in the whole suite on one day in so many; every day with `./run test --all`."""


def share_of(files: Iterable[str], share: int) -> frozenset[str]:
    """The files with long tests whose day it is. `share`: a day's number; days `SHARES` apart have the same files."""
    return frozenset(sorted(set(files))[share % SHARES :: SHARES])


def resting(items: Iterable[pytest.Item], share: int) -> list[pytest.Item]:
    """Long tests whose day it is not: by file, so that what a file's tests share is made on one day only."""
    long = [item for item in items if item.get_closest_marker("long")]
    today = share_of((file_of(item) for item in long), share)
    return [item for item in long if file_of(item) not in today]


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
