"""Which messages go to who reported something: their lead hears of them, and the outbox page does not show them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049_informant_messages"
down_revision = "0048_mediation_seal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("lead", sa.String(64), nullable=False, server_default=""))
