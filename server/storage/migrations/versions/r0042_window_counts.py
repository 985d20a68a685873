"""What came in through the public window is counted by the day, durably."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042_window_counts"
down_revision = "0041_number_series"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "window_counts",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "key", name="pk_window_counts"),
    )
