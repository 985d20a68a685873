"""What carries a message to a phone, as the outbox sees it.

NotifierError
└── NotDelivered   not_delivered   `final`: trying again would not help
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class NotifierError(Exception):
    """Base of delivery faults; `code` is stable, the text goes to the outbox page and holds no secret."""

    code = "notifier"


class NotDelivered(NotifierError):
    code = "not_delivered"

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final


@dataclass(frozen=True, slots=True)
class Notice:
    """One message on its way. `id` is the same on every try, so that a provider can drop a repetition."""

    id: str
    kind: str  # "link" | "code"
    to: str = field(repr=False)  # the complete number
    to_masked: str
    text: str = field(repr=False)


class Notifier(Protocol):
    """Returns when the message was taken; NotDelivered says why not. Held by tests/contracts/notifier_contract.py."""

    async def start(self) -> None: ...

    async def deliver(self, notice: Notice) -> None: ...

    async def stop(self) -> None: ...
