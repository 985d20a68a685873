"""Steps of messages, told to other processes by the way they hear of changed credentials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_messages_elsewhere"
down_revision = "0020_respondent_names"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An older server beside this one writes rows without it.
    op.add_column("credential_changes", sa.Column("office", sa.String(length=64), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("credential_changes", "office")
