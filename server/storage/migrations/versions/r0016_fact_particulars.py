"""What facts are grouped by: division, street, industry, platform, respondent, age. Filled from the journal at the next
start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WORDS = (
    ("division", 6), ("street", 32), ("industry_code", 8), ("platform", 64), ("respondent", 24), ("age_band", 32),
    ("dropped_as", 32),
)  # fmt: skip


def upgrade() -> None:
    table = "complaint_facts"
    for name, length in WORDS:
        op.add_column(table, sa.Column(name, sa.String(length), nullable=False, server_default=""))
    for name in ("travel", "days_to_settlement"):
        op.add_column(table, sa.Column(name, sa.Integer))
    for name in ("entered", "dropped"):
        op.add_column(table, sa.Column(name, sa.Date))
    op.create_index("ix_complaint_facts_respondent_received", table, ["respondent", "received"])
    op.create_index("ix_complaint_facts_changed", table, ["changed"])
    unmade = sa.text("entered IS NULL")
    op.create_index("ix_complaint_facts_unmade", table, ["id"], sqlite_where=unmade, postgresql_where=unmade)
