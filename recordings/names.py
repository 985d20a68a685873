"""Ids that may be the names of files and folders."""

from __future__ import annotations

import re

from recordings.errors import BadName

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def safe_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise BadName(repr(text[:80]))
    return text
