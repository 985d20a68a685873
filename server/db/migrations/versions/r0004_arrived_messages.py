"""Whether a message arrived, as far as the gateway says so; and how far an officer has read their alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_arrived_messages"
down_revision = "0003_import_values"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "alerts_read",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_alerts_read")),
    )


def downgrade() -> None:
    op.drop_table("alerts_read")
    op.drop_column("messages", "arrived_at")
