"""What pages of supervision list, rows of reviews, and texts being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, case, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from journal.refusals import Refused
from offices import Office, Officer, OfficeTree, in_scope
from rooms.supervision import PlaceRow, PlanRow, PlanSum, ReviewFilter, ReviewList, ReviewRow
from rooms.supervision.reviews import STREAM, Review, fold, review_stream
from rooms.views import SessionRow
from server.complaints import Row
from server.db.engine import Database
from server.db.journal import StreamProjector, stream_events
from server.db.rows import over, session_row, within
from server.db.schema import offices, plan_places, plans, review_drafts, reviews, sessions, users
from server.db.schema.base import among, among_these

PAGE_SIZE: Final = 50
EARLIER: Final = 26  # plans in the list: half a year
FEW: Final = 50  # of what waits
LIVE: Final = ("live", "recess")


class SupervisionReads:
    """Within an officer's offices. Each method is one read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def offices(self, officer: Officer) -> list[Office]:
        async with self._database.read() as connection:
            return await _offices(connection, officer)

    async def office(self, officer: Officer, office: str) -> Office:
        """Refused: not_found."""
        found = [one for one in await self.offices(officer) if one.id == office]
        if not found:
            raise Refused("not_found", 404)
        return found[0]

    async def places(self, which: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[PlaceRow]]:
        """Of plans (office, period) in the order of the draw. Of offices that were checked before."""
        found: dict[tuple[str, str], list[PlaceRow]] = {}
        wanted = (
            select(
                sessions,
                plan_places.c.office.label("drawn_in"),
                plan_places.c.period,
                plan_places.c.reasons,
                plan_places.c.aside,
                reviews.c.state.label("review"),
                reviews.c.reviewer_name,
                reviews.c.worst,
            )
            .join(sessions, sessions.c.id == plan_places.c.session)
            .outerjoin(reviews, reviews.c.session == plan_places.c.session)
            .where(tuple_(plan_places.c.office, plan_places.c.period).in_(which))
            .order_by(plan_places.c.place)
        )
        async with self._database.read() as connection:
            for row in (await connection.execute(wanted)).mappings():
                place = PlaceRow(
                    session_row(dict(row)),
                    tuple(row["reasons"].split()),
                    row["aside"],
                    row["review"] or "",
                    row["reviewer_name"] or "",
                    row["worst"] or "",
                )
                found.setdefault((row["drawn_in"], row["period"]), []).append(place)
        return found

    async def drawn_in(self, session: str) -> str:
        """The newest period it is in the plan of; "" for none."""
        place = plan_places.c
        wanted = select(place.period).where(place.session == session, place.aside == "").order_by(place.period.desc())
        async with self._database.read() as connection:
            return (await connection.execute(wanted.limit(1))).scalar_one_or_none() or ""

    async def plans(self, of: Sequence[str]) -> list[PlanRow]:
        """Of these offices, which were checked before, the newest first."""
        place = plan_places.c
        mine = and_(place.office == plans.c.office, place.period == plans.c.period)
        done = func.count(case((and_(reviews.c.state == "closed", place.aside == ""), 1)))
        aside = func.count(case((place.aside != "", 1)))
        async with self._database.read() as connection:
            newest = (
                select(plans.c.office, plans.c.period)
                .where(among(connection, plans.c.office, of))
                .order_by(plans.c.period.desc(), plans.c.office)
                .limit(EARLIER)
                .subquery()
            )
            wanted = (
                select(plans, done.label("done"), aside.label("aside"))
                .join(newest, and_(newest.c.office == plans.c.office, newest.c.period == plans.c.period))
                .outerjoin(plan_places, mine)
                .outerjoin(reviews, reviews.c.session == place.session)
                .group_by(*plans.c)
                .order_by(plans.c.period.desc(), plans.c.office)
            )
            return [
                PlanRow(
                    row["office"],
                    row["period"],
                    row["made"],
                    row["population"],
                    row["drawn"],
                    row["done"],
                    row["aside"],
                )
                for row in (await connection.execute(wanted)).mappings()
            ]

    async def sessions(self, ids: Sequence[str]) -> dict[str, SessionRow]:
        """By id; at most a page of them."""
        async with self._database.read() as connection:
            found = (await connection.execute(select(sessions).where(sessions.c.id.in_(ids)))).mappings()
            return {row["id"]: session_row(dict(row)) for row in found}

    async def session(self, officer: Officer, session: str) -> SessionRow:
        """Refused: not_found."""
        wanted = select(sessions).where(sessions.c.id == session, within(officer, sessions.c.office))
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        if row is None:
            raise Refused("not_found", 404)
        return session_row(dict(row))

    async def sums(self, tree: OfficeTree, office: str, period: str) -> list[PlanSum]:
        """Of each office right below this one, with all below it."""
        place, ids = plan_places.c, tree.within(office)
        mine = and_(place.office == plans.c.office, place.period == plans.c.period, place.aside == "")
        async with self._database.read() as connection:
            theirs = among_these(connection, plans.c.office.type, ids)
            drawn = (
                select(plans.c.office, func.count(place.session), func.count(case((reviews.c.state == "closed", 1))))
                .outerjoin(plan_places, mine)
                .outerjoin(reviews, reviews.c.session == place.session)
                .where(theirs(plans.c.office), plans.c.period == period)
                .group_by(plans.c.office)
            )
            waits = reviews.c.state == "replied", theirs(reviews.c.office)
            replied = select(reviews.c.office, func.count()).where(*waits)
            is_open = sessions.c.status.in_(LIVE), theirs(sessions.c.office)
            running = select(sessions.c.office, func.count()).where(*is_open)
            plan = {row[0]: (row[1], row[2]) for row in await connection.execute(drawn)}
            answered = dict(tuple(row) for row in await connection.execute(replied.group_by(reviews.c.office)))
            live = dict(tuple(row) for row in await connection.execute(running.group_by(sessions.c.office)))
        found = []
        for one in tree.right_below(office):
            some = tree.within(one.id)
            counts = [plan.get(each, (0, 0)) for each in some]
            found.append(
                PlanSum(
                    one,
                    len(some) - 1,
                    sum(drawn for drawn, _ in counts),
                    sum(done for _, done in counts),
                    sum(answered.get(each, 0) for each in some),
                    sum(live.get(each, 0) for each in some),
                )
            )
        return found

    async def standing(self, of: Sequence[str], period: str) -> tuple[int, int]:
        """Of what was drawn for a period and not set aside: how many are still to be looked at, and how many closed."""
        place = plan_places.c
        closed = func.count(case((reviews.c.state == "closed", 1)))
        async with self._database.read() as connection:
            wanted = (
                select(func.count() - closed, closed)
                .select_from(plan_places)
                .outerjoin(reviews, reviews.c.session == place.session)
                .where(place.period == period, place.aside == "", among(connection, place.office, of))
            )
            left, done = (await connection.execute(wanted)).one()
            return left, done

    async def live(self, of: Sequence[str]) -> list[SessionRow]:
        """Of these offices, which were checked before."""
        async with self._database.read() as connection:
            wanted = (
                select(sessions)
                .where(sessions.c.status.in_(LIVE), among(connection, sessions.c.office, of))
                .order_by(sessions.c.opened)
                .limit(FEW)
            )
            return [session_row(dict(row)) for row in (await connection.execute(wanted)).mappings()]

    async def reviews(self, officer: Officer, wanted: ReviewFilter) -> ReviewList:
        """What changed last first."""
        ids = in_scope(wanted.office, await self.offices(officer))
        # Of one office the rows come in the index's order; an OR over offices would have all of them sorted.
        narrowed = [reviews.c.office == ids[0] if len(ids) == 1 else reviews.c.office.in_(ids)]
        if wanted.state:
            narrowed.append(reviews.c.state == wanted.state)
        page = (_rows().where(*narrowed).order_by(reviews.c.changed.desc()).limit(PAGE_SIZE)).offset(
            (max(1, wanted.page) - 1) * PAGE_SIZE
        )
        counted = select(func.count()).select_from(reviews).where(*narrowed)
        async with self._database.read() as connection:
            return ReviewList(
                [_review(row) for row in (await connection.execute(page)).mappings()],
                (await connection.execute(counted)).scalar_one(),
                PAGE_SIZE,
                await _offices(connection, officer),
            )

    async def waiting(self, officer: str, seen: Sequence[str]) -> tuple[list[ReviewRow], list[ReviewRow]]:
        """This supervisor's reviews that the mediator has answered; those whose second opinion is asked of them.
        `seen`: their offices."""
        async with self._database.read() as connection:
            # The office of the session, which is the review's too: of the review's own, an index would read all.
            mine = among(connection, sessions.c.office, seen)
            replied = _rows().where(mine, reviews.c.reviewer == officer, reviews.c.state == "replied")
            opinions = _rows().where(mine, reviews.c.opinion_of == officer, reviews.c.state != "closed")
            found = []
            for some in (replied, opinions):
                rows = (await connection.execute(some.order_by(reviews.c.changed).limit(FEW))).mappings()
                found.append([_review(row) for row in rows])
            return found[0], found[1]

    async def of_mediator(self, mediator: str, office: str) -> list[ReviewRow]:
        """Handed on, the newest first."""
        wanted = (
            _rows()
            .where(reviews.c.mediator == mediator, reviews.c.office == office, reviews.c.state != "open")
            .order_by(reviews.c.changed.desc())
            .limit(4 * FEW)
        )
        async with self._database.read() as connection:
            return [_review(row) for row in (await connection.execute(wanted)).mappings()]

    async def colleagues(self, office: str, but: str) -> list[tuple[str, str]]:
        """Other supervisors of the office: theirs, or overseeing it."""
        wanted = (
            select(users.c.id, users.c.name)
            .where(users.c.role == "supervisor", users.c.id != but)
            .where((users.c.office == office) | users.c.id.in_(over(office)))
            .order_by(users.c.name)
        )
        async with self._database.read() as connection:
            return [(row.id, row.name) for row in await connection.execute(wanted)]


def _rows() -> Select[Any]:
    return select(reviews, sessions.c.mediator_name).join(sessions, sessions.c.id == reviews.c.session)


def _review(row: Mapping[str, Any]) -> ReviewRow:
    return ReviewRow(
        session=row["session"],
        office=row["office"],
        number=row["number"],
        mediator=row["mediator"],
        mediator_name=row["mediator_name"],
        outcome=row["outcome"],
        state=row["state"],
        reviewer=row["reviewer_name"],
        findings=row["findings"],
        praises=row["praises"],
        worst=row["worst"],
        opened=row["opened"],
        handed_on=row["handed_on"],
        closed=row["closed"],
        training=row["training"],
    )


async def _offices(connection: AsyncConnection, officer: Officer) -> list[Office]:
    wanted = select(offices).where(within(officer, offices.c.id)).order_by(offices.c.name)
    return [Office(**row) for row in (await connection.execute(wanted)).mappings()]


class ReviewRows(StreamProjector):
    """Owns `reviews`; projects `review/…`."""

    kind = STREAM

    async def project_stream(self, connection: AsyncConnection, appended: Sequence[Event]) -> None:
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
    """Texts being written. Owns `review_drafts`. Each method is one transaction."""

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
