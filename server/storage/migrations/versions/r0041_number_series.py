"""The words before the numbers of an office's papers, per kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041_number_series"
down_revision = "0040_issuing_authority"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_series",
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name="fk_office_series_office_offices"),
        sa.PrimaryKeyConstraint("office", "kind", name="pk_office_series"),
    )
