"""How each connection fared at its newest uses, whichever node used it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from offices.systems import ConnectionState
from server.db.engine import Database
from server.db.schema import connection_states

_c = connection_states.c


def _state(row: Any) -> ConnectionState:
    return ConnectionState(row.kind, row.name, "", False, "", row.succeeded_at, row.failed_at, row.fault, row.told)


def _told(state: ConnectionState) -> dict[str, Any]:
    return {
        "succeeded_at": state.succeeded_at, "failed_at": state.failed_at, "fault": state.fault, "told": state.told,
    }  # fmt: skip


class ConnectionStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> dict[tuple[str, str], ConnectionState]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(connection_states))).all()
        return {(row.kind, row.name): _state(row) for row in rows}

    async def write(self, state: ConnectionState) -> None:
        """An older time never takes a newer one's place: nodes write as they come."""
        async with self._database.write() as connection:
            key = (_c.kind == state.kind) & (_c.name == state.name)
            row = (await connection.execute(select(connection_states).where(key).with_for_update())).one_or_none()
            if row is None:
                await connection.execute(
                    insert(connection_states).values(kind=state.kind, name=state.name, **_told(state))
                )
            else:
                await connection.execute(update(connection_states).where(key).values(_told(state.joined(_state(row)))))
