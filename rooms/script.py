"""The script card's lists: what the mediator asks for in each phase. Kept in the journal, shown to the mediator alone.

What the opening owes by law is apart (`OpeningCovered`); these are aids, and nothing waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping

from rooms import commands as c, events as e
from rooms.errors import BadValue
from rooms.events import SessionEvent
from rooms.vocabulary import Phase

ITEMS: Mapping[Phase, tuple[str, ...]] = {
    Phase.OPENING: ("introduced", "voluntary", "recording_explained", "assisted_asked"),
    Phase.CONSUMER_STATEMENT: ("when_and_how_much", "used_and_left", "request_and_reason", "summed_up"),
    Phase.BUSINESS_STATEMENT: ("facts_agreed", "facts_disputed", "refund_terms", "may_decide"),
    Phase.DISCUSSION: ("undisputed_named", "open_points_named", "law_explained"),
    Phase.PROPOSAL: ("who_does_what", "how_much_by_when", "both_answered", "performable"),
    Phase.CLOSING: ("read_out", "next_steps", "ways_out_told"),
}
KNOWN = frozenset(f"{phase.value}.{item}" for phase, items in ITEMS.items() for item in items)


def decided(command: c.ScriptCommand, checked: frozenset[str]) -> list[SessionEvent]:
    if command.item not in KNOWN:
        raise BadValue(field="item")
    return [] if (command.item in checked) is command.done else [e.ItemChecked(command.item, command.done)]


def after(checked: frozenset[str], event: e.ScriptEvent) -> frozenset[str]:
    return checked | {event.item} if event.done else checked - {event.item}
