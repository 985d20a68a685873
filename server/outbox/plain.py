"""What somebody typed, as it may stand in a message of the office's own: a name, nothing that is opened or believed.

Messages carry links of ours and the office's mark 【东湖市监】, so nothing else in them may look like either. What a
stranger typed (a complaint's title, what was claimed) is in no message at all; names that an officer keeps are.
"""

from __future__ import annotations

import re
import unicodedata

MOST = 40  # characters
_BRACKETS = re.compile(r"[【】\[\]［］〖〗<>＜＞〈〉]")
# With a scheme, or anything that a phone makes a link of: labels with dots up to a domain's ending, and its path.
_ADDRESS = re.compile(
    r"(?:(?<!\w)\w+:)?//[^\s，。；、）)]+"
    r"|(?<![a-z0-9-])(?:[a-z0-9-]{1,63}[.。．｡]){1,8}"
    r"(?:[a-z]{2,}|xn--[a-z0-9-]+|中国|公司|网络|网址)(?::\d+)?(?:/[^\s，。；、）)]*)?",
    re.IGNORECASE | re.ASCII,
)


def mark(signature: str) -> str:
    """What a text message begins with, in any language: the signature that the carrier has on its books."""
    return f"【{plain(signature)}】"


def plain(text: str, most: int = MOST) -> str:
    """On one line, without addresses, brackets and characters that are not seen; at most `most` characters."""
    seen = "".join(" " if unicodedata.category(one) in ("Zl", "Zp", "Cc") else one for one in text)
    seen = "".join(one for one in seen if unicodedata.category(one) not in ("Cf", "Co", "Cs", "Cn"))
    flat = " ".join(_ADDRESS.sub("", _BRACKETS.sub("", seen)).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
