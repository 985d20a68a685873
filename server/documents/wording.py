"""The wordings of an edition, and a sheet made of one of them.

A wording is a TOML file: blocks of text in Chinese and English, some for one order only (`order`) or only where a fact
is given (`if`). Blanks `{name}` are filled once: what a fact says is never looked at for blanks of its own. An edition
is never changed after a document was issued under it: a change is a new folder.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from server.documents.press import EDITIONS, Block, Gloss, Sheet

NEWEST: Final = "2026-11-29"
_BLANK = re.compile(r"\{(\w+)\}")

Facts = Mapping[str, str]


@functools.cache
def wording(kind: str, edition: str = NEWEST) -> Mapping[str, Any]:
    """FileNotFoundError for a kind or edition there is none of."""
    return tomllib.loads((EDITIONS / edition / f"{kind}.toml").read_text("utf-8"))


def title(kind: str, language: str = "zh", edition: str = NEWEST) -> str:
    said: str = wording(kind, edition)["title"]["en" if language.startswith("en") else "zh"]
    return said


def written(kind: str, order: str, zh: Facts, en: Facts | None, day: date, number: str, draft: bool = False) -> Sheet:
    """`zh` and `en` fill the blanks in each language; without `en` there is no English gloss. KeyError names a blank
    nothing fills."""
    words = wording(kind)
    return Sheet(
        office=zh["issuer"],
        number=number,
        title=title(kind),
        addressee=filled(words["addressee"], zh),
        blocks=_blocks(words, order, "zh", zh),
        date=chinese_day(day),
        file_number=f"投诉登记编号 {zh['file_number']}",
        day=(day.year, day.month, day.day),
        edition=NEWEST,
        signatures=tuple(words.get("signatures", ())),
        draft=draft,
        gloss=None if en is None else Gloss(title(kind, "en"), _blocks(words, order, "en", en)),
    )


def chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def sentence(typed: str) -> str:
    """What somebody typed, with the mark at its end that they left out."""
    said = typed.strip()
    if not said or said.rstrip("”’\"')）")[-1:] in "。！？…；.!?;":
        return said
    return said + ("." if said.isascii() else "。")


def filled(text: str, facts: Facts) -> str:
    return _BLANK.sub(lambda blank: facts[blank[1]], text)


def _blocks(words: Mapping[str, Any], order: str, language: str, facts: Facts) -> tuple[Block, ...]:
    return tuple(
        Block(block.get("style", "text"), filled(block.get(language, block["zh"]), facts))
        for block in words["block"]
        if block.get("order", order) == order and ("if" not in block or facts[block["if"]].strip())
    )


EFFECT: Final = "经双方签字或者盖章，并加盖本机关印章后生效。"
EFFECT_IN_ENGLISH: Final = "In effect once both sides have signed or sealed it and this authority’s seal is on."


def effect_sentence(language: str) -> str:
    """When an agreement takes effect: one sentence for the draft and for what is signed and sealed.

    Order 121 Art 24 (Order 20 Art 22) asks for the signatures or seals of both sides and for the authority's seal; the
    mediator's signature stands on the paper and is no condition. What is signed on phones can be taken back until the
    seal is on (`rooms.signing.rules`), so it takes effect with the seal and not before (decision 0043).
    """
    return EFFECT_IN_ENGLISH if language.startswith("en") else EFFECT
