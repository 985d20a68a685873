"""What is written in a session, what lies on the table (an article of law, a typical case), and the script card's
lists.

Owns the lines: every one, and of each seat which of them it may read, numbered from 1 without a gap. They stand beside
the session, whose state holds only how much each seat has written (`WritingAllowance`): so an event costs the same
after two thousand lines as after two. A seat's numbers are its own: nobody learns from them how much else is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never, cast

from law.catalogue import Article
from law.library import Library
from rooms import BadValue, ChatFull, WroteTooMuch, commands as c, events as e, view as w
from rooms.events import SessionEntry, SessionEvent, encode_json, json_size, plain, wire_time
from rooms.floor import ScriptCard
from rooms.view import LineView
from rooms.vocabulary import Phase

MOST_LINES = 20
MOST_SIGNS = 4_000
"""What a seat may write at once; so much comes back within `REFILL`, evenly."""
REFILL = timedelta(minutes=1)
MOST_LINES_IN_ALL = 1_000
MOST_SIGNS_IN_ALL = 100_000
"""What a seat may write in a session: its record is to be read by people."""

MOST_IN_PAGE = 50
MOST_BYTES_OF_PAGE = 14 * 1024


@dataclass(frozen=True, slots=True)
class WritingAllowance:
    """How much a seat has written, and what of its allowance was used up at `at`."""

    lines: int
    signs: int
    used_lines: float
    used_signs: float
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A line. `to` is a seat, or "" for everybody; `readers`: all who may read what was written in confidence, in the
    private talk `caucus` or, with 0, while nobody met."""

    seat: str
    to: str
    text: str
    at: datetime
    caucus: int = 0
    readers: tuple[str, ...] = ()

    def read_by(self, seat: str) -> bool:
        return seat in self.readers if self.readers else not self.to or seat in (self.seat, self.to)

    def line(self, n: int) -> LineView:
        said: LineView = {"n": n, "seat": self.seat, "to": self.to, "text": self.text, "at": wire_time(self.at)}
        if self.caucus:
            said["caucus"] = self.caucus
        return said


class Chat:
    """Takes a session's events one by one."""

    def __init__(self, entries: Iterable[SessionEntry] = ()) -> None:
        self._lines: list[ChatLine] = []
        self._read: dict[str, list[int]] = {}  # seat -> which lines it may read, of seats that were asked about
        for entry in entries:
            self.note(entry)

    def note(self, entry: SessionEntry) -> None:
        remark = remarked(entry)
        if remark is None:
            return
        self._lines.append(remark)
        for seat, read in self._read.items():
            if remark.read_by(seat):
                read.append(len(self._lines) - 1)

    def last(self, seat: str) -> int:
        """The number of the newest line this seat may read; 0 without any."""
        return len(self._of(seat))

    def line(self, seat: str, n: int) -> LineView:
        """The `n`th this seat may read."""
        return self._lines[self._of(seat)[n - 1]].line(n)

    def after(self, seat: str, n: int) -> list[LineView]:
        """Lines that follow the `n`th, as many as fit on a page."""
        return self._page(seat, range(max(0, n) + 1, self.last(seat) + 1))

    def before(self, seat: str, n: int) -> list[LineView]:
        """Lines that lead up to the `n`th, as many as fit on a page, in order."""
        return self._page(seat, range(min(n - 1, self.last(seat)), 0, -1))[::-1]

    def _page(self, seat: str, numbers: range) -> list[LineView]:
        page: list[LineView] = []
        room = MOST_BYTES_OF_PAGE
        for n in numbers[:MOST_IN_PAGE]:
            line = self.line(seat, n)
            room -= json_size(encode_json(line)) + 1
            if page and room < 0:
                break
            page.append(line)
        return page

    def _of(self, seat: str) -> list[int]:
        if seat not in self._read:
            self._read[seat] = [at for at, remark in enumerate(self._lines) if remark.read_by(seat)]
        return self._read[seat]


def remarked(entry: SessionEntry) -> ChatLine | None:
    """The line this entry is; None when it is none."""
    match entry.event:
        case e.Said(seat=seat, text=text, to=to):
            return ChatLine(seat, to, text, entry.at)
        case e.Confided(seat=seat, text=text, to=to, caucus=caucus, readers=readers):
            return ChatLine(seat, to, text, entry.at, caucus, readers)
        case _:
            return None


def wrote(before: WritingAllowance | None, text: str, at: datetime) -> WritingAllowance:
    """After one more line."""
    if before is None:
        return WritingAllowance(1, len(text), 1, len(text), at)
    lines, signs = _used(before, at)
    return WritingAllowance(before.lines + 1, before.signs + len(text), lines + 1, signs + len(text), at)


def allow(written: Mapping[str, WritingAllowance], seat: str, text: str, now: datetime) -> None:
    """WroteTooMuch (with the seconds until it may be sent), ChatFull."""
    before = written.get(seat)
    if before is None:
        return
    if before.lines >= MOST_LINES_IN_ALL or before.signs + len(text) > MOST_SIGNS_IN_ALL:
        raise ChatFull
    lines, signs = _used(before, now)
    short = max((lines + 1 - MOST_LINES) / MOST_LINES, (signs + len(text) - MOST_SIGNS) / MOST_SIGNS)
    if short > 0:
        raise WroteTooMuch(seconds=1 + int(short * REFILL.total_seconds()))


def _used(before: WritingAllowance, now: datetime) -> tuple[float, float]:
    refilled = max(0.0, (now - before.at) / REFILL)
    return max(0.0, before.used_lines - refilled * MOST_LINES), max(0.0, before.used_signs - refilled * MOST_SIGNS)


LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class ShownLaw:
    """The article on the table, since when."""

    leaf: e.Leaf
    at: datetime


def article_leaf(library: Library, article: Article, on: date) -> e.Leaf:
    """An article as it is shown for a day."""
    statute = article.statute
    edition, official = statute.edition(on), library.official(article.id, on)
    return e.Leaf(
        article=article.id,
        citation={language: article.citation(language) for language in LANGUAGES},
        gist={language: article.gist(language) for language in LANGUAGES},
        official="" if official is None else official.text,
        since=statute.since.isoformat(),
        until="" if statute.until is None else statute.until.isoformat(),
        edition={} if edition is None else {language: edition.name(language) for language in LANGUAGES},
        on=on.isoformat(),
        standing=statute.standing(on).value,
    )


def decide_law(command: c.LawCommand, shown: ShownLaw | None) -> list[SessionEvent]:
    match command:
        case c.ShowLaw(leaf=None):
            raise BadValue(field="article")
        case c.ShowLaw(leaf=found):
            assert found is not None
            return [] if shown is not None and shown.leaf == found else [e.LawShown(found)]
        case c.PutLawAway():
            return [] if shown is None else [e.LawPutAway()]
        case _:
            assert_never(command)


def law_after(event: e.LawEvent, entry: SessionEntry) -> ShownLaw | None:
    match event:
        case e.LawShown(leaf=found):
            return ShownLaw(found, entry.at)
        case e.LawPutAway():
            return None
        case _:
            assert_never(event)


def law_view(shown: ShownLaw | None) -> w.ArticleView | None:
    return None if shown is None else cast(w.ArticleView, {**plain(shown.leaf), "at": wire_time(shown.at)})


@dataclass(frozen=True, slots=True)
class ShownCase:
    """The typical case on the table, since when. Parties see none before the mediator shows it."""

    leaf: e.TypicalLeaf
    at: datetime


def decide_typical(command: c.TypicalCommand, shown: ShownCase | None) -> list[SessionEvent]:
    match command:
        case c.ShowTypical(leaf=None):
            raise BadValue(field="case")
        case c.ShowTypical(leaf=found):
            assert found is not None
            return [] if shown is not None and shown.leaf == found else [e.TypicalShown(found)]
        case c.PutTypicalAway():
            return [] if shown is None else [e.TypicalPutAway()]
        case _:
            assert_never(command)


def typical_after(event: e.TypicalEvent, entry: SessionEntry) -> ShownCase | None:
    match event:
        case e.TypicalShown(leaf=found):
            return ShownCase(found, entry.at)
        case e.TypicalPutAway():
            return None
        case _:
            assert_never(event)


def typical_view(shown: ShownCase | None) -> w.TypicalView | None:
    return None if shown is None else cast(w.TypicalView, {**plain(shown.leaf), "at": wire_time(shown.at)})


ITEMS: Mapping[Phase, tuple[str, ...]] = {
    Phase.OPENING: ("introduced", "voluntary", "recording_explained", "assisted_asked"),
    Phase.CONSUMER_STATEMENT: ("request_and_reason", "summed_up"),
    Phase.BUSINESS_STATEMENT: ("facts_agreed", "facts_disputed", "may_decide"),
    Phase.DISCUSSION: ("undisputed_named", "open_points_named", "law_explained"),
    Phase.PROPOSAL: ("who_does_what", "how_much_by_when", "both_answered", "performable"),
    Phase.CLOSING: ("read_out", "next_steps", "ways_out_told"),
}
"""What the mediator asks for in each phase of any dispute. Kept in the journal, shown to the mediator alone.

What the opening owes by law is apart (`OpeningCovered`); these are aids, and nothing waits for them. What a kind of
dispute needs besides stands on its card (`rooms.floor.cards`).
"""
KNOWN = frozenset(f"{phase.value}.{item}" for phase, items in ITEMS.items() for item in items)


def decide_script(command: c.ScriptCommand, checked: frozenset[str], card: ScriptCard | None) -> list[SessionEvent]:
    match command:
        case c.TakeCard(card=None):
            raise BadValue(field="kind")
        case c.TakeCard(card=found):
            assert found is not None
            return [] if found == card else [e.CardTaken(found)]
        case c.CheckItem(item=item, done=done):
            line = {} if item in KNOWN else card_line(card, item)
            if line is None:
                raise BadValue(field="item")
            return [] if (item in checked) is done else [e.ItemChecked(item, done, line)]
        case _:
            assert_never(command)


SECTIONS = ("facts", "consumer", "business", "settle")
"""Of a card, each a list of lines: facts to establish, questions to each side, usual ways to settle."""


def card_line(card: ScriptCard | None, item: str) -> dict[str, str] | None:
    """The line that an item of the card names: `<kind>.<edition>.<section>.<n>`, n from 1. None: no such line."""
    kind, edition, section, n = (*item.split("."), "", "", "", "")[:4]
    if card is None or (kind, edition) != (card.kind, str(card.edition)) or section not in SECTIONS:
        return None
    lines: list[dict[str, str]] = getattr(card, section)
    return next((line for at, line in enumerate(lines, 1) if str(at) == n), None)


def script_after(
    checked: frozenset[str], card: ScriptCard | None, event: e.ScriptEvent
) -> tuple[frozenset[str], ScriptCard | None]:
    match event:
        case e.CardTaken(card=taken):
            return checked, taken
        case e.ItemChecked(item=item, done=done):
            return (checked | {item} if done else checked - {item}), card
        case _:
            assert_never(event)


def card_view(card: ScriptCard | None) -> w.CardView | None:
    return None if card is None else cast(w.CardView, plain(card))
