"""Promises, wishes to be called, and the days on which a consumer was asked, answered, and was heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc, Yuan

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

DAYS = ("asked", "answered", "heard")


def upgrade() -> None:
    name, word = sa.String(64), sa.String(32)
    op.create_table(
        "promises",
        sa.Column("session", name, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("complaint", name, nullable=False),
        sa.Column("complaint_number", sa.Text, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("respondent", sa.String(24), nullable=False),
        sa.Column("business", sa.Text, nullable=False),
        sa.Column("who", word, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("amount", Yuan),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("kept", sa.Date),
        sa.Column("reminded", sa.Boolean, nullable=False),
        sa.Column("paid", word, nullable=False),
        sa.PrimaryKeyConstraint("session", "number", name="pk_promises"),
    )
    op.create_index("ix_promises_complaint", "promises", ["complaint"])
    op.create_index("ix_promises_respondent", "promises", ["respondent"])
    op.create_index("ix_promises_office_due", "promises", ["office", "due"])
    op.create_table(
        "call_wishes",
        sa.Column("complaint", name, nullable=False),
        sa.Column("whom", word, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", Utc, nullable=False),
        sa.PrimaryKeyConstraint("complaint", "whom", name="pk_call_wishes"),
    )
    op.create_index("ix_call_wishes_office", "call_wishes", ["office"])
    for day in DAYS:
        op.add_column("complaint_facts", sa.Column(day, sa.Date))
        op.create_index(
            f"ix_complaint_facts_office_{day}",
            "complaint_facts",
            ["office", day, "counted"],
            sqlite_where=sa.text(f"{day} IS NOT NULL"),
            postgresql_where=sa.text(f"{day} IS NOT NULL"),
        )
        op.add_column("fact_sums", sa.Column(day, sa.BigInteger, nullable=False, server_default="0"))
