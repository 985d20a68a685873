"""The list of complaints at a million rows: its order, columns to filter by, marks to find duplicates, a word index.

Rows of earlier complaints get all of it at the next start (`server.storage.projections.catch_up`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word = sa.String(32)
    for column in (
        sa.Column("place", Position),
        sa.Column("problem_class", word, nullable=False, server_default=""),
        sa.Column("industry_code", word, nullable=False, server_default=""),
        sa.Column("division", word, nullable=False, server_default=""),
        sa.Column("phone_mark", Position),
        sa.Column("code_mark", Position),
        sa.Column("brand", word, nullable=False, server_default=""),
    ):
        op.add_column("complaints", column)
    with op.batch_alter_table("complaints") as table:
        table.drop_index("ix_complaints_office_received")
        table.create_unique_constraint("uq_complaints_place", ["place"])
    for columns in (
        ["office", "place"],
        ["office", "next_due", "place"],
        ["office", "phone_mark"],
        ["office", "code_mark", "place"],
        ["office", "brand", "place"],
    ):
        op.create_index(f"ix_complaints_{'_'.join(columns)}", "complaints", columns)
    if op.get_bind().dialect.name == "sqlite":
        # It keeps no text and no positions: words are all of a row or none.
        op.execute(
            "CREATE VIRTUAL TABLE complaint_words USING fts5"
            "(words, content='', detail=none, tokenize='unicode61 remove_diacritics 0')"
        )
    else:
        op.execute("CREATE TABLE complaint_words (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
        op.execute("CREATE INDEX ix_complaint_words_words ON complaint_words USING gin (words)")
