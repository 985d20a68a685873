"""What can have happened on the script card: the mediator's own list of what each phase asks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemChecked:
    """`item` as in rooms.script.ITEMS. The opening's four duties are `OpeningCovered`."""

    item: str
    done: bool = True


ScriptEvent = ItemChecked
