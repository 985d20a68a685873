"""For whom a record speaks: who heard what, what was private, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from journal.clock import TimeSpan
from law.grounds import ending_grounds
from recordings.gap_ledger import Cause, Ledger, Source
from rooms.vocabulary import Side
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
