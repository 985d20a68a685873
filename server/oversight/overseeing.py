"""Which offices a supervisor oversees besides their own, and who changed that, in `bureau/access`.

Asked by the page, once a second person agreed where that is needed (`server.oversight.access_desk`), and by the command
line, which also works while the server runs: an entry here is no part of what the server remembers of that stream.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime
from typing import Final

from journal import Actor, Conflict, Draft, Journal
from server.oversight.access import LONGEST, STREAM, OverseenChanged
from server.storage.identity_store import IdentityStore
from web.ports import Refused

TRIES: Final = 3  # others append to the stream too, and none of that matters here


class Overseeing:
    def __init__(self, store: IdentityStore, journal: Journal, now: Callable[[], datetime]) -> None:
        self._store, self._journal, self._now = store, journal, now

    async def before(self, supervisor: str, offices: Collection[str]) -> tuple[frozenset[str], str]:
        """What they oversee, and their own office. Refused: nobody of that kind, or no such office."""
        user = await self._store.user(supervisor)
        known = {one.id for one in await self._store.offices()}
        if user is None or user.role != "supervisor" or not set(offices) <= known - {user.office}:
            raise Refused("not_found", 404)
        return await self._store.overseen(supervisor), user.office

    async def set(self, by: Actor, supervisor: str, after: Collection[str], reason: str) -> bool:
        """Whether anything changed. The entry first: whoever reads the table finds in the journal why."""
        if not 0 < len(reason.strip()) <= LONGEST:
            raise Refused("missing", 422, field="reason")
        before, home = await self.before(supervisor, after)
        if before == frozenset(after):
            return False
        user = await self._store.user(supervisor)
        name = user.name if user else ""
        event = OverseenChanged(home, supervisor, name, sorted(before), sorted(after), reason.strip())
        await self._append(Draft(type(event).__name__, asdict(event), self._now(), by))
        await self._store.oversee(supervisor, sorted(after))
        return True

    async def _append(self, draft: Draft) -> None:
        for _ in range(TRIES):
            try:
                await self._journal.append(STREAM, len(await self._journal.read(STREAM)), [draft])
            except Conflict:
                continue
            return
        raise Refused("busy", 503)
