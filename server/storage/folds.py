"""Folds already made, remembered so that an append costs its own events and not the whole stream again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from journal import Event
from journal.events import follows
from server.storage.rows import Row

S = TypeVar("S")

REMEMBERED = 256  # folds kept in memory; a forgotten one is read again


@dataclass(frozen=True, slots=True)
class Fold(Generic[S]):
    """A stream's state after the event with this hash, and the row written for it."""

    hash: str
    state: S
    row: Row


class Memory(Generic[S]):
    """The latest folds. The hash chain says whether one is really the predecessor of what was appended, so a fold
    remembered from a transaction that was rolled back, or overtaken by another process, is never built on."""

    def __init__(self) -> None:
        self._folds: OrderedDict[str, Fold[S]] = OrderedDict()

    def before(self, first: Event) -> Fold[S] | None:
        fold = self._folds.get(first.stream)
        return fold if fold is not None and follows(fold.hash, first) else None

    def keep(self, last: Event, state: S, row: Row) -> None:
        self._folds[last.stream] = Fold(last.hash, state, row)
        self._folds.move_to_end(last.stream)
        if len(self._folds) > REMEMBERED:
            self._folds.popitem(last=False)
