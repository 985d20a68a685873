"""Experience notes and collections of cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_notes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("changed", Utc, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_notes"),
    )
    op.create_table(
        "case_collections",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("cases", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_collections"),
    )
