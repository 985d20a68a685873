"""The preface of a year's book: an office's own, or of the book of all offices. Stream `preface/<year>[-<office>]`.

It is kept as notes are: every edition stays, with who wrote it and why.
"""

from __future__ import annotations

import re

from casebook.errors import BadChoice, NotAllowed
from journal import Actor

STREAM = "preface"
_OF = re.compile(r"20[0-9][0-9](-[A-Za-z0-9_\-]{1,64})?")


def named(year: int, office: str | None) -> str:
    """What a preface is of; None: of the book of all offices."""
    return f"{year}" if office is None else f"{year}-{office}"


def stream(of: str) -> str:
    """BadChoice for what is no book."""
    if not _OF.fullmatch(of):
        raise BadChoice(field="year")
    return f"{STREAM}/{of}"


def check(actor: Actor, office: str | None) -> None:
    """NotAllowed. An office writes its own; a supervisor also the one of all offices."""
    if actor.role != "supervisor" if office is None else actor.office != office:
        raise NotAllowed
