"""What transcripts are found by: of each which pairs of characters it has, sealed under its case's key.

A row opens only with the key of its own case, for the office whose it is, and says nothing but about how long the
transcript is. So it is gone with the case's key, wherever a copy of it lies. Whoever searches opens an office's rows
one after another and asks each whether it may have the words; a transcript that says yes is opened itself.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, exists, func, insert, or_, select, update

from offices import Officer
from recordings.files.keys import ValueCipher
from rooms.events import STREAM, ErasureOrdered, TranscriptMade
from server.db.engine import Database
from server.db.rows import own_records, within
from server.db.schema import events, sessions, transcript_words
from server.db.schema.base import among

PAGE: Final = 200  # rows
LEAST_BITS: Final = 1 << 12
BITS_EACH: Final = 12  # of a pair of characters, at least
PROBES: Final = 6
"""With `BITS_EACH` one in 270 pairs that a transcript has not is taken for one that it has."""


def folded(text: str) -> str:
    """As words are compared: whoever types upper or lower case means the same."""
    return text.casefold()


def word_filter(texts: Iterable[str]) -> bytes:
    """Of everything that `may_have` can be asked about these texts (Bloom's)."""
    found = {piece for text in texts for piece in _pieces(folded(text))}
    size = LEAST_BITS
    while size < BITS_EACH * len(found):
        size *= 2
    bits = bytearray(size // 8)
    for first, step in map(_halves, found):
        for at in _probes(first, step, size):
            bits[at >> 3] |= 1 << (at & 7)
    return bytes(bits)


Wanted = Sequence[tuple[int, int]]


def wanted_pieces(words: str) -> Wanted:
    """For `may_have`: of the words, each pair of characters; of a single one, itself."""
    text = folded(words)
    return [_halves(text[at : at + 2]) for at in range(len(text) - 1)] or [_halves(text)]


def may_have(bits: bytes, wanted: Wanted) -> bool:
    """Whether a text with these bits may have the words. A no is certain."""
    size = 8 * len(bits)
    return all(bits[at >> 3] >> (at & 7) & 1 for first, step in wanted for at in _probes(first, step, size))


def _pieces(text: str) -> Iterator[str]:
    yield from text
    for at in range(len(text) - 1):
        yield text[at : at + 2]


def _halves(piece: str) -> tuple[int, int]:
    whole = int.from_bytes(hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    return whole >> 32, whole & 0xFFFFFFFF | 1


def _probes(first: int, step: int, size: int) -> Iterator[int]:
    return ((first + n * step) % size for n in range(PROBES))


def seal_filter(key: bytes, office: str, session: str, bits: bytes) -> bytes:
    """`key`: of the case."""
    return _cipher(key, office).seal(bits, session.encode())


def open_filter(key: bytes, office: str, session: str, sealed: bytes) -> bytes | None:
    """None when it was sealed by another key, for another office, or for another session."""
    try:
        return _cipher(key, office).open(sealed, session.encode())
    except (InvalidTag, ValueError):
        return None


def _cipher(key: bytes, office: str) -> ValueCipher:
    return ValueCipher(hmac.digest(key, b"yuntiao/transcript-words\n" + office.encode(), "sha256"))


@dataclass(frozen=True, slots=True)
class IndexedTranscript:
    """`sealed` is empty while it waits to be indexed."""

    session: str
    office: str
    sealed: bytes


class TranscriptIndex:
    """A row for each session that has a transcript. Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def expect(self, wanted: Collection[str]) -> None:
        """Sessions with transcripts: those without a row wait for one."""
        columns = transcript_words.c
        async with self._database.write() as connection:
            there = select(columns.session).where(among(connection, columns.session, list(wanted)))
            has = set((await connection.execute(there)).scalars())
            known = select(sessions.c.id).where(among(connection, sessions.c.id, list(set(wanted) - has)))
            rows = [{"session": one, "sealed": b""} for one in (await connection.execute(known)).scalars()]
            if rows:
                await connection.execute(insert(transcript_words), rows)

    async def made(self) -> Sequence[str]:
        """Ids of sessions that have a transcript, by the journal, and no row."""
        session = func.substr(events.c.stream, len(STREAM) + 2)
        erased = events.alias()
        gone = exists().where(erased.c.stream == events.c.stream, erased.c.type == ErasureOrdered.__name__)
        listed = exists().where(transcript_words.c.session == session)
        wanted = select(session).where(
            events.c.kind == STREAM, events.c.type == TranscriptMade.__name__, ~listed, ~gone
        )
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def waiting(self) -> Sequence[str]:
        """Ids of sessions whose transcript is to be indexed, the newest first."""
        wanted = (
            select(sessions.c.id)
            .join(transcript_words, transcript_words.c.session == sessions.c.id)
            .where(transcript_words.c.sealed == b"")
            .order_by(sessions.c.opened.desc(), sessions.c.id.desc())
        )
        async with self._database.read() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def put(self, session: str, sealed: bytes) -> None:
        """Empty: it waits. Of one that was erased meanwhile nothing is kept."""
        mine = transcript_words.c.session == session
        async with self._database.write() as connection:
            await connection.execute(update(transcript_words).where(mine).values(sealed=sealed))

    async def remove(self, session: str) -> None:
        """Nothing of it stays in the database's files."""
        async with self._database.write() as connection:
            await connection.execute(delete(transcript_words).where(transcript_words.c.session == session))
        await self._database.overwrite_erased(transcript_words.name)

    async def page(self, officer: Officer, after: str = "") -> Sequence[IndexedTranscript]:
        """`PAGE` of those whose records the officer may see, the newest first, from behind the session `after`."""
        row = sessions.c
        wanted = (
            select(row.id, row.office, transcript_words.c.sealed)
            .join(transcript_words, transcript_words.c.session == row.id)
            .where(row.opened.is_not(None), within(officer, row.office), own_records(officer))
            .order_by(row.opened.desc(), row.id.desc())
            .limit(PAGE)
        )
        if after:
            opened = select(row.opened).where(row.id == after).scalar_subquery()
            wanted = wanted.where(or_(row.opened < opened, (row.opened == opened) & (row.id < after)))
        async with self._database.read() as connection:
            return [IndexedTranscript(*one) for one in await connection.execute(wanted)]
