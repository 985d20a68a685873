"""A closed case whose files lie on the disk, as the journal tells of them; and its world."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from journal import Journal
from recordings.files import archive
from recordings.files.archive import ArchiveMove, MoveItem
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms import events as e
from tests.server.db.history import MORNING, Teller

PATHS = ("s-consumer/20260414T020000000Z-camera.webm", "s-business/20260414T020001000Z-camera.webm", "composed.mp4")


def content(path: str) -> bytes:
    return hashlib.sha512(path.encode()).digest() * 200


def digest(path: str) -> str:
    return hashlib.sha256(content(path)).hexdigest()


def paths(session: str) -> list[str]:
    return [f"{session}/{path}" for path in PATHS]


def recorded(recordings: Path, session: str) -> list[str]:
    """Writes its files; their paths."""
    for path in paths(session):
        file = recordings / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content(path))
    return paths(session)


def asked(recordings: Path, session: str, store: str, only: Sequence[str] = ()) -> ArchiveMove:
    """As the web process leaves it for the job process."""
    move = ArchiveMove("queued", store, tuple(MoveItem(path, digest(path)) for path in only or paths(session)))
    archive.write_move(recordings, session, move)
    return move


def facts(session: str, started: datetime, stored_size: int = 0) -> Iterable[e.SessionEvent]:
    """`stored_size`: of recordings that are sealed."""
    *segments, film = paths(session)
    for seat, path in zip(("s-consumer", "s-business"), segments, strict=True):
        size, ended = len(content(path)), started + timedelta(minutes=1)
        yield e.SegmentSealed(seat, path, digest(path), size, started, ended, stored_size=stored_size)
    yield e.RecordingComposed(film, digest(film), len(content(film)), 60_000, started)


async def closed(
    journal: Journal,
    data: Path,
    session: str,
    opened: datetime = MORNING,
    minutes: int = 10,
    sealed: EncryptedFileStore | None = None,
) -> None:
    """Held, recorded (and sealed on a shelf), closed and composed."""
    *media, _ = recorded(data / "recordings", session)
    stored_size = 0
    if sealed is not None:
        (stored_size,) = {sealed.put(session, path, io.BytesIO(content(path))).stored_size for path in media}
    tell = Teller(journal)
    await tell.mediated(f"c-{session}", session, opened=opened, minutes=minutes)
    *segments, film = facts(session, opened, stored_size)
    await tell.session(session, *segments, film, at=opened + timedelta(minutes=minutes))
