"""`yuntiao rehearse` as a command: a report of every step, and an exit code that means something."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from server.rehearsal.venue import throw_away

pytestmark = pytest.mark.media


async def rehearse(*options: str) -> tuple[int, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "rehearse", "--json", *options, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return process.returncode or 0, json.loads(output)


async def test_the_story_holds_from_the_complaint_to_the_audited_outcome() -> None:
    code, report = await rehearse()
    failed = [step for step in report["steps"] if not step["ok"]]
    assert (code, failed) == (0, [])
    assert report["outcome"] == {"kind": "settled", "loss_recovered": "2000.00"}
    assert report["complaint"]["state"] == "履行"
    for heard in report["received"].values():
        assert all(other["frames"] > 50 and other["sound_s"] > 0.5 for other in heard.values())
    assert report["recording"]["people_seen"] == report["recording"]["people_heard"] == 3
    assert report["recording"]["av_skew_ms"] <= 150
    assert report["timing"]["joint_ms"] > 5_000
    for party in ("consumer", "business"):
        assert report["figures"][f"{party}_tap_to_first_frame_s"] > 0


async def test_a_story_that_breaks_names_its_step_and_exits_1(tmp_path: Path) -> None:
    async with throw_away(tmp_path) as venue:
        code, report = await rehearse("--server", venue.url, "--password", "not the password")
    assert code == 1
    assert report["ok"] is False
    assert [step["name"] for step in report["steps"]] == ["mediator signs in"]
    assert report["steps"][0]["detail"] != ""
