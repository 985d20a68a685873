"""What can grow in a room and therefore travels apart from the view: drafts, exhibits, slips, results, texts shown.

A part is a group of the view's members (docs/wire.md, "Parts"). Each listener is sent what changed of it, field by
field, in messages with a bound. What somebody may know of it is decided by the functions the table names.

Of the draft everybody in the room reads every clause and every fact, and who agrees. A reason told to the mediator
alone, and who asked what a clause means, is seen by the mediator and by whoever it came from. Of the signing everybody
sees who has read and signed. Why somebody refuses is told to the mediator and to nobody else but themselves;
handwriting is shown to nobody here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rooms import view as w
from rooms.agreement import outcome
from rooms.agreement.outcome import decider, empowered, speakers
from rooms.agreement.state import SIDES, AcceptedFact, Clause, ClauseAnswer
from rooms.caucus.rules import slips_view
from rooms.events import encode_json, json_size, plain, wire_time
from rooms.exhibits.rules import exhibits_view, proofs_view
from rooms.floor.state import SECTIONS, card_view, law_view, typical_view
from rooms.joining.rules import onlooker
from rooms.seats import SeatState, side_of
from rooms.session import Session
from rooms.signing.state import SigningState
from rooms.view import Message
from rooms.view.seat_view import ViewExtras, inside, told_the_result
from rooms.vocabulary import OutcomeKind, Performance, Role, Side

REMOVED_SHOWN = 20


def draft_view(session: Session, seat: str) -> w.DraftView:
    draft = session.draft
    if session.over and (session.outcome is None or session.outcome.kind is not OutcomeKind.SETTLED):
        draft = replace(draft, clauses=(), removed=())  # what was offered on the way goes no further
    return {
        "clauses": [_clause(session, clause, seat) for clause in draft.clauses],
        "removed": [
            {"id": gone.id, "number": gone.number, "text": gone.text} for gone in draft.removed[-REMOVED_SHOWN:]
        ],
        "facts": [_fact(session, fact, seat) for fact in draft.facts],
        "claims": {side: draft.claims.get(side, "") for side in SIDES},
        "deciders": {side: decider(session, side) for side in SIDES},
        "standing": _standing(session, session.seats[seat]),
        "authorities": {
            id: {"capacity": held.capacity, "special": held.special, "basis": held.basis, "settles": held.settles}
            for id, held in draft.authorities.items()
        },
        "unproven": [
            seat.id
            for side in SIDES
            for seat in speakers(session, side)
            if session.attends(seat) and not empowered(session, seat)
        ],
        "agreed": outcome.agreed(session),
        "missing": [{"clause": clause.id, "side": side} for clause, side in outcome.missing(session)],
        "waived": list(outcome.waived_by(session)),
        "at_once": all(  # nothing that was promised is left to do (Order 121 Art 24)
            clause.term is None or clause.term.performance is Performance.ON_THE_SPOT for clause in draft.clauses
        ),
        "sealed": session.sealed,
    }


def _standing(session: Session, seat: SeatState) -> Literal["decides", "reads", "authority", "principal"]:
    """What this person is to the draft: `decides`, or why not: `reads`, `authority` (not recorded), `principal`."""
    side = side_of(seat)
    if side is None or seat not in speakers(session, side):
        return "reads"
    if not empowered(session, seat):
        return "authority"
    return "decides" if decider(session, side) == seat.id else "principal"


def _clause(session: Session, clause: Clause, seat: str) -> w.ClauseView:
    mediator = seat == session.mediator_seat
    return {
        "id": clause.id,
        "number": clause.number,
        "edition": clause.edition,
        "heading": clause.heading,
        "text": clause.text,
        "before": clause.before,
        "plain": clause.plain,
        "gloss": clause.gloss,
        "term": plain(clause.term),
        "voided": _sides(session, clause.voided),
        "asked": clause.asked,
        "queries": [who for who in clause.queries if mediator or who == seat],
        "sides": {side: _answer(outcome.stance(session, clause, side), mediator, seat) for side in SIDES},
    }


def _fact(session: Session, fact: AcceptedFact, seat: str) -> w.FactView:
    mediator = seat == session.mediator_seat
    return {
        "id": fact.id,
        "number": fact.number,
        "edition": fact.edition,
        "text": fact.text,
        "before": fact.before,
        "voided": _sides(session, fact.voided),
        "sides": {side: _answer(outcome.view_of(session, fact, side), mediator, seat) for side in SIDES},
    }


def _sides(session: Session, seats: tuple[str, ...]) -> list[Side]:
    """Whose answers they were."""
    sides = {side_of(session.seats[seat]) for seat in seats if seat in session.seats}
    return [side for side in Side if side in sides]


def _answer(stance: tuple[str, ClauseAnswer] | None, mediator: bool, seat: str) -> w.AnswerView | None:
    if stance is None:
        return None
    who, answer = stance
    return {
        "seat": who,
        "agrees": answer.agrees,
        "reason": answer.reason,
        "confided": answer.confided if mediator or who == seat else "",
        "at": wire_time(answer.at),
    }


def signing_view(session: Session, seat: str) -> w.SigningView | None:
    signing = session.signing
    if signing is None:
        return None
    mediator = session.mediator_seat
    return {
        "text": signing.text,
        "number": signing.number,
        "kind": signing.kind,
        "offered": wire_time(signing.offered),
        "state": "sealed" if signing.sealed else "open" if signing.open else "void",
        "next": _next(signing, mediator),
        "signers": [
            _signer(session, signing, one, seat)
            for one in (*signing.parties, *(() if signing.seal_only else (mediator,)))
        ],
        "seal_only": signing.seal_only,
        "voided": None
        if signing.voided is None
        else {
            "reason": signing.voided.reason,
            "seats": list(signing.voided.seats),
            "at": wire_time(signing.voided.at),
            "note": signing.voided.note,
        },
    }


def documents_view(session: Session, seat: str) -> list[w.DocumentView]:
    """Under seal, for both sides and the mediator; `taken`: this person has taken theirs."""
    return [
        {
            "id": one.sealed.document,
            "kind": one.sealed.kind,
            "number": one.sealed.number,
            "at": wire_time(one.at),
            "sha256": one.sealed.sha256,
            "level": one.sealed.level,
            "assurance": one.sealed.assurance or "own",
            "certifier": one.sealed.certifier,
            "taken": seat in one.copies,
        }
        for one in session.documents
    ]


def _next(signing: SigningState, mediator: str) -> Literal["parties", "mediator", "seal", ""]:
    """Whose turn it is: parties, mediator, seal; "" when nothing is open."""
    if not signing.open:
        return ""
    if not signing.parties_signed:
        return "parties"
    return "seal" if signing.complete(mediator) else "mediator"


def _signer(session: Session, signing: SigningState, seat: str, viewer: str) -> w.SignerView:
    state, hand, refusal = session.seats[seat], signing.hands.get(seat), signing.refusals.get(seat)
    side = side_of(state)
    authority = session.draft.authorities.get(seat)
    told = viewer in (seat, session.mediator_seat)
    return {
        "seat": seat,
        "side": side,
        "capacity": "" if authority is None else authority.capacity.value,
        "basis": "" if authority is None else authority.basis,
        "read": seat in signing.read,
        "electronic": seat in signing.electronic,
        "consented": signing.consents.get(seat, ""),
        "confirmed": seat in signing.confirmed,
        "by_voice": seat in signing.recognised,
        "signed": None if hand is None else wire_time(hand.at),
        "how": "" if hand is None else hand.how,
        "refused": refusal is not None,
        "reason": refusal.reason if refusal is not None and told else "",
    }


MOST_BYTES_OF_FIELDS = 12 * 1024
"""Of the fields in one message; its frame comes to them."""
SLICE = 3_000  # signs of a value that is larger than that, as JSON
CORRECTIONS_SHOWN = 20

Lists = Mapping[str, str]
"""Dotted path of a list in a part -> the field by which its items are told apart; "" for their places."""


@dataclass(frozen=True, slots=True)
class ViewPart:
    """`made_of`: while it is the same, so is the part, given the same people in the room and the same private talk."""

    members: Callable[[Session, str, ViewExtras], dict[str, Any]]
    made_of: Callable[[Session, ViewExtras], tuple[Any, ...]]
    lists: Lists = field(default_factory=dict)
    with_result: bool = False  # told also to those who may know how it ended


def _outcome(session: Session, seat: str, _extras: ViewExtras) -> dict[str, Any]:
    if session.proposed is None:
        return {"outcome": None}
    objections: list[w.ObjectionView] = [
        {"seat": by, "reason": reason}
        for by, reason in session.objections.items()
        if seat in (by, session.mediator_seat)
    ]
    shown: w.ProposedView = {
        "number": session.proposals,
        "proposed": plain(session.proposed),
        "seen": list(session.seen),
        "objections": objections,
    }
    return {"outcome": shown}


def _result(session: Session, seat: str, _extras: ViewExtras) -> dict[str, Any]:
    corrections: list[w.CorrectionView] = [
        {"text": added.text, "at": wire_time(added.at), "by": added.by.name}
        for added in session.corrections[-CORRECTIONS_SHOWN:]
    ]
    return {
        "closed": plain(session.outcome) if session.outcome else None,
        "documents": documents_view(session, seat),
        "corrections": corrections,
        "proofs": proofs_view(session),
    }


def _case(session: Session, seat: str, extras: ViewExtras) -> dict[str, Any]:
    case = extras.context.case
    return {"case": dict(case) if seat == session.mediator_seat and case is not None else None}


PARTS: Mapping[str, ViewPart] = {
    "case": ViewPart(_case, lambda s, x: (x.context.case,), {"case.attachments": "id"}),
    "draft": ViewPart(
        lambda s, seat, x: {"draft": draft_view(s, seat)},
        lambda s, x: (s.draft, s.sealed, s.outcome),
        {"draft.clauses": "id", "draft.removed": "id", "draft.facts": "id", "draft.authorities": ""},
        with_result=True,
    ),
    "slips": ViewPart(
        lambda s, seat, x: {"slips": slips_view(s, seat)}, lambda s, x: (s.concessions.slips,), {"slips": "number"}
    ),
    "exhibits": ViewPart(
        lambda s, seat, x: {"exhibits": exhibits_view(s, seat)},
        lambda s, x: (s.exhibits,),
        {"exhibits.list": "id", "exhibits.shown.marks": "n"},
    ),
    "law": ViewPart(lambda s, seat, x: {"law": law_view(s.shown_law)}, lambda s, x: (s.shown_law,)),
    "typical": ViewPart(lambda s, seat, x: {"typical": typical_view(s.shown_typical)}, lambda s, x: (s.shown_typical,)),
    "card": ViewPart(
        lambda s, seat, x: {"card": card_view(s.card) if seat == s.mediator_seat else None},
        lambda s, x: (s.card,),
        {f"card.{section}": "" for section in (*SECTIONS, "law", "clauses")},
    ),
    "outcome": ViewPart(
        _outcome,
        lambda s, x: (s.proposals, s.proposed, s.seen, s.objections),
        {"outcome.proposed.terms": "", "outcome.objections": "seat"},
    ),
    "signing": ViewPart(
        lambda s, seat, x: {"signing": signing_view(s, seat)},
        lambda s, x: (s.signing, s.draft.authorities),
        {"signing.signers": "seat"},
    ),
    "result": ViewPart(
        _result,
        lambda s, x: (s.outcome, s.documents, s.corrections, s.exhibits),
        {"closed.terms": "", "documents": "id", "corrections": "", "proofs": "exhibit"},
        with_result=True,
    ),
}


def members_of(name: str, session: Session, seat: str, extras: ViewExtras) -> dict[str, Any]:
    """A part as this seat may know it; nothing of one it may not."""
    part, state = PARTS[name], session.seats[seat]
    if not inside(session, seat):
        told = part.with_result and told_the_result(session, state)
        return part.members(session, seat, extras) if told else {}
    members = part.members(session, seat, extras)
    return onlooker(members) if state.role is Role.SUPERVISOR else members


def view_parts(session: Session, seat: str, extras: ViewExtras) -> dict[str, Any]:
    """The members of all parts."""
    return {key: value for name in PARTS for key, value in members_of(name, session, seat, extras).items()}


@dataclass(slots=True)
class _Held:
    """What a listener holds of a part, flat: where a field is in it -> its value; and the order of each list."""

    edition: int = 0
    made_of: tuple[Any, ...] = ()
    fields: dict[tuple[str, ...], Any] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)


class Holding:
    """What one listener has been sent of the parts."""

    def __init__(self, seat: str) -> None:
        self._seat = seat
        self._held = {name: _Held() for name in PARTS}
        self._sent = 0

    @property
    def editions(self) -> dict[str, int]:
        """Of the parts that there are for this seat."""
        return {name: held.edition for name, held in self._held.items() if held.edition}

    def news(self, session: Session, extras: ViewExtras) -> list[Message]:
        """Messages that bring the listener up to date."""
        around = _around(session, self._seat)
        told: list[Message] = []
        for name, part in PARTS.items():
            held, made_of = self._held[name], (*around, *part.made_of(session, extras))
            if held.made_of != made_of:
                told += self._renewed(name, held, members_of(name, session, self._seat, extras))
                self._held[name].made_of = made_of
        return told

    def _renewed(self, name: str, held: _Held, members: dict[str, Any]) -> Iterator[Message]:
        if not members:
            self._held[name] = _Held()
            return
        fields, order = _flat(members, PARTS[name].lists)
        changed = {at: value for at, value in fields.items() if at not in held.fields or held.fields[at] != value}
        moved = {path: keys for path, keys in order.items() if held.order.get(path) != keys}
        if not (changed or moved) and held.edition:
            return
        self._sent += 1
        held.edition, held.fields, held.order = self._sent, fields, order
        yield from _messages(name, changed, {"edition": held.edition} | ({"order": moved} if moved else {}))


def _around(session: Session, seat: str) -> tuple[Any, ...]:
    """Who is in the room, and together: what every part may depend on."""
    own = session.seats[seat]
    statuses = tuple(other.status for other in session.seats.values())
    return session.status, session.circles.caucus, statuses, own.participate, own.confirmed


def _flat(members: dict[str, Any], lists: Lists) -> tuple[dict[tuple[str, ...], Any], dict[str, list[str]]]:
    """Its fields by where they are, (member,) or (path, key, field), and the keys of each list in order."""
    fields: dict[tuple[str, ...], Any] = {}
    order: dict[str, list[str]] = {}
    for path, by in lists.items():
        *way, last = path.split(".")
        holder: Any = members
        for step in way:
            holder = None if holder is None else holder[step]
        if holder is None or holder.get(last) is None:
            continue
        items = holder[last]
        keyed = items if isinstance(items, dict) else {str(one[by] if by else n): one for n, one in enumerate(items)}
        order[path] = list(keyed)
        fields.update({(path, key, name): value for key, item in keyed.items() for name, value in item.items()})
        holder[last] = {} if isinstance(items, dict) else []
    fields.update({(member,): value for member, value in members.items()})
    return fields, order


def _messages(name: str, changed: Mapping[tuple[str, ...], Any], end: dict[str, Any]) -> Iterator[Message]:
    """In as many as their bound asks for; the last carries `end`, and only then the part is as it is now."""
    body: dict[str, Any] = {"name": name}
    room = MOST_BYTES_OF_FIELDS
    for at, value in changed.items():
        text = encode_json(value)
        cost = json_size(text) + sum(map(len, at)) + 16
        if cost > MOST_BYTES_OF_FIELDS:
            for start in range(0, len(text), SLICE):
                yield "part", encode_json({"name": name, "slice": {"at": at, "text": text[start : start + SLICE]}})
            continue
        if cost > room:
            yield "part", encode_json(body)
            body, room = {"name": name}, MOST_BYTES_OF_FIELDS
        room -= cost
        _put(body, at, value)
    yield "part", encode_json(body | end)


def _put(body: dict[str, Any], at: tuple[str, ...], value: Any) -> None:
    if len(at) == 1:
        body.setdefault("members", {})[at[0]] = value
        return
    path, key, name = at
    body.setdefault("items", {}).setdefault(path, {}).setdefault(key, {})[name] = value
