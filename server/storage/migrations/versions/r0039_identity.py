"""What a code was sent for, whom an officer confirmed by voice, and guesses counted by what was typed as a login."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.storage.columns import Utc

revision = "0039_identity"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Codes sent before belong to no purpose: they are counted by none.
    op.add_column("codes", sa.Column("purpose", sa.String(32), nullable=False, server_default=""))
    op.add_column("devices", sa.Column("vouched_at", Utc, nullable=True))
    op.create_table(
        "sign_in_guesses",
        sa.Column("login", sa.String(128), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", Utc, nullable=True),
        sa.Column("last", Utc, nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_sign_in_guesses"),
    )
    op.create_index("ix_sign_in_guesses_last", "sign_in_guesses", ["last"])
    # A try with a login that does not exist is written down as well, under "".
    with op.batch_alter_table("sign_ins") as sign_ins:
        sign_ins.drop_constraint("fk_sign_ins_user_users", type_="foreignkey")
    with op.batch_alter_table("users") as users:
        users.drop_column("failures")
        users.drop_column("locked_until")
