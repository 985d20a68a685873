"""Codes by which somebody dials in to a seat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_dial_in_codes"
down_revision = "0015_exchange"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dial_in_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_dial_in_codes")),
    )
    op.create_index(op.f("ix_dial_in_codes_session"), "dial_in_codes", ["session"])


def downgrade() -> None:
    op.drop_table("dial_in_codes")
