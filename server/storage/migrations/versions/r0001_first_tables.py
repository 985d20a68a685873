"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Position, Utc, Yuan

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("received", Utc(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("amount", Yuan(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("law_order", sa.String(length=32), nullable=False),
        sa.Column("consumer", sa.JSON(), nullable=False),
        sa.Column("business", sa.JSON(), nullable=False),
        sa.Column("consumer_title", sa.Text(), nullable=False),
        sa.Column("business_title", sa.Text(), nullable=False),
        sa.Column("deadlines", sa.JSON(), nullable=False),
        sa.Column("running", sa.String(length=32), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("loss_recovered", Yuan(), nullable=False),
        sa.Column("promises_due", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_complaints"),
    )
    op.create_index("ix_complaints_office_number", "complaints", ["office", "number"])
    op.create_index("ix_complaints_office_received", "complaints", ["office", "received"])
    op.create_index("ix_complaints_office_state_next_due", "complaints", ["office", "state", "next_due"])
    op.create_table(
        "events",
        sa.Column("position", Position, autoincrement=True, nullable=False),
        sa.Column("stream", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_office", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_events"),
        sa.UniqueConstraint("stream", "version", name="uq_events_stream_version"),
    )
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=128), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.String(length=32), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("expires", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=True),
        sa.Column("used_at", Utc(), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sa.UniqueConstraint("secret_hash", name="uq_links_secret_hash"),
    )
    op.create_index("ix_links_session_seat", "links", ["session", "seat"])
    op.create_index(
        "uq_links_standing",
        "links",
        ["session", "seat"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("to_sealed", sa.Text(), nullable=False),
        sa.Column("to_masked", sa.String(length=32), nullable=False),
        sa.Column("text_sealed", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", Utc(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_office_created", "messages", ["office", "created"])
    op.create_index("ix_messages_state_next_try", "messages", ["state", "next_try"])
    op.create_table(
        "offices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("number_prefix", sa.String(length=32), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offices"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("complaint", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("mediator", sa.String(length=64), nullable=False),
        sa.Column("mediator_name", sa.Text(), nullable=False),
        sa.Column("starts", Utc(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("opened", Utc(), nullable=True),
        sa.Column("closed", Utc(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("loss_recovered", Yuan(), nullable=False),
        sa.Column("performing", sa.Boolean(), nullable=False),
        sa.Column("promises_due", Utc(), nullable=True),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("joint_ms", sa.Integer(), nullable=False),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_complaint", "sessions", ["complaint"])
    op.create_index("ix_sessions_office_starts", "sessions", ["office", "starts"])
    op.create_index("ix_sessions_office_status", "sessions", ["office", "status"])
    op.create_table(
        "devices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("expires", Utc(), nullable=False),
        sa.Column("verified_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["link"], ["links.id"], name="fk_devices_link_links"),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("token_hash", name="uq_devices_token_hash"),
    )
    op.create_index("ix_devices_link", "devices", ["link"])
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=128), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_sealed", sa.Text(), nullable=False),
        sa.Column("totp_pending_sealed", sa.Text(), nullable=False),
        sa.Column("totp_step", Position, nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", Utc(), nullable=True),
        sa.Column("created", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name="fk_users_office_offices"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("login", name="uq_users_login"),
    )
    op.create_index("ix_users_office", "users", ["office"])
    op.create_table(
        "codes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("phone_hash", sa.String(length=128), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=128), nullable=False),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.Column("expires", Utc(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("spent_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["devices.id"], name="fk_codes_device_devices"),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
    )
    op.create_index("ix_codes_device_sent_at", "codes", ["device", "sent_at"])
    op.create_index("ix_codes_ip_sent_at", "codes", ["ip", "sent_at"])
    op.create_index("ix_codes_link_sent_at", "codes", ["link", "sent_at"])
    op.create_index("ix_codes_phone_hash_sent_at", "codes", ["phone_hash", "sent_at"])
    op.create_table(
        "office_oversight",
        sa.Column("supervisor", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["office"], ["offices.id"], name="fk_office_oversight_office_offices"),
        sa.ForeignKeyConstraint(["supervisor"], ["users.id"], name="fk_office_oversight_supervisor_users"),
        sa.PrimaryKeyConstraint("supervisor", "office", name="pk_office_oversight"),
    )
    op.create_table(
        "officer_sessions",
        sa.Column("token_hash", sa.String(length=128), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("created", Utc(), nullable=False),
        sa.Column("seen", Utc(), nullable=False),
        sa.Column("expires", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_officer_sessions_user_users"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_officer_sessions"),
    )
    op.create_index("ix_officer_sessions_expires", "officer_sessions", ["expires"])
    op.create_index("ix_officer_sessions_user", "officer_sessions", ["user"])


def downgrade() -> None:
    for table in (
        "officer_sessions",
        "office_oversight",
        "codes",
        "users",
        "devices",
        "sessions",
        "offices",
        "messages",
        "links",
        "events",
        "complaints",
    ):
        op.drop_table(table)
