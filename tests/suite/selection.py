"""Which tests of the whole suite run today, and in which order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest

SHARES = 7
"""A long test runs in the whole suite on one day of the week; every day with `./run test --all`."""

SECONDS = {
    "tests/bench/test_attack.py": 120,
    "tests/bench/test_floods.py": 60,
    "tests/bench/test_killed.py": 60,
    "tests/bench/test_record.py": 60,
    "tests/bench/test_reports.py": 60,
    "tests/browser/office/test_casebook_story.py": 40,
    "tests/browser/office/test_morning.py": 60,
    "tests/browser/office/test_reports.py": 60,
    "tests/browser/record/test_record.py": 70,
    "tests/browser/record/test_verify_page.py": 40,
    "tests/browser/room/test_agreement.py": 70,
    "tests/browser/room/test_caucus.py": 50,
    "tests/browser/room/test_chat.py": 25,
    "tests/browser/room/test_device_life.py": 35,
    "tests/browser/room/test_doors.py": 85,
    "tests/browser/room/test_ease.py": 35,
    "tests/browser/room/test_endings.py": 40,
    "tests/browser/room/test_exhibits.py": 45,
    "tests/browser/room/test_looking_on.py": 30,
    "tests/browser/room/test_networks.py": 120,
    "tests/browser/room/test_room.py": 70,
    "tests/browser/room/test_signing.py": 75,
    "tests/browser/room/test_weak_network.py": 60,
    "tests/browser/test_accessibility.py": 150,
    "tests/browser/test_story.py": 75,
    "tests/media/browsers/test_chromium_media.py": 30,
    "tests/media/browsers/test_firefox.py": 25,
    "tests/regexes/test_cost.py": 300,
    "tests/server/access/test_isolation.py": 40,
    "tests/server/access/test_odd_values.py": 120,
    "tests/server/access/test_revocation.py": 60,
    "tests/server/cli/test_rehearse.py": 60,
    "tests/server/confinement/test_bombs.py": 40,
    "tests/server/insight/test_detection.py": 35,
    "tests/server/retention/test_archive.py": 30,
    "tests/server/rooms/test_explained_recordings.py": 60,
    "tests/server/serving/test_serving.py": 35,
    "tests/server/serving/test_silent_connections.py": 60,
    "tests/server/statistics/test_statistics.py": 110,
    "tests/survival/test_held_acts.py": 25,
    "tests/survival/test_killed_server.py": 60,
}
"""About how long the longest files take; only their order matters. A file that is not here is shorter."""


def share_of(files: Iterable[str], share: int) -> frozenset[str]:
    """The files with long tests whose day it is, every day about as much work. `share`: a day's number.

    Days `SHARES` apart have the same files.
    """
    longest_first = sorted(set(files), key=lambda file: (-SECONDS.get(file, 0), file))
    days = itertools.cycle([*range(SHARES), *reversed(range(SHARES))])
    return frozenset(file for file, day in zip(longest_first, days, strict=False) if day == share % SHARES)


def resting(items: Iterable[pytest.Item], share: int) -> list[pytest.Item]:
    """Long tests whose day it is not: by file, so that what a file's tests share is made on one day only."""
    long = [item for item in items if item.get_closest_marker("long")]
    today = share_of((file_of(item) for item in long), share)
    return [item for item in long if file_of(item) not in today]


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
