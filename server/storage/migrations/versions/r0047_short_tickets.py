"""Tickets that went out in messages as short ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0047_short_tickets"
down_revision = "0046_credential_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "short_tickets",
        sa.Column("secret_hash", sa.String(128), primary_key=True),
        sa.Column("ticket_sealed", sa.Text, nullable=False),
        sa.Column("ends", Utc, nullable=False, index=True),
    )
