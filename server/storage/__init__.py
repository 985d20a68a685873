"""All SQL of the program: tables, engine, journal store, projections, read models, identity and message stores.

Runs on SQLite (WAL, the embedded default) and PostgreSQL alike; nothing outside this package imports sqlalchemy.
"""
