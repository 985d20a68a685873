"""Which looks are one look: a visit asks for many pages and byte ranges, the journal wants one entry of each part."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from recordings.views import AuditPage
from web.clock import now
from web.office.pages import officer_in
from web.services import READS

ONE_LOOK: Final = timedelta(minutes=10)
MOST: Final = 1000


class Looks:
    """Remembers, for the process's life and up to `MOST`, when somebody last asked for a part of a record.

    Forgetting early only means that one visit is journaled twice.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str, str], datetime] = OrderedDict()

    def fresh(self, officer: str, session: str, part: str, at: datetime) -> bool:
        """Whether this is a new look, to be journaled. Asking on keeps a look going."""
        key = officer, session, part
        before = self._last.pop(key, None)
        self._last[key] = at
        while len(self._last) > MOST:
            self._last.popitem(last=False)
        return before is None or at - before > ONE_LOOK

    def forget(self, officer: str, session: str, part: str) -> None:
        """It came to nothing: the next one is a new look."""
        self._last.pop((officer, session, part), None)


LOOKS: web.AppKey[Looks] = web.AppKey("looks", Looks)


async def look(request: web.Request, part: str) -> AuditPage:
    """The record that the address names; a new look at this part of it is journaled first. Refused(404)."""
    page = await _new(request, part)
    return page or await request.app[READS].audit(officer_in(request), request.match_info["session"], "")


async def note(request: web.Request, part: str) -> None:
    """For what is asked for again and again: a new look is journaled, one that goes on costs nothing. Refused(404)."""
    await _new(request, part)


async def _new(request: web.Request, part: str) -> AuditPage | None:
    """None when an earlier look goes on."""
    officer, session, looks = officer_in(request), request.match_info["session"], request.app[LOOKS]
    if request.method != "GET" or not looks.fresh(officer.id, session, part, now(request)):
        return None
    try:
        return await request.app[READS].audit(officer, session, part)
    except BaseException:
        looks.forget(officer.id, session, part)  # nothing was shown, and nothing is in the journal
        raise
