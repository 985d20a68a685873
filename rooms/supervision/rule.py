"""The rule by which mediations are drawn for review, in numbered editions, and what can be wrong with what is asked.

Owns the stream `sampling/<office>`: editions, each chosen with a reason.

DomainError
├── NotAllowed    this kind of person may not ask it, or it is another's
├── WrongState    not at this stage
├── BadRule       a number of the rule that cannot be
├── Missing       the reason or text is missing, or too long
├── BadChoice     no such item, answer, severity, finding
├── NoEvidence    a finding points at nothing
├── Unanswered    something is still open: it cannot be handed on or closed
└── NothingToUndo
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from journal import Actor, Event
from journal.refusals import DomainError, Missing, NotAllowed


class BadRule(DomainError):
    code = "bad_rule"


class NoEvidence(DomainError):
    code = "no_evidence"


class Unanswered(DomainError):
    code = "unanswered"


class NothingToUndo(DomainError):
    code = "nothing_to_undo"


# ------------------------------------------------------------ editions of the rule


STREAM: Final = "sampling"
CHOSEN: Final = "RuleChosen"
MOST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """The rule by which mediations are drawn for review: whole numbers only, so that anybody can compute the same draw.

    `share` is per mille, other shares per cent. A threshold of 0 switches its risk off. At random: `share` of all that
    closed in the period and at least `least`, then `each` of every mediator. `most` is drawn in all, `kept` of these
    places are for risks as long as there are any.
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


DEFAULT: Final = SamplingRule()
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
class RuleEdition:
    """Number 0 is the one the program comes with."""

    number: int
    rule: SamplingRule
    at: datetime | None = None
    by: str = ""
    reason: str = ""


FIRST: Final = RuleEdition(0, DEFAULT)


def rule_stream(office: str) -> str:
    return f"{STREAM}/{office}"


def plain_rule(rule: SamplingRule) -> dict[str, int]:
    return asdict(rule)


def rule_of(data: Mapping[str, Any]) -> SamplingRule:
    """What an older edition does not say is as the program comes with it."""
    return SamplingRule(**{one.name: int(data[one.name]) for one in fields(SamplingRule) if one.name in data})


def check_rule(rule: SamplingRule) -> SamplingRule:
    """BadRule names the number that cannot be."""
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(rule, name) <= most:
            raise BadRule(field=name, least=least, most=most)
    if rule.kept > rule.most:
        raise BadRule(field="kept", least=0, most=rule.most)
    if not rule.share and not rule.least and not rule.each:
        raise BadRule(field="share", least=1, most=1000)  # what nobody draws at random can be steered
    return rule


def choose_rule(before: SamplingRule, wanted: SamplingRule, reason: str, actor: Actor) -> dict[str, Any] | None:
    """The data of the event to append; None: it is so already. NotAllowed, BadRule, Missing."""
    if actor.role != "supervisor":
        raise NotAllowed
    if check_rule(wanted) == before:
        return None
    if not reason.strip() or len(reason) > MOST_REASON:
        raise Missing(most=MOST_REASON)
    return {"rule": plain_rule(wanted), "reason": reason.strip()}


def rule_editions(events: Iterable[Event]) -> list[RuleEdition]:
    """Oldest first, from number 0."""
    found = [FIRST]
    for event in events:
        if event.type == CHOSEN and not event.erased:
            found.append(
                RuleEdition(
                    len(found), rule_of(event.data["rule"]), event.at, event.actor.name, str(event.data["reason"])
                )
            )
    return found


def rule_in_force(known: Iterable[RuleEdition], at: datetime) -> RuleEdition:
    """The newest edition that had been chosen by then.

    A plan goes by the edition that was in force when its period began, so nobody who has seen a period's mediations can
    shape the rule they are drawn by.
    """
    return [one for one in known if one.at is None or one.at <= at][-1]
