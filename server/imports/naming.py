"""Which business a complaint's text may be about, where its channel names none. Suggested; a person says which it is.

Only what happened is looked at, never the subject: people write there what the channel files it under.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from complaints.channels.reading import NO_FACTS

LONGEST: Final = 4_000  # characters that are looked at
MOST: Final = 5
_LABEL: Final = re.compile(
    r"(?:(?:涉事|被投诉|被举报|投诉)(?:商家|商户|单位|企业|店铺|公司|方|人)|商家名称|店铺名称|企业名称|店名)"
    r"[:：][ \t]*([^\s，。；,;、:：]{2,40})"
)

_BESIDE: Final = ("隔壁", "旁边", "旁", "对面", "附近", "楼上", "楼下", "门口")  # it only says where


def suggested_businesses(facts: str) -> tuple[str, ...]:
    """Names that stand in the text, what it names expressly and most often first; few, and perhaps none."""
    from casebook.deidentifying.organisations import organisations  # cuts words, which is slow to load
    from casebook.deidentifying.text import plain

    if facts.startswith(NO_FACTS):
        return ()
    text = plain(facts[:LONGEST])
    found: Counter[str] = Counter({name.strip(): 100 - n for n, name in enumerate(_LABEL.findall(text))})
    for one in organisations(text, ()):
        beside = text.startswith(_BESIDE, one.end)
        found[text[one.start : one.end].strip()] += 0 if beside else 1
    names = [name for name, _ in found.most_common() if len(name) >= 3]
    return tuple(name for name in names if not any(name != other and name in other for other in names))[:MOST]
