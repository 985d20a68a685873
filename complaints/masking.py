"""What a business is shown of a complaint: what is claimed of it, without what makes the consumer found or reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from complaints.events import ComplaintRegistered

HIDDEN: Final = "▇▇▇"
_DIGITS: Final = re.compile(r"(?<![\d.,])(?:\d[ \-]?){14,18}[\dXx](?![\d.,])")  # identity numbers, bank cards
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)")
_LANDLINE: Final = re.compile(r"(?<!\d)0\d{2,3}[ \-]?\d{7,8}(?!\d)")
_MAIL: Final = re.compile(r"(?<![\w.+\-])[\w.+\-]++@[\w\-]++(?:\.[\w\-]+)+")
_ACCOUNT: Final = re.compile(r"((?:微信|QQ|qq|WeChat|wechat)(?:号码?|id)?[:： ]*(?:是|为)?[:： ]*)[A-Za-z0-9_\-]{5,}")


@dataclass(frozen=True, slots=True)
class Claims:
    """`who`: the consumer, by family name only; "" when they asked not to be named at all."""

    number: str
    who: str
    title: str
    request: str
    facts: str
    amount: Decimal | None


def claims(record: ComplaintRegistered) -> Claims:
    who = "" if record.secret else shortened(record.consumer.name)
    return Claims(
        record.number,
        who,
        masked_text(record.title, record),
        masked_text(record.request, record),
        masked_text(record.facts, record),
        record.amount,
    )


def masked_text(text: str, record: ComplaintRegistered) -> str:
    """Names on file shortened, addresses and every number or account somebody could be reached by taken out."""
    people = [record.consumer, *record.joint]
    for pattern in (_MAIL, _DIGITS, _MOBILE, _LANDLINE):
        text = pattern.sub(HIDDEN, text)
    text = _ACCOUNT.sub(lambda found: found[1] + HIDDEN, text)
    literal = {one for person in people for one in (person.address, person.email) if len(one) >= 4}
    for one in sorted(literal, key=len, reverse=True):
        text = text.replace(one, HIDDEN)
    names = {person.name for person in people} | ({record.proxy.name} if record.proxy else set())
    for name in sorted(filter(lambda name: len(name) >= 2, names), key=len, reverse=True):
        text = text.replace(name, HIDDEN if record.secret else shortened(name))
    return text


def shortened(name: str) -> str:
    """丁小禾 → 丁某; of a name in letters the first one."""
    name = name.strip()
    if not name:
        return ""
    return f"{name[0]}某" if "\u4e00" <= name[0] <= "\u9fff" else f"{name[0]}."
