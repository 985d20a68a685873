"""The index published cases are found by. It is filled at the next start (`server.storage.case_index.complete`)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "case_entries",
        sa.Column("place", Position, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("industry", sa.String(8), nullable=False),
        sa.Column("problem", sa.String(32), nullable=False),
        sa.Column("articles", sa.JSON, nullable=False),
        sa.Column("event_date", sa.Date, nullable=False),
        sa.Column("claimed", Position),
        sa.Column("settled", Position),
        sa.Column("days", sa.Integer),
        sa.Column("terms", sa.JSON, nullable=False),
        sa.UniqueConstraint("id", name="uq_case_entries_id"),
    )
    op.create_table(
        "case_terms",
        sa.Column("token", sa.String(160), primary_key=True),
        sa.Column("cases", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_index_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("making", sa.String(128), nullable=False),
        sa.Column("cases", sa.Integer, nullable=False),
    )
    if sqlite:
        op.execute(
            "CREATE VIRTUAL TABLE case_words USING fts5"
            "(words, content='', detail=none, tokenize='unicode61 remove_diacritics 0')"
        )
    else:
        op.execute("CREATE TABLE case_words (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_case_words_words ON case_words USING gin (words)")
