"""What a business is typing in answer to a complaint, until it is sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_drafts",
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("fields_sealed", sa.Text, nullable=False),
        sa.Column("expires", Utc, nullable=False),
        sa.PrimaryKeyConstraint("link", name="pk_answer_drafts"),
    )
    op.create_index("ix_answer_drafts_expires", "answer_drafts", ["expires"])
