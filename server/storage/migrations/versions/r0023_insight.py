"""Hot spots, reports of what complaints say, the words of each day, drafts of warnings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word = sa.String(64), sa.String(32)
    op.create_table(
        "hotspots",
        sa.Column("id", name, nullable=False),
        sa.Column("scope", name, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("stage", word, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("lead", name, nullable=False),
        sa.Column("acted", sa.Date),
        sa.Column("changed", Utc, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hotspots"),
    )
    op.create_index("ix_hotspots_scope_day", "hotspots", ["scope", "day"])
    op.create_index("ix_hotspots_lead", "hotspots", ["lead"])
    op.create_table(
        "insight_reports",
        sa.Column("scope", name, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.Column("took_ms", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("scope", "day", name="pk_insight_reports"),
    )
    op.create_table(
        "insight_words",
        sa.Column("office", name, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("terms", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("office", "day", name="pk_insight_words"),
    )
    op.create_table(
        "consumer_warnings",
        sa.Column("spot", name, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("changed", Utc, nullable=False),
        sa.PrimaryKeyConstraint("spot", name="pk_consumer_warnings"),
    )
