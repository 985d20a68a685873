"""Alembic's folder: the history of the tables, shipped in the wheel and run by `Database.migrate`.

`versions` has a module per revision, oldest first; one that was released is never edited. Revisions are written by
hand; `tests/server/db/test_engine.py` names every difference between what they make and `server.db.schema`, on both
databases.
"""
