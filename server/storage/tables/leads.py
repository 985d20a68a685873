"""Leads, and which complaints are attached to them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Index, String, Table, Text

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
    Column("state", WORD, nullable=False),  # "open" | "decided" | "withdrawn"
    Column("title", Text, nullable=False),
    Column("found", Utc, nullable=False),
    Column("due", Date),  # None once it is not open
    Column("clock", JSON, nullable=False),
    Column("owner", ID, nullable=False, server_default=""),  # user id of who verifies it
    Column("owner_name", Text, nullable=False, server_default=""),
    Column("outcome", WORD, nullable=False, server_default=""),  # complaints.leads.OUTCOMES
    Column("decided", Utc),
    Column("acted", Date),  # the first day something was done about it
    Column("respondent", WORD, nullable=False, server_default=""),  # as in `complaint_facts`
    Column("spot", ID, nullable=False, server_default=""),  # the hot spot's id
    Index(None, "office", "state", "due"),
    Index("ix_leads_respondent", "respondent"),
)

lead_records = Table(
    "lead_records",
    metadata,
    Column("lead", ID, primary_key=True),
    Column("complaint", ID, primary_key=True, index=True),
)
