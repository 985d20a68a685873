"""Tokens of other systems, and the idempotency keys of what they registered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, digest = sa.String(64), sa.String(128)
    op.create_table(
        "system_tokens",
        sa.Column("id", name, nullable=False),
        sa.Column("office", name, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.String(128), nullable=False),
        sa.Column("token_hash", digest, nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.Column("created_by", name, nullable=False),
        sa.Column("used_at", Utc),
        sa.Column("revoked_at", Utc),
        sa.PrimaryKeyConstraint("id", name="pk_system_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_system_tokens_token_hash"),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name="fk_system_tokens_office_offices"),
    )
    op.create_index("ix_system_tokens_office", "system_tokens", ["office"])
    op.create_table(
        "system_requests",
        sa.Column("token", name, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("digest", digest, nullable=False),
        sa.Column("complaint", name, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("token", "key", name="pk_system_requests"),
        sa.ForeignKeyConstraint(["token"], ["system_tokens.id"], name="fk_system_requests_token_system_tokens"),
    )
