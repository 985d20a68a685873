"""The database: engine, schema, migrations, journal, projections. Other SQL is in the stores of the features only.

Here is JSON in its shortest form, as columns keep it, and what a connection to PostgreSQL is asked for that its address
leaves out. Loads no library of databases or pages: processes that make rows need none.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar

T = TypeVar("T")

compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # a Chinese character is 3 bytes, not 6

CONNECT_WITHIN: Final = 2
"""Seconds for each of several machines that the database may be on; the least that PostgreSQL's library knows."""
SILENT: Final = {"tcp_user_timeout": 4000, "keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3}
"""After how long a connection is given up whose other end says nothing: milliseconds, seconds, seconds, times. By
itself TCP waits a quarter of an hour for a machine that is gone, and with it whoever waits for an append."""


def reaching(named: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a connection with what an address leaves out. Of several machines (`host=a,b`) it is the one that
    may be written to."""
    several = {"target_session_attrs": "read-write", "connect_timeout": CONNECT_WITHIN}
    return SILENT | (several if "," in str(named.get("host", "")) else {}) | dict(named)


async def answered(asking: Coroutine[Any, Any, T], within: float) -> T:
    """What the database says, or TimeoutError after so many seconds, whatever it does.

    psycopg ends no statement before the server has ended it: a server that says nothing is waited for ten seconds more.
    """
    asked = asyncio.ensure_future(asking)
    try:
        await asyncio.wait({asked}, timeout=within)
    except asyncio.CancelledError:
        asked.cancel()
        await asyncio.wait({asked})
        raise
    if asked.done():
        return asked.result()
    asked.cancel()
    _given_up.add(asked)
    asked.add_done_callback(_forgotten)
    raise TimeoutError


_given_up = set[asyncio.Future[Any]]()


def _forgotten(asked: asyncio.Future[Any]) -> None:
    _given_up.discard(asked)
    if not asked.cancelled():
        asked.exception()  # nobody waits for it any more


def committed_here_only(notice: Any) -> bool:
    """Whether PostgreSQL says that it gave up waiting for its standby, by a time limit or because somebody asked it to.

    It commits all the same and answers as if all were well: what a failover then loses would have been acknowledged.
    """
    return bool(notice.source_function == "SyncRepWaitForLSN")


class StorageError(Exception):
    """What can go wrong in the database; `code` is stable."""

    code = "storage"


class FollowerTooSlow(StorageError):
    """Events were appended faster than a follower took them; it must read the streams and follow anew."""

    code = "follower_too_slow"
