"""What happened, said in words, and for whom: a sentence for every kind of event, and who heard or may read it.

The sentences are one table, `sentences.json`: by stream (session, complaint) and kind of event its rows. It is read
here for the pages and the sheets of evidence packages, and by `web/frontend/src/verify/sentences.ts` for the page that
verifies packages; their Chinese is in the catalogues, which both read too. Of a kind's rows, tried in order, the first
whose `if` holds is said, with those of its `then` that hold behind it. A row with `for` is for one reader only: "page",
or "package" (the page that verifies packages, which says less of some events). A row that is `withheld` is said where a
package leaves the content out. `if` asks for fields of the event: `text` (there is some), `!level`, `kind=participate`,
`edition>1` (of a list: how many), `part^=track:`, `cause@ended`; `seat=@mediator` compares with the mediator's seat,
`by=@seat` with another field; `{names}` asks whether that blank of the row says anything. A blank is filled from the
field of its name or from what `blanks` and `defaults` say: a field (`@`: the whole event) and a way to write it, of
`_WAYS`, of the stream's own (`web.office.complaints.history`) or a table of `words`, and what stands where it is empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, assert_never

from journal.clock import TimeSpan
from law.grounds import ending_grounds
from law.orders import mode_name
from recordings.gap_ledger import Cause, Ledger, Source
from rooms import events as e
from rooms.seats import ENDED
from rooms.vocabulary import Outcome, OutcomeKind, Side
from web.i18n import N_


@dataclass(frozen=True, slots=True)
class Voice:
    """`names`: seat id -> the name shown in the room; `exhibits`: id -> title, in quotes.

    `money` and `when` write a sum and a point in time.
    """

    gettext: Callable[..., str]  # web.i18n.Words.gettext
    money: Callable[[Decimal], str]
    when: Callable[[datetime], str]
    names: Mapping[str, str]
    language: str = "en"
    mediator: str = ""  # the mediator's seat: nobody lets them in
    order: str = "121"  # which order's grounds a number means
    exhibits: Mapping[str, str] = field(default_factory=dict)

    def name(self, seat: str) -> str:
        return self.names.get(seat, seat)

    def exhibit(self, exhibit: str) -> str:
        """As it is spoken of; when its title was erased, as nobody in particular."""
        _ = self.gettext
        return self.exhibits.get(exhibit) or _("an exhibit")

    def list(self, items: Iterable[str]) -> str:
        return (", " if self.language.startswith("en") else "、").join(items)

    def clauses(self, items: Iterable[str]) -> str:
        """Of a sentence, that have lists in them."""
        return ("; " if self.language.startswith("en") else "；").join(items)

    def ending(self, number: int | None) -> str:
        """The gist of the ground a mediation ended on; "" when there is none."""
        return next((g.gist(self.language) for g in ending_grounds(self.order) if g.number == number), "")


PRIVATE: Final = {
    Side.CONSUMER: N_("Private talk with the consumer, not recorded"),
    Side.BUSINESS: N_("Private talk with the business, not recorded"),
}
Received = Mapping[str, Sequence[str]]
"""Seat -> the seats whose sound (or picture) it was sent."""


def consent_clauses(hears: Received, sees: Received, voice: Voice) -> list[str]:
    """Empty when nobody heard or saw anybody."""
    _ = voice.gettext
    seats = _seated([*_some(hears), *_some(sees)], voice)
    together = voice.list(map(voice.name, seats))
    if seats and _mutual(hears, seats) and _mutual(sees, seats):
        return [_("%(names)s hear and see each other", names=together)]
    if seats and _mutual(hears, seats) and not _some(sees):
        return [_("%(names)s hear each other, nobody sees anybody", names=together)]
    told = [_("nobody hears anybody")] if seats and not _some(hears) else []
    for seat in seats:
        name = voice.name(seat)
        heard, seen = list(hears.get(seat, ())), list(sees.get(seat, ()))
        if set(heard) == set(seen):
            told.append(_("%(name)s hears and sees %(others)s", name=name, others=_names(heard, voice)))
            continue
        if heard:
            told.append(_("%(name)s hears %(others)s", name=name, others=_names(heard, voice)))
        if seen:
            told.append(_("%(name)s sees %(others)s", name=name, others=_names(seen, voice)))
    return told


def alone(present: Iterable[str], hears: Received, sees: Received) -> list[str]:
    """Those of the people there who neither receive anybody nor are received."""
    among = {
        *_some(hears),
        *_some(sees),
        *(other for matrix in (hears, sees) for row in matrix.values() for other in row),
    }
    return [seat for seat in present if seat not in among]


def _some(matrix: Received) -> list[str]:
    return [seat for seat, others in matrix.items() if others]


def _mutual(matrix: Received, seats: Sequence[str]) -> bool:
    return len(seats) > 1 and all(set(matrix.get(seat, ())) == set(seats) - {seat} for seat in seats)


def _seated(seats: Iterable[str], voice: Voice) -> list[str]:
    """Each once, in the order of the room: the journal's says nothing."""
    there = set(seats)
    return [*(seat for seat in voice.names if seat in there), *sorted(there - voice.names.keys())]


def _names(seats: Iterable[str], voice: Voice) -> str:
    return voice.list(map(voice.name, _seated(seats, voice)))


CAUSES: Final[dict[Cause, str]] = {
    "no_consent": N_("this person has not agreed to be recorded"),
    "consent_withdrawn": N_("consent to be recorded was taken back"),
    "recess": N_("recess: nothing is recorded"),
    "server": N_("the server was down or restarted"),
    "ended": N_("the link or sign-in had ended"),
    "connecting": N_("sound and picture were not connected yet"),
    "reconnecting": N_("the connection was broken; the seat was kept"),
    "disk": N_("the disk was full or too slow"),
    "caucus": N_("a private talk: nothing of it is recorded"),
    "consulting": N_("they consulted with their own side, which is not recorded"),
    "withheld": N_("kept out of the recording: nobody was there to hear it"),
    "muted": N_("the microphone was off"),
    "camera_off": N_("the camera was off"),
    "loss": N_("lost on the network"),
    "silent": N_("the device sent nothing"),
    "starting": N_("starting: nothing had arrived yet"),
    "writing": N_("being written"),
    "unexplained": N_("the journal does not say why"),
}
NAMES: Final[dict[Source, str]] = {"mic": N_("sound"), "camera": N_("picture"), "screen": N_("shared screen")}
LISTED: Final = timedelta(seconds=1)
"""What is shorter is counted and not listed, unless nothing explains it."""
BOTH: Final = N_("sound and picture")


@dataclass(frozen=True, slots=True)
class MissingStretch:
    """A line of the ledger; sound and picture that are missing together are one. `n` counts from 1."""

    n: int
    seat: str
    sources: tuple[Source, ...]
    span: TimeSpan
    cause: Cause

    @property
    def listed(self) -> bool:
        return self.cause == "unexplained" or self.span.end - self.span.start >= LISTED

    def what(self, voice: Voice) -> str:
        return voice.gettext(BOTH if self.sources == ("mic", "camera") else NAMES[self.sources[0]])

    def why(self, voice: Voice) -> str:
        return voice.gettext(CAUSES[self.cause])


def gap_lines(ledger: Ledger) -> Sequence[MissingStretch]:
    """In order of time."""
    seats = list(dict.fromkeys(track.seat for track in ledger.tracks))
    together: dict[tuple[TimeSpan, int, bool, Cause], list[Source]] = {}
    for gap in ledger.gaps:
        together.setdefault((gap.span, seats.index(gap.seat), gap.source == "screen", gap.cause), []).append(gap.source)
    return [
        MissingStretch(n, seats[number], tuple(sources), span, cause)
        for n, ((span, number, _, cause), sources) in enumerate(sorted(together.items()), 1)
    ]


TRACK: Final = "track:"  # and a seat: one person's recording
EXHIBIT: Final = "exhibit:"

Row = Mapping[str, Any]
Ways = Mapping[str, Callable[[Any, "Voice"], str]]


def _on_pages(rows: Iterable[Row]) -> list[Row]:
    """What pages say of a kind of event, and the sheets of packages: without what the verifying page says instead."""
    kept = (row for row in rows if row.get("for", "page") == "page")
    return [{**row, "then": _on_pages(row.get("then", ()))} for row in kept]


_TABLE: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_ROWS: Final[Mapping[str, Mapping[str, list[Row]]]] = {
    stream: {kind: _on_pages(rows) for kind, rows in _TABLE[stream].items()} for stream in ("session", "complaint")
}
WITHHELD: Final[Mapping[str, str]] = {
    kind: row["say"] for kind, rows in _ROWS["session"].items() for row in rows if row.get("withheld")
}
"""Type -> what kind of thing it was; all of `recordings.evidence.lines.WITHHOLDABLE`."""
WORDS: Final[Mapping[str, Mapping[str, str]]] = _TABLE["words"]
PAPERS: Final = WORDS["papers"]
"""What is signed, by its kind."""

_BLANK: Final = re.compile(r"\{(\w+)\}")
_CONDITION: Final = re.compile(r"(!?)(\w+?)(?:(=|>|\^=)(.*)|(@ended))?")


def sentence(fact: e.SessionEvent, voice: Voice) -> str:
    """Says what happened; who did it stands beside it (see `web.office.audit.sections`)."""
    return event_sentence("session", fact, voice)


def event_sentence(stream: str, fact: object, voice: Voice, own: Ways = MappingProxyType({})) -> str:
    """What pages say of an event of a `stream`, "session" or "complaint". `own`: ways to write that it alone has."""
    rows = [row for row in _ROWS[stream][type(fact).__name__] if "withheld" not in row]
    return _said(rows, fact, voice, {**_WAYS, **own})


def _said(rows: list[Row], fact: Any, voice: Voice, ways: Ways) -> str:
    def filled(row: Row, blank: str) -> str:
        return _filled(row.get("blanks", {}).get(blank, _TABLE["defaults"].get(blank, blank)), fact, voice, ways)

    def holds(row: Row) -> bool:
        asked = (one for one in row.get("if", "").split(" & ") if one)
        return all(bool(filled(row, one[1:-1])) if one[0] == "{" else _holds(one, fact, voice) for one in asked)

    row = next(row for row in rows if holds(row))
    behind = (_said([one], fact, voice, ways) for one in row.get("then", ()) if holds(one))
    blanks = {blank: filled(row, blank) for blank in _BLANK.findall(row["say"])}
    return voice.gettext(_BLANK.sub(r"%(\1)s", row["say"]), **blanks) + "".join(behind)


def _holds(condition: str, fact: Any, voice: Voice) -> bool:
    asked = _CONDITION.fullmatch(condition)
    if asked is None:
        raise ValueError(condition)
    denied, field, compared, wanted, ended = asked.groups()
    value = getattr(fact, field)
    if ended:
        return value in ENDED
    match compared:
        case "=" if wanted.startswith("@"):
            return bool(value == (voice.mediator if wanted == "@mediator" else getattr(fact, wanted[1:])))
        case "=":
            return _word(value) == wanted
        case ">":
            return float((len(value) if isinstance(value, tuple) else value) or 0) > float(wanted)
        case "^=":
            return _word(value).startswith(wanted)
        case _:
            return bool(value) is not bool(denied)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


# ------------------------------------------------------------ blanks


def _filled(source: str, fact: Any, voice: Voice, ways: Ways) -> str:
    field, _, how = source.partition(" ")
    way, _, nothing = how.partition(" ")
    value = fact if field == "@" else attrgetter(field)(fact)
    if way in ways:
        return ways[way](value, voice)
    if way:
        return _named(way, value, voice) or nothing
    return _word(value)


def _named(table: str, value: Any, voice: Voice) -> str:
    """What a table calls a value; what it has for others, where it does not know it."""
    words = WORDS[table]
    return voice.gettext(words.get(_word(value), words.get("", _word(value))))


def _kilobytes(size: int) -> str:
    return f"{-(-size // 1024):,}"


def _heard(fact: e.Routed, voice: Voice) -> str:
    return voice.clauses(consent_clauses(fact.hears, fact.sees, voice)) or voice.gettext("nobody hears or sees anybody")


_WAYS: Final[Ways] = {
    "dash": lambda value, voice: value or "–",
    "name": lambda value, voice: voice.name(value),
    "names": lambda value, voice: voice.list(map(voice.name, value)),
    "apart": lambda value, voice: voice.gettext(", ").join(map(voice.name, value)),
    "nobody_of": lambda value, voice: voice.list(map(voice.name, value)) or voice.gettext("nobody"),
    "nobody": lambda value, voice: value or voice.gettext("nobody took part"),
    "list": lambda value, voice: voice.list(map(str, value)),
    "count": lambda value, voice: str(len(value)),
    "when": lambda value, voice: voice.when(value),
    "clock": lambda value, voice: clock(value),
    "kb": lambda value, voice: _kilobytes(value),
    "kb_in_all": lambda value, voice: _kilobytes(sum(one.size for one in value)),
    "digest": lambda value, voice: value[:12],
    "digest_of_first": lambda value, voice: value[0].sha256[:12] if value else "",
    "below": lambda value, voice: value.partition("/")[2],
    "exhibit": lambda value, voice: voice.exhibit(value.removeprefix(EXHIBIT)),
    "track": lambda value, voice: voice.name(value.removeprefix(TRACK)),
    "headline": lambda value, voice: headline(value, voice),
    "held": lambda value, voice: mode_name(value, voice.language),
    "cited": lambda value, voice: value.citation.get(voice.language, value.article),
    "titled": lambda value, voice: value.title.get(voice.language) or next(iter(value.title.values()), "–"),
    "findings": lambda value, voice: voice.list(_named("findings", one, voice) for one in value),
    "spoken": lambda value, voice: value.get(voice.language) or value.get("zh", "–"),
    "heard": _heard,
}


def headline(outcome: Outcome, voice: Voice) -> str:
    """The outcome as the one sentence a page is headed with."""
    _ = voice.gettext
    match outcome.kind:
        case OutcomeKind.SETTLED:
            owed = [term for term in outcome.terms if term.amount]
            if len(owed) == 1 and owed[0].amount and len(owed[0].action) <= 12:
                return _("Settled: %(action)s %(amount)s", action=owed[0].action, amount=voice.money(owed[0].amount))
            from_business = sum(term.amount for term in owed if term.amount and term.who is Side.BUSINESS)
            if from_business:
                return _("Settled: the business pays %(amount)s", amount=voice.money(from_business))
            return _("Settled, %(count)s promises", count=len(outcome.terms))
        case OutcomeKind.NOT_SETTLED:
            return _("Not settled")
        case OutcomeKind.ENDED:
            ground = voice.ending(outcome.ground)
            return _("Terminated: %(ground)s", ground=ground) if ground else _("Terminated (statutory ground)")
        case OutcomeKind.ADJOURNED:
            if outcome.adjourned_to is None:
                return _("Adjourned")
            return _("Adjourned to %(when)s", when=voice.when(outcome.adjourned_to))
        case _:
            assert_never(outcome.kind)


def clock(ms: int) -> str:
    """Minutes and seconds, with hours once there are any: 33:50, 1:02:03."""
    seconds = max(0, ms) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes:02}:{seconds % 60:02}"
