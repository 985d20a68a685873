"""Systems whose signed requests make complaints, and what each request was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, digest = sa.String(64), sa.String(128)
    op.create_table(
        "intake_senders",
        sa.Column("id", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("before_until", Utc),
        sa.Column("created", Utc, nullable=False),
        sa.Column("created_by", name, nullable=False),
        sa.Column("used_at", Utc),
        sa.Column("revoked_at", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_intake_senders"),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name="fk_intake_senders_office_offices"),
    )
    op.create_index("ix_intake_senders_office", "intake_senders", ["office"])
    op.create_table(
        "intake_requests",
        sa.Column("sender", name, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("digest", digest, nullable=False),
        sa.Column("signature", digest, nullable=False),
        sa.Column("batch", name, nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("sender", "key", name="pk_intake_requests"),
        sa.UniqueConstraint("sender", "signature", name="uq_intake_requests_sender_signature"),
        sa.ForeignKeyConstraint(["sender"], ["intake_senders.id"], name="fk_intake_requests_sender_intake_senders"),
    )
