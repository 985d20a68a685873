"""What is written in a session: every line, and of each seat which of them it may read, numbered from 1 without a gap.

Owns the lines, beside the session, whose state holds only how much each seat has written (`WritingAllowance`): so an
event costs the same after two thousand lines as after two. A seat's numbers are its own: nobody learns from them how
much else is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rooms import events as e
from rooms.codec import SessionEntry, encode_json, json_size, wire_time
from rooms.errors import ChatFull, WroteTooMuch
from rooms.view.messages import LineView

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
class Remark:
    """A line. `to` is a seat, or "" for everybody; `readers`: all who may read what was written in the private talk
    `caucus`."""

    seat: str
    to: str
    text: str
    at: datetime
    caucus: int = 0
    readers: tuple[str, ...] = ()

    def read_by(self, seat: str) -> bool:
        return seat in self.readers if self.caucus else not self.to or seat in (self.seat, self.to)

    def line(self, n: int) -> LineView:
        said: LineView = {"n": n, "seat": self.seat, "to": self.to, "text": self.text, "at": wire_time(self.at)}
        if self.caucus:
            said["caucus"] = self.caucus
        return said


class Chat:
    """Takes a session's events one by one."""

    def __init__(self, entries: Iterable[SessionEntry] = ()) -> None:
        self._lines: list[Remark] = []
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


def remarked(entry: SessionEntry) -> Remark | None:
    """The line this entry is; None when it is none."""
    match entry.event:
        case e.Said(seat=seat, text=text, to=to):
            return Remark(seat, to, text, entry.at)
        case e.Confided(seat=seat, text=text, to=to, caucus=caucus, readers=readers):
            return Remark(seat, to, text, entry.at, caucus, readers)
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
