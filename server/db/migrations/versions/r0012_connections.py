"""How what the program is connected to fared at its newest uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_connections"
down_revision = "0011_records_of_many_offices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connection_states",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.String(length=32), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_connection_states")),
    )


def downgrade() -> None:
    op.drop_table("connection_states")
