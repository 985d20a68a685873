from tests.log.house import house
from tests.storage.databases import database, database_url, other, postgres_database, postgres_server, sqlite_template

__all__ = [
    "database",
    "database_url",
    "house",
    "other",
    "postgres_database",
    "postgres_server",
    "sqlite_template",
]
