"""What was found in complaints, and what it was found by."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Index, Integer, LargeBinary, String, Table, Text

from server.storage.columns import Utc
from server.storage.tables.base import ID, WORD, metadata

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
    "insight_reports",  # complaints.insight.report.Report; the newest of a scope is shown, each can be made again
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
    "public_bulletins",  # complaints.insight.issued_bulletins.Edition: the newest public one of each scope and period
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
