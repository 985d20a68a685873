"""Written answers of businesses that are waited for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers_awaited",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("complaint", name="pk_answers_awaited"),
    )
    op.create_index("ix_answers_awaited_due", "answers_awaited", ["due"])


def downgrade() -> None:
    op.drop_table("answers_awaited")
