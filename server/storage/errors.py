"""What can go wrong in storage.

StorageError
├── Taken            a unique name (a login, an office) exists already
├── FollowerTooSlow  a follower of the journal did not keep up and lost its place
└── Unreadable       the database has no log, or cannot be asked for it

Journal conflicts are `journal.Conflict`; refusals to people are `web.ports.Refused`.
"""

from __future__ import annotations


class StorageError(Exception):
    """Base of storage faults; `code` is stable."""

    code = "storage"


class Taken(StorageError):
    """Somebody has this name already."""

    code = "taken"


class FollowerTooSlow(StorageError):
    """Events were appended faster than a follower took them; it must read the streams and follow anew."""

    code = "follower_too_slow"


class Unreadable(StorageError):
    """Not this program's tables, or no database that answers."""

    code = "unreadable"
