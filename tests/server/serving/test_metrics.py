"""What `/metrics` of a real server tells, and whom."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from journal import Conflict
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.serving.health import journal_seconds, lasted
from tests.contracts.journal_contract import drafts
from tests.server.app.program import Program, serving

TOKEN = "a-token-of-at-least-thirty-two-characters"
ELSEWHERE = {"X-Forwarded-For": "192.0.2.9"}
TOLD = (
    'yuntiao_build_info{tables="',
    'yuntiao_journal_append_seconds_count{outcome="appended"} ',
    'yuntiao_database_connections{state="in_use"} ',
    "yuntiao_database_connections_most 16.0",
    "yuntiao_disk_free_bytes ",
    "yuntiao_disk_size_bytes ",
    "yuntiao_disk_reserve_bytes 1.073741824e+09",
    'yuntiao_outbox_waiting{kind="message"} 0.0',
    'yuntiao_outbox_oldest_seconds{kind="hook"} 0.0',
    'yuntiao_jobs_waiting{job="compose"} 0.0',
    'yuntiao_rooms{state="occupied"} 0.0',
    "yuntiao_draining 0.0",
    'yuntiao_media_worker_up{worker="0"} 1.0',
    'yuntiao_media_worker_cpu_seconds_total{worker="0"} ',
    'yuntiao_media_worker_resident_bytes{worker="0"} ',
    'yuntiao_media_rooms{worker="0"} 0.0',
)


async def scraped(program: Program, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"{program.url}/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


async def after_the_workers_first_report(program: Program, **headers: str) -> tuple[int, str]:
    async with asyncio.timeout(30):
        while True:
            status, text = await scraped(program, **headers)
            if status != 200 or 'yuntiao_media_worker_up{worker="0"} 1.0' in text:
                return status, text
            await asyncio.sleep(0.1)  # another process tells nobody


async def test_a_token_opens_them_to_other_machines_and_every_figure_is_there(tmp_path: Path) -> None:
    secret = tmp_path / "metrics-token"
    secret.write_text(TOKEN + "\n")
    secret.chmod(0o600)
    async with serving(tmp_path, "--demo", YUNTIAO_METRICS_TOKEN_FILE=str(secret)) as program:
        for authorization in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"):
            status, text = await scraped(program, **ELSEWHERE, Authorization=authorization)
            assert (status, TOKEN in text, "yuntiao_" in text) == (404, False, False)
        assert (await scraped(program))[0] == 200, "this machine needs none, as before"
        status, text = await after_the_workers_first_report(program, **ELSEWHERE, Authorization=f"Bearer {TOKEN}")
        assert status == 200
        assert [line for line in TOLD if line not in text] == []
        assert TOKEN not in text


async def test_what_cannot_be_asked_for_is_left_out_and_the_rest_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as program:
        with closing(sqlite3.connect(tmp_path / "yuntiao.db")) as connection, connection:
            connection.execute("ALTER TABLE jobs RENAME TO lost")
        status, text = await scraped(program)
    assert status == 200
    assert 'yuntiao_metrics_failed_total{figures="jobs"} 1.0' in text
    assert "yuntiao_jobs_waiting" not in text
    assert 'yuntiao_outbox_waiting{kind="message"} 0.0' in text


async def test_an_entry_that_was_in_conflict_counts_apart(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/yuntiao.db")
    await database.migrate()
    seconds, registry = journal_seconds(), CollectorRegistry()
    journal = SqlJournal(database, lasted=lasted(seconds))
    registry.register(seconds)
    await journal.append("session/1", 0, drafts(1))
    with pytest.raises(Conflict):
        await journal.append("session/1", 0, drafts(1))
    await asyncio.gather(*(journal.append(f"session/{n}", 0, drafts(1)) for n in range(2, 5)))
    await database.close()
    text = generate_latest(registry).decode()
    assert 'yuntiao_journal_append_seconds_count{outcome="appended"} 4.0' in text
    assert 'yuntiao_journal_append_seconds_count{outcome="conflict"} 1.0' in text
