"""What transcripts are found by: a sealed row for each session that has one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_transcript_words"
down_revision = "0004_line_minutes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transcript_words",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name=op.f("fk_transcript_words_session_sessions")),
        sa.PrimaryKeyConstraint("session", name=op.f("pk_transcript_words")),
    )


def downgrade() -> None:
    op.drop_table("transcript_words")
