"""Publication of complaint information, on its way and as anybody reads it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_publicity"
down_revision = "0016_dial_in_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publicity",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("office_name", sa.Text(), nullable=False),
        sa.Column("offices", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("objections", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public", sa.JSON(), nullable=True),
        sa.Column("withdrawn", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicity")),
    )
    op.create_index(op.f("ix_publicity_office"), "publicity", ["office"])
    op.create_index(op.f("ix_publicity_first"), "publicity", ["first"])


def downgrade() -> None:
    op.drop_table("publicity")
