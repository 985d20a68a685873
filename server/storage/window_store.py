"""Visits to the public window, as rows, until they expire."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from server.storage.engine import Database
from server.storage.tables import codes, complaints, offices, window_visits


@dataclass(frozen=True, slots=True)
class Visit:
    """`purpose`: "draft" while it is being written, "file" once a code was sent for it, "follow". `office` "" where
    nothing was found to follow. `draft_sealed` "" once it is filed."""

    id: str
    token_hash: str
    purpose: str
    office: str
    complaint: str
    bound: str
    phone_sealed: str
    phone_masked: str
    phone_hash: str
    draft_sealed: str
    created: datetime
    expires: datetime
    verified_at: datetime | None = None


class WindowStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, visit: Visit) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(window_visits).values(asdict(visit)))

    async def forget(self, now: datetime) -> int:
        """Those that expired, with what was typed; how many."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(window_visits).where(window_visits.c.expires <= now))
            return gone.rowcount

    async def visit(self, token_hash: str, now: datetime) -> Visit | None:
        wanted = select(window_visits).where(window_visits.c.token_hash == token_hash, window_visits.c.expires > now)
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
            return None if row is None else Visit(**row)

    async def lengthen(self, visit: str, expires: datetime) -> None:
        """Somebody is still there."""
        async with self._database.write() as connection:
            await connection.execute(
                update(window_visits)
                .where(window_visits.c.id == visit, window_visits.c.expires < expires)
                .values(expires=expires)
            )

    async def write(self, visit: str, draft_sealed: str, expires: datetime) -> bool:
        """What was typed so far; False when its phone is confirmed already: then it is filed as it was."""
        async with self._database.write() as connection:
            written = await connection.execute(
                update(window_visits)
                .where(window_visits.c.id == visit, window_visits.c.verified_at.is_(None))
                .values(draft_sealed=draft_sealed, expires=expires)
            )
            return bool(written.rowcount)

    async def file(self, visit: Visit) -> bool:
        """What is written is to be filed by this phone; False as of `write`."""
        async with self._database.write() as connection:
            written = await connection.execute(
                update(window_visits)
                .where(window_visits.c.id == visit.id, window_visits.c.verified_at.is_(None))
                .values(asdict(visit))
            )
            return bool(written.rowcount)

    async def confirm(self, visit: str, code: str, token_hash: str, now: datetime, expires: datetime) -> bool:
        """Spend the code and rotate the token, both or neither; False: somebody was faster."""
        async with self._database.write() as connection:
            spent = await connection.execute(
                update(codes)
                .where(codes.c.id == code, codes.c.spent_at.is_(None))
                .values(spent_at=now)
                .returning(codes.c.id)
            )
            if spent.one_or_none() is None:
                return False
            await connection.execute(
                update(window_visits)
                .where(window_visits.c.id == visit)
                .values(token_hash=token_hash, verified_at=now, expires=expires)
            )
            return True

    async def filed(self, visit: str, complaint: str) -> None:
        """From here on what was typed is in the record only."""
        async with self._database.write() as connection:
            await connection.execute(
                update(window_visits).where(window_visits.c.id == visit).values(complaint=complaint, draft_sealed="")
            )

    async def numbered(self, number: str) -> tuple[str, str] | None:
        """(complaint, office) of a complaint's number."""
        wanted = select(complaints.c.id, complaints.c.office).where(
            complaints.c.office.in_(select(offices.c.id)), complaints.c.number == number
        )
        async with self._database.read() as connection:
            row = (await connection.execute(wanted.limit(1))).one_or_none()
            return None if row is None else (row.id, row.office)
