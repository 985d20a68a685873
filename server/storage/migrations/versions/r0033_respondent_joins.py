"""Businesses that are counted as one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "respondent_joins",
        sa.Column("member", sa.String(24), nullable=False),
        sa.Column("head", sa.String(24), nullable=False),
        sa.Column("changed", Utc, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("member", name="pk_respondent_joins"),
    )
    op.create_index("ix_respondent_joins_head", "respondent_joins", ["head"])
