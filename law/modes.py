"""How a mediation is held: on site or remotely (Order 121 Art 20, Order 20 Art 18). Values are stored in journals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ROOM: Final = "video"
"""In a room of this installation; what journals from before 2026-11-29 mean where they say nothing."""

PHONE, ON_SITE = "phone", "on_site"

MODES: Final[Mapping[str, tuple[str, str]]] = {
    ROOM: ("网络视频、音频", "video and audio over the internet"),
    PHONE: ("电话", "telephone"),
    ON_SITE: ("现场", "on site"),
    "audio": ("网络音频", "audio over the internet"),
    "other_video": ("网络视频（其他工具）", "video by other means"),
    "internet": ("互联网（文字）", "in writing over the internet"),
}
"""Chinese and English."""

ELSEWHERE: Final = tuple(mode for mode in MODES if mode != ROOM)
"""Without a room of ours: recorded afterwards, and the paper says so."""


def mode_name(mode: str, language: str) -> str:
    """An unknown one as it is."""
    names = MODES.get(mode or ROOM)
    return mode if names is None else names[1] if language.startswith("en") else names[0]
