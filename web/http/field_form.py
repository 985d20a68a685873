"""A posted form while it is being read, the days typed in it, and the time as pages know it.

A posted form while it is being read: what was typed, and what is wrong with it.

Owns the checks shared by the office's forms. Errors are message ids and stand above their field; whatever was typed
is kept, so a form with errors is shown again as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from journal.numbers import narrow
from web.i18n import N_


class TimeOfDay(Protocol):
    def __call__(self) -> datetime:
        """Now, with a zone."""
        ...


CLOCK: web.AppKey[TimeOfDay] = web.AppKey("clock", TimeOfDay)


def now(request: web.Request) -> datetime:
    return request.app[CLOCK]()


YEARS: Final = range(1990, 2101)  # as imports take them: a day beyond has no next one, or none in another zone


def typed_day(text: str) -> date | None:
    """None for what is no day (ISO 8601), and for one outside `YEARS`."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None


PHONE: Final = re.compile(r"\+?[0-9]{7,15}")
LONGEST: Final = 2000

NEEDED: Final = N_("Please fill this in.")
TOO_LONG: Final = N_("This is too long. Please shorten it.")
BAD_PHONE: Final = N_("This does not look like a phone number. Digits only, for example 13800001234.")
BAD_AMOUNT: Final = N_("Write the amount in yuan, for example 2360.00.")
BAD_CODE: Final = N_("This number cannot exist: its check character does not fit. Please compare it once more.")
BAD_DATE: Final = N_("Choose a date and a time.")
BAD_CHOICE: Final = N_("Choose one of these.")
BAD_LOGIN_NAME: Final = N_("3 to 64 small letters, digits, dots and hyphens only, for example zhou.min")
WEAK_PASSWORD: Final = N_("Choose a longer password: at least 12 characters, and not one that is on everybody’s list.")

GUARDIAN_NEEDED: Final = N_(
    "Under 14: name the guardian below, and tick that they agree, before anything is registered (PIPL Art 31)."
)
SAID: Final[Mapping[str, str]] = {
    "missing": NEEDED,
    "bad_phone": BAD_PHONE,
    "bad_amount": BAD_AMOUNT,
    "bad_check": BAD_CODE,
    "bad_choice": BAD_CHOICE,
    "too_long": TOO_LONG,
    "guardian_needed": GUARDIAN_NEEDED,
}
"""What a service's no says above the field it is about, by its code."""


@dataclass(slots=True)
class Form:
    """`values` and `errors` by field name; `choices`: what may have been meant, as (value, text)."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, posted: Mapping[str, object]) -> Form:
        """Text fields only; uploaded files have no place in these forms."""
        return cls({name: value.replace("\r\n", "\n") for name, value in posted.items() if isinstance(value, str)})

    @property
    def good(self) -> bool:
        return not self.errors

    def text(self, name: str, needed: bool = False, longest: int = LONGEST) -> str:
        value = self.values.get(name, "").strip()
        if needed and not value:
            self.errors[name] = NEEDED
        elif len(value) > longest:
            self.errors[name] = TOO_LONG
        return value

    def secret(self, name: str) -> str:
        """As typed, and not kept for showing the form again."""
        return self.values.pop(name, "")

    def choice(self, name: str, among: Mapping[str, str] | tuple[str, ...]) -> str:
        value = self.values.get(name, "")
        if value not in among:
            self.errors[name] = BAD_CHOICE
        return value

    def phone(self, name: str, needed: bool = False) -> str:
        """Spaces and hyphens are how people write numbers; they are dropped."""
        value = re.sub(r"[\s\-()]", "", narrow(self.text(name, needed)))
        if value and not PHONE.fullmatch(value):
            self.errors[name] = BAD_PHONE
        return value

    def amount(self, name: str) -> Decimal | None:
        """Yuan with two decimals; None when left empty."""
        typed = narrow(self.text(name)).replace(",", "").removeprefix("¥").strip()
        if not typed:
            return None
        try:
            value = Decimal(typed if typed.isascii() else "?")  # it would read ٣ as well
            if not value.is_finite() or not 0 <= value < 10**12 or value != value.quantize(Decimal("0.01")):
                raise InvalidOperation
        except InvalidOperation:
            self.errors[name] = BAD_AMOUNT
            return None
        return value.quantize(Decimal("0.01"))

    def day(self, name: str) -> date | None:
        """None when left empty; an error when it is no date."""
        typed = self.text(name)
        found = typed_day(typed) if typed else None
        if typed and found is None:
            self.errors[name] = BAD_DATE
        return found

    def moment(self, name: str, zone: str) -> datetime | None:
        """UTC, from the fields `<name>_day` and `<name>_time`, read in the office's zone."""
        day = typed_day(self.text(f"{name}_day"))
        try:
            clock = time.fromisoformat(self.text(f"{name}_time"))
        except ValueError:
            clock = None
        if day is None or clock is None:
            self.errors[name] = BAD_DATE
            return None
        return datetime.combine(day, clock.replace(tzinfo=None), ZoneInfo(zone)).astimezone(UTC)
