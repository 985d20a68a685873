from tests.storage.databases import (
    database,
    database_url,
    empty_url,
    other,
    postgres_server,
    postgres_template,
    sqlite_template,
)

__all__ = [
    "database",
    "database_url",
    "empty_url",
    "other",
    "postgres_server",
    "postgres_template",
    "sqlite_template",
]
