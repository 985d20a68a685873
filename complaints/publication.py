"""Whether the channel a complaint came by marks it for publication (Order 121 Art 38): a column imports keep as text.

Publishing itself is done on the national platform; here it is only shown.
"""

from __future__ import annotations

import re
from typing import Final

_MARK: Final = re.compile(r"^(?:是否公示|公示状态)[：:][ \t]*(\S.{0,19})$", re.MULTILINE)


def marked(facts: str) -> str:
    """As the source wrote it ("是", "否", …); "" where it said nothing. `facts`: as they are on file."""
    found = _MARK.findall(facts)
    return found[-1].strip() if found else ""
