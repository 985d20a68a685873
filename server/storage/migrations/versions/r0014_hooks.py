"""Systems that are told of changes, and what they are to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word = sa.String(64), sa.String(32)
    op.create_table(
        "hooks",
        sa.Column("id", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.Column("created_by", name, nullable=False),
        sa.Column("revoked_at", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name="fk_hooks_office_offices"),
    )
    op.create_index("ix_hooks_office", "hooks", ["office"])
    op.create_table(
        "hook_deliveries",
        sa.Column("id", name, nullable=False),
        sa.Column("hook", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("number", name, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.Column("next_try", Utc, nullable=False),
        sa.Column("state", word, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("sent_at", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_hook_deliveries"),
        sa.ForeignKeyConstraint(["hook"], ["hooks.id"], name="fk_hook_deliveries_hook_hooks"),
    )
    op.create_index("ix_hook_deliveries_state_next_try", "hook_deliveries", ["state", "next_try"])
    op.create_index("ix_hook_deliveries_office_state_created", "hook_deliveries", ["office", "state", "created"])
