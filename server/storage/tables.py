"""Every table. Owns names, types and the constraints the database itself holds.

`events` is the truth; `sessions`, `complaints`, `clocks`, `leads`, `holiday_notices` and `complaint_facts` are
projections of it and can be made anew. `log_…` is the tree over all events and what was signed of it: the log can be
recomputed from `events`, checkpoints and attestations not.
The others hold what must not be in an append-only journal: secrets (hashed or sealed), devices, codes, messages on
their way.
Columns ending in `_sealed` hold text only the installation's key opens, `_hash` a digest, `_masked` what may be shown.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from server.storage.columns import Position, Utc, Yuan

metadata = MetaData(
    # Constraints need known names to be altered later, on SQLite too.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(64)
WORD = String(32)  # a value of one of our enumerations
DIGEST = String(128)
FACT_DAYS = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "closed", "lead",
    "accept_due", "mediate_due", "tell_due",
)  # fmt: skip

events = Table(
    "events",
    metadata,
    Column("leaf", Position, primary_key=True, autoincrement=False),  # its number in the tree: from 0, without gaps
    Column("stream", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", WORD, nullable=False),  # of the stream: what stands before its first "/"
    Column("type", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor_kind", WORD, nullable=False),
    Column("actor_id", ID, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("actor_role", WORD, nullable=False),
    Column("actor_office", ID, nullable=False),
    Column("data", JSON, nullable=False),
    Column("salt", WORD, nullable=False),  # "": the content was erased
    Column("content", DIGEST, nullable=False),
    Column("hash", DIGEST, nullable=False),
    UniqueConstraint("stream", "version"),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("size", Position, nullable=False),
    Column("peaks", LargeBinary, nullable=False),  # journal.merkle.Peaks: 32 bytes each, from left to right
)

log_nodes = Table(
    "log_nodes",
    metadata,
    # Only levels that are multiples of server.storage.tree.TILE: what lies between is hashed again when asked for.
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", Position, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", Position, primary_key=True, autoincrement=False),
    Column("made", Utc, nullable=False),
    Column("note", Text, nullable=False),  # journal.notes: body and signature, as it was published
)

log_attestations = Table(
    "log_attestations",
    metadata,
    Column("size", Position, ForeignKey(log_checkpoints.c.size), primary_key=True, autoincrement=False),
    Column("kind", WORD, primary_key=True),  # "timestamp" | "witness"
    Column("place", String(512), primary_key=True),  # whose: a URL
    Column("state", WORD, nullable=False),  # "queued" | "failed" | "got" | "dead"
    Column("tries", Integer, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("got_at", Utc),
    Column("answer", LargeBinary),  # RFC 3161's TimeStampResp, or the witness's signature line
    Index(None, "state", "next_try"),
)

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
    Column("failures", Integer, nullable=False),  # wrong sign-ins in a row
    Column("locked_until", Utc),
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

mediator_notes = Table(  # a mediator's own, sealed: beside the journal, in no export, gone with the record
    "mediator_notes",
    metadata,
    Column("session", ForeignKey("sessions.id"), primary_key=True),
    Column("officer", ForeignKey(users.c.id), primary_key=True),
    Column("edition", Integer, nullable=False),  # counts from 1: who writes names the one they saw
    Column("sealed", Text, nullable=False),
    Column("changed", Utc, nullable=False),
)

industries = Table(  # the official table, where an office imported it; sections and divisions the program knows itself
    "industries",
    metadata,
    Column("code", String(8), primary_key=True),
    Column("name", Text, nullable=False),
)

office_oversight = Table(
    "office_oversight",
    metadata,
    Column("supervisor", ForeignKey(users.c.id), primary_key=True),
    Column("office", ForeignKey(offices.c.id), primary_key=True),
)

system_tokens = Table(
    "system_tokens",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", String(128), nullable=False),  # with spaces between them
    Column("token_hash", DIGEST, nullable=False, unique=True),
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
)

system_requests = Table(
    "system_requests",  # so that the same key registers once
    metadata,
    Column("token", ForeignKey(system_tokens.c.id), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("digest", DIGEST, nullable=False),  # of the request's body
    Column("complaint", ID, nullable=False),
    Column("at", Utc, nullable=False),
)

intake_senders = Table(
    "intake_senders",  # systems whose signed requests make complaints
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("secret", Text, nullable=False),  # sealed
    Column("before", Text),  # the sealed one before it,
    Column("before_until", Utc),  # good until then
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("used_at", Utc),
    Column("revoked_at", Utc),
)

intake_requests = Table(
    "intake_requests",  # so that the same key is answered once and the same way
    metadata,
    Column("sender", ForeignKey(intake_senders.c.id), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("digest", DIGEST, nullable=False),  # of the request's body
    Column("signature", DIGEST, nullable=False),  # nobody sends a signed body again under another key
    Column("batch", ID, nullable=False),
    Column("answer", JSON),  # None until it was given
    Column("at", Utc, nullable=False),
    UniqueConstraint("sender", "signature"),
)

hooks = Table(
    "hooks",  # systems that are told of changes
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),  # sealed
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("revoked_at", Utc),
)

hook_deliveries = Table(
    "hook_deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("hook", ForeignKey(hooks.c.id), nullable=False),
    Column("office", ID, nullable=False),
    Column("event", String(64), nullable=False),
    Column("number", String(64), nullable=False),  # of the complaint
    Column("body", Text, nullable=False),
    Column("created", Utc, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("state", WORD, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("sent_at", Utc),
    Index(None, "state", "next_try"),
    Index(None, "office", "state", "created"),
)

officer_sessions = Table(
    "officer_sessions",
    metadata,
    Column("token_hash", DIGEST, primary_key=True),
    Column("user", ForeignKey(users.c.id), nullable=False, index=True),
    Column("created", Utc, nullable=False),
    Column("seen", Utc, nullable=False),
    Column("expires", Utc, nullable=False, index=True),
)

links = Table(
    "links",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("session", ID, nullable=False),
    Column("seat", ID, nullable=False),
    Column("secret_hash", DIGEST, nullable=False, unique=True),
    Column("secret_sealed", Text, nullable=False),
    Column("phone_sealed", Text, nullable=False),
    Column("phone_masked", WORD, nullable=False),
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("revoked_at", Utc),
    Column("revoked_reason", Text, nullable=False),
    Column("opened_at", Utc),
    Column("used_at", Utc),
    Column("used_by", ID),  # the one device that confirmed a code
    Index(None, "session", "seat"),
    # At most one link of a seat is good, whoever races whom.
    Index(
        "uq_links_standing",
        "session",
        "seat",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
)

devices = Table(
    "devices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("token_hash", DIGEST, nullable=False, unique=True),
    Column("link", ForeignKey(links.c.id), nullable=False, index=True),
    Column("created", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("verified_at", Utc),
    Column("ended_at", Utc),
)

codes = Table(
    "codes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("device", ID, nullable=False),  # or a visit to the public window
    Column("link", DIGEST, nullable=False),  # or what the visit asks for
    Column("phone_hash", DIGEST, nullable=False),  # keyed digest: limits per number without knowing it
    Column("ip", String(64), nullable=False),
    Column("code_hash", DIGEST, nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("spent_at", Utc),
    Index(None, "device", "sent_at"),
    Index(None, "link", "sent_at"),
    Index(None, "phone_hash", "sent_at"),
    Index(None, "ip", "sent_at"),
)

window_visits = Table(
    "window_visits",
    metadata,
    Column("id", ID, primary_key=True),
    Column("token_hash", DIGEST, nullable=False, unique=True),
    Column("purpose", WORD, nullable=False),  # "file" | "follow"
    Column("office", ID, nullable=False),  # "": nothing was found to follow
    Column("complaint", ID, nullable=False),
    Column("bound", DIGEST, nullable=False),  # what limits on codes count by
    Column("phone_sealed", Text, nullable=False),
    Column("phone_masked", WORD, nullable=False),
    Column("phone_hash", DIGEST, nullable=False),
    Column("draft_sealed", Text, nullable=False),  # "": filed, or nothing to file
    Column("created", Utc, nullable=False),
    Column("expires", Utc, nullable=False, index=True),
    Column("verified_at", Utc),
)

messages = Table(
    "messages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("session", ID, nullable=False),
    Column("kind", WORD, nullable=False),  # "link" | "code" | …
    Column("to_sealed", Text, nullable=False),
    Column("to_masked", WORD, nullable=False),
    Column("text_sealed", Text, nullable=False),
    Column("state", WORD, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("created", Utc, nullable=False),
    Column("sent_at", Utc),
    Index(None, "state", "next_try"),
    Index(None, "office", "created"),
)

complaints = Table(
    "complaints",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("number", String(64), nullable=False),
    Column("state", WORD, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("received", Utc, nullable=False),
    Column("title", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("amount", Yuan),
    Column("industry", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("law_order", WORD, nullable=False),
    Column("consumer", JSON, nullable=False),  # complaints.events.PartyRecord: phones masked, and sealed
    Column("business", JSON, nullable=False),
    Column("consumer_title", Text, nullable=False),  # who it is in a list
    Column("business_title", Text, nullable=False),
    Column("deadlines", JSON, nullable=False),  # law.Deadline, in both languages
    Column("running", WORD, nullable=False),  # code of the deadline that runs, or ""
    Column("next_due", Date),  # its date
    Column("loss_recovered", Yuan, nullable=False),
    Column("promises_due", Utc),
    Column(
        "place", Position, unique=True
    ),  # in the list: server.storage.complaint_rows; empty until the row is made anew
    Column("problem_class", WORD, nullable=False),
    Column("industry_code", WORD, nullable=False),
    Column("division", WORD, nullable=False),
    Column("phone_mark", Position),  # complaints.duplicates: what others of the same dispute are looked up by
    Column("code_mark", Position),
    Column("brand", WORD, nullable=False),
    Index(None, "office", "number"),
    Index(None, "office", "state", "next_due"),
    Index(None, "office", "place"),
    Index(None, "office", "next_due", "place"),
    Index(None, "office", "phone_mark"),
    Index(None, "office", "code_mark", "place"),
    Index(None, "office", "brand", "place"),
)

answers_awaited = Table(
    "answers_awaited",  # of businesses, in writing: those nobody has noted as missed yet
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("invitation", ID, nullable=False),
    Column("office", ID, nullable=False),
    Column("due", Date, nullable=False, index=True),
)

# Clocks beside a complaint's running one (`complaints.next_due`): a dispute over competence, a lead to verify.
clocks = Table(
    "clocks",
    metadata,
    Column("kind", WORD, primary_key=True),  # of the stream: "complaint" | "lead"
    Column("subject", ID, primary_key=True),  # its id
    Column("code", WORD, primary_key=True),
    Column("office", ID, nullable=False),
    Column("number", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("clock", JSON, nullable=False),  # law.Deadline, in both languages
    Index(None, "office", "due"),
)

leads = Table(
    "leads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("complaint", ID, nullable=False, index=True),
    Column("number", String(64), nullable=False),
    Column("origin", WORD, nullable=False),  # "report" | "mediation"
    Column("state", WORD, nullable=False),
    Column("title", Text, nullable=False),
    Column("found", Utc, nullable=False),
    Column("due", Date),  # None once it is decided
    Column("clock", JSON, nullable=False),
    Index(None, "office", "state", "due"),
)

holiday_notices = Table(
    "holiday_notices",
    metadata,
    Column("office", ID, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("days_off", JSON, nullable=False),  # [[ISO date, zh, en], …]
    Column("days_worked", JSON, nullable=False),  # [ISO date, …]
    Column("entered", Utc, nullable=False),
    Column("entered_by", Text, nullable=False),
)

complaint_facts = Table(
    "complaint_facts",  # complaints.statistics.facts.Fact: days local to the office, nobody's name
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("problem", WORD, nullable=False),
    Column("industry", WORD, nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("amount", Yuan, nullable=False),
    Column("recovered", Yuan, nullable=False),
    *(Column(day, Date, nullable=day != "received") for day in FACT_DAYS),
    Column("days_to_decision", Integer),
    Column("days_to_handling", Integer),
    Column("changed", Utc, nullable=False),
    # One for each day that is counted by; most complaints have few of them yet.
    *(
        Index(
            f"ix_complaint_facts_office_{day}",
            "office",
            day,
            "counted",  # what only counts is answered from the index
            # SQLite uses no partial index on a column that is never NULL.
            sqlite_where=None if day == "received" else text(f"{day} IS NOT NULL"),
            postgresql_where=None if day == "received" else text(f"{day} IS NOT NULL"),
        )
        for day in FACT_DAYS
        if day != "closed"
    ),
)

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
    Index(None, "office", "starts"),
    Index(None, "office", "status"),
)

import_batches = Table(
    "import_batches",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("source", WORD, nullable=False),  # "file" | "command" | "webhook" | "mail"
    Column("name", Text, nullable=False),  # of the file or the system
    Column("size", Position, nullable=False),  # bytes
    Column("sha256", DIGEST, nullable=False),
    Column("mapping", JSON, nullable=False),  # as its file has it, at that time
    Column("by", JSON, nullable=False),  # journal.Actor
    Column("created", Utc, nullable=False),
    Column("state", WORD, nullable=False),  # web.ports.ImportBatch.state
    Column("last_row", Integer, nullable=False),  # read so far
    Column("taken", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("refused", Integer, nullable=False),  # not yet fixed
    Column("error", JSON),  # why it stopped: {"code", "params"}
    Column("ended", Utc),
    Column("undone", Utc),
    Index(None, "office", "created"),
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("batch", ID, primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("outcome", WORD, nullable=False),  # "taken" | "updated" | "duplicate" | "refused" | "fixed" | "dropped"
    Column("complaint", ID, nullable=False),  # "": none
    Column("number", String(80), nullable=False),  # what the channel calls it
    Column("problems", JSON),  # of a refused row
    Column("cells_sealed", Text),  # of a refused row: header -> what it says
    Index(None, "batch", "outcome"),
    sqlite_with_rowid=False,
)

source_numbers = Table(
    "source_numbers",
    metadata,
    Column("office", ID, primary_key=True),
    Column("channel", WORD, primary_key=True),
    Column("number", String(80), primary_key=True),
    Column("complaint", ID, nullable=False, index=True),
    sqlite_with_rowid=False,
)
