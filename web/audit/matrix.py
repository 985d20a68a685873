"""Who heard and saw whom, in clauses: one for all where all heard and saw each other, else one for each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from web.audit.voice import Voice

Received = Mapping[str, Sequence[str]]
"""Seat -> the seats whose sound (or picture) it was sent."""


def clauses(hears: Received, sees: Received, voice: Voice) -> list[str]:
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
