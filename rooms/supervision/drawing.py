"""The rule by which mediations are drawn for review, in numbered editions, and the draw: what of a mediation speaks for
looking at it again, and who a published seed draws.

Owns the stream `sampling/<office>`: editions, each chosen with a reason. Draws in whole numbers only, and nothing here
names a person: the numbers are published with the draw, so that an outsider can do it over.

DomainError
├── NotAllowed      this kind of person may not ask it, or it is another's
├── WrongState      not at this stage
├── BadRule         a number of the rule that cannot be
├── Missing         the reason or text is missing, or too long
├── BadChoice       no such item, answer, severity, finding
├── NoEvidence      a finding points at nothing
├── Unanswered      something is still open: it cannot be handed on or closed
└── NothingToUndo
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Literal, get_args

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


Risk = Literal["below", "short", "silent", "caucus", "gaps", "repeated", "withdrawn", "overdue"]
RISKS: Final[tuple[Risk, ...]] = get_args(Risk)
HELD: Final = frozenset({"settled", "not_settled"})
"""Outcomes of a mediation that was talked through: only of these a short time says anything."""
SPOKEN: Final = 60_000
"""Milliseconds both sides together must have spoken before a silence says anything."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Money in fen, times in milliseconds, `overdue` in days. Ids are the journal's own and say nothing.

    `fresh`: closed in the period, so it takes part at random; otherwise only a promise has fallen due meanwhile.
    `withdrawn`: from the last private talk's end to the withdrawal; None: not withdrawn, or no private talk.
    """

    session: str
    mediator: str
    outcome: str
    fresh: bool = True
    claimed: int | None = None
    settled: int = 0
    together: int = 0
    length: int = 0
    private: int = 0
    consumer: int = 0  # speaking
    business: int = 0
    lost: int = 0  # of the recording
    repeats: int = 1
    withdrawn: int | None = None
    overdue: int = 0
    apart: bool = False  # asynchronous: nobody had to be there at one time
    known: bool = False  # drawn or reviewed before
    gone: bool = False  # the record was erased


FIELDS: Final = tuple(Candidate.__dataclass_fields__)


def plain_candidate(candidate: Candidate) -> dict[str, Any]:
    return {name: getattr(candidate, name) for name in FIELDS}


def candidate_of(data: Mapping[str, Any]) -> Candidate:
    return Candidate(**{name: data[name] for name in FIELDS if name in data})


def risks(one: Candidate, rule: SamplingRule) -> tuple[Risk, ...]:
    """In the order of `RISKS`."""
    spoken = one.consumer + one.business
    seen: dict[Risk, bool] = {
        "below": one.outcome == "settled" and bool(one.claimed) and one.settled * 100 < (one.claimed or 0) * rule.below,
        "short": one.outcome in HELD and not one.apart and one.together < rule.short * 60_000,
        "silent": spoken >= SPOKEN and min(one.consumer, one.business) * 100 < spoken * rule.silent,
        "caucus": rule.caucus > 0 and one.private * 100 > one.length * rule.caucus,
        "gaps": rule.gaps > 0 and one.lost > rule.gaps * 1000,
        "repeated": rule.repeats > 0 and one.repeats >= rule.repeats,
        "withdrawn": one.withdrawn is not None and one.withdrawn < rule.withdrawn * 60_000,
        "overdue": rule.overdue > 0 and one.overdue >= rule.overdue,
    }
    return tuple(risk for risk in RISKS if seen[risk])


# ------------------------------------------------------------ the draw


FORMAT: Final = "yuntiao/draw/1"
Reason = Literal["share", "mediator", "below", "short", "silent", "caucus", "gaps", "repeated", "withdrawn", "overdue"]
Skip = Literal["gone", "known", "no_place", "not_drawn"]
SKIPS: Final[tuple[Skip, ...]] = get_args(Skip)


@dataclass(frozen=True, slots=True)
class DrawnCandidate:
    candidate: Candidate
    ticket: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PassedCandidate:
    """Not drawn; `spoke` is what would have spoken for it."""

    candidate: Candidate
    ticket: str
    why: Skip
    spoke: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """Both in the order in which they came to it."""

    chosen: tuple[DrawnCandidate, ...] = ()
    passed: tuple[PassedCandidate, ...] = ()


def seed_of(office: str, period: str, size: int, root: bytes) -> str:
    """Lower-case hex. `size` and `root` (32 bytes) are the checkpoint's."""
    lines = (FORMAT, office, period, str(size), base64.b64encode(root).decode())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def ticket(seed: str, session: str) -> str:
    return hashlib.sha256(f"{seed}\n{session}".encode()).hexdigest()


@dataclass(slots=True)
class _Places:
    """Who has one, with every reason for it, in the order they got it."""

    taken: dict[str, list[Reason]] = field(default_factory=dict)

    def give(self, sessions: Iterable[str], reason: Reason, most: int) -> None:
        for session in sessions:
            if session in self.taken:
                self.taken[session].append(reason)
            elif len(self.taken) < most:
                self.taken[session] = [reason]


def draw(candidates: Sequence[Candidate], rule: SamplingRule, seed: str) -> Draw:
    """Draw by a published seed and a rule who of the candidates is looked at, and why everybody else is not.

    A pure function of what is published. The order of chance is that of the tickets, `SHA-256(seed, newline, session)`;
    the seed is the hash of a checkpoint that was signed when every candidate had closed. So nobody who mediates knows
    it in time, nobody who draws can choose it, and anybody can do it over.

    First at random, as far as places are not kept for risks; then risks, the most of them first; then, where risks left
    places free, the rest of the random part.
    """
    tickets = {one.session: ticket(seed, one.session) for one in candidates}
    in_turn = sorted(candidates, key=lambda one: tickets[one.session])
    open_to_draw = [one for one in in_turn if not (one.gone or one.known)]
    seen = {one.session: risks(one, rule) for one in open_to_draw}
    share, mediators = _at_random(open_to_draw, rule)
    risky = sorted((one for one in open_to_draw if seen[one.session]), key=lambda one: -len(seen[one.session]))

    places = _Places()
    places.give(share, "share", rule.most - rule.kept)
    places.give(mediators, "mediator", rule.most - rule.kept)
    for one in risky:
        for risk in seen[one.session]:
            places.give([one.session], risk, rule.most)
    left = [session for session in share if session not in places.taken]
    places.give(left, "share", rule.most)
    places.give([session for session in mediators if session not in places.taken], "mediator", rule.most)

    by_id = {one.session: one for one in candidates}
    chosen = tuple(DrawnCandidate(by_id[id_], tickets[id_], tuple(reasons)) for id_, reasons in places.taken.items())
    passed = tuple(
        _passed(one, tickets[one.session], share, mediators, seen) for one in in_turn if one.session not in places.taken
    )
    return Draw(chosen, passed)


def _at_random(open_to_draw: Sequence[Candidate], rule: SamplingRule) -> tuple[Sequence[str], Sequence[str]]:
    """The share of all, and beyond it what is missing of each mediator's; both in the order of their tickets."""
    fresh = [one for one in open_to_draw if one.fresh]
    wanted = max(-(-len(fresh) * rule.share // 1000), rule.least)
    share = [one.session for one in fresh[:wanted]]
    had: dict[str, int] = {}
    for one in fresh[:wanted]:
        had[one.mediator] = had.get(one.mediator, 0) + 1
    mediators = []
    for one in fresh[wanted:]:
        if had.get(one.mediator, 0) < rule.each:
            had[one.mediator] = had.get(one.mediator, 0) + 1
            mediators.append(one.session)
    return share, mediators


def _passed(
    one: Candidate,
    number: str,
    share: Sequence[str],
    mediators: Sequence[str],
    seen: Mapping[str, tuple[Risk, ...]],
) -> PassedCandidate:
    if one.gone:
        return PassedCandidate(one, number, "gone")
    if one.known:
        return PassedCandidate(one, number, "known")
    spoke: list[Reason] = [*(("share",) if one.session in share else ())]
    spoke += ["mediator"] if one.session in mediators else []
    spoke += seen[one.session]
    return PassedCandidate(one, number, "no_place" if spoke else "not_drawn", tuple(spoke))
