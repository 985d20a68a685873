"""What cases are ranked by in eight bytes a token instead of JSON. Filled at the next start (`case_index.complete`)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_table("case_entries")
    op.create_table(
        "case_entries",
        sa.Column("place", Position, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("industry", sa.String(8), nullable=False),
        sa.Column("problem", sa.String(32), nullable=False),
        sa.Column("articles", sa.Text, nullable=False),
        sa.Column("event_date", sa.Date, nullable=False),
        sa.Column("claimed", Position),
        sa.Column("settled", Position),
        sa.Column("days", sa.Integer),
        sa.Column("impacts", sa.LargeBinary, nullable=False),
        sa.Column("tokens", sa.Text, nullable=False),
        sa.UniqueConstraint("id", name="uq_case_entries_id"),
    )
    # Of an index without its entries nothing can be taken out: it is empty until it is made anew.
    op.execute("DELETE FROM case_terms")
    op.execute("DELETE FROM case_index_head")
    op.execute("INSERT INTO case_words (case_words) VALUES ('delete-all')" if sqlite else "TRUNCATE case_words")
