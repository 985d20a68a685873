"""Script cards by kind of dispute: what is established, asked, explained and proposed, and the clauses to begin with,
as the program brings it along and as an office rewrites it.

An office's own cards are a stream of its own, `office/<id>/cards`, folded here: a card it changed stands until it is
changed again or ours is put back. What a session works with is the snapshot in its own journal (`CardTaken`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from journal import Event
from journal.refusals import BadChoice, DomainError, Missing, NotAllowed, TooLong, TooMany
from law.catalogue import catalogue
from rooms.floor import ScriptCard
from rooms.floor.state import SECTIONS

MOST_LINES, MOST_ARTICLES, MOST_CLAUSES = 8, 12, 8
LONGEST_TITLE, LONGEST_WORDS = 20, 300
AMOUNTS: Final = ("", "asked", "open")
DUE: Final = ("", "3", "7", "15", "30", "month")
PROMISE: Final = ("who", "action", "amount", "due", "how")
LONGEST: Final = {"zh": 80, "en": 200}  # of a line; the invitation to speak may be three times as long
CHANGED, RESET = "CardChanged", "CardReset"

Line = dict[str, str]  # language -> words


@dataclass(frozen=True, slots=True)
class DisputeKind:
    """What complaints are of this kind: see the head of cards.toml."""

    id: str
    urgency: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    trades: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    platform: bool = False
    goods: bool = False

    def fits(self, dispute: Dispute) -> bool:
        return (
            bool(set(self.urgency) & set(dispute.urgency))
            or dispute.problem in self.problems
            or (bool(self.trades) and dispute.industry.startswith(self.trades))
            or (self.platform and bool(dispute.platform))
            or (self.goods and dispute.goods)
            or any(word in dispute.text for word in self.words)
        )


@dataclass(frozen=True, slots=True)
class Dispute:
    """What of a complaint says its kind: `problem` and `industry` by code, `text` what the consumer writes."""

    problem: str = ""
    industry: str = ""
    urgency: tuple[str, ...] = ()
    platform: str = ""
    goods: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class CardChange:
    """Of an office's card: `card` None where ours was put back."""

    kind: str
    edition: int
    at: datetime
    by: str
    card: ScriptCard | None


@dataclass(frozen=True, slots=True)
class CardNote:
    """A note of experience beside a card; `problem` as in casebook.collections: a problem, perhaps with a trade."""

    problem: str
    text: str
    at: datetime | None
    by: str


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files("rooms.floor") / "cards.toml").read_text("utf-8"))


@cache
def kinds() -> Mapping[str, DisputeKind]:
    """In order: the first that fits a complaint is its kind."""

    def kind(id: str, row: Mapping[str, Any]) -> DisputeKind:
        urgency, problems, trades, words = (tuple(row.get(name, ())) for name in _LISTS)
        return DisputeKind(id, urgency, problems, trades, words, row.get("platform", False), row.get("goods", False))

    return {id: kind(id, row) for id, row in _table().items()}


_LISTS: Final = ("urgency", "problems", "trades", "words")
OTHERS: Final = "service"
"""The kind of whatever fits none."""


def kind_of(dispute: Dispute) -> str:
    return next((kind.id for kind in kinds().values() if kind.fits(dispute)), OTHERS)


def kind_of_note(problem: str) -> str:
    """The kind of dispute a note of experience is about."""
    of, _, industry = problem.partition("-")
    return kind_of(Dispute(of, industry))


@cache
def ours() -> Mapping[str, ScriptCard]:
    """The cards that come with the program, by kind: edition 0."""
    return {
        id: ScriptCard(
            kind=id,
            edition=0,
            title={"zh": row["zh"], "en": row["en"]},
            invite=_pair(row["invite"]),
            **{name: [_pair(pair) for pair in row[name]] for name in SECTIONS},
            law=cited(row["law"]),
            clauses=_clauses(id),
        )
        for id, row in _table().items()
    }


def _clauses(kind: str) -> list[Line]:
    table = tomllib.loads((files("rooms.floor") / "clauses.toml").read_text("utf-8"))
    found: list[Line] = []
    for rows in (table[kind], table["all"]):
        found += [dict(zip(("zh", "en", *PROMISE), row, strict=True)) for row in rows["promises"]]
        found += [dict(zip(("zh", "en", "text"), row, strict=True)) for row in rows["words"]]
    return found


def _pair(pair: Sequence[str]) -> Line:
    return {"zh": pair[0], "en": pair[1]}


def cited(articles: Iterable[str]) -> list[Line]:
    """Articles by id, with how they are cited; what the catalogue no longer has is left out."""
    known = catalogue()
    return [
        {"id": id, **{language: known[id].citation(language) for language in ("zh", "en")}}
        for id in articles
        if id in known
    ]


_SPACE: Final = re.compile(r"[\s《》,，]+")


def article_named(text: str) -> str:
    """The id of the article cited so, in either language, or by its id. BadChoice(field="law", line)."""
    wanted = _SPACE.sub("", text).lower()
    for id, article in catalogue().items():
        if wanted in (id, *(_SPACE.sub("", article.citation(language)).lower() for language in ("zh", "en"))):
            return id
    raise BadChoice(field="law", line=text)


def checked(card: ScriptCard) -> ScriptCard:
    """As it is kept. Missing, TooLong, TooMany, BadChoice, each with the field.

    English may be left out of all lines of a section; then the Chinese is shown.
    """
    if card.kind not in kinds():
        raise BadChoice(field="kind")
    for language in LONGEST:
        if len(card.invite.get(language, "")) > 3 * LONGEST[language]:
            raise TooLong(field=f"invite_{language}", most=3 * LONGEST[language])
    if not card.invite.get("zh", ""):
        raise Missing(field="invite_zh")
    for name in SECTIONS:
        lines: list[Line] = getattr(card, name)
        if not lines:
            raise Missing(field=f"{name}_zh")
        if len(lines) > MOST_LINES:
            raise TooMany(field=f"{name}_zh", most=MOST_LINES)
        for language, most in LONGEST.items():
            if any(len(line.get(language, "")) > most for line in lines):
                raise TooLong(field=f"{name}_{language}", most=most)
        if any(not line.get("zh", "") for line in lines):  # more lines of English than of Chinese
            raise BadChoice(field=f"{name}_en")
        if any(line.get("en", "") for line in lines) and any(not line.get("en", "") for line in lines):
            raise BadChoice(field=f"{name}_en")
    if len(card.law) > MOST_ARTICLES:
        raise TooMany(field="law", most=MOST_ARTICLES)
    if len(card.clauses) > MOST_CLAUSES:
        raise TooMany(field="clauses", most=MOST_CLAUSES)
    for number, clause in enumerate(card.clauses, 1):
        _check_clause(clause, f"clause{number}")
    return card


def _check_clause(clause: Line, field: str) -> None:
    """A promise, or other words; each with a title."""
    if not clause.get("zh") or not (clause.get("action") or clause.get("text")):
        raise Missing(field=field)
    if any(len(clause.get(name, "")) > LONGEST_TITLE * (1 + (name == "en")) for name in ("zh", "en")):
        raise TooLong(field=field, most=LONGEST_TITLE)
    if any(len(clause.get(name, "")) > LONGEST_WORDS for name in ("action", "how", "text")):
        raise TooLong(field=field, most=LONGEST_WORDS)
    if clause.get("text"):
        return
    choices = (("who", ("business", "consumer")), ("amount", AMOUNTS), ("due", DUE))
    if any(clause.get(name, "") not in known for name, known in choices):
        raise BadChoice(field=field)


def cards_stream(office: str) -> str:
    return f"office/{office}/cards"


def changes(entries: Iterable[Event]) -> list[CardChange]:
    """Oldest first. What was erased is left out."""
    found = []
    for entry in entries:
        if entry.erased or entry.type not in (CHANGED, RESET):
            continue
        kind, edition = str(entry.data["kind"]), int(entry.data["edition"])
        card = None
        if entry.type == CHANGED:  # one from before there were clauses on cards has ours
            supplied = ours()[kind].clauses if kind in ours() else []
            card = ScriptCard(**{"clauses": supplied} | entry.data["card"])
        found.append(CardChange(kind, edition, entry.at, entry.actor.name, card))
    return found


def standing(changed: Sequence[CardChange]) -> dict[str, ScriptCard]:
    """The cards of an office by kind: its own, or ours."""
    cards = dict(ours())
    for change in changed:
        if change.kind in cards:
            cards[change.kind] = change.card or ours()[change.kind]
    return cards


MAY_CHANGE: Final = frozenset({"administrator", "supervisor"})


def decide_card(
    card: ScriptCard | None, kind: str, seen: int, changed: Sequence[CardChange], role: str
) -> tuple[str, dict[str, Any]] | None:
    """The event to append, by type and data; None where it stands so already. `card` None puts ours back.

    `seen`: how many changes of this card the writer knew of. NotAllowed, CardMoved, and what `checked` refuses.
    """
    if role not in MAY_CHANGE:
        raise NotAllowed
    if kind not in kinds():
        raise BadChoice(field="kind")
    own = [one for one in changed if one.kind == kind]
    if seen != len(own):
        raise CardMoved(edition=len(own))
    now, edition = standing(own)[kind], len(own) + 1
    if card is None:
        return None if now == ours()[kind] else (RESET, {"kind": kind, "edition": edition})
    wanted = replace(checked(card), kind=kind, edition=edition, title=ours()[kind].title)
    if replace(now, edition=edition) == wanted:
        return None
    return CHANGED, {"kind": kind, "edition": edition, "card": asdict(wanted)}


class CardMoved(DomainError):
    """Somebody else changed the card meanwhile; params: edition."""

    code = "card_changed"
