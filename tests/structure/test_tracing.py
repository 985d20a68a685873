"""What counts as entering a module, for the figures of `tests.tools.flows`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.tools import flows


def entered(folder: Path, code: str) -> set[tuple[str, str]]:
    """Modules, and on whose account."""
    tracing = str(Path(flows.__file__).parent / "tracing")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((tracing, str(flows.ROOT))),
        "YUNTIAO_TRACE_FOLDER": str(folder),
    }
    subprocess.run([sys.executable, "-c", code], cwd=flows.ROOT, env=environment, check=True)
    (file,) = folder.glob("*.json")
    return {(module, account) for module, account, times in json.loads(file.read_text()) if times}


def test_a_module_that_is_only_imported_is_not_entered_whatever_its_body_calls(tmp_path: Path) -> None:
    assert entered(tmp_path, "import law.catalogue, complaints, web.i18n, offices") == set()


def test_a_module_is_entered_when_one_of_its_functions_is_called(tmp_path: Path) -> None:
    code = "from datetime import date\nfrom law.deadlines import weekend\nweekend(date(2026, 11, 29))"
    assert entered(tmp_path, code) == {("law.deadlines", "")}


def test_what_a_request_sets_off_is_on_its_account_and_not_on_its_neighbours(tmp_path: Path) -> None:
    code = """
import asyncio
from datetime import date
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from law.deadlines import weekend

async def dated(request):
    return await asyncio.create_task(answered())

async def answered():
    return web.Response(text=str(weekend(date(2026, 11, 29))))

async def main():
    app = web.Application()
    app.router.add_get("/join", dated)
    async with TestClient(TestServer(app)) as client:
        await client.get("/join")

asyncio.run(main())
"""
    assert entered(tmp_path, code) == {("law.deadlines", "/join")}


def test_what_a_job_sets_off_is_on_the_account_of_that_job(tmp_path: Path) -> None:
    code = """
import asyncio
from datetime import date
from pathlib import Path
from law.deadlines import weekend
from server.serving.jobs.runner import Late, _Running

async def dated(job):
    weekend(date(2026, 11, 29))

def look():
    return dated

class Claimed:
    class job:
        arguments = {}

asyncio.run(_Running(Claimed, 0.0).watched(Late(look)))
"""
    assert ("law.deadlines", "job look") in entered(tmp_path, code)
