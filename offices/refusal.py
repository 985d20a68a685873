"""How a service says no."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A service said no. `code` is stable and has a sentence in every language; `params` fill its blanks, whatever
    their names: a room's `status` is one."""

    def __init__(self, code: str, status: int = 409, /, **params: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.params = code, status, params
