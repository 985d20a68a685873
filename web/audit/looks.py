"""Which looks at a recording are one look: a player asks for many byte ranges, the journal wants one entry."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

ONE_LOOK: Final = timedelta(minutes=10)
MOST: Final = 1000


class Looks:
    """Remembers, for the process's life and up to `MOST`, when somebody last asked for a piece of a recording.

    Forgetting early only means that one playback is journaled twice.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def fresh(self, officer: str, session: str, at: datetime) -> bool:
        """Whether this is a new look, to be journaled. Asking on keeps a look going."""
        key = officer, session
        before = self._last.pop(key, None)
        self._last[key] = at
        while len(self._last) > MOST:
            self._last.popitem(last=False)
        return before is None or at - before > ONE_LOOK


LOOKS: web.AppKey[Looks] = web.AppKey("looks", Looks)
