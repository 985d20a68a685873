"""The list of records comes from an index in its own order."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["office", "opened", "id", "mediator", "outcome", "joint_ms"]
    op.create_index("ix_sessions_records", "sessions", columns)
