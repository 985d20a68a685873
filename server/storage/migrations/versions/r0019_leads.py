"""Leads have an owner, an outcome, a day of action and records; those there are are numbered as they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word = sa.String(64), sa.String(32)
    for column in (
        sa.Column("owner", name, nullable=False, server_default=""),
        sa.Column("owner_name", sa.Text, nullable=False, server_default=""),
        sa.Column("outcome", word, nullable=False, server_default=""),
        sa.Column("decided", Utc),
        sa.Column("acted", sa.Date),
        sa.Column("respondent", word, nullable=False, server_default=""),
        sa.Column("spot", name, nullable=False, server_default=""),
    ):
        op.add_column("leads", column)
    op.create_index("ix_leads_respondent", "leads", ["respondent"])
    op.create_table(
        "lead_records",
        sa.Column("lead", name, nullable=False),
        sa.Column("complaint", name, nullable=False),
        sa.PrimaryKeyConstraint("lead", "complaint", name="pk_lead_records"),
    )
    op.create_index("ix_lead_records_complaint", "lead_records", ["complaint"])
