"""The dictionary by which Chinese text is cut into words: jieba's; and what people call the same thing (`things.txt`).
Here because laws, complaints and cases ask them.

It is loaded when the first word is cut, or by whoever would rather not wait the tenth of a second then: a process that
only writes what others have cut need not hold its 33 MB.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import ModuleType


@cache
def _jieba() -> ModuleType:
    import rjieba

    return rjieba


def load() -> None:
    """Now, not with the first word."""
    _jieba()


def cut(text: str) -> list[str]:
    """All of the text, in its order."""
    words: list[str] = _jieba().cut(text)
    return words


def cut_for_search(text: str) -> list[str]:
    """As `cut`, with the shorter words of which a long one is made before it."""
    words: list[str] = _jieba().cut_for_search(text)
    return words


def tag(text: str) -> list[tuple[str, str]]:
    """As `cut`, each with its part of speech (ICTCLAS: "nr" a person's name, "ns" a place)."""
    words: list[tuple[str, str]] = _jieba().tag(text)
    return words


def has_word(text: str) -> bool:
    """Whether it is a word of the dictionary."""
    return bool(_jieba().has_word(text))


@cache
def things() -> tuple[tuple[str, ...], ...]:
    """Goods and services by all their words, in small letters; of each the first names it."""
    lines = files(__package__).joinpath("things.txt").read_text("utf-8").splitlines()
    return tuple(tuple(line.lower().split()) for line in lines if not line.startswith("#"))
