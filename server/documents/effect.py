"""When an agreement takes effect: one sentence for the draft and for what is signed and sealed.

Order 121 Art 24 (Order 20 Art 22) asks for the signatures or seals of both sides and for the authority's seal; the
mediator's signature stands on the paper and is no condition. What is signed on phones can be taken back until the seal
is on (`rooms.signing.rules`), so it takes effect with the seal and not before (decision 0043).
"""

from __future__ import annotations

from typing import Final

EFFECT: Final = "经双方签字或者盖章，并加盖本机关印章后生效。"
EFFECT_IN_ENGLISH: Final = "In effect once both sides have signed or sealed it and this authority’s seal is on."


def effect(language: str) -> str:
    return EFFECT_IN_ENGLISH if language.startswith("en") else EFFECT
