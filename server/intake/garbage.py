"""How often a process that makes or writes very many rows looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_THRESHOLDS: Final = (200_000, 20, 100)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """What is made here are tuples of texts, without circles: looking for some would be a sixth of the work."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
