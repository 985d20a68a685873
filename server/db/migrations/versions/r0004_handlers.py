"""Who handles a complaint; acts that wait are of several kinds; when promises were asked about, and answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_handlers"
down_revision = "0003_queue"
branch_labels = None
depends_on = None


def _held_acts(kinds: bool) -> None:
    """The table as it is with kinds, or was without; what waits in it is kept. `kinds` are part of the key."""
    columns = ["complaint", "office", "officer", "number", "answers", "due", "begun", "failed"]
    told = sa.table("held_acts", *(sa.column(name) for name in columns), sa.column("act"))
    asked = sa.select(*(told.c[name] for name in columns))
    kept = op.get_bind().execute(asked if kinds else asked.where(told.c.act == "accept")).mappings().all()
    op.drop_table("held_acts")
    key = ["complaint", "act"] if kinds else ["complaint"]
    op.create_table(
        "held_acts",
        sa.Column("complaint", sa.String(length=64), nullable=False),
        *([sa.Column("act", sa.String(length=32), nullable=False)] if kinds else []),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_held_acts")),
    )
    op.create_index(op.f("ix_held_acts_due"), "held_acts", ["due"])
    op.create_index(op.f("ix_held_acts_officer"), "held_acts", ["officer"])
    if kept:
        op.get_bind().execute(told.insert(), [{**row, **({"act": "accept"} if kinds else {})} for row in kept])


def upgrade() -> None:
    _held_acts(kinds=True)
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


def downgrade() -> None:
    op.drop_column("promises", "answered")
    op.drop_column("promises", "asked")
    op.drop_table("handlers")
    _held_acts(kinds=False)
