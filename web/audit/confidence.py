"""What leaves the program about a session leaves without what was said in confidence, as an evidence package does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from journal import Actor, Event
from journal.events import stamp
from recordings.evidence.lines import Line, withheld
from web.i18n import N_

CONFIDED: Final = {
    "Confided": N_("something written in a private talk"),
    "ReasonConfided": N_("a reason told to the mediator alone"),
    "SlipWritten": N_("a message slip for the mediator"),
    "SlipMarked": N_("whether a message slip may be passed on"),
    "SlipWithdrawn": N_("a message slip that was taken back"),
    "SlipShown": N_("a message slip that the mediator passed on"),
    "FigureEntered": N_("a figure entered by one side, to be compared unseen"),
    "GapRevealed": N_("whether the two sides' offers overlap"),
    "ExhibitConfided": N_("evidence shown to the mediator alone"),
    "ClausePut": N_("a clause that was proposed and not agreed to"),
    "ClauseRemoved": N_("a proposed clause that was taken out"),
    "ClauseAnswered": N_("an answer to a proposed clause"),
}
"""Type -> what kind of thing it was; all of `recordings.evidence.lines.WITHHOLDABLE`."""


def outward(events: Sequence[Event]) -> list[Event]:
    """Of what was confided or offered in vain only type, time and hashes; the chain still holds."""
    told = withheld([_line(event) for event in events])
    return [event if line.salt == event.salt else _without(event) for event, line in zip(events, told, strict=True)]


def _without(event: Event) -> Event:
    return replace(event, data={}, actor=Actor(event.actor.kind, "", ""), salt="")


def _line(event: Event) -> Line:
    actor = (event.actor.kind, event.actor.id, event.actor.name, event.actor.role, event.actor.office)
    data, at = dict(event.data), stamp(event.at)
    return Line(event.stream, event.version, event.type, data, at, actor, event.salt, event.content, event.hash, leaf=0)
