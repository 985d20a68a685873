"""Public bulletins as they were issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_bulletins",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("office_name", sa.Text, nullable=False),
        sa.Column("issued", Utc, nullable=False),
        sa.Column("papers", sa.String(64), nullable=False),
        sa.Column("prints", sa.JSON, nullable=False),
        sa.Column("withdrawn", sa.Text, nullable=False),
        sa.Column("withdrawn_at", Utc),
        sa.PrimaryKeyConstraint("kind", "first", "scope", name="pk_public_bulletins"),
    )
    op.create_index("ix_public_bulletins_issued", "public_bulletins", ["issued"])
