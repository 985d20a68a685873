"""Tables of complaints, of what comes after a mediation, of leads and respondents, and of the facts figures are counted
from.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, text

from complaints.statistics.sums import COLUMNS
from server.db.schema.base import DIGEST, ID, WORD, Position, Utc, WrittenJson, Yuan, metadata

industries = Table(  # the official table, where an office imported it; sections and divisions the program knows itself
    "industries",
    metadata,
    Column("code", String(8), primary_key=True),
    Column("name", Text, nullable=False),
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
    Column("consumer", WrittenJson, nullable=False),  # complaints.events.PartyRecord: phones masked, and sealed
    Column("business", WrittenJson, nullable=False),
    Column("consumer_title", Text, nullable=False),  # who it is in a list
    Column("business_title", Text, nullable=False),
    Column("deadlines", WrittenJson, nullable=False),  # law.Deadline, in both languages
    Column("running", WORD, nullable=False),  # code of the deadline that runs, or ""
    Column("next_due", Date),  # its date
    Column("loss_recovered", Yuan, nullable=False),
    Column("promises_due", Utc),
    Column("telling", WORD, nullable=False, server_default=""),  # "owed" | "failed": somebody must still be told
    Column(
        "place", Position, unique=True
    ),  # in the list: server.complaints.listing_store; empty until the row is made anew
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
    Index(
        None,
        "office",
        "telling",
        "next_due",
        sqlite_where=text("telling <> ''"),
        postgresql_where=text("telling <> ''"),
    ),
)

answers_awaited = Table(
    "answers_awaited",  # of businesses, in writing: those nobody has noted as missed yet
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("invitation", ID, nullable=False),
    Column("office", ID, nullable=False),
    Column("due", Date, nullable=False, index=True),
)

# Clocks beside a complaint's running one (its `next_due`): a dispute over competence, a lead to verify.
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

handlers = Table(  # who handles a complaint that is not closed: complaints.complaint.handlers; a projection
    "handlers",
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("officer", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("how", WORD, nullable=False),  # complaints.complaint.Handler
    Column("since", Utc, nullable=False),
    Column("by", ID, nullable=False),  # who assigned it; "" otherwise
    Index(None, "officer", "since"),
)

held_acts = Table(
    "held_acts",  # acts that wait for their moment: gone once they are done or undone
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("act", WORD, primary_key=True),  # "accept" | "assign"
    Column("office", ID, nullable=False),
    Column("officer", ID, nullable=False, index=True),
    Column("number", String(64), nullable=False),
    Column("answers", JSON, nullable=False),  # complaints.triage.ConfirmTriage; of "assign" {"to", "name"}
    Column("due", Utc, nullable=False, index=True),
    Column("begun", Boolean, nullable=False),  # taken up: it cannot be undone any more
    Column("failed", WORD, nullable=False),  # why it was not done, a refusal's code
)

saved_views = Table(
    "saved_views",  # of the list, by name; an officer's own
    metadata,
    Column("officer", ID, primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("query", Text, nullable=False),  # of the list's address
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
    Column("state", WORD, nullable=False),  # complaints.channels.ImportBatch.state
    Column("last_row", Integer, nullable=False),  # read so far
    Column("taken", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("refused", Integer, nullable=False),  # not yet fixed
    Column("apart", Integer, nullable=False, server_default="0"),  # registered as reports or consultations
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
    # "taken" | "updated" | "duplicate" | "refused" | "fixed" | "dropped" | "apart"
    Column("outcome", WORD, nullable=False),
    Column("complaint", ID, nullable=False),  # "": none; of one apart its stream
    Column("number", String(80), nullable=False),  # what the channel calls it
    Column("problems", JSON),  # of a refused row; what is to be looked at in one that was taken
    Column("cells_sealed", Text),  # of a refused row: header -> what it says
    Index(None, "batch", "outcome"),
    sqlite_with_rowid=False,
)

import_values = Table(  # what is to be looked at in a batch's rows: how many say it
    "import_values",
    metadata,
    Column("batch", ID, primary_key=True),
    Column("note", WORD, primary_key=True),  # "unknown_value" | "unnamed" | "no_facts"
    Column("field", WORD, primary_key=True),  # of an unknown value, else ""
    Column("said", String(200), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("value", WORD),  # what somebody mapped it to
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


# What comes after a mediation: promises, and wishes to be called. Projections, made anew from the journal.


promises = Table(
    "promises",
    metadata,
    Column("session", ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # of the promise, from 1
    Column("complaint", ID, nullable=False, index=True),
    Column("complaint_number", Text, nullable=False),
    Column("office", ID, nullable=False),
    Column("respondent", String(24), nullable=False, index=True),
    Column("business", Text, nullable=False),
    Column("who", WORD, nullable=False),
    Column("action", Text, nullable=False),
    Column("amount", Yuan),
    Column("due", Date, nullable=False),
    Column("kept", Date),
    Column("reminded", Boolean, nullable=False),
    Column("paid", WORD, nullable=False),  # as the side it was promised to answered
    Column("asked", Utc),  # when that side was asked about it, its day being over
    Column("answered", Utc),  # and when they answered last
    Index(None, "office", "due"),
)

call_wishes = Table(
    "call_wishes",
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("whom", WORD, primary_key=True),
    Column("office", ID, nullable=False, index=True),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("since", Utc, nullable=False),
)


# Leads, which complaints are attached to them, and consultations.


leads = Table(
    "leads",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("complaint", ID, nullable=False, index=True),  # "" of one that figures led to
    Column("number", String(64), nullable=False),  # its own; of one from before leads had numbers, the complaint's
    Column("origin", WORD, nullable=False),  # complaints.leads.ORIGINS
    Column("state", WORD, nullable=False),  # "open" | "decided" | "joined" | "withdrawn"
    Column("title", Text, nullable=False),
    Column("found", Utc, nullable=False),
    Column("due", Date),  # None once it is not open, and while the clock stands still
    Column("clock", JSON, nullable=False),
    Column("owner", ID, nullable=False, server_default=""),  # user id of who verifies it
    Column("owner_name", Text, nullable=False, server_default=""),
    Column("outcome", WORD, nullable=False, server_default=""),  # complaints.leads.OUTCOMES
    Column("decided", Utc),
    Column("acted", Date),  # the first day something was done about it
    Column("respondent", WORD, nullable=False, server_default=""),  # as in `complaint_facts`
    Column("spot", ID, nullable=False, server_default=""),  # the hot spot's id
    Column("channel", WORD, nullable=False, server_default=""),  # of a report
    Column("informant", WORD, nullable=False, server_default=""),  # of a report: "named" | "unnamed" | "anonymous"
    Column("informant_key", String(64), nullable=False, server_default=""),  # a keyed digest of their phone
    Column("about_core", Text),  # of whom it is about, as names are compared; None: to be projected anew
    Column("joined_into", ID, nullable=False, server_default=""),
    Column("in_time", Boolean),  # decided within its period; None while it is not decided
    Index(None, "office", "state", "due"),
    Index("ix_leads_respondent", "respondent"),
    Index("ix_leads_informant_key", "office", "informant_key"),
    Index("ix_leads_origin", "office", "origin", "found"),
)

lead_records = Table(
    "lead_records",
    metadata,
    Column("lead", ID, primary_key=True),
    Column("complaint", ID, primary_key=True, index=True),
)

consultations = Table(
    "consultations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("office", ID, nullable=False),
    Column("number", String(64), nullable=False),
    Column("kind", WORD, nullable=False),  # law.grounds.MATTERS
    Column("state", WORD, nullable=False),  # complaints.consultations.STATES
    Column("title", Text, nullable=False),
    Column("received", Utc, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("answered", Date),
    Index(None, "office", "state", "received"),
)


# What respondents are looked up by and how they behaved: nobody's name, and of a phone a keyed digest's digest.


respondent_marks = Table(
    "respondent_marks",
    metadata,
    # One tree and no index beside it: a complaint's own marks are made of its record when they are asked for.
    Column("mark", Position, primary_key=True, autoincrement=False),
    Column("kind", WORD, primary_key=True),  # complaints.insight.respondents.KINDS
    Column("complaint", ID, primary_key=True),
    sqlite_with_rowid=False,
)

marks_coming = Table(
    "marks_coming",  # marks of complaints that one great import has just brought: server.db.engine
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("kind", WORD, primary_key=True),
    Column("mark", Position, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

respondent_names = Table(
    "respondent_names",  # each name complaints give a respondent, once: a part of one is looked for among these
    metadata,
    Column("respondent", String(24), primary_key=True),
    Column("name", Text, primary_key=True),
    sqlite_with_rowid=False,
)

respondent_conduct = Table(
    "respondent_conduct",  # complaints.insight.respondents.Conduct; only of complaints where there is something to say
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("willing", WORD, nullable=False),
    Column("held", Integer, nullable=False),
    Column("away", Boolean, nullable=False),
    Column("promised", Date),
    Column("kept", Date),
)

FACT_DAYS = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "closed", "lead",
    "accept_due", "mediate_due", "tell_due", "asked", "answered", "heard", "rated", "satisfied", "decision_told",
    "confirmed",
)  # fmt: skip

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
    Column("division", String(6), nullable=False, server_default=""),
    Column("street", WORD, nullable=False, server_default=""),
    Column("industry_code", String(8), nullable=False, server_default=""),
    Column("platform", ID, nullable=False, server_default=""),
    Column("respondent", String(24), nullable=False, server_default=""),
    Column("age_band", WORD, nullable=False, server_default=""),
    Column("travel", Integer),
    Column("days_to_settlement", Integer),
    Column("entered", Date),  # NULL: a row from before there was this column; made anew at the next start
    Column("dropped", Date),
    Column("dropped_as", WORD, nullable=False, server_default=""),
    Column("mode", WORD, nullable=False, server_default=""),
    Index("ix_complaint_facts_respondent_received", "respondent", "received"),
    Index("ix_complaint_facts_changed", "changed"),
    Index(
        "ix_complaint_facts_unmade",
        "id",
        sqlite_where=text("entered IS NULL"),
        postgresql_where=text("entered IS NULL"),
    ),
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

fact_sums = Table(
    "fact_sums",  # complaints.statistics.sums: whole numbers, money in fen
    metadata,
    Column("level", String(1), primary_key=True),  # d, m, y
    Column("dim", WORD, primary_key=True),
    Column("office", ID, primary_key=True),
    Column("day", Date, primary_key=True),  # the first of it
    Column("value", ID, primary_key=True),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in COLUMNS),
    sqlite_with_rowid=False,
)

respondent_joins = Table(
    # complaints.insight.respondents.RespondentJoin: which respondent of `complaint_facts` counts as which
    "respondent_joins",
    metadata,
    Column("member", String(24), primary_key=True),
    Column("head", String(24), nullable=False),  # "": parted again
    Column("changed", Utc, nullable=False),
    Column("by", Text, nullable=False),
    Index("ix_respondent_joins_head", "head"),
)

facts_waiting = Table(
    "facts_waiting",  # of complaint_facts: what is not in the sums yet
    metadata,
    Column("id", ID, primary_key=True),
    sqlite_with_rowid=False,
)

fact_days = Table(
    "fact_days",  # how many took how many days, by month
    metadata,
    Column("of", WORD, primary_key=True),
    Column("dim", WORD, primary_key=True),
    Column("office", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("value", ID, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


# What was found in complaints, and what it was found by.


hotspots = Table(
    "hotspots",  # complaints.insight.spots.Spot
    metadata,
    Column("id", ID, primary_key=True),
    Column("scope", ID, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("key", String(128), nullable=False),
    Column("stage", WORD, nullable=False),
    Column("day", Date, nullable=False),  # it was found on
    Column("since", Date, nullable=False),
    Column("lead", ID, nullable=False),
    Column("acted", Date),  # it was handed on
    Column("changed", Utc, nullable=False),
    Index(None, "scope", "day"),
    Index(None, "lead"),
)

insight_reports = Table(
    "insight_reports",  # complaints.insight.spots.HotSpotReport; the newest of a scope is shown, each can be made again
    metadata,
    Column("scope", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("made", Utc, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("rows", Integer, nullable=False),  # complaints that were counted: another number asks for another report
    Column("body", JSON, nullable=False),
)

insight_words = Table(
    "insight_words",  # a day's terms and how many complaints have each; made anew when that day's complaints change
    metadata,
    Column("office", ID, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("terms", LargeBinary, nullable=False),  # JSON, deflated
)
