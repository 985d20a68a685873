"""Leads, which complaints are attached to them, and consultations."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Index, String, Table, Text

from server.storage.columns import Utc
from server.storage.tables.base import ID, WORD, metadata

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
    Column("kind", WORD, nullable=False),  # law.matters.MATTERS
    Column("state", WORD, nullable=False),  # complaints.consultations.STATES
    Column("title", Text, nullable=False),
    Column("received", Utc, nullable=False),
    Column("channel", WORD, nullable=False),
    Column("answered", Date),
    Index(None, "office", "state", "received"),
)
