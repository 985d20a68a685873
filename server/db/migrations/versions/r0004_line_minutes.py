"""How connections were in each mediation: a row for each seat and minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_line_minutes"
down_revision = "0003_officers_day"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_minutes",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name=op.f("fk_line_minutes_session_sessions")),
        sa.PrimaryKeyConstraint("session", "seat", "minute", name=op.f("pk_line_minutes")),
    )


def downgrade() -> None:
    op.drop_table("line_minutes")
