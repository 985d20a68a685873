"""What figures are counted from: a row of facts for each complaint, and the sums over them; what was found there."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, text

from complaints.statistics.sums import COLUMNS
from server.db.schema.base import ID, WORD, Utc, Yuan, metadata

FACT_DAYS = (
    "received", "accepted", "refused", "decided", "settled", "ended", "concluded", "handled", "told", "closed", "lead",
    "accept_due", "mediate_due", "tell_due", "asked", "answered", "heard", "rated", "satisfied", "decision_told",
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

public_warnings = Table(
    "public_warnings",  # complaints.insight.warnings.Issued; what was withdrawn has no body any more
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
