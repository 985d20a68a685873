"""Whether an officer put the card of first steps away, or asked for it again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_first_steps"
down_revision = "0003_queue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_steps",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_first_steps")),
    )
