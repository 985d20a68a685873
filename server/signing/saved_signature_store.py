"""Officers' saved signatures: a drawing each, kept sealed under a code of its own, and placed with it.

Owns `saved_signatures`, and the streams `signature/<officer>`, which say when one was saved, removed, or locked. The
drawing and the slow hash of its code are sealed together under the installation's key: a copy of the database shows
neither. Where one was placed is in the journal of that session (`Signed`, how "saved").
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Actor, Draft
from journal.numbers import narrow
from journal.refusals import Refused
from offices import Officer
from rooms.signing import Ink, ink
from rooms.views import SavedSignature
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.db.schema import saved_signatures
from server.identity import Seal
from server.identity.sign_ins import Passwords

TRIES_MOST: Final = 5
_CODE: Final = re.compile(r"[0-9]{6,12}")
_RUNS: Final = ("01234567890123456789", "98765432109876543210")


class SavedSignatures:
    """A try is counted before the code is compared, so that a hundred at once are five."""

    def __init__(
        self, database: Database, journal: SqlJournal, seal: Seal, passwords: Passwords, now: Callable[[], datetime]
    ) -> None:
        self._database, self._journal, self._seal, self._passwords, self._now = database, journal, seal, passwords, now

    async def of(self, officer: str) -> SavedSignature | None:
        row = saved_signatures.c
        wanted = select(row.saved, row.used, row.failures).where(row.officer == officer)
        async with self._database.read() as connection:
            found = (await connection.execute(wanted)).one_or_none()
        return None if found is None else SavedSignature(found.saved, found.used, found.failures >= TRIES_MOST)

    async def save(self, officer: Officer, drawn: Ink, code: str) -> None:
        """In place of the one before. Refused: weak_code. Who it is was made sure by whoever calls."""
        code = typed(code)
        if weak(code):
            raise Refused("weak_code", 422)
        content = {"code": await self._passwords.hash(code), "ink": asdict(drawn)}
        sealed, now = self._seal.seal(json.dumps(content), _purpose(officer.id)), self._now()

        async def saved(connection: AsyncConnection) -> Draft:
            replaced = (await connection.execute(_of(officer.id))).rowcount > 0
            row = {"officer": officer.id, "sealed": sealed, "failures": 0, "saved": now, "used": None}
            await connection.execute(insert(saved_signatures).values(row))
            return Draft("SignatureSaved", {"replaced": replaced}, now, officer.actor)

        await self._journal.along(_stream(officer.id), saved)

    async def remove(self, officer: str, by: Actor) -> None:
        """By themselves, or by who closes their account. What was placed before stays where it is."""

        async def removed(connection: AsyncConnection) -> Draft | None:
            if not (await connection.execute(_of(officer))).rowcount:
                return None
            return Draft("SignatureRemoved", {}, self._now(), by)

        await self._journal.along(_stream(officer), removed)

    async def use(self, officer: Officer, code: str) -> Ink:
        """The drawing, to be placed now. Refused: no_signature, signature_locked, bad_signature_code (left)."""
        row, tried = saved_signatures.c, 0
        content: dict[str, Any] = {}

        async def counted(connection: AsyncConnection) -> Draft | None:
            nonlocal tried, content
            mine = row.officer == officer.id
            taken = await connection.execute(
                update(saved_signatures)
                .where(mine, row.failures < TRIES_MOST)
                .values(failures=row.failures + 1)
                .returning(row.failures, row.sealed)
            )
            found = taken.one_or_none()
            if found is None:
                known = (await connection.execute(select(row.officer).where(mine))).first()
                raise Refused("signature_locked", 409) if known else Refused("no_signature", 409)
            tried, content = found.failures, json.loads(self._seal.open(found.sealed, _purpose(officer.id)))
            return None

        await self._journal.along(_stream(officer.id), counted)
        if not await self._passwords.holds(typed(code), content["code"]):
            if tried >= TRIES_MOST:
                await self._note(officer, "SignatureLocked")
                raise Refused("signature_locked", 409)
            raise Refused("bad_signature_code", 400, left=TRIES_MOST - tried)
        async with self._database.write() as connection:
            right = update(saved_signatures).where(row.officer == officer.id, row.failures <= TRIES_MOST)
            await connection.execute(right.values(failures=0, used=self._now()))
        kept = content["ink"]
        return ink(kept["width"], kept["height"], kept["strokes"])

    async def _note(self, officer: Officer, what: str) -> None:
        async def noted(_connection: AsyncConnection) -> Draft:
            return Draft(what, {"tries": TRIES_MOST}, self._now(), officer.actor)

        await self._journal.along(_stream(officer.id), noted)


def typed(code: str) -> str:
    """As it is compared: narrow digits, without the spaces people type between them."""
    return "".join(narrow(code).split())


def weak(code: str) -> bool:
    """Not six to twelve digits, one digit only, or digits in a row."""
    return not _CODE.fullmatch(code) or len(set(code)) == 1 or any(code in run for run in _RUNS)


def _of(officer: str) -> Any:
    return delete(saved_signatures).where(saved_signatures.c.officer == officer)


def _purpose(officer: str) -> str:
    return f"saved signature {officer}"


def _stream(officer: str) -> str:
    return f"signature/{officer}"
