"""Commands and events of what lies on the table: an article, a typical case; and of the script card."""

from __future__ import annotations

from dataclasses import dataclass, field

from rooms.declarations import MEDIATOR, command
from rooms.limits import Id


@command(MEDIATOR, "show_law", in_room=True, filled=frozenset({"leaf"}))
@dataclass(frozen=True, slots=True)
class ShowLaw:
    """`leaf` is filled in by the room from its library: nobody brings a text of their own."""

    article: Id
    leaf: Leaf | None = None


@command(MEDIATOR, "put_law_away", in_room=True)
@dataclass(frozen=True, slots=True)
class PutLawAway:
    pass


LawCommand = ShowLaw | PutLawAway


# ------------------------------------------------------------ events of the law at hand


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


# ------------------------------------------------------------ typical cases


@command(MEDIATOR, "show_typical", in_room=True, filled=frozenset({"leaf"}))
@dataclass(frozen=True, slots=True)
class ShowTypical:
    """`leaf` is filled in by the room from the casebook: nobody brings a text of their own."""

    case: Id
    leaf: TypicalLeaf | None = None


@command(MEDIATOR, "put_typical_away", in_room=True)
@dataclass(frozen=True, slots=True)
class PutTypicalAway:
    pass


TypicalCommand = ShowTypical | PutTypicalAway


@dataclass(frozen=True, slots=True)
class TypicalLeaf:
    """A case as it was shown: the record does not change when the casebook does.

    `title` and each of `articles` are language -> words; `sample`: one that the program brought along.
    """

    case: str
    number: str
    title: dict[str, str]
    facts: str
    outcome: str
    articles: list[dict[str, str]] = field(default_factory=list)
    sample: bool = False


@dataclass(frozen=True, slots=True)
class TypicalShown:
    leaf: TypicalLeaf


@dataclass(frozen=True, slots=True)
class TypicalPutAway:
    pass


TypicalEvent = TypicalShown | TypicalPutAway


# ------------------------------------------------------------ the script card


@command(MEDIATOR, "check_item", in_room=True)
@dataclass(frozen=True, slots=True)
class CheckItem:
    """`item` as in rooms.presenting.rules.ITEMS."""

    item: Id
    done: bool = True


ScriptCommand = CheckItem


@dataclass(frozen=True, slots=True)
class ItemChecked:
    """`item` as in rooms.presenting.rules.ITEMS: the mediator's own list. The opening's four duties are
    `OpeningCovered`."""

    item: str
    done: bool = True


ScriptEvent = ItemChecked
