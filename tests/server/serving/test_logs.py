"""One format of log lines from every process, and which request each belongs to."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from server.db.engine import Database
from server.serving import logs
from server.serving.jobs import Claim, RetryLater
from server.serving.jobs.runner import Worker
from server.serving.jobs.store import JobQueue
from server.serving.logs import current_request, dealing_with
from tests.server.app.program import ANEW, Program, serving, yuntiao
from tests.server.serving.jobs.work import office_queue

SECRET = "a-secret-link"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged in this process, as JSON."""
    root, before, structured = logging.getLogger(), logging.getLogger().handlers[:], structlog.get_config()
    level, to = root.level, io.StringIO()
    logs.configure("web", "json", to)
    yield to
    root.handlers, root.level = before, level
    structlog.configure(**structured)
    logging.captureWarnings(False)


def read(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_both_loggers_write_one_kind_of_line_that_holds_a_whole_fault(lines: io.StringIO) -> None:
    with dealing_with(request="request-1"):
        structlog.get_logger("ours").warning("one\nthing", session="s 1", level_="x")
        try:
            raise ValueError("wrong\nin two lines")
        except ValueError:
            logging.getLogger("theirs").exception("another %s", "thing")
    ours, theirs = read(lines.getvalue())
    assert (ours["logger"], ours["event"], ours["session"]) == ("ours", "one\nthing", "s 1")
    assert (theirs["logger"], theirs["event"], theirs["level"]) == ("theirs", "another thing", "error")
    assert "wrong\nin two lines" in theirs["exception"]
    for line in (ours, theirs):
        assert (line["process"], line["request"]) == ("web", "request-1")
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


def test_to_be_read_a_line_is_one_line_whatever_is_told_in_it(lines: io.StringIO) -> None:
    to = io.StringIO()
    logs.configure("web", "text", to)
    structlog.get_logger("ours").info("file a\n2026-01-01T00:00:00.000Z info web forged: x", name="b\nc d=e")
    (line,) = to.getvalue().splitlines()
    assert line.endswith(r'ours: file a\n2026-01-01T00:00:00.000Z info web forged: x name="b\nc d=e"')
    to.close()
    structlog.get_logger("ours").info("nobody reads any more")
    assert lines.getvalue() == ""


async def test_what_a_request_has_begun_and_left_behind_belongs_to_it_no_more(lines: io.StringIO) -> None:
    log, go = structlog.get_logger("room"), asyncio.Event()

    async def lives_on() -> None:
        log.info("begins")
        await go.wait()
        log.info("goes on")

    with dealing_with(request="request-1"):
        room = asyncio.create_task(lives_on())
        await asyncio.sleep(0)  # it has begun
    go.set()
    await room
    assert [line.get("request") for line in read(lines.getvalue())] == ["request-1", None]


async def test_a_job_says_who_asked_for_it_also_when_it_is_tried_again_and_hands_it_on(tmp_path: Path) -> None:
    ran: list[tuple[str, str]] = []
    async with office_queue(tmp_path) as queue:

        async def first(job: Claim) -> None:
            ran.append((job.job.name, current_request()))
            if job.job.tries == 1:
                raise RetryLater(0.0)

        with dealing_with(request="request-1"):
            await queue.enqueue("compose", of="s")
        await queue.enqueue("archive", of="s")
        worker = Worker(queue, {"compose": first, "archive": first}, "w1")
        while await worker.once():
            pass
    assert sorted(ran) == [("archive", ""), ("archive", ""), ("compose", "request-1"), ("compose", "request-1")]
    assert current_request() == ""


async def page(program: Program, path: str, **headers: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(program.url + path, headers=headers) as answer:
        return answer.headers["X-Request-ID"]


async def a_page_that_breaks(program: Program, data: Path) -> tuple[str, str]:
    """The number of its request, and what the page says somebody is to tell the office."""
    with closing(sqlite3.connect(data / "yuntiao.db")) as connection, connection:
        connection.execute("ALTER TABLE links RENAME TO lost")
    async with aiohttp.ClientSession() as http, http.get(f"{program.url}/j/{SECRET}") as answer:
        assert answer.status == 500
        told = re.search(r"internal · ([0-9a-f]+)", await answer.text())
        assert told
        return answer.headers["X-Request-ID"], told[1]


async def worked_off(queue: JobQueue) -> None:
    async with asyncio.timeout(30):
        while (job := await queue.of("forget_copy", "c")) is None or job.open:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


@pytest.mark.long
async def test_a_server_and_its_processes_write_json_with_requests_and_no_secrets(tmp_path: Path) -> None:
    proxied = {"YUNTIAO_TRUSTED_PROXIES": "127.0.0.1"}
    async with office_queue(tmp_path) as queue:
        with dealing_with(request="request-of-yesterday"):
            await queue.enqueue("forget_copy", of="c", unheard="of")
        more = {"YUNTIAO_MEDIA_FAN_OUT": "python", **proxied}
        async with serving(tmp_path, "--log-format", "json", module=ANEW, **more) as program:
            own = await page(program, f"/j/{SECRET}")
            by_proxy = {"X-Request-ID": "of-the-proxy-7", "X-Forwarded-For": "192.0.2.9"}
            theirs = await page(program, "/nowhere", **by_proxy)
            await page(program, "/healthz")
            broken, reference = await a_page_that_breaks(program, tmp_path)
            await worked_off(queue)
            await program.end()
            said = (await program.log).decode()
    assert SECRET not in said
    every = read(said)
    asked = {line["request"]: line for line in every if line["logger"] == "access"}
    assert asked.keys() == {own, theirs, broken}
    (fault,) = (line for line in every if "exception" in line and line["process"] == "web")
    assert (fault["request"], fault["level"], asked[broken]["status"]) == (broken, "error", 500)
    assert broken.startswith(reference)
    assert theirs == "of-the-proxy-7"
    assert (asked[own]["route"], asked[own]["method"], asked[own]["status"]) == ("/j/{secret}", "GET", 404)
    assert (asked[theirs]["route"], asked[theirs]["address"]) == ("none", "192.0.2.9")
    (job,) = (line for line in every if line["process"] == "jobs")
    assert (job["job"], job["request"], job["level"]) == ("forget_copy", "request-of-yesterday", "error")


async def test_whoever_is_no_proxy_of_ours_names_no_request_and_text_has_no_line_of_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as program:
        assert await page(program, "/", **{"X-Request-ID": "of-a-stranger-7"}) != "of-a-stranger-7"
        await program.end()
        assert b"access" not in await program.log


async def ended(*arguments: str, **more: str) -> tuple[int, str]:
    process = await yuntiao("serve", "--json", "--port", "0", *arguments, **more)
    _, said = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_media_worker_without_its_port_says_so_in_json_and_so_does_the_end(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        options = "--media-port", port, "--workers", "1", "--data", str(tmp_path), "--log-format", "json"
        status, said = await ended(*options)
    *_, worker, end = read(said)
    assert status == 2
    assert (worker["process"], worker["level"]) == ("media-0", "error")
    assert port in worker["event"]
    assert (end["process"], end["level"]) == ("web", "critical")
    assert f"is UDP port {port} free?" in end["event"]


async def test_a_program_older_than_its_database_ends_with_one_sentence(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/yuntiao.db")
    await database.migrate()
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_tomorrow'")
    await database.close()
    status, said = await ended("--media-port", "0", "--data", str(tmp_path))
    assert status == 2
    assert len(said.splitlines()) == 1
    assert said.startswith("yuntiao: the database has tables of 9999_tomorrow, which this version does not know")
