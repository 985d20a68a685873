"""Compendiums that were sent in and are being looked at: where each case begins, until drafts are made of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_cuts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("paragraphs_sealed", sa.Text, nullable=False),
        sa.Column("starts", sa.JSON, nullable=False),
        sa.Column("left_out", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_cuts"),
    )
    op.create_index("ix_case_cuts_office_at", "case_cuts", ["office", "at"])
