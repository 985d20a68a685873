"""The shared kernel: what happened, who did it, when; append-only streams with a hash chain, and a tree over them all.

Owns the vocabulary every other package speaks (`Event`, `Draft`, `Actor`, `Clock`, `Journal`).
Standard library only, but for `journal.notes`.
"""

from journal.events import (
    SYSTEM,
    Actor,
    Conflict,
    Draft,
    Event,
    Journal,
    JournalError,
    StreamBroken,
    append_decided,
    chain_hash,
    sealed,
)

__all__ = [
    "SYSTEM",
    "Actor",
    "Conflict",
    "Draft",
    "Event",
    "Journal",
    "JournalError",
    "StreamBroken",
    "append_decided",
    "chain_hash",
    "sealed",
]
