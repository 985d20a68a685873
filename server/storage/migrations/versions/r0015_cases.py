"""Typical cases, and the raw texts they are made from while they are made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc, Yuan

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word, text = sa.String(64), sa.String(32), sa.Text
    op.create_table(
        "cases",
        sa.Column("id", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("number", name, nullable=False),
        sa.Column("state", word, nullable=False),
        sa.Column("work", word, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("origin", word, nullable=False),
        sa.Column("complaint", name, nullable=False),
        sa.Column("title_zh", text, nullable=False),
        sa.Column("title_en", text, nullable=False),
        sa.Column("industry", sa.String(8), nullable=False),
        sa.Column("problem", word, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("articles", sa.JSON, nullable=False),
        *(
            sa.Column(column, text, nullable=False)
            for column in ("facts", "claims", "process", "outcome", "experience", "comment", "comment_by")
        ),
        sa.Column("claimed", Yuan),
        sa.Column("settled", Yuan),
        sa.Column("days", sa.Integer),
        sa.Column("event_date", sa.Date, nullable=False),
        sa.Column("begun", Utc, nullable=False),
        sa.Column("changed", Utc, nullable=False),
        sa.Column("published", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_state_published", "cases", ["state", "published"])
    op.create_index("ix_cases_office_work_changed", "cases", ["office", "work", "changed"])
    op.create_index("ix_cases_complaint", "cases", ["complaint"])
    op.create_table(
        "case_originals",
        sa.Column("case", name, nullable=False),
        sa.Column("field", word, nullable=False),
        sa.Column("text_sealed", text, nullable=False),
        sa.Column("changed", Utc, nullable=False),
        sa.PrimaryKeyConstraint("case", "field", name="pk_case_originals"),
    )
