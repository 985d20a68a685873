"""Daily sums of facts. Filled at the next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COLUMNS = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "lead",
    "accept_due", "accept_due_done", "accept_due_kept", "mediate_due", "mediate_due_done", "mediate_due_kept",
    "tell_due", "tell_due_done", "tell_due_kept", "amount", "recovered", "travel",
)  # fmt: skip


def upgrade() -> None:
    word, name = sa.String(32), sa.String(64)
    op.create_table(
        "fact_sums",
        sa.Column("level", sa.String(1), nullable=False),
        sa.Column("dim", word, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("value", name, nullable=False),
        *(sa.Column(column, sa.BigInteger, nullable=False, server_default="0") for column in COLUMNS),
        sa.PrimaryKeyConstraint("level", "dim", "office", "day", "value", name="pk_fact_sums"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fact_days",
        sa.Column("of", word, nullable=False),
        sa.Column("dim", word, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("value", name, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("of", "dim", "office", "day", "value", "days", name="pk_fact_days"),
        sqlite_with_rowid=False,
    )
