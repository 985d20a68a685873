"""How far the composed recording of a session is, and where its files lie.

The journal says it, else what the job wrote beside the recording: it keeps `recordings/<session>/composition.json` up
to date: {"state", "progress", "error"}; the finished file is announced by RecordingComposed, a given-up one by
CompositionFailed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from journal import Event
from recordings.stores import archive
from recordings.views import FileKeeping, RecordingState
from rooms.codec import SessionEntry, session_entry
from rooms.events import Archived, CompositionFailed, ErasureOrdered, RecordingComposed, SegmentSealed
from server.db.journal import event_of
from server.db.schema import events

_TELLING = (RecordingComposed.__name__, CompositionFailed.__name__, ErasureOrdered.__name__)
_NONE = RecordingState("none", 0.0, None)
_FAILED = RecordingState("failed", 0.0, None)
_ERASED = RecordingState("erased", 0.0, None)


async def composition_facts(connection: AsyncConnection, stream: str) -> list[Event]:
    """The journal's last word about the recording, if there is one; and what of it was archived."""
    wanted = (
        select(events)
        .where(events.c.stream == stream, events.c.type.in_(_TELLING))
        .order_by(events.c.version.desc())
        .limit(1)
    )
    archived = select(events).where(events.c.stream == stream, events.c.type == Archived.__name__)
    return [event_of(row) for rows in (archived, wanted) for row in (await connection.execute(rows)).mappings().all()]


async def composition_progress(recordings: Path, session: str, told: Sequence[Event]) -> RecordingState:
    """`composition_facts`: events of the session, of which the last about its composition counts."""
    return await asyncio.to_thread(_progress, recordings, session, told)


def _progress(recordings: Path, session: str, told: Sequence[Event]) -> RecordingState:
    last = next((event for event in reversed(told) if event.type in _TELLING and not event.erased), None)
    word = session_entry(last).event if last else None
    if isinstance(word, ErasureOrdered):
        return _ERASED
    if isinstance(word, RecordingComposed):
        file = (recordings / word.path).resolve()
        # The path comes from the journal; still, nothing outside the folder is ever handed out.
        archived = any(event.type == Archived.__name__ and event.data.get("path") == word.path for event in told)
        if not file.is_relative_to(recordings.resolve()) or not (file.is_file() or archived):
            return _FAILED
        return RecordingState("ready", 1.0, file, word.duration_ms, word.origin)
    noted = _noted(recordings / session / "composition.json")
    match noted.get("state"):
        case "queued" | "composing" as state:  # also when it is tried again after a failure
            return RecordingState(state, min(max(float(noted.get("progress") or 0.0), 0.0), 1.0), None)
        case "failed":
            return _FAILED
        case _:
            return _FAILED if word else _NONE


def _noted(path: Path) -> dict[str, Any]:
    try:
        noted = json.loads(path.read_bytes())
    except (OSError, ValueError):  # not begun; a half-written file is as good as none
        return {}
    return noted if isinstance(noted, dict) else {}


async def keeping(recordings: Path, session: str, told: Sequence[SessionEntry]) -> FileKeeping:
    """What the journal says of the archive, and what kept files from going there."""
    facts = [entry.event for entry in told]
    files = {fact.path for fact in facts if isinstance(fact, SegmentSealed | RecordingComposed)}
    archived = {fact.path for fact in facts if isinstance(fact, Archived)}
    move = await asyncio.to_thread(archive.read_move, recordings, session)
    return FileKeeping(len(files), len(files & archived), len(move.failed) if move else 0)
