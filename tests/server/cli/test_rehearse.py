"""`yuntiao rehearse` as a command: a report of every step, and an exit code that means something."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest

from server.app.rehearsal import RehearsalReport, Visitor
from server.app.rehearsal.story import MEDIATOR, Story
from tests.server.app.application import demo_program
from tests.server.app.program import serving

pytestmark = pytest.mark.media

ROOT = Path(__file__).parents[3]


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
    assert (report["package"]["verdict"], report["package"]["absent"]) == ("holds", 0)
    for party in ("consumer", "business"):
        assert report["figures"][f"{party}_tap_to_first_frame_s"] > 0


async def test_a_story_that_breaks_names_its_step_and_exits_1(tmp_path: Path) -> None:
    async with demo_program(tmp_path) as venue:
        code, report = await rehearse("--server", venue.url, "--password", "not the password")
    assert code == 1
    assert report["ok"] is False
    assert [(step["name"], step["ok"]) for step in report["steps"]] == [
        ("the server answers", True),
        ("mediator signs in", False),
    ]
    assert report["steps"][1]["detail"] != ""


# Everything but the data folder, and what lies in memory.
READ_ONLY = """
mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro /
if touch "$1/written" 2>/dev/null; then exit 9; fi
shift; exec "$@"
"""


@pytest.mark.long
@pytest.mark.namespaces
async def test_a_mediation_is_held_where_nothing_but_the_data_folder_can_be_written(tmp_path: Path) -> None:
    within = ("unshare", "-rm", "sh", "-ec", READ_ONLY, str(tmp_path), str(ROOT))
    async with serving(tmp_path, "--demo", within=within) as program:
        code, report = await rehearse("--server", program.url, "--password", program.facts["demo"]["password"])
        assert (code, [step for step in report["steps"] if not step["ok"]]) == (0, [])
        assert await program.end() == 0
    assert (tmp_path / "yuntiao.db").exists()


@pytest.mark.long
async def test_a_server_with_its_own_certificate_is_played_on_only_when_that_is_trusted(tmp_path: Path) -> None:
    async with serving(tmp_path, "--demo", "--tls-self-signed") as program:
        password = ("--password", program.facts["demo"]["password"])
        code, report = await rehearse("--server", program.url, *password)
        assert code == 1
        assert len(report["steps"]) == 1, "no password goes to a stranger"
        assert "is not trusted" in report["steps"][0]["detail"]
        assert "--cafile" in report["steps"][0]["detail"]
        tls = ssl.create_default_context(cafile=tmp_path / "tls" / "certificate.pem")
        await to_the_waiting_room(Story(program.url, password[1], RehearsalReport(), ("127.0.0.1",), tls))


async def to_the_waiting_room(story: Story) -> None:
    """As far as pages and sockets differ under TLS; media knows nothing of it."""
    async with Visitor(story.base, tls=story.tls) as desk:
        await story.sign_in(desk, MEDIATOR)
        await story.schedule(desk)
        await story.arrive(desk, "consumer")
    await story.end()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--server", "http://127.0.0.1:9"), "http://127.0.0.1:9 is not reached"),
        (("--server", "127.0.0.1:8080"), "begins with http:// or https://"),
        (("--server", "http://127.0.0.1:9", "--cafile", "ca.pem"), "only for an https:// server"),
        (("--server", "https://127.0.0.1:9", "--cafile", "/nowhere/ca.pem"), "no certificate that can be used"),
    ],
)
async def test_a_server_that_cannot_be_played_on_is_said_in_one_sentence(options: tuple[str, ...], why: str) -> None:
    code, report = await rehearse(*options)
    assert code == 1
    (step,) = report["steps"]
    assert why in step["detail"]
