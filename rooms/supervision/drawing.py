"""The draw: from a published seed, a rule and the candidates to who is looked at, and why everybody else is not.

A pure function of what is published. The order of chance is that of the tickets, `SHA-256(seed, newline, session)`;
the seed is the hash of a checkpoint that was signed when every candidate had closed. So nobody who mediates knows it
in time, nobody who draws can choose it, and anybody can do it over.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from rooms.supervision.candidates import Candidate, Risk, risks
from rooms.supervision.rule import Rule

FORMAT: Final = "yuntiao/draw/1"
Reason = Literal["share", "mediator", "below", "short", "silent", "caucus", "gaps", "repeated", "withdrawn", "overdue"]
Skip = Literal["gone", "known", "no_place", "not_drawn"]
SKIPS: Final[tuple[Skip, ...]] = get_args(Skip)


@dataclass(frozen=True, slots=True)
class Chosen:
    candidate: Candidate
    ticket: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """Not drawn; `spoke` is what would have spoken for it."""

    candidate: Candidate
    ticket: str
    why: Skip
    spoke: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """Both in the order in which they came to it."""

    chosen: tuple[Chosen, ...] = ()
    passed: tuple[Passed, ...] = ()


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


def draw(candidates: Sequence[Candidate], rule: Rule, seed: str) -> Draw:
    """First at random, as far as places are not kept for risks; then risks, the most of them first; then, where risks
    left places free, the rest of the random part."""
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
    chosen = tuple(Chosen(by_id[id_], tickets[id_], tuple(reasons)) for id_, reasons in places.taken.items())
    passed = tuple(
        _passed(one, tickets[one.session], share, mediators, seen) for one in in_turn if one.session not in places.taken
    )
    return Draw(chosen, passed)


def _at_random(open_to_draw: Sequence[Candidate], rule: Rule) -> tuple[Sequence[str], Sequence[str]]:
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
) -> Passed:
    if one.gone:
        return Passed(one, number, "gone")
    if one.known:
        return Passed(one, number, "known")
    spoke: list[Reason] = [*(("share",) if one.session in share else ())]
    spoke += ["mediator"] if one.session in mediators else []
    spoke += seen[one.session]
    return Passed(one, number, "no_place" if spoke else "not_drawn", tuple(spoke))
