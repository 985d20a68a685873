"""Tables of people without an account (links, devices, codes, visits, messages on their way), of other systems, and of
what the public reads: warnings and bulletins.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.db.schema.base import DIGEST, ID, WORD, Utc, metadata
from server.db.schema.people import offices

CELL = String(120)  # the name of another installation's key

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

short_tickets = Table(  # what the short ones in messages stand for: server.identity.codes
    "short_tickets",
    metadata,
    Column("secret_hash", DIGEST, primary_key=True),
    Column("ticket_sealed", Text, nullable=False),
    Column("ends", Utc, nullable=False, index=True),
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
    Column("vouched_at", Utc),  # an officer knew the person's voice
    Column("ended_at", Utc),
)

codes = Table(
    "codes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("device", ID, nullable=False),  # or a visit to the public window
    Column("purpose", WORD, nullable=False, server_default=""),
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

window_counts = Table(  # of one day of the public window: files and bytes that came in
    "window_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", WORD, primary_key=True),  # "address" | "phone" | "day"
    Column("key", DIGEST, primary_key=True),  # "": everybody
    Column("files", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
)

answer_drafts = Table(  # what a business is typing: gone once it is sent, or its link is no longer good
    "answer_drafts",
    metadata,
    Column("link", ID, primary_key=True),
    Column("fields_sealed", Text, nullable=False),
    Column("expires", Utc, nullable=False, index=True),
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
    Column("complaint", ID, nullable=False, server_default=""),  # whose notice it is, of one that tells a decision
    Column("lead", ID, nullable=False, server_default=""),  # of one to who reported
    Column("arrived_at", Utc),  # when the phone had it, as far as the gateway says
    Column("to_hash", DIGEST, nullable=False, server_default=""),  # of one that counts for a number's bounds
    Column("passed_at", Utc),  # since when it counts
    Column("provider", ID, nullable=False, server_default=""),  # the connection that took it
    Column("reference", DIGEST, nullable=False, server_default=""),  # what that calls it
    Column("pieces", Integer, nullable=False, server_default="0"),
    Column("cost", Integer, nullable=False, server_default="0"),  # thousandths of a yuan
    Column("trouble", WORD, nullable=False, server_default=""),  # server.outbox.notifiers
    Index(None, "state", "next_try"),
    Index(None, "office", "created"),
    Index(None, "to_hash", "passed_at"),
    Index(None, "office", "passed_at"),
    Index(None, "provider", "reference"),
)

message_templates = Table(
    "message_templates",  # which of a provider's templates says what one of ours does
    metadata,
    Column("office", ForeignKey(offices.c.id), primary_key=True),
    Column("connection", ID, primary_key=True),
    Column("template", ID, primary_key=True),
    Column("language", WORD, primary_key=True),
    Column("code", String(64), nullable=False),  # the provider's name of it
    Column("parameters", Text, nullable=False),
    Column("wording", Text, nullable=False),  # as it was registered
    Column("state", WORD, nullable=False),
    Column("changed", Utc, nullable=False),
    Column("changed_by", ID, nullable=False),
)

followers = Table(
    "followers",  # who takes messages by an official account beside text messages
    metadata,
    Column("connection", ID, primary_key=True),
    Column("phone_hash", DIGEST, primary_key=True),
    Column("openid_sealed", Text, nullable=False),
    Column("expires", Utc, nullable=False, index=True),
)


# Other systems: their tokens, what they sent, what they are sent.


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
    Column("officer", ID, nullable=False, server_default=""),  # whose own it is; "" for a system's
    Column("expires", Utc),  # until the next start none, of tokens from before there were last days
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

connection_states = Table(
    "connection_states",  # of what YUNTIAO_CONNECTIONS names: how its newest uses went
    metadata,
    Column("kind", WORD, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("succeeded_at", Utc),
    Column("failed_at", Utc),
    Column("fault", WORD, nullable=False),  # of the newest failure: server.connections.ConnectionFault
    Column("told", Text, nullable=False),  # of what came back then
)

dial_in_codes = Table(
    "dial_in_codes",  # by which somebody takes part by telephone
    metadata,
    Column("digest", ID, primary_key=True),  # of the code, keyed
    Column("session", ID, nullable=False, index=True),
    Column("seat", ID, nullable=False),
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("caller", ID, nullable=False),  # keyed digest of the number that used it first; "": nobody did
)

known_cells = Table(
    "known_cells",  # other installations that complaints go to and come from, and figures
    metadata,
    Column("id", CELL, primary_key=True),  # the name of its key
    Column("office", ForeignKey(offices.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("key", Text, nullable=False),  # public
    Column("relation", WORD, nullable=False),  # peer | above | below
    Column("created", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("revoked_at", Utc),
    Column("pulled_at", Utc),
    Column("pull_error", Text, nullable=False, server_default=""),
)

cell_deliveries = Table(
    "cell_deliveries",  # what another installation has to confirm; it is made anew of the journal at each try
    metadata,
    Column("id", ID, primary_key=True),
    Column("cell", CELL, nullable=False),
    Column("office", ID, nullable=False),
    Column("complaint", ID, nullable=False),
    Column("number", String(64), nullable=False),
    Column("version", Integer, nullable=False),  # of the event that is told
    Column("what", WORD, nullable=False),
    Column("created", Utc, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("state", WORD, nullable=False),  # queued | failed | sent
    Column("tries", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("sent_at", Utc),
    Index(None, "state", "next_try"),
    Index(None, "complaint", "version"),
)

cell_figures = Table(
    "cell_figures",  # of other installations: every edition of every month, as it was signed
    metadata,
    Column("cell", CELL, nullable=False),
    Column("month", String(7), nullable=False),
    Column("edition", Integer, nullable=False),
    Column("counted_to", Date, nullable=False),
    Column("made", Utc, nullable=False),
    Column("received", Utc, nullable=False),
    Column("standard", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("corrects", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("signature", Text, nullable=False),
    PrimaryKeyConstraint("cell", "month", "edition"),
    Index(None, "month"),
)

exchange_connections = Table(
    "exchange_connections",  # platforms that complaints come from, as the file of connections names them
    metadata,
    Column("name", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("platform", WORD, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("since", Utc, nullable=False),
    Index(None, "office", "channel"),
)

exchange_outbox = Table(
    "exchange_outbox",  # what a platform has to be told; rows are made of the journal at each try
    metadata,
    Column("id", ID, primary_key=True),
    Column("connection", ID, nullable=False),
    Column("office", ID, nullable=False),
    Column("complaint", ID, nullable=False),
    Column("number", String(80), nullable=False),  # theirs
    Column("own_number", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),  # of the complaint's at this connection, from 1
    Column("stage", WORD, nullable=False),  # complaints.exchange.STAGES
    Column("source", String(160), nullable=False),  # the event it tells of: stream and version
    Column("version", Integer, nullable=False),  # of the complaint's stream; 0 of a lead's event
    Column("at", Utc, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("state", WORD, nullable=False),  # queued | failed | handed | sent | refused
    Column("tries", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("sent_at", Utc),
    Column("receipt", Text, nullable=False),
    Column("file", ID, nullable=False),  # it was handed out in
    UniqueConstraint("connection", "number", "sequence"),
    UniqueConstraint("connection", "number", "source"),
    Index(None, "connection", "state", "next_try"),
    Index(None, "complaint", "sequence"),
)

exchange_intake = Table(
    "exchange_intake",  # what a platform sent of a number, and the receipt it has for it
    metadata,
    Column("connection", ID, primary_key=True),
    Column("number", String(80), primary_key=True),
    Column("digest", DIGEST, primary_key=True),  # of what it said
    Column("version", Integer, nullable=False),  # of that number's, from 1
    Column("receipt", ID, nullable=False),
    Column("at", Utc, nullable=False),
    Column("complaint", ID, nullable=False),
    Column("outcome", WORD, nullable=False),
    Column("batch", ID, nullable=False),
    Column("row", Integer, nullable=False),
    UniqueConstraint("connection", "number", "version"),
    Index(None, "complaint"),
)

exchange_reconciliations = Table(
    "exchange_reconciliations",  # both sides' counts of a period, and what they differ in
    metadata,
    Column("id", ID, primary_key=True),
    Column("connection", ID, nullable=False),
    Column("office", ID, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("made", Utc, nullable=False),
    Column("by", Text, nullable=False),
    Column("how", WORD, nullable=False),  # http | file
    Column("report", JSON, nullable=False),
    Index(None, "connection", "made"),
)

public_warnings = Table(
    "public_warnings",  # complaints.insight.warnings.IssuedWarning; what was withdrawn has no body any more
    metadata,
    Column("id", ID, primary_key=True),  # its hot spot's
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("language", WORD, nullable=False),
    Column("office", ID, nullable=False),
    Column("office_name", Text, nullable=False),
    Column("published", Utc, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("withdrawn", Text, nullable=False),
    Column("withdrawn_at", Utc),
    Index(None, "published"),
)

public_bulletins = Table(
    "public_bulletins",  # complaints.insight.bulletin.BulletinEdition: the newest public one of each scope and period
    metadata,
    Column("kind", WORD, primary_key=True),
    Column("first", Date, primary_key=True),
    Column("scope", ID, primary_key=True),
    Column("last", Date, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("number", WORD, nullable=False),
    Column("office_name", Text, nullable=False),
    Column("issued", Utc, nullable=False),
    Column("papers", String(64), nullable=False),
    Column("prints", JSON, nullable=False),
    Column("withdrawn", Text, nullable=False),
    Column("withdrawn_at", Utc),
    Index(None, "issued"),
)

publicity = Table(
    "publicity",  # complaints.insight.publicity_rules.Publicity; `public`: its newest edition, once there is one
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("office_name", Text, nullable=False),
    Column("offices", JSON, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("stage", WORD, nullable=False),
    Column("edition", Integer, nullable=False),  # 0 before the first
    Column("entries", Integer, nullable=False),
    Column("due", Date),
    Column("objections", Integer, nullable=False),
    Column("changed", Boolean, nullable=False),
    Column("issued", Utc),
    Column("public", JSON),
    Column("withdrawn", Text, nullable=False),
    Column("withdrawn_at", Utc),
    Index(None, "office"),
    Index(None, "first"),
)

consumer_warnings = Table(
    "consumer_warnings",  # drafts from before they were journaled: what was left there is where writing begins
    metadata,
    Column("spot", ID, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("edition", Integer, nullable=False),  # counts from 1: who writes names the one they saw
    Column("by", Text, nullable=False),
    Column("changed", Utc, nullable=False),
)
