"""The rule by which mediations are drawn for review: data, in numbered editions, chosen with a reason.

Owns the stream `sampling/<office>`. A plan goes by the edition that was in force when its period began, so nobody who
has seen a period's mediations can shape the rule they are drawn by. An edition is whole numbers only: an outsider
computes with it in any language and arrives at the same draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from journal import Actor, Event
from rooms.supervision.errors import BadRule, NotYours, Unexplained

STREAM: Final = "sampling"
CHOSEN: Final = "RuleChosen"
MOST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """`share` is per mille, other shares per cent. A threshold of 0 switches its risk off.

    At random: `share` of all that closed in the period and at least `least`, then `each` of every mediator. `most` is
    drawn in all, `kept` of these places are for risks as long as there are any.
    """

    share: int = 50
    least: int = 2
    each: int = 1
    most: int = 12
    kept: int = 4
    below: int = 30  # settled for less than this much of the claim
    short: int = 10  # minutes together
    silent: int = 10  # less than this of both sides' speaking was one side's
    caucus: int = 50  # more than this of the mediation was in private
    gaps: int = 60  # seconds of recording lost for technical reasons
    repeats: int = 3  # mediations of one business
    window: int = 90  # days that `repeats` are counted over
    withdrawn: int = 30  # minutes from a private talk to the withdrawal
    overdue: int = 1  # days that a promise is past due


DEFAULT: Final = Rule()
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "share": (0, 1000),
    "least": (0, 100),
    "each": (0, 20),
    "most": (1, 500),
    "kept": (0, 500),
    "below": (0, 100),
    "short": (0, 240),
    "silent": (0, 50),
    "caucus": (0, 100),
    "gaps": (0, 3600),
    "repeats": (0, 100),
    "window": (7, 365),
    "withdrawn": (0, 1440),
    "overdue": (0, 365),
}
"""What each number may be."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Number 0 is the one the program comes with."""

    number: int
    rule: Rule
    at: datetime | None = None
    by: str = ""
    reason: str = ""


FIRST: Final = Edition(0, DEFAULT)


def stream(office: str) -> str:
    return f"{STREAM}/{office}"


def plain(rule: Rule) -> dict[str, int]:
    return asdict(rule)


def of(data: Mapping[str, Any]) -> Rule:
    """What an older edition does not say is as the program comes with it."""
    return Rule(**{one.name: int(data[one.name]) for one in fields(Rule) if one.name in data})


def checked(rule: Rule) -> Rule:
    """BadRule names the number that cannot be."""
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(rule, name) <= most:
            raise BadRule(field=name, least=least, most=most)
    if rule.kept > rule.most:
        raise BadRule(field="kept", least=0, most=rule.most)
    if not rule.share and not rule.least and not rule.each:
        raise BadRule(field="share", least=1, most=1000)  # what nobody draws at random can be steered
    return rule


def choose(before: Rule, wanted: Rule, reason: str, actor: Actor) -> dict[str, Any] | None:
    """The data of the event to append; None: it is so already. NotYours, BadRule, Unexplained."""
    if actor.role != "supervisor":
        raise NotYours
    if checked(wanted) == before:
        return None
    if not reason.strip() or len(reason) > MOST_REASON:
        raise Unexplained(most=MOST_REASON)
    return {"rule": plain(wanted), "reason": reason.strip()}


def editions(events: Iterable[Event]) -> list[Edition]:
    """Oldest first, from number 0."""
    found = [FIRST]
    for event in events:
        if event.type == CHOSEN and not event.erased:
            found.append(
                Edition(len(found), of(event.data["rule"]), event.at, event.actor.name, str(event.data["reason"]))
            )
    return found


def in_force(known: Iterable[Edition], at: datetime) -> Edition:
    """The newest edition that had been chosen by then."""
    return [one for one in known if one.at is None or one.at <= at][-1]
