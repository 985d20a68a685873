"""A migrated database to copy, and databases of both kinds."""

from tests.storage.databases import (
    database,
    database_url,
    postgres_database,
    postgres_server,
    sqlite_template,
)

__all__ = ["database", "database_url", "postgres_database", "postgres_server", "sqlite_template"]
