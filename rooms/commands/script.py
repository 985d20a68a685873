"""What can be asked of the script card."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckItem:
    """`item` as in rooms.script.ITEMS."""

    item: str
    done: bool = True


ScriptCommand = CheckItem
