"""Marks of complaints that one great import brings wait for their tree, so that it grows in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marks_coming",
        sa.Column("complaint", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("mark", Position, nullable=False),
        sa.PrimaryKeyConstraint("complaint", "kind", "mark", name="pk_marks_coming"),
        sqlite_with_rowid=False,
    )
