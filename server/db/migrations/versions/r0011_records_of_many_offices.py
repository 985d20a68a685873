"""Records of many offices in the order they began, without sorting those of each."""

from __future__ import annotations

from alembic import op

revision = "0011_records_of_many_offices"
down_revision = "0009_cells"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sessions_opened", "sessions", ["opened", "id"])


def downgrade() -> None:
    op.drop_index("ix_sessions_opened", "sessions")
