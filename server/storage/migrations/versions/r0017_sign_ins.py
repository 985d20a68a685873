"""Tries to sign in, browsers that are known, codes for a lost phone, and what stands in an account's way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name, word, digest = sa.String(64), sa.String(32), sa.String(128)
    op.create_table(
        "sign_ins",
        sa.Column("id", name, nullable=False),
        sa.Column("user", name, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("ip", name, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("browser", digest, nullable=False),
        sa.Column("result", word, nullable=False),
        sa.Column("token_hash", digest, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_sign_ins_user_users"),
    )
    op.create_index("ix_sign_ins_user_at", "sign_ins", ["user", "at"])
    op.create_index("ix_sign_ins_at", "sign_ins", ["at"])
    op.create_index("ix_sign_ins_token_hash", "sign_ins", ["token_hash"])
    op.create_table(
        "known_browsers",
        sa.Column("user", name, nullable=False),
        sa.Column("browser", digest, nullable=False),
        sa.Column("first", Utc, nullable=False),
        sa.Column("last", Utc, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", Utc),
        sa.PrimaryKeyConstraint("user", "browser", name="pk_known_browsers"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_known_browsers_user_users"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user", name, nullable=False),
        sa.Column("code_hash", digest, nullable=False),
        sa.Column("made", Utc, nullable=False),
        sa.PrimaryKeyConstraint("user", "code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_recovery_codes_user_users"),
    )
    op.create_table(
        "account_limits",
        sa.Column("user", name, nullable=False),
        sa.Column("closed", Utc),
        sa.Column("temporary", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_account_limits"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_account_limits_user_users"),
    )
