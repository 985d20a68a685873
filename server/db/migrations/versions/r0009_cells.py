"""Other installations: which are known, what they have to confirm, and their figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_cells"
down_revision = "0008_jurisdictions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_cells",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pull_error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_known_cells_office_offices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_cells")),
    )
    op.create_index("ix_known_cells_office", "known_cells", ["office"])
    op.create_table(
        "cell_deliveries",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("cell", sa.String(length=120), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_deliveries")),
    )
    op.create_index("ix_cell_deliveries_state_next_try", "cell_deliveries", ["state", "next_try"])
    op.create_index("ix_cell_deliveries_complaint_version", "cell_deliveries", ["complaint", "version"])
    op.create_table(
        "cell_figures",
        sa.Column("cell", sa.String(length=120), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("counted_to", sa.Date(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standard", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("corrects", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cell", "month", "edition", name=op.f("pk_cell_figures")),
    )
    op.create_index("ix_cell_figures_month", "cell_figures", ["month"])


def downgrade() -> None:
    op.drop_table("cell_figures")
    op.drop_table("cell_deliveries")
    op.drop_table("known_cells")
