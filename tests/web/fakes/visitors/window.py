"""The public window of a world without one: nobody has a visit, and there is room for what is sent."""

from __future__ import annotations

from typing import NoReturn

from journal.refusals import Refused


class FakeWindow:
    async def visit(self, token: str) -> NoReturn:
        raise Refused("window_over", 410)

    async def require_room(self, address: str, size: int) -> None:
        return None
