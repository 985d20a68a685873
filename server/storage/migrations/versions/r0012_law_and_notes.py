"""Official wordings of statutes, and mediators' own notes beside a session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "law_texts",
        sa.Column("statute", sa.String(40), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("suffix", sa.Integer, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("chapter", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("imported", Utc, nullable=False),
        sa.PrimaryKeyConstraint("statute", "since", "number", "suffix", name="pk_law_texts"),
    )
    op.create_table(
        "mediator_notes",
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("officer", sa.String(64), nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("changed", Utc, nullable=False),
        sa.PrimaryKeyConstraint("session", "officer", name="pk_mediator_notes"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_mediator_notes_session_sessions"),
        sa.ForeignKeyConstraint(["officer"], ["users.id"], name="fk_mediator_notes_officer_users"),
    )
