"""How the record speaks: one language, one clock, and the names of the seats.

Owns nothing but the choice of words' form; the words themselves are in sentences and web.office.words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from law.grounds import ending_grounds


@dataclass(frozen=True, slots=True)
class Voice:
    """`names`: seat id -> the name shown in the room; `exhibits`: id -> title, in quotes.

    `money` and `when` write a sum and a point in time.
    """

    gettext: Callable[..., str]  # web.i18n.Words.gettext
    money: Callable[[Decimal], str]
    when: Callable[[datetime], str]
    names: Mapping[str, str]
    language: str = "en"
    mediator: str = ""  # the mediator's seat: nobody lets them in
    order: str = "121"  # which order's grounds a number means
    exhibits: Mapping[str, str] = field(default_factory=dict)

    def name(self, seat: str) -> str:
        return self.names.get(seat, seat)

    def exhibit(self, exhibit: str) -> str:
        """As it is spoken of; when its title was erased, as nobody in particular."""
        _ = self.gettext
        return self.exhibits.get(exhibit) or _("an exhibit")

    def list(self, items: Iterable[str]) -> str:
        return (", " if self.language.startswith("en") else "、").join(items)

    def clauses(self, items: Iterable[str]) -> str:
        """Of a sentence, that have lists in them."""
        return ("; " if self.language.startswith("en") else "；").join(items)

    def ending(self, number: int | None) -> str:
        """The gist of the ground a mediation ended on; "" when there is none."""
        return next((g.gist(self.language) for g in ending_grounds(self.order) if g.number == number), "")
