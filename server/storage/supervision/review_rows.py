"""Rows of reviews, and texts being written. Owns `reviews` and `review_drafts`; projects `review/…`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from rooms.supervision.reviews import STREAM, Review, fold, review_stream
from server.storage.engine import Database
from server.storage.journal_store import stream_events
from server.storage.rows import Row
from server.storage.tables import review_drafts, reviews


class ReviewRows:
    kind = STREAM

    async def project(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
        session = appended[0].stream.partition("/")[2]
        review = fold(await stream_events(connection, review_stream(session)))
        if review is None:
            return  # its beginning was erased: the row stays as it is
        row = review_row(session, review, appended[-1].at)
        changed = await connection.execute(update(reviews).where(reviews.c.session == session).values(row))
        if not changed.rowcount:
            await connection.execute(insert(reviews).values(row))


def review_row(session: str, review: Review, changed: datetime) -> Row:
    opinion = review.opinion
    return {
        "session": session,
        "office": review.opened.office,
        "number": review.opened.number,
        "mediator": review.opened.mediator,
        "outcome": review.opened.outcome,
        "period": review.opened.period,
        "state": review.state,
        "reviewer": review.reviewer,
        "reviewer_name": review.reviewer_name,
        "opinion_of": opinion.of if opinion else "",
        "findings": sum(one.stands and one.asks for one in review.findings),
        "praises": sum(not one.asks for one in review.findings),
        "worst": review.worst,
        "training": review.training,
        "opened": review.at,
        "handed_on": review.handed_on,
        "closed": review.closed,
        "changed": changed,
    }


class ReviewDrafts:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, session: str, officer: str) -> dict[str, str]:
        mine = review_drafts.c.session == session, review_drafts.c.officer == officer
        async with self._database.read() as connection:
            found = (await connection.execute(select(review_drafts.c.fields).where(*mine))).scalar_one_or_none()
            return dict(found or {})

    async def keep(self, session: str, officer: str, changes: Mapping[str, str], at: datetime) -> None:
        """ "" takes a field out."""
        mine = review_drafts.c.session == session, review_drafts.c.officer == officer
        async with self._database.write() as connection:
            wanted = select(review_drafts.c.fields).where(*mine)
            found = (await connection.execute(wanted)).scalar_one_or_none()
            fields = {name: text for name, text in {**(found or {}), **changes}.items() if text}
            await connection.execute(delete(review_drafts).where(*mine))
            if fields:
                row = {"session": session, "officer": officer, "fields": fields, "changed": at}
                await connection.execute(insert(review_drafts).values(row))

    async def forget(self, session: str, officer: str) -> None:
        mine = review_drafts.c.session == session, review_drafts.c.officer == officer
        async with self._database.write() as connection:
            await connection.execute(delete(review_drafts).where(*mine))
