"""Migrations of the database (Alembic). The schema they lead to is `server.db.schema`."""
