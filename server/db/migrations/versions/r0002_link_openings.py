"""When a link was first opened stands in the journal; the column that said so too was read by nobody."""

from __future__ import annotations

from alembic import op

revision = "0002_link_openings"
down_revision = "0001_version_0_2_0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("links", "opened_at")
