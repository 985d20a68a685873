"""What `yuntiao log …` does, beside a server that may be running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from journal import SYSTEM
from journal.ed25519 import verifies
from journal.events import NoteBroken
from journal.notes import public_key, public_key_of
from journal.verification import Judgement, Verdict, growth_of, judge
from recordings.files.keys import case_keys
from server.db.engine import Database, UnreadableDatabase
from server.db.journal import SqlJournal
from server.evidence import log_keeper, restored
from server.evidence.attesting import roots_in
from server.evidence.log_check import LogReport, check
from server.evidence.log_keeper import KnownKeys
from server.evidence.log_reading_store import reading
from server.evidence.restored import Restored
from server.serving.data_folder import installation_absent
from server.serving.settings import Settings

_MOST: Final = 1 << 20  # characters of a checkpoint


class CannotCheck(Exception):
    """One line for the person at the terminal."""


async def run_check(
    settings: Settings, against: Sequence[Path], key: str, progress: Callable[[int], None] = lambda _: None
) -> LogReport:
    kept, expected = _given(against, key)
    try:
        roots = roots_in(settings.tsa_roots) if settings.tsa_roots else []
    except (OSError, ValueError) as fault:
        raise CannotCheck(str(fault)) from None
    database = _existing(settings)
    try:
        async with reading(database) as snapshot:
            return await check(snapshot, settings.data, kept, expected, roots, progress)
    except UnreadableDatabase as fault:
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
    except (UnreadableDatabase, ValueError) as fault:
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
        signer = log_keeper.configured_existing_signer(settings.data)
    except ValueError as fault:
        raise CannotCheck(str(fault)) from None
    database = _existing(settings)
    try:
        async with reading(database):
            pass  # it is there
        adopted = await KnownKeys(SqlJournal(database), lambda: datetime.now(UTC)).adopt(signer, SYSTEM)
    except (UnreadableDatabase, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None
    finally:
        await database.close()
    told = public_key(signer.name, signer.public)
    return f"adopted: {told}" if adopted else f"is the one that signs already: {told}"


def _existing(settings: Settings) -> Database:
    """Connecting to SQLite would make an empty file where there is none."""
    if sentence := installation_absent(settings):
        raise CannotCheck(sentence)
    return Database(settings.database)


MOST_BYTES = 64 * 1024
SENTENCES: Final[dict[Verdict, str]] = {
    "grew": "nothing before was changed, removed or put in; {more} entries came after",
    "same": "it is the same state",
    "other_log": "FOUND other_log: the kept state is another installation's",
    "shrank": "FOUND shrank: the log has fewer entries than it had",
    "rewritten": "FOUND rewritten: what was in the log then is not what is in it now",
}


def run(kept: Path, proof: Path, key: str) -> Judgement:
    """Say whether the log a bureau shows today continues the state of it that somebody kept (`yuntiao log grew`).

    Needs two files and the published key, no data folder and no network. `key` as it was published. CannotCheck, also
    where a signature does not hold: then nothing is known.
    """
    try:
        name, public = public_key_of(key)
        return judge(_read(kept), growth_of(_read(proof)), name, public, verifies)
    except (OSError, ValueError, NoteBroken) as fault:
        raise CannotCheck(str(fault)) from None


def lines(found: Judgement) -> list[str]:
    return [
        f"then {found.old.size} entries, signed {found.old.made.isoformat()}",
        f"now {found.new.size} entries, signed {found.new.made.isoformat()}",
        SENTENCES[found.verdict].format(more=found.new.size - found.old.size),
    ]


def as_json(found: Judgement) -> dict[str, Any]:
    return {
        "holds": found.holds,
        "verdict": found.verdict,
        "origin": found.new.origin,
        "then": {"entries": found.old.size, "signed": found.old.made.isoformat()},
        "now": {"entries": found.new.size, "signed": found.new.made.isoformat()},
    }


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"{path} is too large")
    return data.decode()
