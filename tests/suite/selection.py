"""Which tests of the whole suite run today, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

SHARES = 7
"""A long test runs in the whole suite on one day of the week; every day with `./run test --all`."""

UNKNOWN = 10
"""Processor seconds that a file's long tests are taken to need where `LONG_SECONDS` says nothing."""

SECONDS = {
    "tests/bench/test_attack.py": 120,
    "tests/bench/test_floods.py": 60,
    "tests/bench/test_killed.py": 60,
    "tests/bench/test_record.py": 60,
    "tests/bench/test_reports.py": 60,
    "tests/browser/joining/test_joining.py": 30,
    "tests/browser/joining/test_joining_devices.py": 40,
    "tests/browser/office/test_after.py": 50,
    "tests/browser/office/test_alerts.py": 40,
    "tests/browser/office/test_calendar.py": 50,
    "tests/browser/office/test_casebook_story.py": 40,
    "tests/browser/office/test_morning.py": 60,
    "tests/browser/office/test_reports.py": 60,
    "tests/browser/office/test_screen.py": 90,
    "tests/browser/record/test_record.py": 70,
    "tests/browser/record/test_record_firefox.py": 60,
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
    "tests/browser/room/test_relay.py": 60,
    "tests/browser/room/test_revoked.py": 35,
    "tests/browser/room/test_room.py": 70,
    "tests/browser/room/test_signing.py": 75,
    "tests/browser/room/test_weak_network.py": 60,
    "tests/browser/test_accessibility.py": 150,
    "tests/browser/test_story.py": 75,
    "tests/media/browsers/test_chromium_media.py": 30,
    "tests/media/browsers/test_firefox.py": 25,
    "tests/media/test_weak_networks.py": 60,
    "tests/regexes/test_cost.py": 60,
    "tests/server/access/test_isolation.py": 40,
    "tests/server/access/test_isolation_of_files.py": 40,
    "tests/server/access/test_odd_values.py": 120,
    "tests/server/access/test_revocation.py": 60,
    "tests/server/access/test_sockets.py": 40,
    "tests/server/app/test_two_years.py": 60,
    "tests/server/cli/test_rehearse.py": 60,
    "tests/server/confinement/test_bombs.py": 40,
    "tests/server/imports/test_encoders.py": 30,
    "tests/server/imports/test_pages.py": 30,
    "tests/server/insight/test_detection.py": 35,
    "tests/server/retention/test_archive.py": 30,
    "tests/server/rooms/test_explained_recordings.py": 60,
    "tests/server/serving/test_serving.py": 35,
    "tests/server/serving/test_silent_connections.py": 60,
    "tests/server/statistics/test_statistics.py": 110,
    "tests/survival/test_held_acts.py": 25,
    "tests/survival/test_killed_server.py": 60,
    "tests/survival/test_pages_come_back.py": 60,
}
"""About how long the longest files take; only their order matters. A file that is not here is shorter."""


LONG_SECONDS = {
    "tests/bench/test_attack.py": 29,
    "tests/bench/test_data.py": 18,
    "tests/bench/test_floods.py": 30,
    "tests/bench/test_killed.py": 30,
    "tests/bench/test_record.py": 17,
    "tests/bench/test_reports.py": 40,
    "tests/browser/office/test_access.py": 10,
    "tests/browser/office/test_casebook.py": 11,
    "tests/browser/office/test_casebook_story.py": 25,
    "tests/browser/office/test_leads.py": 10,
    "tests/browser/office/test_reports.py": 40,
    "tests/browser/office/test_retention.py": 8,
    "tests/browser/office/test_supervision.py": 8,
    "tests/browser/record/test_record.py": 6,
    "tests/browser/record/test_record_firefox.py": 30,
    "tests/browser/record/test_verify_page.py": 13,
    "tests/browser/record/test_verify_page_firefox.py": 10,
    "tests/browser/room/test_agreement.py": 70,
    "tests/browser/room/test_caucus.py": 35,
    "tests/browser/room/test_drafting.py": 25,
    "tests/browser/room/test_endings.py": 12,
    "tests/browser/room/test_looking_on.py": 30,
    "tests/browser/room/test_networks.py": 50,
    "tests/browser/room/test_relay.py": 40,
    "tests/browser/room/test_revoked.py": 23,
    "tests/browser/room/test_room.py": 16,
    "tests/browser/room/test_weak_network.py": 16,
    "tests/browser/test_accessibility.py": 100,
    "tests/browser/test_story.py": 35,
    "tests/complaints/insight/test_bursts.py": 7,
    "tests/media/browsers/test_chromium_layers.py": 15,
    "tests/media/browsers/test_chromium_loss.py": 20,
    "tests/media/test_weak_networks.py": 21,
    "tests/regexes/test_cost.py": 32,
    "tests/server/access/test_odd_values.py": 60,
    "tests/server/app/test_two_years.py": 60,
    "tests/server/cli/test_rehearse.py": 7,
    "tests/server/confinement/test_bombs.py": 33,
    "tests/server/confinement/test_rooms_beside.py": 6,
    "tests/server/db/test_kills.py": 10,
    "tests/server/documents/test_archivable.py": 20,
    "tests/server/imports/test_encoders.py": 15,
    "tests/server/imports/test_mail_drop_bombs.py": 8,
    "tests/server/retention/test_archive.py": 13,
    "tests/server/serving/test_nginx.py": 9,
    "tests/server/serving/test_silent_connections.py": 20,
    "tests/server/signing/test_archivable.py": 13,
    "tests/server/statistics/test_statistics.py": 26,
    "tests/survival/test_full_disk.py": 15,
    "tests/survival/test_full_server.py": 15,
    "tests/survival/test_killed_server.py": 25,
    "tests/survival/test_killed_worker.py": 15,
    "tests/survival/test_pages_come_back.py": 25,
    "tests/survival/test_silent_seat.py": 10,
}
"""About how much processor time the long tests of a file take, in seconds: the days are made even by it."""


def share_of(files: Iterable[str], share: int) -> frozenset[str]:
    """The files with long tests whose day it is, every day about as much work. `share`: a day's number.

    Days `SHARES` apart have the same files.
    """
    days: list[list[str]] = [[] for _ in range(SHARES)]
    for file in sorted(set(files), key=lambda file: (-LONG_SECONDS.get(file, UNKNOWN), file)):
        min(days, key=lambda day: sum(LONG_SECONDS.get(one, UNKNOWN) for one in day)).append(file)
    return frozenset(days[share % SHARES])


def resting(items: Iterable[pytest.Item], share: int) -> list[pytest.Item]:
    """Long tests whose day it is not: by file, so that what a file's tests share is made on one day only."""
    long = [item for item in items if item.get_closest_marker("long")]
    today = share_of((file_of(item) for item in long), share)
    return [item for item in long if file_of(item) not in today]


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
