"""What somebody typed at the public window is there for its hour, and then nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from server.db.engine import Database
from server.db.schema import window_visits
from server.window.store import Visit, WindowStore

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def visit(name: str, begun: datetime) -> Visit:
    return Visit(name, f"token-{name}", "file", "", "", "", "", "", "", "sealed", begun, begun + timedelta(hours=1))


@pytest.fixture
async def store(database: Database) -> WindowStore:
    kept = WindowStore(database)
    await kept.begin(visit("early", NOW))
    await kept.begin(visit("late", NOW + timedelta(minutes=30)))
    return kept


async def test_a_visit_is_found_until_its_hour_is_over(store: WindowStore) -> None:
    assert await store.visit("token-early", NOW + timedelta(minutes=59)) == visit("early", NOW)
    assert await store.visit("token-early", NOW + timedelta(hours=1)) is None


async def test_forgetting_removes_what_was_typed_an_hour_ago_and_nothing_else(
    store: WindowStore, database: Database
) -> None:
    assert await store.forget(NOW + timedelta(minutes=70)) == 1
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(window_visits))).scalar_one() == 1
    assert await store.visit("token-late", NOW + timedelta(minutes=71)) is not None
