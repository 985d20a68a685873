"""The library as it stands now: the catalogue with what offices imported. Implements `LawShelf`.

An import into a running server is seen with the next question: the store's mark is asked each time, and the library
made anew only when it differs.
"""

from __future__ import annotations

from complaints.clocks import days_of
from complaints.service import ComplaintService
from law.library import Library, library
from rooms.events import Leaf
from rooms.presenting.rules import article_leaf
from rooms.session import Session
from server.documents.law_store import LawStore, Mark
from server.identity.store import IdentityStore


class LawShelf:
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
