"""What an office's seal under agreements and records says beside the authority's name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048_mediation_seal"
down_revision = "0047_short_tickets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offices", sa.Column("mediation_seal", sa.Text, nullable=False, server_default="调解专用章"))
