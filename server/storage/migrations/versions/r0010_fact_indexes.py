"""Indexes that answer what only counts, and one on the day of receipt that SQLite uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DAYS = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "lead",
    "accept_due", "mediate_due", "tell_due",
)  # fmt: skip


def upgrade() -> None:
    for day in DAYS:
        name = f"ix_complaint_facts_office_{day}"
        there = None if day == "received" else sa.text(f"{day} IS NOT NULL")
        op.drop_index(name, "complaint_facts")
        op.create_index(name, "complaint_facts", ["office", day, "counted"], sqlite_where=there, postgresql_where=there)
