"""A migrated database to copy."""

from tests.storage.databases import sqlite_template

__all__ = ["sqlite_template"]
