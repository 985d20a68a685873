"""Services as pages know them, kept in memory: what the real ones promise, without a database.

`World` is one office with its people and one mediation; `World.app()` makes an application around it.
"""

from __future__ import annotations

from tests.web.fakes.accounts.officers import Account
from tests.web.fakes.people import ADMIN, CODE, EAST_LAKE, LIN, PASSWORD, STRANGER, ZHOU
from tests.web.fakes.records.sessions import scheduled
from tests.web.fakes.world import World

__all__ = ["ADMIN", "CODE", "EAST_LAKE", "LIN", "PASSWORD", "STRANGER", "ZHOU", "Account", "World", "scheduled"]
