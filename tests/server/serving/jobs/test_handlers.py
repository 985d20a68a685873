"""What a job process loads before it has a job, and that it knows every job there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from recordings.files.keys import case_keys
from server.exhibits import preparing
from server.imports import batches
from server.insight import detection
from server.leads import desk
from server.serving.jobs import runner
from server.serving.jobs.runner import Live

LOADED = """
import sys
from pathlib import Path
from recordings.files.keys import case_keys
from server.serving.jobs import __main__
from server.serving.jobs.runner import handlers, unfinished
from server.serving.jobs.runner import Live
data = Path(sys.argv[1])
handlers(data, case_keys(data, None), Live())
assert unfinished(data) == []
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_names_of_jobs_are_those_that_the_web_process_puts_into_the_queue(tmp_path: Path) -> None:
    assert (runner.PREPARE, runner.ARCHIVE_LEAD, runner.LOOK) == (preparing.JOB, desk.JOB, detection.JOB)
    assert runner.IMPORTS == batches.FOLDER
    assert set(runner.handlers(tmp_path, case_keys(tmp_path, None), Live())) == {
        "compose", "copy", "forget_copy", "transcribe", "archive", "export", "import", "undo_import",
        "map_import_value",
        preparing.JOB, desk.JOB, detection.JOB,
    }  # fmt: skip


def test_a_job_process_of_an_office_at_rest_has_loaded_no_database_and_no_web_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert {"sqlalchemy", "aiohttp", "numpy", "av"}.isdisjoint(done.stdout.split())
