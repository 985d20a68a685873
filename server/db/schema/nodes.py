"""Who serves this database, and what each has for itself. Empty where one server does."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from server.db.schema.base import WORD, Utc, metadata

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
