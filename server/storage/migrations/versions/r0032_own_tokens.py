"""Tokens of the open interface: whose they are, where they are a person's, and until when they are good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("system_tokens") as table:
        table.add_column(sa.Column("officer", sa.String(64), nullable=False, server_default=""))
        table.add_column(sa.Column("expires", Utc))
