"""The journal's contract, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from journal import Journal
from server.db.engine import Database
from server.db.journal import SqlJournal
from tests.contracts.journal_contract import JournalContract


class TestSqlJournal(JournalContract):
    @pytest.fixture
    def journal(self, database: Database) -> Journal:
        return SqlJournal(database)

    @pytest.fixture
    def reopened(self, other: Database) -> Journal:
        return SqlJournal(other)
