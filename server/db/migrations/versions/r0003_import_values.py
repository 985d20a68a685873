"""What an import's rows say that nobody knows, counted by batch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_import_values"
down_revision = "0002_link_openings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_values",
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("said", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("batch", "note", "field", "said", name=op.f("pk_import_values")),
    )
