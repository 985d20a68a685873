"""The number that an officer gave for messages of the office's own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officer_phones",
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column("phone_sealed", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["officer"], ["users.id"], name="fk_officer_phones_officer_users"),
        sa.PrimaryKeyConstraint("officer", name="pk_officer_phones"),
    )
