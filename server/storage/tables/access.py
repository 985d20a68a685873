"""Tables of signing in: tries, known browsers, codes for a lost phone, what stands in an account's way."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from server.storage.columns import Utc
from server.storage.tables.base import DIGEST, ID, WORD, metadata
from server.storage.tables.people import users

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user", ID, nullable=False),  # "": no account has what was typed
    Column("at", Utc, nullable=False, index=True),
    Column("ip", String(64), nullable=False),
    Column("agent", Text, nullable=False),  # what the browser says of itself
    Column("browser", DIGEST, nullable=False),  # "": it kept no cookie
    Column("result", WORD, nullable=False),
    Column("token_hash", DIGEST, nullable=False, index=True),  # "": no session began
    Index(None, "user", "at"),
)

sign_in_guesses = Table(
    "sign_in_guesses",
    metadata,
    Column("login", DIGEST, primary_key=True),  # keyed digest of what was typed, whether or not it is a login
    Column("failures", Integer, nullable=False),  # wrong ones in a row
    Column("locked_until", Utc),
    Column("last", Utc, nullable=False, index=True),
)

known_browsers = Table(
    "known_browsers",
    metadata,
    Column("user", ForeignKey(users.c.id), primary_key=True),
    Column("browser", DIGEST, primary_key=True),
    Column("first", Utc, nullable=False),
    Column("last", Utc, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Utc),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user", ForeignKey(users.c.id), primary_key=True),
    Column("code_hash", DIGEST, primary_key=True),
    Column("made", Utc, nullable=False),
)

account_limits = Table(
    "account_limits",
    metadata,
    Column("user", ForeignKey(users.c.id), primary_key=True),
    Column("closed", Utc),
    Column("temporary", Boolean, nullable=False, server_default=false()),
)
