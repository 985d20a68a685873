"""How a service says no."""

from __future__ import annotations

from typing import Any

from journal.refusals import DomainError


class Refused(DomainError):
    """A service said no, with a status of HTTP. `params` may have any names: a room's `status` is one."""

    def __init__(self, code: str, status: int = 409, /, **params: Any) -> None:
        self.code, self.status = code, status
        super().__init__(**params)
