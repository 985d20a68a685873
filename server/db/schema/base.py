"""Columns that mean the same on SQLite and PostgreSQL, what every table is made with, and the journal's tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TableValuedAlias,
    Text,
    UniqueConstraint,
    any_,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from server.db import compact

# SQLite hands out row ids only for INTEGER PRIMARY KEY.
Position = BigInteger().with_variant(Integer, "sqlite")

_FEN = Decimal(100)
_T = TypeVar("_T", str, int)


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


class WrittenJson(TypeDecorator[Any]):
    """JSON that may be given as text, which is kept as it is. No text by itself is kept here, so none is taken for
    one."""

    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        encode = super().bind_processor(dialect)
        assert encode is not None
        return lambda value: value if type(value) is str else encode(value)


class ManyValues(TypeDecorator[Any]):
    """PostgreSQL's array of texts or numbers as a parameter, written down here: psycopg looks at each text of a list by
    a regular expression, which for the offices of a province takes longer than their search."""

    impl = ARRAY
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__(of)
        self.of = of  # what is kept here tells a statement apart from one with others

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        return _written_array


def _written_array(values: Sequence[str | int]) -> str:
    each = (one.replace("\\", r"\\").replace('"', r"\"") if isinstance(one, str) else str(one) for one in values)
    return '{"' + '","'.join(each) + '"}' if values else "{}"


def holds_json(column: Column[Any]) -> bool:
    """Whether its values are JSON, whoever wrote them."""
    return isinstance(column.type, JSON | WrittenJson)


def among(connection: AsyncConnection, column: ColumnElement[_T], values: Sequence[_T]) -> ColumnElement[bool]:
    """A column of texts or numbers among many values: bound as one, where a statement with thousands of them costs more
    than their search."""
    return among_these(connection, column.type, values)(column)


def among_these(
    connection: AsyncConnection, of: TypeEngine[_T], values: Sequence[_T]
) -> Callable[[ColumnElement[_T]], ColumnElement[bool]]:
    """Likewise of any column of that type: however often a statement asks, the values are bound once."""
    if connection.dialect.name == "sqlite":
        each = select(func.json_each(compact(list(values))).table_valued("value").c.value)
        return lambda column: column.in_(each)
    listed: Any = bindparam(None, list(values), ManyValues(of))
    return lambda column: column == any_(listed)


def among_column(column: ColumnElement[str], of: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a text is one of another table's column. An import makes ids that lie together: between the first and
    the last of them PostgreSQL reads the index. By itself it misjudges how many there are, and reads its table through.
    """
    first, last = (select(end(of)).scalar_subquery() for end in (func.min, func.max))
    return column.in_(select(of)) & column.between(first, last)


def every_one(connection: AsyncConnection, column: ColumnElement[_T], values: Sequence[_T]) -> TableValuedAlias:
    """Values of the kind a column has, bound as one, as rows with a `value`."""
    if connection.dialect.name == "sqlite":
        return func.json_each(compact(list(values))).table_valued("value")
    listed: Any = bindparam(None, list(values), ManyValues(column.type))
    return func.unnest(listed).table_valued("value").render_derived()


async def plan_by_values(connection: AsyncConnection) -> None:
    """Have PostgreSQL plan each statement for its values until this transaction ends. After five times it may keep one
    plan for any values: of a rare word and a common one, of a small office and a great one, the other's is slow."""
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


metadata = MetaData(
    # Constraints need known names to be altered later, on SQLite too.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
ID = String(64)
WORD = String(32)  # a value of one of our enumerations
DIGEST = String(128)


# The journal, and the tree over all events with what was signed of it.


events = Table(
    "events",
    metadata,
    Column("leaf", Position, primary_key=True, autoincrement=False),  # its number in the tree: from 0, without gaps
    Column("stream", String(128), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", WORD, nullable=False),  # of the stream: what stands before its first "/"
    Column("type", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    Column("actor_kind", WORD, nullable=False),
    Column("actor_id", ID, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("actor_role", WORD, nullable=False),
    Column("actor_office", ID, nullable=False),
    Column("data", WrittenJson, nullable=False),
    Column("salt", WORD, nullable=False),  # "": the content was erased
    Column("content", DIGEST, nullable=False),
    Column("hash", DIGEST, nullable=False),
    UniqueConstraint("stream", "version"),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("size", Position, nullable=False),
    Column("peaks", LargeBinary, nullable=False),  # journal.merkle.Peaks: 32 bytes each, from left to right
)

log_nodes = Table(
    "log_nodes",
    metadata,
    # Only levels that are multiples of server.db.appending.TILE: what lies between is hashed again when asked for.
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", Position, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", Position, primary_key=True, autoincrement=False),
    Column("made", Utc, nullable=False),
    Column("note", Text, nullable=False),  # journal.notes: body and signature, as it was published
)

log_attestations = Table(
    "log_attestations",
    metadata,
    Column("size", Position, ForeignKey(log_checkpoints.c.size), primary_key=True, autoincrement=False),
    Column("kind", WORD, primary_key=True),  # "timestamp" | "witness"
    Column("place", String(512), primary_key=True),  # whose: a URL
    Column("state", WORD, nullable=False),  # "queued" | "failed" | "got" | "dead"
    Column("tries", Integer, nullable=False),
    Column("next_try", Utc, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("got_at", Utc),
    Column("answer", LargeBinary),  # RFC 3161's TimeStampResp, or the witness's signature line
    Index(None, "state", "next_try"),
)
