"""Which tests of the whole suite run today, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zlib import crc32

import pytest

SHARES = 13
"""A long test and a walk (`WALKS`) run in the whole suite on one day in so many; on each with `./run test --all`. An
odd number, or of two variations (`VARIATIONS`) of a long test one would never run."""

UNKNOWN = 10
"""Processor seconds that a file's long tests are taken to need where `LONG_SECONDS` says nothing."""

SECONDS = {
    "tests/bench/test_attack.py": 120,
    "tests/bench/test_chaos.py": 60,
    "tests/bench/test_cell.py": 90,
    "tests/bench/test_floods.py": 60,
    "tests/bench/test_jobs.py": 70,
    "tests/bench/test_killed.py": 60,
    "tests/bench/test_record.py": 60,
    "tests/bench/test_reports.py": 60,
    "tests/browser/joining/test_joining.py": 30,
    "tests/browser/office/test_alerts.py": 40,
    "tests/browser/office/test_casebook_story.py": 40,
    "tests/browser/office/test_reports.py": 60,
    "tests/browser/record/test_record_engines.py": 60,
    "tests/browser/networks/test_bad_lines.py": 60,
    "tests/browser/room/test_looking_on.py": 30,
    "tests/browser/networks/test_networks.py": 120,
    "tests/browser/networks/test_relay.py": 60,
    "tests/browser/networks/test_weak_network.py": 60,
    "tests/browser/test_accessibility.py": 150,
    "tests/browser/test_story.py": 75,
    "tests/media/test_weak_networks.py": 60,
    "tests/regexes/test_cost.py": 60,
    "tests/server/access/test_isolation.py": 40,
    "tests/server/access/test_isolation_of_files.py": 40,
    "tests/server/access/test_odd_values.py": 120,
    "tests/server/access/test_revocation.py": 60,
    "tests/server/app/test_two_years.py": 60,
    "tests/server/cli/test_rehearse.py": 60,
    "tests/server/confinement/test_bombs.py": 40,
    "tests/server/db/test_rolling_upgrade.py": 40,
    "tests/server/imports/test_encoders.py": 30,
    "tests/server/rooms/phone/test_taking_part.py": 90,
    "tests/server/retention/test_archive.py": 30,
    "tests/server/serving/jobs/test_processes.py": 30,
    "tests/server/serving/nodes/test_failover.py": 150,
    "tests/server/serving/nodes/test_two_nodes.py": 120,
    "tests/server/statistics/test_statistics.py": 110,
    "tests/survival/test_killed_server.py": 60,
    "tests/survival/test_pages_come_back.py": 60,
}
"""About how long the longest files take that are no walks (`WALKS`); only their order matters. A file that is not here
is shorter."""


LONG_SECONDS = {
    "tests/bench/test_attack.py": 29,
    "tests/bench/test_chaos.py": 38,
    "tests/bench/test_cell.py": 70,
    "tests/bench/test_data.py": 38,
    "tests/bench/test_floods.py": 30,
    "tests/bench/test_jobs.py": 36,
    "tests/bench/test_killed.py": 30,
    "tests/bench/test_record.py": 17,
    "tests/bench/test_reports.py": 61,
    "tests/bench/test_room.py": 30,
    "tests/bench/test_training.py": 150,
    "tests/docs/test_arm.py": 6,
    "tests/browser/office/test_access.py": 10,
    "tests/browser/office/test_casebook.py": 11,
    "tests/browser/office/test_casebook_story.py": 25,
    "tests/browser/office/test_leads.py": 10,
    "tests/browser/test_dialogs.py": 6,
    "tests/browser/test_pressed_twice.py": 6,
    "tests/browser/office/test_reports.py": 40,
    "tests/browser/office/test_sign_on.py": 110,
    "tests/browser/office/test_retention.py": 8,
    "tests/browser/office/test_supervision.py": 8,
    "tests/browser/record/test_record.py": 6,
    "tests/browser/record/test_record_engines.py": 30,
    "tests/browser/record/test_verify_page.py": 13,
    "tests/browser/record/test_verify_page_firefox.py": 10,
    "tests/browser/room/test_agreement.py": 40,
    "tests/browser/room/test_caucus.py": 35,
    "tests/browser/room/test_drafting.py": 42,
    "tests/browser/room/test_endings.py": 12,
    "tests/browser/room/test_looking_on.py": 30,
    "tests/browser/networks/test_networks.py": 50,
    "tests/browser/networks/test_relay.py": 40,
    "tests/browser/room/test_revoked.py": 23,
    "tests/browser/room/test_room.py": 16,
    "tests/browser/networks/test_bad_lines.py": 16,
    "tests/browser/networks/test_weak_network.py": 16,
    "tests/browser/test_accessibility.py": 100,
    "tests/browser/test_story.py": 35,
    "tests/complaints/insight/test_bursts.py": 7,
    "tests/complaints/triage/test_suggestions.py": 20,
    "tests/docs/test_monitoring.py": 8,
    "tests/media/browsers/test_chromium_layers.py": 15,
    "tests/media/browsers/test_chromium_loss.py": 20,
    "tests/media/clients/test_minimal_clients.py": 20,
    "tests/media/clients/test_pion.py": 12,
    "tests/media/clients/test_webrtcbin.py": 6,
    "tests/media/test_weak_networks.py": 21,
    "tests/recordings/speech/test_engines.py": 10,
    "tests/server/rooms/exhibits/test_drawing.py": 10,
    "tests/server/rooms/phone/test_captions.py": 40,
    "tests/server/rooms/phone/test_taking_part.py": 60,
    "tests/server/rooms/test_transcripts.py": 25,
    "tests/regexes/test_cost.py": 32,
    "tests/server/access/test_odd_values.py": 60,
    "tests/server/access/test_sent_at_once.py": 60,
    "tests/server/app/test_two_years.py": 75,
    "tests/server/cli/test_rehearse.py": 32,
    "tests/server/confinement/test_bombs.py": 50,
    "tests/server/connections/test_from_the_document.py": 56,
    "tests/server/confinement/test_rooms_beside.py": 6,
    "tests/server/db/test_kills.py": 10,
    "tests/server/db/test_rolling_upgrade.py": 30,
    "tests/server/documents/test_archivable.py": 20,
    "tests/server/imports/test_encoders.py": 15,
    "tests/server/imports/test_mail_drop_bombs.py": 8,
    "tests/server/retention/test_archive.py": 13,
    "tests/server/serving/nodes/test_cell.py": 12,
    "tests/server/serving/nodes/test_failover.py": 160,
    "tests/server/serving/nodes/test_sole_server.py": 8,
    "tests/server/serving/nodes/test_two_nodes.py": 95,
    "tests/server/serving/test_disk_reserve.py": 7,
    "tests/server/serving/test_logs.py": 11,
    "tests/server/serving/test_nginx.py": 9,
    "tests/server/serving/test_silent_connections.py": 20,
    "tests/server/signing/test_archivable.py": 13,
    "tests/server/statistics/test_statistics.py": 26,
    "tests/suite/test_suite.py": 55,
    "tests/survival/test_full_disk.py": 15,
    "tests/survival/test_full_server.py": 15,
    "tests/survival/test_lost_disk.py": 30,
    "tests/survival/test_killed_server.py": 25,
    "tests/survival/test_killed_worker.py": 15,
    "tests/survival/test_pages_come_back.py": 25,
    "tests/survival/test_silent_seat.py": 10,
}
"""About how much processor time the long tests of a file take, in seconds: the days are made even by it."""


WALKS = {
    "tests/browser/joining/test_joining_browsers.py": 7,
    "tests/browser/joining/test_joining_devices.py": 27,
    "tests/browser/joining/test_joining_links.py": 11,
    "tests/browser/joining/test_joining_moving.py": 12,
    "tests/browser/joining/test_moving_inside.py": 40,
    "tests/browser/joining/test_trial_call.py": 6,
    "tests/browser/links/test_answer.py": 6,
    "tests/browser/links/test_apart.py": 50,
    "tests/browser/links/test_framing.py": 10,
    "tests/browser/links/test_signing_by_link.py": 8,
    "tests/browser/networks/test_bad_lines.py": 14,
    "tests/browser/office/test_access.py": 9,
    "tests/browser/office/test_after.py": 13,
    "tests/browser/office/test_alerts.py": 18,
    "tests/browser/office/test_calendar.py": 20,
    "tests/browser/office/test_casebook.py": 10,
    "tests/browser/office/test_dashboard.py": 7,
    "tests/browser/office/test_focus.py": 10,
    "tests/browser/office/test_leads.py": 14,
    "tests/browser/office/test_manual.py": 26,
    "tests/browser/office/test_map_and_public.py": 13,
    "tests/browser/office/test_morning.py": 45,
    "tests/browser/office/test_offices.py": 8,
    "tests/browser/office/test_reports.py": 20,
    "tests/browser/office/test_retention.py": 9,
    "tests/browser/office/test_review_walk.py": 9,
    "tests/browser/office/test_screen.py": 27,
    "tests/browser/office/test_supervision.py": 7,
    "tests/browser/office/test_targets.py": 33,
    "tests/browser/office/test_unreached.py": 9,
    "tests/browser/record/test_package_pages.py": 9,
    "tests/browser/record/test_record.py": 28,
    "tests/browser/record/test_statements.py": 25,
    "tests/browser/record/test_verify_page.py": 15,
    "tests/browser/room/test_agreement.py": 40,
    "tests/browser/room/test_background.py": 75,
    "tests/browser/room/test_captions.py": 55,
    "tests/browser/room/test_caucus.py": 25,
    "tests/browser/room/test_chat.py": 16,
    "tests/browser/room/test_device_life.py": 45,
    "tests/browser/room/test_doors.py": 70,
    "tests/browser/room/test_drafting.py": 40,
    "tests/browser/room/test_ease.py": 38,
    "tests/browser/room/test_echo.py": 28,
    "tests/browser/room/test_effort.py": 20,
    "tests/browser/room/test_endings.py": 15,
    "tests/browser/room/test_exhibits.py": 27,
    "tests/browser/room/test_layouts.py": 35,
    "tests/browser/room/test_noise.py": 23,
    "tests/browser/room/test_revoked.py": 20,
    "tests/browser/room/test_room.py": 38,
    "tests/browser/room/test_signing.py": 64,
    "tests/browser/test_files.py": 11,
    "tests/browser/test_webkit.py": 27,
    "tests/cells/test_killed.py": 12,
    "tests/media/browsers/test_chromium_idle.py": 4,
    "tests/media/browsers/test_chromium_media.py": 15,
    "tests/media/browsers/test_firefox.py": 25,
    "tests/recordings/composing/test_pieces_real.py": 16,
    "tests/recordings/composing/test_watermark.py": 5,
    "tests/server/access/test_revocation.py": 20,
    "tests/server/app/test_two_years.py": 17,
    "tests/server/imports/test_pages.py": 19,
    "tests/server/insight/test_detection.py": 34,
    "tests/server/rooms/phone/test_worker.py": 15,
    "tests/server/rooms/films/test_composing_jobs.py": 18,
    "tests/server/rooms/films/test_explained_recordings.py": 14,
    "tests/server/rooms/films/test_films_of_killed_nodes.py": 24,
    "tests/server/serving/nodes/test_twenty_rooms.py": 90,
    "tests/server/serving/test_serving.py": 41,
    "tests/server/serving/test_silent_connections.py": 17,
    "tests/server/supervision/test_planning.py": 20,
    "tests/suite/test_fork_server.py": 18,
    "tests/survival/test_held_acts.py": 8,
}
"""Files that run one day in `SHARES`, with the processor seconds they take: walks through a part that the story of a
whole mediation comes through daily, and that has tests without a browser."""

VARIATIONS = ("language", "database_url", "empty_url", "make", "writer", "pace")
"""Parameters in which a test's variations hold the same, as an engine or one's language: each day it runs with one of
their values; a long one on each day of its own. `make` forwards and `writer` records, each in Python and in C; `pace`:
how often a writer in C looks at what has come."""


def share_of(files: Iterable[str], share: int) -> frozenset[str]:
    """The files with long tests whose day it is, every day about as much work. `share`: a day's number.

    Days `SHARES` apart have the same files.
    """
    return _days({file: LONG_SECONDS.get(file, UNKNOWN) for file in files})[share % SHARES]


def resting(items: Iterable[pytest.Item], share: int) -> dict[pytest.Item, str]:
    """Tests whose day it is not, and what they are: by file, so that what a file's tests share is made on one day."""
    items = list(items)
    long = [item for item in items if item.get_closest_marker("long")]
    today, walks = share_of((file_of(item) for item in long), share), walks_of(share)
    rest = dict.fromkeys((item for item in long if file_of(item) not in today), "long tests")
    for item in items:
        if item not in rest and file_of(item) in WALKS and file_of(item) not in walks and item not in long:
            rest[item] = "walks"
    awake = [item for item in items if item not in rest and item not in long]
    awake_long = [item for item in long if item not in rest]
    return rest | dict.fromkeys((*varied(awake, share), *varied(awake_long, share)), "variations")


def walks_of(share: int) -> frozenset[str]:
    """Which of `WALKS` run on this day; each day about as much work."""
    return _days(WALKS)[share % SHARES]


def _days(seconds: Mapping[str, int]) -> list[frozenset[str]]:
    """Files, with about as much work on each of `SHARES` days."""
    days: list[list[str]] = [[] for _ in range(SHARES)]
    for file in sorted(seconds, key=lambda file: (-seconds[file], file)):
        min(days, key=lambda day: sum(seconds[one] for one in day)).append(file)
    return [frozenset(day) for day in days]


def varied(items: Iterable[pytest.Item], share: int) -> list[pytest.Item]:
    """All variations of each test but today's. One that cannot run here has been taken out before."""
    alike: dict[tuple[str, str], dict[str, list[pytest.Item]]] = {}
    for item in items:
        given = dict(item.callspec.params) if hasattr(item, "callspec") else {}
        if value := "|".join(str(given.pop(name)) for name in VARIATIONS if name in given):
            test = item.nodeid.partition("[")[0], repr(sorted(given.items(), key=lambda one: one[0]))
            alike.setdefault(test, {}).setdefault(value, []).append(item)
    return [
        item
        for (test, _), values in alike.items()
        for n, value in enumerate(sorted(values))
        if n != (share + crc32(test.encode())) % len(values)
        for item in values[value]
    ]


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
