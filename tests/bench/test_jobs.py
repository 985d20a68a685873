"""A cell whose duties and jobs are killed again and again: everything is done, and nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.server.db.databases import postgres_server
from tests.tools.bench.recording import jobs

__all__ = ["postgres_server"]

KILLS = 2
"""A hundred are `yuntiao bench jobs`."""


@pytest.mark.long
@pytest.mark.media
@pytest.mark.postgres
async def test_whoever_has_a_duty_or_a_job_may_be_killed_at_any_moment(tmp_path: Path, postgres_server: URL) -> None:
    workers = {**dict.fromkeys(jobs.NODES, 1), "": 1}
    async with jobs.cell(tmp_path / "cell", postgres_server, workers) as here:
        outcome = await jobs.killed(here, KILLS)
    amiss = {name: number for name, number in outcome.items() if name.endswith("double_or_missing")}
    assert amiss == dict.fromkeys(amiss, 0), outcome
    assert outcome["films_left_over"] == 0
    assert outcome["films_level"] == 3
    assert outcome["messages_level"] == KILLS
    assert outcome["checkpoints_level"] > 0
