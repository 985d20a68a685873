"""When a consumer first said how satisfied they are, and whether they are; of those accepted how many were settled, and
of those asked how many answered.

The daily sums are made anew at the next start: earlier complaints count in the new columns too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045_satisfaction"
down_revision = "0044_reports"
branch_labels = None
depends_on = None

DAYS = ("rated", "satisfied")


def upgrade() -> None:
    for day in DAYS:
        op.add_column("complaint_facts", sa.Column(day, sa.Date))
        op.create_index(
            f"ix_complaint_facts_office_{day}",
            "complaint_facts",
            ["office", day, "counted"],
            sqlite_where=sa.text(f"{day} IS NOT NULL"),
            postgresql_where=sa.text(f"{day} IS NOT NULL"),
        )
    for column in (*DAYS, "accepted_settled", "asked_answered"):
        op.add_column("fact_sums", sa.Column(column, sa.BigInteger, nullable=False, server_default="0"))
    op.execute("DELETE FROM fact_sums")
    op.execute("DELETE FROM fact_days")
