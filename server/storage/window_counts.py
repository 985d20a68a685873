"""How many files of how many bytes came in through the public window in a day, as rows. Owns `window_counts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Date, bindparam, delete, select, text

from server.storage.engine import Database
from server.storage.tables import window_counts


class Limit(NamedTuple):
    """`kind`: "address" | "phone" | "day"; `key`: a digest, "" for everybody. Files and bytes of a day at most."""

    kind: str
    key: str
    files: int
    size: int


class _FullError(Exception):
    pass


class WindowCounts:
    """Durable: what a process that was killed had counted is counted still."""

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
