"""One row of facts for each complaint, for statistics. Those of earlier complaints are made at the next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc, Yuan

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DAYS = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "closed", "lead",
    "accept_due", "mediate_due", "tell_due",
)  # fmt: skip


def upgrade() -> None:
    word, name = sa.String(32), sa.String(64)
    op.create_table(
        "complaint_facts",
        sa.Column("id", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("channel", word, nullable=False),
        sa.Column("problem", word, nullable=False),
        sa.Column("industry", word, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("amount", Yuan, nullable=False),
        sa.Column("recovered", Yuan, nullable=False),
        *(sa.Column(day, sa.Date, nullable=day != "received") for day in DAYS),
        sa.Column("days_to_decision", sa.Integer),
        sa.Column("days_to_handling", sa.Integer),
        sa.Column("changed", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_complaint_facts"),
    )
    for day in DAYS:
        if day != "closed":
            there = sa.text(f"{day} IS NOT NULL")
            op.create_index(
                f"ix_complaint_facts_office_{day}",
                "complaint_facts",
                ["office", day],
                sqlite_where=there,
                postgresql_where=there,
            )
