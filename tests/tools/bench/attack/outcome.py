"""What an attack is given, and what it reports: plain values, since the attacker is a process of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """An office under attack and what the attacker has got hold of. `seconds`: how long to go on."""

    url: str
    media: tuple[str, int]
    session: str
    party: str  # cookies of a party in the live room, who is hostile
    officer: str  # cookies of a mediator, whose machine sends whatever files it is told to
    link: str  # path of somebody else's invitation
    phone: str  # of that person
    seconds: float

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that pages are served at."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, given: dict[str, Any]) -> Target:
        return cls(**{**given, "media": tuple(given["media"])})


@dataclass
class Outcome:
    """`sent`: requests, messages or datagrams. `served`: what the attacker got and should not have. `acknowledged`:
    lines the server said it has. `answers`: how often each status or code came back."""

    sent: int = 0
    served: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Outcome) -> Outcome:
        self.sent += other.sent
        self.served += other.served
        self.acknowledged += other.acknowledged
        self.answers += other.answers
        return self

    def json(self) -> dict[str, Any]:
        return {**vars(self), "answers": dict(self.answers)}

    @classmethod
    def read(cls, given: dict[str, Any]) -> Outcome:
        return cls(given["sent"], given["served"], given["acknowledged"], Counter(given["answers"]))
