"""What respondents share, and how they behaved; filled from the journal at the next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word = sa.String(64), sa.String(32)
    op.create_table(
        "respondent_marks",
        sa.Column("mark", Position, nullable=False, autoincrement=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("complaint", name, nullable=False),
        sa.PrimaryKeyConstraint("mark", "kind", "complaint", name="pk_respondent_marks"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "respondent_conduct",
        sa.Column("complaint", name, nullable=False),
        sa.Column("willing", word, nullable=False),
        sa.Column("held", sa.Integer, nullable=False),
        sa.Column("away", sa.Boolean, nullable=False),
        sa.Column("promised", sa.Date),
        sa.Column("kept", sa.Date),
        sa.PrimaryKeyConstraint("complaint", name="pk_respondent_conduct"),
    )
