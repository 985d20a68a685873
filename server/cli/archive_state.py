"""`yuntiao archive`: what lies where, and a word to the running server not to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recordings.stores import archive
from server.retention.archive import REQUEST, tally
from server.serving import data_folder

_POLL_SECONDS = 0.2


def status(data: Path, store: str) -> dict[str, Any]:
    """As `--json` prints it. `cases` are those that are under way or have failures."""
    recordings = data / "recordings"
    cases = [
        {
            "session": session,
            "state": move.state,
            "store": move.store,
            "files": len(move.items),
            "there": sum(item.step != "here" for item in move.items),
            "error": move.error,
            "tries": move.tries,
            "failed": {item.path: item.error for item in move.failed},
        }
        for session, move in archive.all_moves(recordings)
        if move.state != "done" or move.failed
    ]
    return {"store": store, **asdict(tally(recordings)), "asked": (data / REQUEST).exists(), "cases": cases}


def settled(found: dict[str, Any]) -> bool:
    """Nothing moves any more: all is done, or waits for the store."""
    return not found["asked"] and all(case["state"] == "done" or case["error"] for case in found["cases"])


def ask(data: Path) -> None:
    """Tell the server of this folder; ValueError when there is none."""
    if data_folder.is_locked(data):
        (data / REQUEST).touch()
        return
    raise ValueError(f"no yuntiao serves {data}: it archives when one does")


def wait(data: Path, store: str, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Until nothing moves any more; `tell` is called with every change."""
    told: dict[str, Any] = {}
    while True:
        found = status(data, store)
        if found != told:
            tell(found)
            told = found
        if settled(found):
            return found
        time.sleep(_POLL_SECONDS)
