"""A job process knows every job there is."""

from __future__ import annotations

from pathlib import Path

from recordings.files.keys import case_keys
from server.imports import batches
from server.insight import detection
from server.leads import desk
from server.rooms import recording_jobs
from server.serving.jobs import runner
from server.serving.jobs.runner import Live
from server.serving.jobs.store import REMOVE


def test_names_of_jobs_are_those_that_the_web_process_puts_into_the_queue(tmp_path: Path) -> None:
    assert (runner.PREPARE, runner.ARCHIVE_LEAD, runner.LOOK) == (recording_jobs.JOB, desk.JOB, detection.JOB)
    assert runner.IMPORTS == batches.FOLDER
    assert set(runner.handlers(tmp_path, case_keys(tmp_path, None), Live())) == {
        "compose", "copy", "forget_copy", "transcribe", "archive", "export", "import", "undo_import",
        "map_import_value",
        recording_jobs.JOB, desk.JOB, detection.JOB, REMOVE,
    }  # fmt: skip
