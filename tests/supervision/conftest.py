"""Supervision's tests stand in the offices of the storage tests, on real databases."""

from tests.storage.databases import (
    database,
    database_url,
    empty_url,
    postgres_database,
    postgres_server,
    sqlite_template,
)
from tests.storage.readers import journal, tell

__all__ = [
    "database",
    "database_url",
    "empty_url",
    "journal",
    "postgres_database",
    "postgres_server",
    "sqlite_template",
    "tell",
]
