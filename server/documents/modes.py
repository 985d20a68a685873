"""How a mediation was held, as papers name it (Order 121 Art 20; Order 20 Art 18). Papers take it as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mode:
    """`place` of one that is held on the spot, "" else; `online`: those who take part get a link."""

    zh: str
    en: str
    place: str = ""
    online: bool = False

    def said(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


ONLINE: Final = Mode("网络视频、音频", "by video and audio over the internet", online=True)
PHONE: Final = Mode("电话", "by telephone")


def on_site(place: str) -> Mode:
    return Mode("现场", "on site", place)
