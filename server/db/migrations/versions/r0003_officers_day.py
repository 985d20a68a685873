"""An officer's day: acts that can be undone for a moment, views of the list, who handles what, stored signatures.

Also offices whose papers carry the seal alone, what officers were shown of their first steps, and when promises were
asked about and answered.

And what imports' rows say that nobody knows, counted by batch; whether messages arrived; how far alerts were read. When
a link was first opened stands in the journal; the column that said so too was read by nobody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_officers_day"
down_revision = "0001_version_0_2_0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("links", "opened_at")
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
    # Whether a message arrived, as far as the gateway says so.
    op.add_column("messages", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "alerts_read",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_alerts_read")),
    )
    op.create_table(
        "held_acts",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("complaint", "act", name=op.f("pk_held_acts")),
    )
    op.create_index(op.f("ix_held_acts_due"), "held_acts", ["due"])
    op.create_index(op.f("ix_held_acts_officer"), "held_acts", ["officer"])
    op.create_table(
        "saved_views",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("officer", "name", name=op.f("pk_saved_views")),
    )
    op.create_table(
        "handlers",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("complaint", "officer", name=op.f("pk_handlers")),
    )
    op.create_index(op.f("ix_handlers_officer_since"), "handlers", ["officer", "since"])
    op.add_column("promises", sa.Column("asked", sa.DateTime(timezone=True), nullable=True))
    op.add_column("promises", sa.Column("answered", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "first_steps",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_first_steps")),
    )
    op.add_column("offices", sa.Column("seal_only", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "saved_signatures",
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("saved", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["officer"], ["users.id"], name=op.f("fk_saved_signatures_officer_users")),
        sa.PrimaryKeyConstraint("officer", name=op.f("pk_saved_signatures")),
    )
