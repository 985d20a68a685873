"""A recorder of twelve people killed at a random moment: every file opens, and no track lacks a second."""

from __future__ import annotations

import pytest

from tests.bench.test_reports import check
from tests.tools.bench.recording import killed


@pytest.mark.long
@pytest.mark.media
def test_no_track_of_a_killed_recorder_lacks_a_second() -> None:
    report = killed.measure(quick=True)
    check(report)
    figures = report["figures"]
    assert figures["tracks_level"] == 4 * 3 * 2 * figures["writers_level"]
    assert figures["files_level"] > figures["unfinished_files_level"] > 0, "some were finished before"
    assert report["targets"]["lost_most_s_at_most"]["holds"], report["figures"]
