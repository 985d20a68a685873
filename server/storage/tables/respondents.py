"""What respondents are looked up by and how they behaved: nobody's name, and of a phone a keyed digest's digest."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, Table

from server.storage.columns import Position
from server.storage.tables.base import ID, WORD, metadata

respondent_marks = Table(
    "respondent_marks",
    metadata,
    # One tree and no index beside it: a complaint's own marks are made of its record when they are asked for.
    Column("mark", Position, primary_key=True, autoincrement=False),
    Column("kind", WORD, primary_key=True),  # complaints.insight.same_business.KINDS
    Column("complaint", ID, primary_key=True),
    sqlite_with_rowid=False,
)

marks_coming = Table(
    "marks_coming",  # marks of complaints that one great import has just brought: server.storage.postponed
    metadata,
    Column("complaint", ID, primary_key=True),
    Column("kind", WORD, primary_key=True),
    Column("mark", Position, primary_key=True, autoincrement=False),
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
