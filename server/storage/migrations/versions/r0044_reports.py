"""Reports are leads of their own series; consultations; rows of an import that are neither complaint nor refused.

Rows of earlier leads get what is new at the next start (`server.storage.leads.catch_up_leads`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0044_reports"
down_revision = "0043_telling"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word = sa.String(64), sa.String(32)
    for column in (
        sa.Column("channel", word, nullable=False, server_default=""),
        sa.Column("informant", word, nullable=False, server_default=""),
        sa.Column("informant_key", name, nullable=False, server_default=""),
        sa.Column("about_core", sa.Text, nullable=True),
        sa.Column("joined_into", name, nullable=False, server_default=""),
        sa.Column("in_time", sa.Boolean, nullable=True),
    ):
        op.add_column("leads", column)
    op.create_index("ix_leads_informant_key", "leads", ["office", "informant_key"])
    op.create_index("ix_leads_origin", "leads", ["office", "origin", "found"])
    op.create_table(
        "consultations",
        sa.Column("id", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("number", name, nullable=False),
        sa.Column("kind", word, nullable=False),
        sa.Column("state", word, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("received", Utc, nullable=False),
        sa.Column("channel", word, nullable=False),
        sa.Column("answered", sa.Date, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_consultations"),
    )
    op.create_index("ix_consultations_office_state_received", "consultations", ["office", "state", "received"])
    op.add_column("import_batches", sa.Column("apart", sa.Integer, nullable=False, server_default="0"))
