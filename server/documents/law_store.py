"""Official wordings of statutes, as an office imported them, and the library made of them and of the catalogue.

An import into a running server is seen with the next question, since the store's mark is asked each time, and the
library made anew only when it differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select

from complaints.complaint import days_of
from complaints.service import ComplaintService
from law.library import ArticleText, Library, library
from rooms.events import Leaf
from rooms.floor.state import article_leaf
from rooms.session import Session
from server.db.engine import Database
from server.db.schema import law_texts
from server.identity.store import IdentityStore

Mark = tuple[int, datetime | None]
"""How many wordings there are and when the newest came: as long as it is the same, so are they."""


class LawStore:
    """Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark(self) -> Mark:
        async with self._database.read() as connection:
            count, newest = (await connection.execute(select(func.count(), func.max(law_texts.c.imported)))).one()
            return count, newest

    async def texts(self) -> list[ArticleText]:
        fields = ("statute", "title", "number", "suffix", "text", "since", "until", "chapter")
        wanted = select(*(law_texts.c[name] for name in fields)).order_by(
            law_texts.c.statute, law_texts.c.since, law_texts.c.number, law_texts.c.suffix
        )
        async with self._database.read() as connection:
            return [ArticleText(**row) for row in (await connection.execute(wanted)).mappings()]

    async def replace(self, texts: Sequence[ArticleText], now: datetime) -> int:
        """One edition of one statute, whole, in place of an earlier import of it; how many that one had."""
        statute, since = texts[0].statute, texts[0].since
        async with self._database.write() as connection:
            gone = await connection.execute(_edition(statute, since))
            rows = [{**asdict(text), "imported": now} for text in texts]
            await connection.execute(insert(law_texts), rows)
            return gone.rowcount

    async def remove(self, statute: str, since: date) -> int:
        async with self._database.write() as connection:
            return (await connection.execute(_edition(statute, since))).rowcount


def _edition(statute: str, since: date):  # type: ignore[no-untyped-def]  # the library's type names every column
    return delete(law_texts).where(law_texts.c.statute == statute, law_texts.c.since == since)


class StoredLaws:
    def __init__(self, store: LawStore, complaints: ComplaintService, offices: IdentityStore) -> None:
        self._store, self._complaints, self._offices = store, complaints, offices
        self._library: Library | None = None
        self._mark: Mark = (0, None)

    async def library(self) -> Library:
        mark = await self._store.mark()
        if self._library is None or mark != self._mark:
            self._library, self._mark = library(await self._store.texts()), mark
        return self._library

    async def leaf(self, session: Session, article: str) -> Leaf | None:
        """An article as the room is shown it: for the day it happened, or, of procedure, the day of receipt."""
        shelf = await self.library()
        found = shelf.articles.get(article)
        if found is None:
            return None
        office = await self._offices.office(session.office)
        record = (await self._complaints.state(session.complaint)).record
        days = days_of(record, office.zone if office else "Asia/Shanghai")
        return article_leaf(shelf, found, days.of(found.statute))
