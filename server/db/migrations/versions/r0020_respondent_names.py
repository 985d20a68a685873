"""The names complaints give a respondent, each once, so that a part of one is not looked for in every complaint."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_respondent_names"
down_revision = "0017_publicity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    names = op.create_table(
        "respondent_names",
        sa.Column("respondent", sa.String(length=24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("respondent", "name", name=op.f("pk_respondent_names")),
        sqlite_with_rowid=False,
    )
    facts = sa.table("complaint_facts", sa.column("id"), sa.column("respondent"))
    complaints = sa.table("complaints", sa.column("id"), sa.column("business_title"))
    name = sa.func.substr(complaints.c.business_title, 1, 200)
    told = (
        sa.select(facts.c.respondent, name)
        .join_from(facts, complaints, complaints.c.id == facts.c.id)
        .where(facts.c.respondent != "", complaints.c.business_title != "")
        .distinct()
    )
    op.execute(names.insert().from_select(["respondent", "name"], told))


def downgrade() -> None:
    op.drop_table("respondent_names")
