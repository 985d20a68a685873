"""Offices that dispatch, clocks beside a complaint's running one, leads, and holidays as an office entered them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("offices") as offices:
        offices.add_column(sa.Column("intake", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "clocks",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("clock", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "code", name="pk_clocks"),
    )
    op.create_index("ix_clocks_office_due", "clocks", ["office", "due"])
    op.create_table(
        "leads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("found", Utc(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("clock", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
    )
    op.create_index("ix_leads_complaint", "leads", ["complaint"])
    op.create_index("ix_leads_office_state_due", "leads", ["office", "state", "due"])
    op.create_table(
        "holiday_notices",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days_off", sa.JSON(), nullable=False),
        sa.Column("days_worked", sa.JSON(), nullable=False),
        sa.Column("entered", Utc(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("office", "year", name="pk_holiday_notices"),
    )


def downgrade() -> None:
    for table in ("holiday_notices", "leads", "clocks"):
        op.drop_table(table)
    with op.batch_alter_table("offices") as offices:
        offices.drop_column("intake")
