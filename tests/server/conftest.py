"""The small office and the databases that tests of the server stand on, made once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.app.office import World, founded, office
from tests.server.db.databases import (
    database,
    database_url,
    empty_url,
    other,
    postgres_database,
    postgres_server,
    sqlite_template,
)
from tests.server.db.readers import journal, reads, tell

__all__ = [
    "database",
    "database_url",
    "empty_url",
    "journal",
    "other",
    "postgres_database",
    "postgres_server",
    "reads",
    "sqlite_template",
    "tell",
]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(founded(tmp_path_factory.mktemp("template")))


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    async with office(tmp_path, template) as made:
        yield made
