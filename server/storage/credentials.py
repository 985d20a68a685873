"""Says within this process that what somebody came in by has changed: a link, device, session, account or role.

Whoever lets people in for longer than one request subscribes and looks again. The stores announce, after the commit, so
that no service can forget to. Another process (the command line) is not heard: who subscribes also looks by the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose credentials changed: an officer's (user id), or those of a seat's devices. Neither: anybody's may have."""

    officer: str = ""
    session: str = ""
    seat: str = ""


class Credentials:
    """Subscribers are called at once, in order, and must neither wait nor raise."""

    def __init__(self) -> None:
        self.subscribers: list[Callable[[Holder], None]] = []

    def changed(self, holder: Holder) -> None:
        for subscriber in self.subscribers:
            subscriber(holder)
