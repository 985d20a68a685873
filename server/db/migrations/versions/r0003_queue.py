"""Acceptances that wait for their moment, in which they can be undone; views of the list, kept by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_queue"
down_revision = "0002_import_values_alerts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_acts",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_held_acts")),
    )
    op.create_index(op.f("ix_held_acts_due"), "held_acts", ["due"])
    op.create_index(op.f("ix_held_acts_officer"), "held_acts", ["officer"])
    op.create_table(
        "saved_views",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("officer", "name", name=op.f("pk_saved_views")),
    )


def downgrade() -> None:
    op.drop_table("saved_views")
    op.drop_table("held_acts")
