"""Column types that mean the same on SQLite and PostgreSQL: times, money, growing numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, DateTime, Integer, String, any_, bindparam, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator

from server.db.compact import compact

# SQLite hands out row ids only for INTEGER PRIMARY KEY.
Position = BigInteger().with_variant(Integer, "sqlite")

_FEN = Decimal(100)


class Utc(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone, so a naive time is refused instead of guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


class Yuan(TypeDecorator[Decimal]):
    """Money with two decimals, kept as whole fen: exact, summable and comparable on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        fen = value * _FEN
        if fen != fen.to_integral_value():
            raise ValueError("an amount has at most two decimals")
        return int(fen)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / _FEN).quantize(Decimal("0.01"))


def among(connection: AsyncConnection, column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    """A column of texts among many values: bound as one, where a statement with thousands of them costs more than their
    search."""
    if connection.dialect.name == "sqlite":
        each = func.json_each(compact(list(values))).table_valued("value")
        return column.in_(select(each.c.value))
    listed: Any = bindparam(None, list(values), ARRAY(String))
    return column == any_(listed)
