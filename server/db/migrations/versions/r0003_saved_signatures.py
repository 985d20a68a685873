"""Officers' saved signatures, and offices whose papers carry the seal alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_saved_signatures"
down_revision = "0002_import_values_alerts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offices", sa.Column("seal_only", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "saved_signatures",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer"], ["users.id"], name=op.f("fk_saved_signatures_officer_users")),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_saved_signatures")),
    )
