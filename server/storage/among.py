"""A column among many values: bound as one, where a statement with thousands of them costs more than their search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, any_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.compact import compact


def among(connection: AsyncConnection, column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    """Of texts."""
    if connection.dialect.name == "sqlite":
        each = func.json_each(compact(list(values))).table_valued("value")
        return column.in_(select(each.c.value))
    listed: Any = bindparam(None, list(values), ARRAY(String))
    return column == any_(listed)
