"""Which jobs there are, and what an earlier process left undone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recordings.keys import Keys
from recordings.shelf import Shelf
from server.jobs.composing import Composing, interrupted
from server.jobs.runner import Handler


def handlers(data: Path, keys: Keys) -> Mapping[str, Handler]:
    """Job name → coroutine function that takes the job's arguments by name. `data` is the data folder."""
    return {"compose": Composing(Shelf(data / "recordings", keys))}


def unfinished(data: Path) -> list[tuple[str, dict[str, Any]]]:
    """Jobs that were begun by a process that died, or whose place in the queue was lost."""
    return [("compose", {"session": session}) for session in interrupted(data / "recordings")]
