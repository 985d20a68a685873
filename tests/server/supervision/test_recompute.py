"""The script that does a draw over runs alone, without the program beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from rooms import supervision
from tests.rooms.supervision.test_drawing import entries, quiet
from tests.server.supervision import recompute


def test_the_script_runs_alone_and_finds_a_changed_result(tmp_path: Path) -> None:
    published = supervision.published(entries([quiet(n, f"u-{n % 3}") for n in range(60)]))
    script, file = recompute.__file__, tmp_path / "draw.json"

    def run() -> int:
        file.write_text(json.dumps(published), encoding="utf-8")
        return subprocess.run([sys.executable, "-I", script, str(file)], capture_output=True, check=False).returncode

    assert run() == 0
    published["drawn"][0]["session"] = published["passed"][0]["session"]
    assert run() == 1
    published["checkpoint"]["size"] += 1
    assert run() == 1
