"""Offices below offices: which is right above, its level, and what it takes from there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_jurisdictions"
down_revision = "0007_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offices", sa.Column("superior", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("offices", sa.Column("level", sa.String(length=32), nullable=False, server_default="office"))
    op.add_column("offices", sa.Column("called", sa.Text(), nullable=False, server_default=""))
    op.add_column("offices", sa.Column("language", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("offices", sa.Column("takes", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("takes", "language", "called", "level", "superior"):
        op.drop_column("offices", column)
