"""Rows of sessions, notes of a mediator alone, official texts of statutes."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from server.storage.columns import Utc, Yuan
from server.storage.tables.base import ID, WORD, metadata
from server.storage.tables.people import users

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
    Column("mode", WORD, nullable=False, server_default="video"),  # law.modes
    Column("place", Text, nullable=False, server_default=""),  # of one on site
    Index(None, "office", "starts"),
    Index(None, "office", "status"),
    Index(None, "office", "mediator", "mediator_name", "opened"),
    # The list of records: its order, and after it what its filters look at.
    Index("ix_sessions_records", "office", "opened", "id", "mediator", "outcome", "joint_ms"),
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
