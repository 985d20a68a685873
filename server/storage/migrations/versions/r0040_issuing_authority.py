"""The authority that an office acts for, its address, and how the office's text messages are signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040_issuing_authority"
down_revision = "0039_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("authority", "address", "signature"):
        op.add_column("offices", sa.Column(name, sa.Text, nullable=False, server_default=""))
