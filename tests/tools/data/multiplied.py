"""A province's complaints out of one office's two years: what the demo office has is copied, within the database.

`yuntiao serve --demo` makes some six thousand complaints through the journal, with what became of them: states, clocks,
messages, mediations, promises, figures. Each copy has ids, numbers, people and places in the list of its own; the first
`LARGE` of them stay in the office, so that one office has a quarter of all, the others become an office each. Copied
are the tables that pages read. What is not as in life: events are copied without their tree, so nothing can be
verified; copies tell the same stories, received at the same second; bulletins, hot spots and reviews are of the first
office only. The great tables are without a write-ahead log meanwhile and afterwards, which no page that reads notices.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from sqlalchemy import Boolean, String

from server.app.demo import OFFICE, SUPERVISOR
from server.complaints import mark
from server.db.schema import metadata
from tests.tools.data.postgres import libpq

LARGE: Final = 0.25
"""Share of the copies that stay in the first office."""
LEAF: Final = 1_000_000_000
"""From where copies of events are numbered: the log grows from its own end, far below."""
RESPONDENTS: Final = 50
"""So many copies of each business are told apart; further ones are of a business there is."""

_OFFICE: Final = "CASE WHEN k <= {large} THEN o.office ELSE 'office-' || k END"
_RESPONDENT: Final = f"CASE o.respondent WHEN '' THEN '' ELSE left(md5(o.respondent || k % {RESPONDENTS}), 24) END"
_WORDS: Final = (
    "CASE WHEN k <= {large} THEN o.words ELSE replace(o.words::text, '{mark}', '{stem}' || encode(('office-' || k)"
    "::bytea, 'hex'))::tsvector END"
)

_NAMED: Final = (
    "CASE WHEN o.data->>'{0}' <> '' THEN jsonb_build_object('{0}', md5((o.data->>'{0}') || '/' || k)) ELSE '{{}}' END"
)
_DATA: Final = (  # the other's id, where one names the other
    "CASE WHEN o.data->>'session' <> '' OR o.data->>'complaint' <> '' THEN (o.data::jsonb"
    f" || {_NAMED.format('session')} || {_NAMED.format('complaint')})::json ELSE o.data END"
)


def _of(column: str) -> str:
    """Another one's id for each copy; nobody's stays nobody's."""
    return f"CASE WHEN o.{column} <> '' THEN md5(o.{column} || '/' || k) ELSE o.{column} END"


def _each(*columns: str, **more: str) -> dict[str, str]:
    return {column: _of(column) for column in columns} | more


COPIED: Final[dict[str, dict[str, str]]] = {
    "complaints": _each(
        "id",
        office=_OFFICE,
        number="o.number || '-' || k",
        place="o.place + k",
        phone_mark="o.phone_mark + k * 1000003",
    ),
    "complaint_words": {"place": "o.place + k", "words": _WORDS},
    "events": {
        "leaf": "{leaf} + k * {events} + o.leaf",
        "stream": "o.kind || '/' || md5(substr(o.stream, length(o.kind) + 2) || '/' || k)",
        "data": _DATA,
    },
    "complaint_facts": _each("id", office=_OFFICE, respondent=_RESPONDENT),
    "handlers": _each("complaint", "officer", office=_OFFICE),
    "sessions": _each("id", "complaint", "mediator", office=_OFFICE),
    "mediation_measures": _each("session", "complaint", "mediator", office=_OFFICE, respondent=_RESPONDENT),
    "promises": _each("session", "complaint", office=_OFFICE, respondent=_RESPONDENT),
    "messages": _each("id", "session", "complaint", office=_OFFICE),
    "links": _each("id", "session", "secret_hash", office=_OFFICE),
    "respondent_marks": _each("complaint", mark=f"o.mark + k % {RESPONDENTS}"),
    "respondent_names": {"respondent": _RESPONDENT},
    "respondent_conduct": _each("complaint"),
    "source_numbers": _each("complaint", office=_OFFICE, number="o.number || '-' || k"),
    "clocks": _each("subject", office=_OFFICE, number="o.number || '-' || k"),
    "answers_awaited": _each("complaint", "invitation", office=_OFFICE),
    "leads": _each("id", "complaint", "owner", office=_OFFICE, number="o.number || '-' || k", respondent=_RESPONDENT),
    "lead_records": _each("lead", "complaint"),
    "fact_sums": {"office": "'office-' || k"},
    "fact_days": {"office": "'office-' || k"},
}
_SUMS: Final = ("fact_sums", "fact_days")  # of an office: the large one's are multiplied, not added
_GREAT: Final = ("complaints", "complaint_words", "events", "complaint_facts", *_SUMS)
_WHERE: Final = {
    "events": " WHERE o.kind IN ('complaint', 'session')",
    "respondent_names": f" WHERE k <= {RESPONDENTS}",
}


def multiply(url: str, wanted: int, told: Callable[[str, float], None] = lambda _table, _seconds: None) -> int:
    """Until there are at least so many complaints; returns how many. `told`: each table, and how long it took."""
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET synchronous_commit = off")
        here = _number(connection, "complaints")
        copies = max(0, -(-wanted // here) - 1)
        large = round(copies * LARGE)
        for name, columns in COPIED.items():
            begun = time.perf_counter()
            first = large + 1 if name in _SUMS else 1
            with _bare(connection, name):
                connection.execute(_copying(connection, name, columns, large, first, copies))
                if name in _SUMS:
                    connection.execute(_grown(name, large + 1))
            connection.execute(f"VACUUM (ANALYZE) {name}")
            told(name, time.perf_counter() - begun)
        _offices(connection, large, copies)
        return _number(connection, "complaints")


def _number(connection: psycopg.Connection, name: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def _bare(connection: psycopg.Connection, name: str) -> Iterator[None]:
    """Without its indexes, but those that are a key's; a great one without a write-ahead log, for good."""
    if name in _GREAT:
        connection.execute(f"ALTER TABLE {name} SET UNLOGGED")
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        (name,),
    ).fetchall()
    for index, _ in found:
        connection.execute(f"DROP INDEX {index}")
    yield
    for _, definition in found:
        connection.execute(definition)


def _copying(
    connection: psycopg.Connection, name: str, columns: dict[str, str], large: int, first: int, copies: int
) -> str:
    whole = mark("office", OFFICE.id)
    stem = whole.removesuffix(OFFICE.id.encode().hex())
    events = connection.execute("SELECT max(leaf) + 1 FROM events WHERE leaf < %s", (LEAF,)).fetchone()
    filled = {"large": large, "mark": whole, "stem": stem, "leaf": LEAF, "events": (events or [0])[0]}
    every = [row[0] for row in connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum", (name,),
    ).fetchall()]  # fmt: skip
    values = ", ".join(
        (columns[column] if column == "data" else columns[column].format(**filled))
        if column in columns
        else f"o.{column}"
        for column in every
    )
    return (
        f"INSERT INTO {name} ({', '.join(every)}) SELECT {values} FROM generate_series({first}, {copies}) AS k,"
        f" {name} AS o{_WHERE.get(name, '')}"
    )


def _grown(name: str, times: int) -> str:
    counted = [
        column.name
        for column in metadata.tables[name].columns
        if not column.primary_key and not isinstance(column.type, String | Boolean)
    ]
    set_ = ", ".join(f"{column} = {column} * {times}" for column in counted)
    return f"UPDATE {name} SET {set_} WHERE office = '{OFFICE.id}'"


def _offices(connection: psycopg.Connection, large: int, copies: int) -> None:
    """Each with a name; the supervisor oversees all."""
    every = [column.name for column in metadata.tables["offices"].columns]
    values = ", ".join({"id": "'office-' || k", "name": "o.name || k"}.get(one, f"o.{one}") for one in every)
    connection.execute(
        f"INSERT INTO offices ({', '.join(every)}) SELECT {values} FROM generate_series({large + 1}, {copies}) AS k,"
        " offices AS o"
    )
    connection.execute(
        "INSERT INTO office_oversight (supervisor, office) SELECT u.id, f.id FROM users u, offices f"
        " WHERE u.login = %s AND f.id LIKE 'office-%%'",
        (SUPERVISOR,),
    )
    connection.execute("ANALYZE")
