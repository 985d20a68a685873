"""What `yuntiao log …` does, beside a server that may be running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from journal import SYSTEM
from journal.errors import NoteBroken
from journal.notes import public_key, public_key_of
from recordings.keys import case_keys
from server.installation import absent
from server.log import restored, signers
from server.log.check import Report, check
from server.log.keys import KnownKeys
from server.log.restored import Restored
from server.log.timestamp import roots_in
from server.settings import Settings
from server.storage.engine import Database
from server.storage.errors import Unreadable
from server.storage.journal_store import SqlJournal
from server.storage.log_reading import reading

_MOST: Final = 1 << 20  # characters of a checkpoint


class CannotCheck(Exception):
    """One line for the person at the terminal."""


async def run_check(
    settings: Settings, against: Sequence[Path], key: str, progress: Callable[[int], None] = lambda _: None
) -> Report:
    kept, expected = _given(against, key)
    try:
        roots = roots_in(settings.tsa_roots) if settings.tsa_roots else []
    except (OSError, ValueError) as fault:
        raise CannotCheck(str(fault)) from None
    database = _existing(settings)
    try:
        async with reading(database) as snapshot:
            return await check(snapshot, settings.data, kept, expected, roots, progress)
    except Unreadable as fault:
        raise CannotCheck(str(fault)) from None
    finally:
        await database.close()


async def run_restored(settings: Settings, against: Sequence[Path], key: str, accept: str) -> tuple[Restored, str]:
    """What is missing, and what was done about it ("" when nothing was asked)."""
    kept, expected = _given(against, key)
    database = _existing(settings)
    try:
        cases = case_keys(settings.data, settings.master_key)
        async with reading(database) as snapshot:
            found = await restored.look(snapshot, settings.data, cases, kept, expected)
        if not accept:
            return found, ""
        aside = await restored.accept(settings.data, SqlJournal(database), found, accept)
        return found, f"accepted and noted in the journal; the checkpoints of before are in {aside}"
    except (Unreadable, ValueError) as fault:
        raise CannotCheck(str(fault)) from None
    finally:
        await database.close()


def _given(against: Sequence[Path], key: str) -> tuple[list[tuple[str, str]], tuple[str, bytes] | None]:
    try:
        return [(str(path), _text(path)) for path in against], public_key_of(key) if key else None
    except (OSError, ValueError, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None


def _text(checkpoint: Path) -> str:
    with checkpoint.open(encoding="utf-8") as file:
        text = file.read(_MOST + 1)
    if len(text) > _MOST:
        raise ValueError(f"{checkpoint} is longer than any checkpoint")
    return text


async def adopt(settings: Settings) -> str:
    """What to tell the person who asked."""
    try:
        signer = signers.existing(settings.data)
    except ValueError as fault:
        raise CannotCheck(str(fault)) from None
    database = _existing(settings)
    try:
        async with reading(database):
            pass  # it is there
        adopted = await KnownKeys(SqlJournal(database), lambda: datetime.now(UTC)).adopt(signer, SYSTEM)
    except (Unreadable, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None
    finally:
        await database.close()
    told = public_key(signer.name, signer.public)
    return f"adopted: {told}" if adopted else f"is the one that signs already: {told}"


def _existing(settings: Settings) -> Database:
    """Connecting to SQLite would make an empty file where there is none."""
    if sentence := absent(settings):
        raise CannotCheck(sentence)
    return Database(settings.database)
