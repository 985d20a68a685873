"""What nobody types and anybody can send, as it stands percent-encoded in a URL or form; and names to send it under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

ROOT: Final = Path(__file__).parents[3]

TEXTS: Final[Sequence[str]] = (
    "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "-1", "2024-02-30", "2024-13-01", "2024-01-01T00:00",
    "２０２４-０１-０１", "２０２４", "²", "٣", "1e309", "NaN", "Infinity", "9" * 400, "9" * 5000, "2147483648", "9223372036854775808",
    "-9223372036854775809", "0", "00", "1.5", "1_000", "0x10", "\x00", "a\x00b", "\u202e\u200f", "😀" * 3, "\ufeff", "../../etc/passwd",
    "..\\..\\", "' OR 1=1 --", "<script>alert(1)</script>", "{{7*7}}", "%s%n", "a" * 9000, "长" * 3000, "\r\nSet-Cookie: a=b",
    "[]", "{}", "null", "true", "2024-W01", "2024-W99", "2024-Q5", "0001-Q1", "9999-W53", "24:00", "25:61", "+08:00", "None",
    "//evil.example", "/\\evil.example", "http://[::1", "a,b", ",", " ", "", "\u3000", "\u0130\u0131ß", "a" * 255 + "\u0301",
)  # fmt: skip
RAW: Final[Sequence[str]] = (
    "%ff%fe",
    "%ed%a0%80",
    "%c0%af",
    "%2e%2e%2f",
    "%00",
    "%",
    "%zz",
    "%f0%9f",
    "%E4%B8",
    "%252e",
)
"""Not what `quote` makes of any text: invalid UTF-8, half a surrogate pair, overlong, no escape at all."""
VALUES: Final[Sequence[str]] = (*(quote(text, safe="") for text in TEXTS), *RAW)
DATES: Final[Sequence[str]] = tuple(value for value in VALUES if re.match(r"[\d%-]", value))


def field_names() -> Sequence[str]:
    """Every name that a page reads from a query or form, or that a form of ours has."""
    found = set()
    for path in (ROOT / "web").rglob("*.py"):
        if "node_modules" not in path.parts:
            found |= set(
                re.findall(r"(?:query|form|fields|typed|posted|body)\S*?\(\s*\"([a-z_]{1,30})\"", path.read_text())
            )
            found |= set(re.findall(r"(?:query|form|fields|typed|posted)\[\"([a-z_]{1,30})\"\]", path.read_text()))
    for path in (ROOT / "web").rglob("*.html"):
        found |= set(re.findall(r"name=\"([a-z_]{1,30})\"", path.read_text()))
    return sorted(found - {"csrf"})
