"""JSON as it goes to browsers: UTF-8 as it is, no spaces, and objects put together from texts already made."""

from __future__ import annotations

import json
from typing import Any


def encoded(value: Any) -> str:
    """The JSON text. Half of a surrogate pair, which UTF-8 has no bytes for, becomes a question mark."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def merged(*objects: str) -> str:
    """One object with the members of all."""
    return "{" + ",".join(text[1:-1] for text in objects if text != "{}") + "}"


def size(text: str) -> int:
    """Bytes on the wire."""
    return len(text) if text.isascii() else len(text.encode())
