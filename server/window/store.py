"""The public window: visits until they expire, answers being typed, how much came in on a day, and how much may.

Counted (from one address, for one phone number, in all) in the database, so that a restart gives nobody a fresh day.
Addresses are kept as keyed digests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy import Date, bindparam, delete, insert, select, text, update

from journal.refusals import Refused
from server.db.engine import Database
from server.db.schema import answer_drafts, codes, complaints, offices, window_counts, window_visits
from server.identity import Seal
from server.serving.settings import Most, WindowLimits


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


class Limit(NamedTuple):
    """`kind`: "address" | "phone" | "day"; `key`: a digest, "" for everybody. Files and bytes of a day at most."""

    kind: str
    key: str
    files: int
    size: int


class _FullError(Exception):
    pass


class WindowCounts:
    """How many files of how many bytes came in through the public window in a day, as rows. Owns `window_counts`.

    Durable: what a process that was killed had counted is counted still.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def full(self, day: date, limits: Sequence[Limit], size: int) -> str:
        """The kind that another file of `size` bytes would exceed, "" for none."""
        counts = window_counts.c
        wanted = select(counts.kind, counts.key, counts.files, counts.size).where(counts.day == day)
        async with self._database.read() as connection:
            for limit in limits:
                of = wanted.where(counts.kind == limit.kind, counts.key == limit.key)
                row = (await connection.execute(of)).one_or_none()
                files, before = (row.files, row.size) if row else (0, 0)
                if files + 1 > limit.files or before + size > limit.size:
                    return limit.kind
        return ""

    async def count(self, day: date, limits: Sequence[Limit], size: int) -> str:
        """One more file counted by every limit; or the kind that is full, and nothing is counted."""
        full = ""
        try:
            async with self._database.write() as connection:
                await connection.execute(delete(window_counts).where(window_counts.c.day < day))
                for limit in limits:
                    full = limit.kind
                    if limit.files < 1 or size > limit.size:
                        raise _FullError
                    bound = {"day": day, "kind": limit.kind, "key": limit.key, "size": size}
                    most = {"most_files": limit.files, "most_size": limit.size}
                    counted = await connection.execute(_COUNT, bound | most)
                    if counted.first() is None:
                        raise _FullError
        except _FullError:
            return full
        return ""


# One statement, so that two files at once cannot both be the last one.
_COUNT = text(
    "INSERT INTO window_counts (day, kind, key, files, size) VALUES (:day, :kind, :key, 1, :size)"
    " ON CONFLICT (day, kind, key) DO UPDATE"
    " SET files = window_counts.files + 1, size = window_counts.size + excluded.size"
    " WHERE window_counts.files + 1 <= :most_files AND window_counts.size + excluded.size <= :most_size"
    " RETURNING files"
).bindparams(bindparam("day", type_=Date))


class AnswerDrafts:
    """Answers that are being typed, sealed. Owns `answer_drafts`: one of a link, until it is sent or the link is over.

    Each method is one transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, link: str) -> str:
        """ "" when nothing was typed."""
        async with self._database.read() as connection:
            wanted = select(answer_drafts.c.fields_sealed).where(answer_drafts.c.link == link)
            return (await connection.execute(wanted)).scalar_one_or_none() or ""

    async def keep(self, link: str, fields_sealed: str, expires: datetime) -> None:
        row = {"fields_sealed": fields_sealed, "expires": expires}
        async with self._database.write() as connection:
            await self._database.alone(connection, f"yuntiao.answer_draft.{link}")
            kept = await connection.execute(update(answer_drafts).where(answer_drafts.c.link == link).values(row))
            if not kept.rowcount:
                await connection.execute(insert(answer_drafts).values(link=link, **row))

    async def forget(self, link: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(answer_drafts).where(answer_drafts.c.link == link))

    async def forget_expired(self, now: datetime) -> int:
        """How many."""
        async with self._database.write() as connection:
            gone = await connection.execute(delete(answer_drafts).where(answer_drafts.c.expires <= now))
            return gone.rowcount


log = structlog.get_logger(__name__)

DAY: Final = timedelta(hours=8)  # a day ends at midnight in China, whatever the server's clock says


class WindowQuota:
    def __init__(self, counts: WindowCounts, limits: WindowLimits, seal: Seal, now: Callable[[], datetime]) -> None:
        self._counts, self._limits, self._seal, self._now = counts, limits, seal, now

    async def require(self, address: str, size: int) -> None:
        """Before a body is read. Refused: window_quota."""
        _refuse(await self._counts.full(self._today(), [self._address(address), self._everybody()], size))

    async def take(self, address: str, phone: str, size: int) -> None:
        """Counts a file that is about to be kept; `phone` is the number's keyed digest. Refused: window_quota."""
        limits = [self._address(address), _limit("phone", phone, self._limits.phone), self._everybody()]
        _refuse(await self._counts.count(self._today(), limits, size))

    def _today(self) -> date:
        return (self._now() + DAY).date()

    def _address(self, address: str) -> Limit:
        return _limit("address", self._seal.hash(address, "window address"), self._limits.address)

    def _everybody(self) -> Limit:
        return _limit("day", "", self._limits.day)


def _limit(kind: str, key: str, most: Most) -> Limit:
    return Limit(kind, key, most.files, most.size)


def _refuse(full: str) -> None:
    if full:
        raise Refused("window_quota", 429, by=full)


EVERY: Final = 60.0  # seconds
Forget = Callable[[datetime], Awaitable[int]]


async def keep_forgetting(every: Sequence[Forget], now: Callable[[], datetime]) -> None:
    """Delete what was typed by people without an account and never sent, when its time is over. Until cancelled."""
    while True:
        for forget in every:
            try:
                await forget(now())
            except Exception:
                log.exception("what was typed was not forgotten, trying again")
        await asyncio.sleep(EVERY)
