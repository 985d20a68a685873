"""Imports: batches, what became of their rows, and which complaint a channel's number belongs to.

Complaints registered before said nothing of their sources that anybody could have looked up, so nothing is filled in.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position, Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", Position, nullable=False),
        sa.Column("sha256", sa.String(length=128), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("by", sa.JSON(), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("last_row", "taken", "updated", "duplicate", "refused")
        ),
        sa.Column("error", sa.JSON()),
        sa.Column("ended", Utc()),
        sa.Column("undone", Utc()),
        sa.PrimaryKeyConstraint("id", name="pk_import_batches"),
    )
    op.create_index("ix_import_batches_office_created", "import_batches", ["office", "created"])
    op.create_table(
        "import_rows",
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("problems", sa.JSON()),
        sa.Column("cells_sealed", sa.Text()),
        sa.PrimaryKeyConstraint("batch", "row", name="pk_import_rows"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_import_rows_batch_outcome", "import_rows", ["batch", "outcome"])
    op.create_table(
        "source_numbers",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("office", "channel", "number", name="pk_source_numbers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_source_numbers_complaint", "source_numbers", ["complaint"])
