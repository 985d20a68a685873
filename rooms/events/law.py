"""What can have happened with the law at hand: an article shown to everybody in the room, and put away."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Leaf:
    """An article as it was shown: the record does not change when the catalogue does.

    Mappings are language -> words. `official` is the office's own official wording, "" where it brought none; days are
    ISO. `on` is the day it was looked up for, `standing` what the article was then (law.articles.Standing).
    """

    article: str
    citation: dict[str, str]
    gist: dict[str, str]
    official: str = ""
    since: str = ""
    until: str = ""
    edition: dict[str, str] = field(default_factory=dict)
    on: str = ""
    standing: str = "in_force"


@dataclass(frozen=True, slots=True)
class LawShown:
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class LawPutAway:
    pass


LawEvent = LawShown | LawPutAway
