"""Where a session's files lie: what the journal says of the archive, and what kept files from going there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from recordings import archive
from rooms.codec import SessionEntry
from rooms.events import Archived, RecordingComposed, SegmentSealed
from web.ports import Keeping


async def keeping(recordings: Path, session: str, told: Sequence[SessionEntry]) -> Keeping:
    facts = [entry.event for entry in told]
    files = {fact.path for fact in facts if isinstance(fact, SegmentSealed | RecordingComposed)}
    archived = {fact.path for fact in facts if isinstance(fact, Archived)}
    move = await asyncio.to_thread(archive.read_move, recordings, session)
    return Keeping(len(files), len(files & archived), len(move.failed) if move else 0)
