"""Looking back at mediations: measures, plans and their places, reviews, answers being written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position, Utc

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NAME, WORD = sa.String(64), sa.String(32)


def upgrade() -> None:
    op.create_table(
        "mediation_measures",
        sa.Column("session", NAME, nullable=False),
        *(sa.Column(name, NAME, nullable=False) for name in ("complaint", "office", "mediator")),
        sa.Column("closed", Utc, nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        *(
            sa.Column(name, Position, nullable=False)
            for name in ("settled", "together", "length", "private", "consumer", "business", "lost")
        ),
        sa.Column("withdrawn", Position),
        sa.Column("respondent", WORD, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("session", name="pk_mediation_measures"),
    )
    for columns in (["complaint"], ["office", "closed"], ["office", "respondent", "closed"], ["mediator", "closed"]):
        op.create_index(f"ix_mediation_measures_{'_'.join(columns)}", "mediation_measures", columns)
    op.create_table(
        "plans",
        sa.Column("office", NAME, nullable=False),
        sa.Column("period", WORD, nullable=False),
        *(sa.Column(name, Utc, nullable=False) for name in ("made", "since", "until")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("population", "drawn", "edition")),
        sa.PrimaryKeyConstraint("office", "period", name="pk_plans"),
    )
    op.create_table(
        "plan_places",
        sa.Column("office", NAME, nullable=False),
        sa.Column("period", WORD, nullable=False),
        sa.Column("session", NAME, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("reasons", sa.String(160), nullable=False),
        sa.Column("aside", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("office", "period", "session", name="pk_plan_places"),
    )
    op.create_index("ix_plan_places_session", "plan_places", ["session"])
    op.create_table(
        "reviews",
        sa.Column("session", NAME, nullable=False),
        sa.Column("office", NAME, nullable=False),
        sa.Column("number", NAME, nullable=False),
        sa.Column("mediator", NAME, nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in ("outcome", "period", "state")),
        sa.Column("reviewer", NAME, nullable=False),
        sa.Column("reviewer_name", sa.Text, nullable=False),
        sa.Column("opinion_of", NAME, nullable=False),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.Column("praises", sa.Integer, nullable=False),
        sa.Column("worst", WORD, nullable=False),
        sa.Column("training", sa.Boolean, nullable=False),
        sa.Column("opened", Utc, nullable=False),
        sa.Column("handed_on", Utc),
        sa.Column("closed", Utc),
        sa.Column("changed", Utc, nullable=False),
        sa.PrimaryKeyConstraint("session", name="pk_reviews"),
    )
    for columns in (["office", "changed"], ["office", "state", "changed"], ["mediator", "changed"]):
        op.create_index(f"ix_reviews_{'_'.join(columns)}", "reviews", columns)
    op.create_table(
        "review_drafts",
        sa.Column("session", NAME, nullable=False),
        sa.Column("officer", NAME, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("changed", Utc, nullable=False),
        sa.PrimaryKeyConstraint("session", "officer", name="pk_review_drafts"),
    )
