"""Who must still be told of a decision, whose notice a message is, when a decision was told, and how it is mediated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043_telling"
down_revision = "0042_window_counts"
branch_labels = None
depends_on = None

_OWED = sa.text("telling <> ''")


def upgrade() -> None:
    op.add_column("messages", sa.Column("complaint", sa.String(64), nullable=False, server_default=""))
    op.add_column("complaints", sa.Column("telling", sa.String(32), nullable=False, server_default=""))
    op.create_index(
        "ix_complaints_office_telling_next_due",
        "complaints",
        ["office", "telling", "next_due"],
        sqlite_where=_OWED,
        postgresql_where=_OWED,
    )
    # Of what an old journal notes as decided, only the end of a mediation can still wait to be told.
    op.execute("UPDATE complaints SET telling = 'owed' WHERE running = 'tell_end'")
    op.add_column("sessions", sa.Column("mode", sa.String(32), nullable=False, server_default="video"))
    op.add_column("sessions", sa.Column("place", sa.Text, nullable=False, server_default=""))
    op.add_column("complaint_facts", sa.Column("decision_told", sa.Date, nullable=True))
    op.add_column("complaint_facts", sa.Column("mode", sa.String(32), nullable=False, server_default=""))
    known = sa.text("decision_told IS NOT NULL")
    op.create_index(
        "ix_complaint_facts_office_decision_told",
        "complaint_facts",
        ["office", "decision_told", "counted"],
        sqlite_where=known,
        postgresql_where=known,
    )
    op.add_column("fact_sums", sa.Column("decision_told", sa.BigInteger, nullable=False, server_default="0"))
    # Facts are made anew at the next start, and the sums over them.
    op.execute("UPDATE complaint_facts SET entered = NULL")
