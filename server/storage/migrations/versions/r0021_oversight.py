"""What waits for a second person, and who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word = sa.String(64), sa.String(32)
    op.create_table(
        "approvals",
        sa.Column("id", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("subject", name, nullable=False),
        sa.Column("state", word, nullable=False),
        sa.Column("asker", name, nullable=False),
        sa.Column("asked", Utc, nullable=False),
        sa.Column("expires", Utc, nullable=False),
        sa.Column("decided", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_office_state_asked", "approvals", ["office", "state", "asked"])
    op.create_table(
        "acts",
        sa.Column("stream", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("act", word, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("actor", name, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("actor_role", word, nullable=False),
        sa.Column("actor_office", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("subject", name, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("stream", "version", name="pk_acts"),
    )
    op.create_index("ix_acts_office_at", "acts", ["office", "at"])
    op.create_index("ix_acts_actor_act_at", "acts", ["actor", "act", "at"])
    op.create_index("ix_acts_actor_office_at", "acts", ["actor_office", "at"])
