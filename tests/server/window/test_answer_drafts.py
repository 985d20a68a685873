"""Answers being typed, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from server.db.engine import Database
from server.window.store import AnswerDrafts

NOW = datetime(2026, 6, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


async def test_the_newest_is_kept_of_each_link_until_it_is_forgotten_or_its_time_is_over(database: Database) -> None:
    drafts = AnswerDrafts(database)
    assert await drafts.of("one") == ""
    await drafts.keep("one", "first", NOW)
    await drafts.keep("one", "second", LATER)
    await drafts.keep("other", "another's", NOW)
    assert await drafts.of("one") == "second"
    assert await drafts.forget_expired(NOW) == 1
    assert (await drafts.of("one"), await drafts.of("other")) == ("second", "")
    await drafts.forget("one")
    assert await drafts.of("one") == ""


async def test_two_that_come_at_once_are_one(database: Database) -> None:
    drafts = AnswerDrafts(database)
    await asyncio.gather(*(drafts.keep("one", f"text {n}", LATER) for n in range(6)))
    assert (await drafts.of("one")).startswith("text ")
