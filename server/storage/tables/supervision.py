"""Looking back at mediations: what a draw looks at, plans and who is in them, reviews, and answers being written."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text

from server.storage.columns import Position, Utc
from server.storage.tables.base import ID, WORD, metadata

mediation_measures = Table(
    "mediation_measures",  # of closed ones: rooms.supervision.checklist; money in fen, times in ms
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
