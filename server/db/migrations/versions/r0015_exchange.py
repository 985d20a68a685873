"""Platforms that complaints come from: what each has to be told, what it sent, and how both sides count. And of each
complaint the day on which a court confirmed its agreement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_exchange"
down_revision = "0014_message_carriers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_connections",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_exchange_connections")),
    )
    op.create_index("ix_exchange_connections_office_channel", "exchange_connections", ["office", "channel"])
    op.create_table(
        "exchange_outbox",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("own_number", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_outbox")),
        sa.UniqueConstraint("connection", "number", "sequence", name="uq_exchange_outbox_connection_number_sequence"),
        sa.UniqueConstraint("connection", "number", "source", name="uq_exchange_outbox_connection_number_source"),
    )
    op.create_index(
        "ix_exchange_outbox_connection_state_next_try", "exchange_outbox", ["connection", "state", "next_try"]
    )
    op.create_index("ix_exchange_outbox_complaint_sequence", "exchange_outbox", ["complaint", "sequence"])
    op.create_table(
        "exchange_intake",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "number", "digest", name=op.f("pk_exchange_intake")),
        sa.UniqueConstraint("connection", "number", "version", name="uq_exchange_intake_connection_number_version"),
    )
    op.create_index("ix_exchange_intake_complaint", "exchange_intake", ["complaint"])
    op.create_table(
        "exchange_reconciliations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_reconciliations")),
    )
    op.create_index("ix_exchange_reconciliations_connection_made", "exchange_reconciliations", ["connection", "made"])

    op.add_column("complaint_facts", sa.Column("confirmed", sa.Date(), nullable=True))
    op.add_column("fact_sums", sa.Column("confirmed", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        "ix_complaint_facts_office_confirmed",
        "complaint_facts",
        ["office", "confirmed", "counted"],
        sqlite_where=sa.text("confirmed IS NOT NULL"),
        postgresql_where=sa.text("confirmed IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_complaint_facts_office_confirmed", "complaint_facts")
    op.drop_column("fact_sums", "confirmed")
    op.drop_column("complaint_facts", "confirmed")
    for table in ("exchange_reconciliations", "exchange_intake", "exchange_outbox", "exchange_connections"):
        op.drop_table(table)
