"""Acceptances that wait for their moment, in which they can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_held_acts"
down_revision = "0004_arrived_messages"
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


def downgrade() -> None:
    op.drop_table("held_acts")
