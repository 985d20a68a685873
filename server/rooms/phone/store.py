"""Codes by which somebody dials in to a seat: only a keyed digest of each, and of the number it was first used from."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, update

from server.db.engine import Database
from server.db.schema import dial_in_codes
from server.identity import Seal

DIGITS: Final = 8
_CODE, _CALLER = "dial-in code", "dial-in caller"
_c = dial_in_codes.c


@dataclass(frozen=True, slots=True)
class DialInSeat:
    """What a code opens."""

    session: str
    seat: str


class DialInStore:
    def __init__(self, database: Database, seal: Seal) -> None:
        self._database, self._seal = database, seal

    async def issue(self, session: str, seat: str, by: str, now: datetime, expires: datetime) -> str:
        """A fresh code for the seat; the one before is good no longer."""
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        async with self._database.write() as connection:
            await connection.execute(
                delete(dial_in_codes).where(((_c.session == session) & (_c.seat == seat)) | (_c.expires <= now))
            )
            await connection.execute(
                insert(dial_in_codes).values(
                    digest=self._seal.hash(code, _CODE), session=session, seat=seat, created=now, created_by=by,
                    expires=expires, caller="",
                )
            )  # fmt: skip
        return code

    async def use(self, code: str, caller: str, now: datetime) -> DialInSeat | None:
        """Whose seat it opens, for the first number that uses it and from then on for no other. A number that is
        withheld uses it once."""
        digest = self._seal.hash(code, _CODE)
        bound = self._seal.hash(caller or secrets.token_hex(16), _CALLER)
        async with self._database.write() as connection:
            taken = await connection.execute(
                update(dial_in_codes)
                .where((_c.digest == digest) & (_c.expires > now) & (_c.caller == ""))
                .values(caller=bound)
            )
            row = (await connection.execute(select(dial_in_codes).where(_c.digest == digest))).one_or_none()
        if row is None or row.expires <= now or (not taken.rowcount and row.caller != bound):
            return None
        return DialInSeat(row.session, row.seat)

    async def revoke(self, session: str, seat: str = "") -> None:
        """Of a seat, or with "" of all of a session that is over."""
        wanted = _c.session == session
        async with self._database.write() as connection:
            await connection.execute(delete(dial_in_codes).where(wanted & (_c.seat == seat) if seat else wanted))
