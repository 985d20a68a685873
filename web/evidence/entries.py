"""The two journals told line by line. What is not there says why: said in confidence, which nobody erased, or erased.

Owns who and what stands in a line of a page's journal; sentences are those of the record (`web.audit.sentences`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from complaints.events import KINDS, typed
from recordings.evidence.lines import ERASED, WITHHOLDABLE, Line, corrections
from rooms.codec import SessionEntry
from web import i18n
from web.audit.confidence import CONFIDED
from web.audit.moments import doer
from web.audit.sentences import sentence
from web.audit.voice import Voice
from web.i18n import N_
from web.office import history

PROGRAM: Final = N_("the program")
KEEPERS: Final = {"party": N_("one of the parties"), "officer": N_("somebody of the office"), "system": PROGRAM}
"""Whose a line is of which only the kind of person is told."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a journal, told. `gone`: "confidence" or "erased" when its content is not in the package."""

    version: int
    at: datetime
    who: str
    what: str
    hash: str
    gone: str = ""
    corrected_by: int = 0  # the newest entry that corrects it


def of_session(
    lines: Sequence[Line], happened: Sequence[SessionEntry], voice: Voice, spoken: i18n.Words
) -> list[Entry]:
    known = {entry.version: entry.event for entry in happened}
    erased, corrected, out = _erased(lines), corrections(lines), list[Entry]()
    for line in lines:
        fact = known.get(line.version)
        if line.erased:
            out.append(_gone(line, erased, spoken))
        else:
            what = sentence(fact, voice) if fact is not None else line.type
            kind, id_, name, _, _ = line.actor
            who = doer(kind, id_, name, fact, voice, spoken.gettext(PROGRAM))
            by = corrected.get(line.version, 0)
            out.append(Entry(line.version, line.time, who, what, line.hash, corrected_by=by))
    return out


def of_complaint(lines: Sequence[Line], order: str, spoken: i18n.Words, zone: ZoneInfo) -> list[Entry]:
    """An entry that this program does not know is named by its type."""
    erased, told = _erased(lines), list[Entry]()
    for line in lines:
        if line.erased:
            told.append(_gone(line, erased, spoken))
            continue
        what = line.type
        if what in KINDS:
            what = history.sentence(typed(KINDS[what], line.data), order, spoken, zone)
        who = spoken.gettext(PROGRAM) if line.actor[0] == "system" else line.actor[2]
        told.append(Entry(line.version, line.time, who, what, line.hash))
    return told


def _erased(lines: Sequence[Line]) -> Mapping[int, tuple[int, str]]:
    """Version -> the entry that says so, and the reason it gives."""
    return {
        version: (line.version, line.data.get("reason", ""))
        for line in lines
        if line.type == ERASED and not line.erased
        for version in line.data["versions"]
    }


def _gone(line: Line, erased: Mapping[int, tuple[int, str]], spoken: i18n.Words) -> Entry:
    """Of a confidence the line says only whether a party or the office had written it, not which party."""
    _ = spoken.gettext
    by = _(KEEPERS.get(line.actor[0], PROGRAM))
    if line.version in erased:
        number, reason = erased[line.version]
        what = _("Erased (entry %(number)s says so)", number=number)
        if reason:
            what = _("Erased (entry %(number)s says so): %(reason)s", number=number, reason=reason)
        return Entry(line.version, line.time, by, what, line.hash, "erased")
    if line.type in WITHHOLDABLE and line.stream.startswith("session/"):
        what = _("In confidence, and in no package: %(what)s", what=_(CONFIDED[line.type]))
        return Entry(line.version, line.time, by, what, line.hash, "confidence")
    return Entry(line.version, line.time, by, _("erased"), line.hash, "erased")
