"""Visits to the public window; one-time codes may be theirs as well as a join link's device's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("codes") as codes:
        codes.drop_constraint("fk_codes_device_devices", type_="foreignkey")
        codes.alter_column("link", existing_type=sa.String(length=64), type_=sa.String(length=128))
    op.create_table(
        "window_visits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("bound", sa.String(length=128), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.String(length=32), nullable=False),
        sa.Column("phone_hash", sa.String(length=128), nullable=False),
        sa.Column("draft_sealed", sa.Text(), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("expires", Utc(), nullable=False),
        sa.Column("verified_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_window_visits"),
        sa.UniqueConstraint("token_hash", name="uq_window_visits_token_hash"),
    )
    op.create_index("ix_window_visits_expires", "window_visits", ["expires"])


def downgrade() -> None:
    op.drop_table("window_visits")
