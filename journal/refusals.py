"""What somebody can be told no with: the errors of the records by one base, and `Refused`, by which a service says no.

DomainError            code               params
├── NotAllowed         not_allowed                  (not this role's to ask)
├── WrongState         wrong_state        state, or a session's status
├── UnknownSession     unknown_session    session
├── Missing            missing            field
├── TooLong            too_long           field, most
├── TooMany            too_many           most
├── BadChoice          bad_choice         field     (a value outside the lists)
├── SamePerson         same_person                  (who wrote or asked for it does not approve it)
├── GuardianNeeded     guardian_needed              (of a child under 14 nothing is processed before a guardian agreed)
├── Suspended          suspended                    (a request for recusal of the mediator is not decided)
└── Busy               busy                         (somebody else kept changing it; ask again)

What only one kind of record refuses is in `complaints`, `casebook.commands`, `rooms` and with what
raises it. `web.refusals` has the sentences. What nobody is told (a broken stream, a damaged file, a worker that is
gone) is no DomainError.

And how much an event may say (`within_bounds`), and how often somebody may try before they are told no (`Throttle`).
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar


class DomainError(Exception):
    """Base of every refusal. `code` is stable and has a sentence in every language; `params` fill its blanks."""

    code: str = "refused"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code + "".join(f" {name}={value}" for name, value in params.items()))
        self.params: dict[str, Any] = params


class NotAllowed(DomainError):
    code = "not_allowed"


class WrongState(DomainError):
    code = "wrong_state"


class UnknownSession(DomainError):
    code = "unknown_session"


class Missing(DomainError):
    code = "missing"


class TooLong(DomainError):
    code = "too_long"


class TooMany(DomainError):
    code = "too_many"


class BadChoice(DomainError):
    code = "bad_choice"


class SamePerson(DomainError):
    code = "same_person"


class GuardianNeeded(DomainError):
    """PIPL Art 31: of a child under 14 nothing is processed before a guardian has agreed."""

    code = "guardian_needed"


class Suspended(DomainError):
    code = "suspended"


class Busy(DomainError):
    code = "busy"


class Unanswered(ConnectionError):
    """What is kept for good is out of reach: no refusal, but whoever waits is told `Busy`'s sentence.

    What was asked may be done or not: look before it is asked again.
    """


class Refused(DomainError):
    """A service said no, with a status of HTTP. `params` may have any names: a room's `status` is one."""

    def __init__(self, code: str, status: int = 409, /, **params: Any) -> None:
        self.code, self.status = code, status
        super().__init__(**params)


_STATUS = {
    "not_found": 404,
    Busy.code: 503,
    NotAllowed.code: 403,
    "unchanged": 409,
    "wrong_state": 409,
    "not_owner": 409,
    "same_person": 409,
    "small_cells": 409,
    "suspended": 409,
    "notice_standing": 409,
    "untold": 409,
    "business_unnamed": 409,
    "file_held": 409,
}


@contextmanager
def refusal_of() -> Iterator[None]:
    """What a complaint refuses becomes Refused."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise Refused(no.code, _STATUS.get(no.code, 400), **no.params) from None


@contextmanager
def room_refusal() -> Iterator[None]:
    """What a session refuses becomes Refused."""
    try:
        yield
    except Refused:
        raise
    except DomainError as no:
        raise Refused(no.code, 503 if isinstance(no, Busy) else 409, **no.params) from None


LONGEST_TEXT: Final = 20_000  # characters of any text of an event
MOST_OF_EVENT: Final = 400_000  # of all its texts together
Decided = TypeVar("Decided")


def within_bounds(events: Sequence[Decided]) -> Sequence[Decided]:
    """The same. TooLong where a text of one is, or all of its texts together: the last gate before anything is written.

    Forms, interfaces and imports have limits of their own, with a sentence at the field; nothing longer gets past here.
    """
    for event in events:
        whole = 0
        for name, length in _lengths(event, type(event).__name__):
            whole += length
            if length > LONGEST_TEXT:
                raise TooLong(field=name, most=LONGEST_TEXT)
            if whole > MOST_OF_EVENT:
                raise TooLong(field=name, most=MOST_OF_EVENT)
    return events


def _lengths(value: Any, name: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, str):
        yield name, len(value)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _lengths(getattr(value, one.name), one.name)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _lengths(key, name)
            yield from _lengths(one, str(key))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _lengths(one, name)


MOST_KEYS = 20_000
LONGEST_KEY = 100  # characters; what somebody types may be longer, and is no other key for it


@dataclass(frozen=True, slots=True)
class TriesLeft:
    """`seconds` until the oldest try no longer counts, rounded up."""

    tries: int
    seconds: int


class Throttle:
    """How often somebody may try: windows in memory, per login, address, link or system.

    The counts that decide security (tries of a code, guesses at an account) are in the database, as are the quotas of
    the public window; these keep the crowd away from them. Forgotten at a restart, and of more keys than can be kept
    the longest unseen first.

    At most `most` tries of a key `within` a time; one more is refused with `code` and the seconds to wait. Each try
    stops to count by itself, or, `anew`, all of them with the first.
    """

    def __init__(
        self,
        most: int,
        within: timedelta,
        code: str,
        clock: Callable[[], float] = time.monotonic,
        keys: int = MOST_KEYS,
        *,
        anew: bool = False,
    ) -> None:
        self._most, self._within, self._code = most, within.total_seconds(), code
        self._clock, self._keys, self._anew = clock, keys, anew
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()  # the key tried last at the end

    def __len__(self) -> int:
        return len(self._tries)

    def pass_(self, key: str) -> TriesLeft:
        """Count one more try. Refused(429)."""
        now, key = self._clock(), key[:LONGEST_KEY]
        self._forget(now - self._within)
        tries = self._tries.setdefault(key, deque(maxlen=self._most))
        while tries and tries[0] <= now - self._within:
            if self._anew:
                tries.clear()
            else:
                tries.popleft()
        seconds = max(1, math.ceil((tries[0] if tries else now) + self._within - now))
        if len(tries) == self._most:
            raise Refused(self._code, 429, seconds=seconds)
        tries.append(now)
        self._tries.move_to_end(key)
        if len(self._tries) > self._keys:
            self._tries.popitem(last=False)
        return TriesLeft(self._most - len(tries), seconds)

    def check(self, key: str) -> None:
        """Refused(429) where one more try would be; nothing is counted."""
        now, tries = self._clock(), self._tries.get(key[:LONGEST_KEY])
        if tries and len(tries) == self._most and tries[0] > now - self._within:
            raise Refused(self._code, 429, seconds=max(1, math.ceil(tries[0] + self._within - now)))

    def _forget(self, before: float) -> None:
        """Keys whose last try is out of the window; they stand at the front."""
        while self._tries and next(iter(self._tries.values()))[-1] <= before:
            self._tries.popitem(last=False)
