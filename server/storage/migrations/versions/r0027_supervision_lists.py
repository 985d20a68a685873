"""What waits for a supervisor and a mediator's records come from an index."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reviews_reviewer_state_changed", "reviews", ["reviewer", "state", "changed"])
    op.create_index("ix_reviews_opinion_of_state", "reviews", ["opinion_of", "state"])
    columns = ["office", "mediator", "mediator_name", "opened"]
    op.create_index("ix_sessions_office_mediator_mediator_name_opened", "sessions", columns)
