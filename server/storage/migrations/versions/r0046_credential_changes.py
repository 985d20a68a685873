"""Changes of credentials, so that a server hears of those that another process made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046_credential_changes"
down_revision = "0045_satisfaction"
branch_labels = None
depends_on = None


def upgrade() -> None:
    word = sa.String(64)
    op.create_table(
        "credential_changes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *(sa.Column(name, word, nullable=False) for name in ("process", "officer", "session", "seat")),
        sqlite_autoincrement=True,
    )
