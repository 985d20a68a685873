"""Who serves this database, and what each has for itself: empty where one server does. And the queue of jobs."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, String, Table

from server.db.schema.base import ID, WORD, Utc, metadata

NODE = String(32)

nodes = Table(
    "nodes",
    metadata,
    Column("name", NODE, primary_key=True),
    Column("incarnation", BigInteger, nullable=False),  # counts each time it comes, or comes back too late
    Column("address", String(255), nullable=False),  # where the others reach it
    Column("secret", String(64), nullable=False),  # what the others sign with that ask it; new with each incarnation
    Column("capacity", Integer, nullable=False),  # rooms with media at most
    Column("state", WORD, nullable=False),  # up | draining | gone
    Column("until", Utc, nullable=False),  # its lease, by the database's clock
)
"""Renewed by each node for itself."""

owners = Table(
    "owners",
    metadata,
    Column("name", String(80), primary_key=True),  # a stream: session/<id>; or a duty: duty/<name>
    Column("node", NODE, nullable=False),  # "": nobody's, given back in order
    Column("incarnation", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # counts each time it is taken
)
"""Somebody's as long as the lease of their node and incarnation lasts."""

Index("ix_owners_node", owners.c.node)

jobs = Table(
    "jobs",
    metadata,
    Column("key", String(200), primary_key=True),  # its name and what it is of: there is one of each
    Column("name", WORD, nullable=False),
    Column("subject", ID, nullable=False),  # the session whose record it belongs to; "": of none
    Column("arguments", JSON, nullable=False),
    Column("request", String(64), nullable=False),  # that asked for it
    Column("home", NODE, nullable=False),  # the node whose disk it needs; "": any
    Column("state", WORD, nullable=False),  # queued | working | ready | failed
    Column("again", Boolean, nullable=False),  # asked for once more while it is worked at
    Column("asked", Utc, nullable=False),
    # Seconds since 1970 by the database's clock, SQLite's is the machine's.
    Column("due", Float(53), nullable=False),  # from when it may be claimed
    Column("until", Float(53), nullable=False),  # of a claim: its lease; of one that ended: since when
    Column("claim", BigInteger, nullable=False),  # counts each time it is claimed
    Column("worker", String(80), nullable=False),  # that claimed it last
    Column("tries", Integer, nullable=False),
    Column("progress", Float, nullable=False),  # 0 to 1
    Column("error", WORD, nullable=False),
    Column("result", JSON, nullable=False),
    Column("noted", Boolean, nullable=False),  # whoever wanted the result has it
)
"""`server.serving.jobs.store` alone writes it."""

Index("ix_jobs_subject", jobs.c.subject)
Index("ix_jobs_state_due", jobs.c.state, jobs.c.due)
