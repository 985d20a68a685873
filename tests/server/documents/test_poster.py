"""Pictures of charts are drawn in a face people in China read with ease: simplified forms, no hairlines."""

from __future__ import annotations

from server.documents import installed_fonts
from server.documents.poster import font_of


def test_the_face_is_the_simplified_one_and_of_an_ordinary_weight() -> None:
    for weight in ("Regular", "Medium"):
        name, style = font_of(22, installed_fonts(), weight).getname()
        assert name is not None
        assert name.endswith("SC")
        assert style == weight
