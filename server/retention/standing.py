"""Everything that a rule's years keep: records by their journals, files of cases by what keeps those."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from server.file_erasure import FileErasures
from server.retention.desk import AllKept
from server.retention.periods import OUTCOMES
from server.retention.reckoning import Kept
from server.storage.engine import Database
from server.storage.retained import retained


def all_kept(database: Database, files: FileErasures) -> AllKept:
    async def kept(kinds: Collection[str]) -> Sequence[Kept]:
        outcomes = set(kinds) & set(OUTCOMES)
        records = await retained(database, outcomes) if outcomes else ()
        found = [Kept(one.outcome, one.closed, tuple(one.texts.values()), one.held) for one in records]
        for kind, standing in await files.kept(kinds):
            if standing.end is not None:
                found.append(Kept(kind, standing.end, (standing.told,), standing.held))
        return found

    return kept
