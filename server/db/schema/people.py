"""Tables of offices, officers and their accounts, of sessions, of the queue of jobs; and of who serves this database
and what each has for itself, which are empty where one server does.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    false,
)

from server.db.schema.base import DIGEST, ID, WORD, Position, Utc, Yuan, metadata

offices = Table(
    "offices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("short", Text, nullable=False),
    Column("phone", WORD, nullable=False),
    Column("number_prefix", WORD, nullable=False),
    Column("zone", String(64), nullable=False),
    # The unit that receives complaints for the bureau and dispatches them (Order 121 Art 41).
    Column("intake", Boolean, nullable=False, server_default=false()),
    # In whose name it acts, where that is found, and how its text messages are signed; "" where nobody said.
    Column("authority", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("signature", Text, nullable=False, server_default=""),
    # What its seal under agreements and records says beside the authority's name; "" for nothing.
    Column("mediation_seal", Text, nullable=False, server_default="调解专用章"),
    # Its mediators do not sign what its seal is put under (Order 121 Art 24 asks for both sides and the seal).
    Column("seal_only", Boolean, nullable=False, server_default=false()),
    # The office right above it, "" at the top. What it takes from there stands in its own row, as it is in force.
    Column("superior", ID, nullable=False, server_default=""),
    Column("level", WORD, nullable=False, server_default="office"),
    Column("called", Text, nullable=False, server_default=""),
    Column("language", WORD, nullable=False, server_default=""),
    Column("takes", Text, nullable=False, server_default=""),
)

office_series = Table(
    "office_series",  # the words before the numbers of its papers; a kind without a row has the usual ones
    metadata,
    Column("office", ForeignKey(offices.c.id), primary_key=True),
    Column("kind", WORD, primary_key=True),
    Column("words", Text, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login", String(128), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", WORD, nullable=False),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("password_hash", Text, nullable=False),
    Column("totp_sealed", Text, nullable=False),  # "": no second factor
    Column("totp_pending_sealed", Text, nullable=False),  # begun, not yet confirmed
    Column("totp_step", Position, nullable=False),  # newest time step used
    Column("language", WORD, nullable=False),
    Column("created", Utc, nullable=False),
)

jurisdictions = Table(
    "jurisdictions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("divisions", JSON, nullable=False),  # six digits each
    Column("words", JSON, nullable=False),
)

office_oversight = Table(
    "office_oversight",
    metadata,
    Column("supervisor", ForeignKey(users.c.id), primary_key=True),
    Column("office", ForeignKey(offices.c.id), primary_key=True),
)

officer_phones = Table(
    "officer_phones",  # where messages of the office's own go; "" for who does without; who has no row is asked
    metadata,
    Column("officer", ForeignKey(users.c.id), primary_key=True),
    Column("phone_sealed", Text, nullable=False),
)

saved_signatures = Table(
    "saved_signatures",  # an officer's own drawing with the hash of its code, sealed together
    metadata,
    Column("officer", ForeignKey(users.c.id), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("failures", Integer, nullable=False),  # codes tried since the last right one
    Column("saved", Utc, nullable=False),
    Column("used", Utc),
)

credential_changes = Table(
    "credential_changes",  # the last thousand, in the order they were made; read by processes that did not make them
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("process", ID, nullable=False),
    Column("officer", ID, nullable=False),
    Column("session", ID, nullable=False),
    Column("seat", ID, nullable=False),
    Column("office", ID, nullable=False, server_default=""),  # of a message about the session; "": of credentials
    sqlite_autoincrement=True,
)

officer_sessions = Table(
    "officer_sessions",
    metadata,
    Column("token_hash", DIGEST, primary_key=True),
    Column("user", ForeignKey(users.c.id), nullable=False, index=True),
    Column("created", Utc, nullable=False),
    Column("seen", Utc, nullable=False),
    Column("expires", Utc, nullable=False, index=True),
    # By whose word it began ("": a password kept here), and the digests by which that one ends it.
    Column("provider", String(40), nullable=False, server_default=""),
    Column("subject", DIGEST, nullable=False, server_default="", index=True),
    Column("provider_session", DIGEST, nullable=False, server_default="", index=True),
    Column("second_step", WORD, nullable=False, server_default=""),  # "asked": owed still; "provider": done there
)

sign_on_links = Table(
    "sign_on_links",  # whom a provider knows is whose account here
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user", ForeignKey(users.c.id), nullable=False, index=True),
    Column("provider", String(40), nullable=False),
    Column("by_rule", Boolean, nullable=False),  # rules say role and office at each sign-in
    Column("two_steps", Boolean, nullable=False),  # the last time the provider had asked for two
    Column("linked", Utc, nullable=False),
    Column("withdrawn", Utc),  # when no rule gave them a place any more: the account was closed then
)

sign_on_once = Table(
    "sign_on_once",  # digests of what is good once: sign-ins that came back, tokens of the back channel
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("until", Utc, nullable=False, index=True),
)


# Up to when officers have read what they were alerted of (`server.rooms`).
alerts_read = Table(
    "alerts_read",
    metadata,
    Column("officer", ID, primary_key=True),
    Column("until", Utc, nullable=False),
)


# Whether the desk says what each role does first (`server.identity.account_store`); no row: until it is done.
first_steps = Table(
    "first_steps",
    metadata,
    Column("officer", ID, primary_key=True),
    Column("shown", WORD, nullable=False),  # "away" | "wanted"
)


# Tables of signing in: tries, known browsers, codes for a lost phone, what stands in an account's way.


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


# Tables of what needs a second person and of who did what: projections, made anew from the journal.


approvals = Table(
    "approvals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("subject", ID, nullable=False),
    Column("state", WORD, nullable=False),
    Column("asker", ID, nullable=False),
    Column("asked", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("decided", Utc),
    Index(None, "office", "state", "asked"),
)

acts = Table(
    "acts",
    metadata,
    Column("stream", String(128), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("act", WORD, nullable=False),
    Column("what", Text, nullable=False),  # a part, a kind: as its event calls it
    Column("actor", ID, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("actor_role", WORD, nullable=False),
    Column("actor_office", ID, nullable=False),
    Column("office", ID, nullable=False),  # whose the thing is
    Column("kind", WORD, nullable=False),  # of the thing: a stream's
    Column("subject", ID, nullable=False),
    Column("label", Text, nullable=False),  # what people call it
    Column("reason", Text, nullable=False),
    Index(None, "office", "at"),
    Index(None, "actor", "act", "at"),
    Index(None, "actor_office", "at"),
)


# Rows of sessions, notes of a mediator alone, official texts of statutes.


sessions = Table(
    "sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("complaint", ID, nullable=False, index=True),
    Column("number", String(64), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("office", ID, nullable=False),
    Column("mediator", ID, nullable=False),
    Column("mediator_name", Text, nullable=False),
    Column("starts", Utc, nullable=False),
    Column("status", WORD, nullable=False),
    Column("opened", Utc),
    Column("closed", Utc),
    Column("outcome", WORD, nullable=False),
    Column("loss_recovered", Yuan, nullable=False),
    Column("performing", Boolean, nullable=False),  # settled with promises for later
    Column("promises_due", Utc),
    Column("consumer", Text, nullable=False),
    Column("business", Text, nullable=False),
    Column("joint_ms", Integer, nullable=False),
    Column("seats", JSON, nullable=False),  # seat role -> seat status
    Column("mode", WORD, nullable=False, server_default="video"),  # law.orders
    Column("place", Text, nullable=False, server_default=""),  # of one on site
    Index(None, "office", "starts"),
    Index(None, "office", "status"),
    Index(None, "office", "mediator", "mediator_name", "opened"),
    # The list of records: its order, and after it what its filters look at.
    Index("ix_sessions_records", "office", "opened", "id", "mediator", "outcome", "joint_ms"),
    Index("ix_sessions_opened", "opened", "id"),  # the same of many offices
)

mediator_notes = Table(  # a mediator's own, sealed: beside the journal, in no export, gone with the record
    "mediator_notes",
    metadata,
    Column("session", ForeignKey("sessions.id"), primary_key=True),
    Column("officer", ForeignKey(users.c.id), primary_key=True),
    Column("edition", Integer, nullable=False),  # counts from 1: who writes names the one they saw
    Column("sealed", Text, nullable=False),
    Column("changed", Utc, nullable=False),
)

line_minutes = Table(  # of one seat's connection, beside the journal, gone with the record: rooms.media.diagnosis
    "line_minutes",
    metadata,
    Column("session", ForeignKey("sessions.id"), primary_key=True),
    Column("seat", ID, primary_key=True),
    Column("minute", Utc, primary_key=True),
    Column("client", String(64), nullable=False),  # browser and system
    Column("way", WORD, nullable=False),
    Column("reports", Integer, nullable=False),
    Column("figures", JSON, nullable=False),  # name -> median and the value that one in twenty is worse than
    Column("said", JSON, nullable=False),  # time and finding, where it changed
)

transcript_words = Table(  # what a transcript is found by, sealed, gone with the record: server.rooms.transcript_store
    "transcript_words",
    metadata,
    Column("session", ForeignKey("sessions.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # empty: waits to be made
)

law_texts = Table(  # official wordings of statutes, where an office imported them: not projected, not ours
    "law_texts",
    metadata,
    Column("statute", String(40), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("suffix", Integer, primary_key=True),
    Column("until", Date),
    Column("title", Text, nullable=False),
    Column("chapter", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("imported", Utc, nullable=False),
)

# ------------------------------------------------------------ nodes


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
