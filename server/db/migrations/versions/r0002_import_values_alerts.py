"""What imports' rows say that nobody knows, counted by batch; whether messages arrived; how far alerts were read.

When a link was first opened stands in the journal; the column that said so too was read by nobody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_import_values_alerts"
down_revision = "0001_version_0_2_0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("links", "opened_at")
    op.create_table(
        "import_values",
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("said", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("batch", "note", "field", "said", name=op.f("pk_import_values")),
    )
    # Whether a message arrived, as far as the gateway says so.
    op.add_column("messages", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "alerts_read",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_alerts_read")),
    )
