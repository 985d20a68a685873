"""Alembic's folder: the history of the tables, shipped in the wheel and run by `Database.migrate`."""
