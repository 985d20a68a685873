"""Warnings to consumers that were published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_warnings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("office_name", sa.Text, nullable=False),
        sa.Column("published", Utc, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("withdrawn", sa.Text, nullable=False),
        sa.Column("withdrawn_at", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_public_warnings"),
    )
    op.create_index("ix_public_warnings_published", "public_warnings", ["published"])
