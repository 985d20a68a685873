"""The gap ledger in words: what of whom is missing, from when to when, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from journal.clock import Span
from recordings.gap_ledger import Cause, Ledger, Source
from web.audit.voice import Voice
from web.i18n import N_

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
class Missing:
    """A line of the ledger; sound and picture that are missing together are one. `n` counts from 1."""

    n: int
    seat: str
    sources: tuple[Source, ...]
    span: Span
    cause: Cause

    @property
    def listed(self) -> bool:
        return self.cause == "unexplained" or self.span.end - self.span.start >= LISTED

    def what(self, voice: Voice) -> str:
        return voice.gettext(BOTH if self.sources == ("mic", "camera") else NAMES[self.sources[0]])

    def why(self, voice: Voice) -> str:
        return voice.gettext(CAUSES[self.cause])


def lines(ledger: Ledger) -> Sequence[Missing]:
    """In order of time."""
    seats = list(dict.fromkeys(track.seat for track in ledger.tracks))
    together: dict[tuple[Span, int, bool, Cause], list[Source]] = {}
    for gap in ledger.gaps:
        together.setdefault((gap.span, seats.index(gap.seat), gap.source == "screen", gap.cause), []).append(gap.source)
    return [
        Missing(n, seats[number], tuple(sources), span, cause)
        for n, ((span, number, _, cause), sources) in enumerate(sorted(together.items()), 1)
    ]
