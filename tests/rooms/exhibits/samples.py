"""Exhibits for tests of rooms: as the desk would hand them over, with invented files."""

from __future__ import annotations

from rooms import commands as c
from rooms.events import Original, Picture
from rooms.vocabulary import ExhibitKind, Purpose


def offering(
    exhibit: str = "x-a",
    title: str = "付款截图",
    pages: int = 1,
    private: bool = False,
    kind: ExhibitKind = ExhibitKind.PICTURES,
    purpose: Purpose = Purpose.EVIDENCE,
    term: int = 0,
) -> c.OfferExhibit:
    folder = f"x1/exhibits/{exhibit}"
    original = Original(f"{folder}/original-1", "jpeg", "a" * 64, 1000, "b" * 64, 1100)
    drawn = tuple(Picture(f"{folder}/page-{n}", 800, 600, "c" * 64, 500) for n in range(1, pages + 1))
    shown = () if kind is ExhibitKind.FILM else drawn
    return c.OfferExhibit(exhibit, title, kind, (original,), shown, private, purpose, term)
