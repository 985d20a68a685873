"""What a mediation leaves to the complaint's file when its record is erased: papers, and exhibits that were shown.

A record is erased with its key, and goes after the years people were told; agreement, record, signatures and exhibits
belong to the file, which stays longer (Order 121 Art 24). So they are sealed anew under the file's key before the
record's is destroyed. Owns `<data>/files/<session>/…`; every step may be done twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping

import structlog

from journal import Journal
from recordings.errors import KeyDestroyed, KeyMissing, Missing
from recordings.files.encrypted_file_store import EncryptedFileStore, file_case
from rooms.codec import SessionEntry, history, stream
from rooms.events import ExhibitOffered, ExhibitPrepared, ExhibitWithdrawn
from server.archive.papers import papers

log = structlog.get_logger(__name__)


class Filing:
    """`documents`, `recordings`: the shelves that papers and exhibits lie on, both with `filed` behind them."""

    def __init__(
        self, journal: Journal, documents: EncryptedFileStore, recordings: EncryptedFileStore, filed: EncryptedFileStore
    ) -> None:
        self._journal, self._documents, self._recordings, self._filed = journal, documents, recordings, filed

    async def keep(self, session: str) -> None:
        """Durable when it returns. What cannot be read now (StoreUnreachable, OSError) keeps the record; what is gone
        already is told in the log."""
        told = history(await self._journal.read(stream(session)))
        paths = {one.path: self._documents for one in papers(session, told)}
        paths |= dict.fromkeys(exhibits(told), self._recordings)
        await asyncio.to_thread(self._move, session, paths)

    def _move(self, session: str, paths: Mapping[str, EncryptedFileStore]) -> None:
        for path, shelf in paths.items():
            with contextlib.suppress(Missing):
                self._filed.stored(path)
                continue
            try:
                with shelf.open(session, path) as file:
                    self._filed.put(file_case(session), path, file)
            except (Missing, KeyMissing, KeyDestroyed) as fault:
                log.warning("a paper is not there for the file", session=session, path=path, why=type(fault).__name__)


def exhibits(told: Iterable[SessionEntry]) -> Iterator[str]:
    """Paths of all that was shown and not withdrawn, originals and what was made of them."""
    found: dict[str, list[str]] = {}
    for entry in told:
        match entry.event:
            case ExhibitOffered(exhibit=exhibit, originals=originals, pages=pages):
                found[exhibit] = [one.path for one in originals] + [one.path for one in pages]
            case ExhibitPrepared(exhibit=exhibit, pages=pages, film=film) if exhibit in found:
                found[exhibit] += [one.path for one in pages] + ([film.path] if film else [])
            case ExhibitWithdrawn(exhibit=exhibit):
                found.pop(exhibit, None)
            case _:
                pass
    for paths in found.values():
        yield from paths
