"""The journal's contract, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from journal import Journal
from server.storage.engine import Database
from server.storage.journal_store import SqlJournal
from tests.contracts.journal_contract import JournalContract


class TestSqlJournal(JournalContract):
    @pytest.fixture
    def journal(self, database: Database) -> Journal:
        return SqlJournal(database)

    @pytest.fixture
    def reopened(self, other: Database) -> Journal:
        return SqlJournal(other)
