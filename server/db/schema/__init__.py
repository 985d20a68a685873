"""Every table; here those of the casebook and of supervision. Owns names, types and the constraints the database itself
holds.

`events` is the truth; `sessions`, `complaints`, `clocks`, `leads`, `consultations`, `holiday_notices`, `cases`,
`case_notes`, `case_collections` and `complaint_facts` are projections of it and can be made anew. `log_…` is the tree
over all events and what was signed of it: the log can be recomputed from `events`, checkpoints and attestations not.
The others hold what must not be in an append-only journal: secrets (hashed or sealed), devices, codes, messages on
their way, raw texts of cases and of what will be cases (`case_originals`, `case_cuts`).
Columns ending in `_sealed` hold text only the installation's key opens, `_hash` a digest, `_masked` what may be shown.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text

from server.db.schema.base import (
    DIGEST,
    ID,
    WORD,
    Position,
    Utc,
    Yuan,
    events,
    log_attestations,
    log_checkpoints,
    log_head,
    log_nodes,
    metadata,
)
from server.db.schema.casework import (
    FACT_DAYS,
    answers_awaited,
    call_wishes,
    clocks,
    complaint_facts,
    complaints,
    consultations,
    fact_days,
    fact_sums,
    facts_waiting,
    handlers,
    held_acts,
    holiday_notices,
    hotspots,
    import_batches,
    import_rows,
    import_values,
    industries,
    insight_reports,
    insight_words,
    lead_records,
    leads,
    marks_coming,
    promises,
    respondent_conduct,
    respondent_joins,
    respondent_marks,
    respondent_names,
    saved_views,
    source_numbers,
)
from server.db.schema.people import (
    account_limits,
    acts,
    alerts_read,
    approvals,
    credential_changes,
    first_steps,
    jobs,
    jurisdictions,
    known_browsers,
    law_texts,
    line_minutes,
    mediator_notes,
    nodes,
    office_oversight,
    office_series,
    officer_phones,
    officer_sessions,
    offices,
    owners,
    recovery_codes,
    saved_signatures,
    sessions,
    sign_in_guesses,
    sign_ins,
    sign_on_links,
    sign_on_once,
    transcript_words,
    users,
)
from server.db.schema.visitors import (
    answer_drafts,
    cell_deliveries,
    cell_figures,
    codes,
    connection_states,
    consumer_warnings,
    devices,
    dial_in_codes,
    exchange_connections,
    exchange_intake,
    exchange_outbox,
    exchange_reconciliations,
    followers,
    hook_deliveries,
    hooks,
    intake_requests,
    intake_senders,
    known_cells,
    links,
    message_templates,
    messages,
    public_bulletins,
    public_warnings,
    publicity,
    short_tickets,
    system_requests,
    system_tokens,
    window_counts,
    window_visits,
)

cases = Table(
    "cases",  # texts and figures are of what is published, else of what is approved; before that they are ""
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("number", String(64), nullable=False),
    Column("state", WORD, nullable=False),  # "published" while an edition stands, whatever is being made beside it
    Column("work", WORD, nullable=False),  # casebook.CaseState of what is being worked on
    Column("edition", Integer, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("origin", WORD, nullable=False),
    Column("complaint", ID, nullable=False),  # "" when it came another way
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("industry", String(8), nullable=False),
    Column("problem", WORD, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("articles", JSON, nullable=False),
    Column("facts", Text, nullable=False),
    Column("claims", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("experience", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("comment_by", Text, nullable=False),
    Column("claimed", Yuan),
    Column("settled", Yuan),
    Column("days", Integer),
    Column("event_date", Date, nullable=False),
    Column("begun", Utc, nullable=False),
    Column("changed", Utc, nullable=False),
    Column("published", Utc),
    Index(None, "state", "published"),
    Index(None, "office", "work", "changed"),
    Index(None, "complaint"),
)

case_originals = Table(
    "case_originals",
    metadata,
    Column("case", ID, primary_key=True),
    Column("field", WORD, primary_key=True),
    Column("text_sealed", Text, nullable=False),
    Column("changed", Utc, nullable=False),
)

case_cuts = Table(
    "case_cuts",  # compendiums that were sent in, until drafts are made of them
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("name", Text, nullable=False),  # of the file
    Column("by", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("paragraphs_sealed", Text, nullable=False),
    Column("starts", JSON, nullable=False),  # places of paragraphs that a case begins at
    Column("left_out", JSON, nullable=False),  # of these
    Column("version", Integer, nullable=False),  # counts changes
    Index(None, "office", "at"),
)

case_notes = Table(
    "case_notes",
    metadata,
    Column("id", ID, primary_key=True),  # the class of problem
    Column("edition", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("changed", Utc, nullable=False),
    Column("by", Text, nullable=False),
)

case_collections = Table(
    "case_collections",
    metadata,
    Column("id", ID, primary_key=True),
    Column("title", Text, nullable=False),
    Column("office", ID, nullable=False),
    Column("cases", JSON, nullable=False),  # ids, in the order they were put in
)


# What published cases are found by: entries, how many have a token, and of which making the index is.
#
# Beside them lies `case_words`, SQLite's FTS5 or PostgreSQL's tsvector (`server.casebook.case_index_store`). All of
# it can be made anew from `cases` and what the program brings along.


case_entries = Table(
    "case_entries",
    metadata,
    Column("place", Position, primary_key=True, autoincrement=False),  # in the order of what happened, newest last
    Column("id", ID, nullable=False, unique=True),
    Column("office", ID, nullable=False),  # "" for a sample
    Column("sample", Boolean, nullable=False),
    Column("industry", String(8), nullable=False),
    Column("problem", WORD, nullable=False),
    Column("articles", Text, nullable=False),  # ids, a space between
    Column("event_date", Date, nullable=False),
    Column("claimed", Position),  # fen
    Column("settled", Position),
    Column("days", Integer),
    Column("impacts", LargeBinary, nullable=False),  # casebook.search.entries
    Column("tokens", Text, nullable=False),  # that `case_words` was given: SQLite must be told them to take a case out
)

case_terms = Table(
    "case_terms",
    metadata,
    Column("token", String(160), primary_key=True),
    Column("cases", Integer, nullable=False),
    sqlite_with_rowid=False,
)

case_index_head = Table(
    "case_index_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("making", DIGEST, nullable=False),  # of the rules and the samples it was made with
    Column("cases", Integer, nullable=False),
)


# Looking back at mediations: what a draw looks at, plans and who is in them, reviews, and answers being written.


mediation_measures = Table(
    "mediation_measures",  # of closed ones: rooms.supervision.reviewing; money in fen, times in ms
    metadata,
    Column("session", ID, primary_key=True),
    Column("complaint", ID, nullable=False, index=True),
    Column("office", ID, nullable=False),
    Column("mediator", ID, nullable=False),
    Column("closed", Utc, nullable=False),
    Column("outcome", WORD, nullable=False),
    Column("settled", Position, nullable=False),
    Column("together", Position, nullable=False),
    Column("length", Position, nullable=False),
    Column("private", Position, nullable=False),
    Column("consumer", Position, nullable=False),
    Column("business", Position, nullable=False),
    Column("lost", Position, nullable=False),
    Column("withdrawn", Position),
    Column("respondent", WORD, nullable=False),  # a key, never a name
    Column("gone", Boolean, nullable=False),
    Index(None, "office", "closed"),
    Index(None, "office", "respondent", "closed"),
    Index(None, "mediator", "closed"),
)

plans = Table(
    "plans",
    metadata,
    Column("office", ID, primary_key=True),
    Column("period", WORD, primary_key=True),
    Column("made", Utc, nullable=False),
    Column("since", Utc, nullable=False),
    Column("until", Utc, nullable=False),
    Column("population", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
)

plan_places = Table(
    "plan_places",
    metadata,
    Column("office", ID, primary_key=True),
    Column("period", WORD, primary_key=True),
    Column("session", ID, primary_key=True),
    Column("place", Integer, nullable=False),  # in the order of the draw, from 1
    Column("reasons", String(160), nullable=False),  # with spaces between them
    Column("aside", Text, nullable=False),  # why it was set aside, "" while it was not
    Index(None, "session"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("session", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("number", String(64), nullable=False),
    Column("mediator", ID, nullable=False),
    Column("outcome", WORD, nullable=False),
    Column("period", WORD, nullable=False),  # "": taken up by hand
    Column("state", WORD, nullable=False),
    Column("reviewer", ID, nullable=False),
    Column("reviewer_name", Text, nullable=False),
    Column("opinion_of", ID, nullable=False),  # who is asked for a second opinion, "" nobody
    Column("findings", Integer, nullable=False),  # that stand and are no praise
    Column("praises", Integer, nullable=False),
    Column("worst", WORD, nullable=False),
    Column("training", Boolean, nullable=False),
    Column("opened", Utc, nullable=False),
    Column("handed_on", Utc),
    Column("closed", Utc),
    Column("changed", Utc, nullable=False),
    Index(None, "office", "changed"),
    Index(None, "office", "state", "changed"),
    Index(None, "mediator", "changed"),
    Index(None, "reviewer", "state", "changed"),
    Index(None, "opinion_of", "state"),
)

review_drafts = Table(  # what a supervisor is typing: beside the journal, gone once it is said there
    "review_drafts",
    metadata,
    Column("session", ID, primary_key=True),
    Column("officer", ID, primary_key=True),
    Column("fields", JSON, nullable=False),
    Column("changed", Utc, nullable=False),
)


__all__ = [
    "DIGEST",
    "FACT_DAYS",
    "ID",
    "WORD",
    "account_limits",
    "acts",
    "alerts_read",
    "answer_drafts",
    "answers_awaited",
    "approvals",
    "call_wishes",
    "case_collections",
    "case_cuts",
    "case_entries",
    "case_index_head",
    "case_notes",
    "case_originals",
    "case_terms",
    "cases",
    "cell_deliveries",
    "cell_figures",
    "clocks",
    "codes",
    "complaint_facts",
    "complaints",
    "connection_states",
    "consultations",
    "consumer_warnings",
    "credential_changes",
    "devices",
    "dial_in_codes",
    "events",
    "exchange_connections",
    "exchange_intake",
    "exchange_outbox",
    "exchange_reconciliations",
    "fact_days",
    "fact_sums",
    "facts_waiting",
    "first_steps",
    "followers",
    "handlers",
    "held_acts",
    "holiday_notices",
    "hook_deliveries",
    "hooks",
    "hotspots",
    "import_batches",
    "import_rows",
    "import_values",
    "industries",
    "insight_reports",
    "insight_words",
    "intake_requests",
    "intake_senders",
    "jobs",
    "jurisdictions",
    "known_browsers",
    "known_cells",
    "law_texts",
    "lead_records",
    "leads",
    "line_minutes",
    "links",
    "log_attestations",
    "log_checkpoints",
    "log_head",
    "log_nodes",
    "marks_coming",
    "mediation_measures",
    "mediator_notes",
    "message_templates",
    "messages",
    "metadata",
    "nodes",
    "office_oversight",
    "office_series",
    "officer_phones",
    "officer_sessions",
    "offices",
    "owners",
    "plan_places",
    "plans",
    "promises",
    "public_bulletins",
    "public_warnings",
    "publicity",
    "recovery_codes",
    "respondent_conduct",
    "respondent_joins",
    "respondent_marks",
    "respondent_names",
    "review_drafts",
    "reviews",
    "saved_signatures",
    "saved_views",
    "sessions",
    "short_tickets",
    "sign_in_guesses",
    "sign_ins",
    "sign_on_links",
    "sign_on_once",
    "source_numbers",
    "system_requests",
    "system_tokens",
    "transcript_words",
    "users",
    "window_counts",
    "window_visits",
]
