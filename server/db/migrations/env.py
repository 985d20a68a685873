"""What alembic runs for every command: migrate over the connection it was given, in its transaction.

Alembic executes this file itself (it is never imported), hence the statement at the end.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from server.db.schema import metadata


def migrate(connection: Connection) -> None:
    # render_as_batch: SQLite cannot alter most things; alembic then copies the table.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    context.run_migrations()


migrate(context.config.attributes["connection"])
