"""Carriers of messages: which took one, what it is paid for it, templates they approved, and who follows an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_message_carriers"
down_revision = "0013_sign_on"
branch_labels = None
depends_on = None

_INDEXES = (("to_hash", "passed_at"), ("office", "passed_at"), ("provider", "reference"))


def upgrade() -> None:
    for column in (
        sa.Column("to_hash", sa.String(length=128), server_default="", nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.String(length=64), server_default="", nullable=False),
        sa.Column("reference", sa.String(length=128), server_default="", nullable=False),
        sa.Column("pieces", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost", sa.Integer(), server_default="0", nullable=False),
        sa.Column("trouble", sa.String(length=32), server_default="", nullable=False),
    ):
        op.add_column("messages", column)
    for columns in _INDEXES:
        op.create_index(op.f("ix_messages_" + "_".join(columns)), "messages", list(columns))
    op.create_table(
        "message_templates",
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name=op.f("fk_message_templates_office_offices")),
        sa.PrimaryKeyConstraint(
            "office", "connection", "template", "language", name=op.f("pk_message_templates")
        ),
    )  # fmt: skip
    op.create_table(
        "followers",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("phone_hash", sa.String(length=128), nullable=False),
        sa.Column("openid_sealed", sa.Text(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "phone_hash", name=op.f("pk_followers")),
    )
    op.create_index(op.f("ix_followers_expires"), "followers", ["expires"])


def downgrade() -> None:
    op.drop_table("followers")
    op.drop_table("message_templates")
    for columns in _INDEXES:
        op.drop_index(op.f("ix_messages_" + "_".join(columns)), "messages")
    for column in ("trouble", "cost", "pieces", "reference", "provider", "passed_at", "to_hash"):
        op.drop_column("messages", column)
