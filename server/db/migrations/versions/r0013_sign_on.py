"""Signing on by a provider's word: whom it knows, what began by it, and what is good once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_sign_on"
down_revision = "0012_connections"
branch_labels = None
depends_on = None

_OF_SESSIONS = (("provider", 40), ("subject", 128), ("provider_session", 128), ("second_step", 32))


def upgrade() -> None:
    for name, length in _OF_SESSIONS:
        column = sa.Column(name, sa.String(length=length), server_default="", nullable=False)
        op.add_column("officer_sessions", column)
    for name in ("subject", "provider_session"):
        op.create_index(op.f(f"ix_officer_sessions_{name}"), "officer_sessions", [name])
    op.create_table(
        "sign_on_links",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("by_rule", sa.Boolean(), nullable=False),
        sa.Column("two_steps", sa.Boolean(), nullable=False),
        sa.Column("linked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_sign_on_links_user_users")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_sign_on_links")),
    )
    op.create_index(op.f("ix_sign_on_links_user"), "sign_on_links", ["user"])
    op.create_table(
        "sign_on_once",
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_on_once")),
    )
    op.create_index(op.f("ix_sign_on_once_until"), "sign_on_once", ["until"])


def downgrade() -> None:
    op.drop_table("sign_on_once")
    op.drop_table("sign_on_links")
    for name in ("subject", "provider_session"):
        op.drop_index(op.f(f"ix_officer_sessions_{name}"), "officer_sessions")
    for name, _ in _OF_SESSIONS:
        op.drop_column("officer_sessions", name)
