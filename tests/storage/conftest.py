from tests.storage.databases import (
    database,
    database_url,
    empty_url,
    other,
    postgres_database,
    postgres_server,
    sqlite_template,
)
from tests.storage.readers import journal, reads, tell

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
