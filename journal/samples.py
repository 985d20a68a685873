"""What is invented says so in its number: the cases and complaints that come with the program, and a demo's.

Numbers stand on every line, paper and export, so the mark does. An office whose prefix begins with it is a demo's: all
its complaints are samples, and no other office takes one. Nothing of a real office counts what has the mark.
"""

from __future__ import annotations

from typing import Final

MARK: Final = "样例"


def is_sample(number: str) -> bool:
    """True for the number of something invented, or for the prefix of an office that gives such numbers."""
    return number.startswith(MARK)
