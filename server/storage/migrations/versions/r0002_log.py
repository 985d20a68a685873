"""The journal as a tamper-evident log: events commit to salted content, and a Merkle tree stands over them all.

Every event gets a salt and a leaf number and is chained anew. What the old chains said is not lost: the last event
this revision writes, in the stream `log/history`, holds the Merkle root over the old hashes in their order and names
every event whose old hash did not hold, so that rewriting the chains hides no earlier change.
Both canonical forms are written out here: a revision must go on doing what it did.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog
from alembic import op

from journal.merkle import Peaks, leaf_hash
from server.storage.columns import Position, Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

log = structlog.get_logger(__name__)

BATCH = 1000
TILE = 8
NAMED = 1000  # broken events named at most; their number is always told
HISTORY = "log/history"


def upgrade() -> None:
    op.rename_table("events", "events_before")
    if op.get_bind().dialect.name == "postgresql":  # there the names of constraints are the schema's
        op.execute("ALTER TABLE events_before RENAME CONSTRAINT pk_events TO pk_events_before")
        op.execute("ALTER TABLE events_before RENAME CONSTRAINT uq_events_stream_version TO uq_events_before")
    events = op.create_table(
        "events",
        sa.Column("leaf", Position, autoincrement=False, nullable=False),
        sa.Column("stream", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_office", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("content", sa.String(length=128), nullable=False),
        sa.Column("hash", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("leaf", name="pk_events"),
        sa.UniqueConstraint("stream", "version", name="uq_events_stream_version"),
    )
    head = op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", Position, nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )
    nodes = op.create_table(
        "log_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", Position, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_log_nodes"),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", Position, autoincrement=False, nullable=False),
        sa.Column("made", Utc(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoints"),
    )
    op.create_table(
        "log_attestations",
        sa.Column("size", Position, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=512), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", Utc(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("got_at", Utc(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["size"], ["log_checkpoints.size"], name="fk_log_attestations_size_log_checkpoints"),
        sa.PrimaryKeyConstraint("size", "kind", "place", name="pk_log_attestations"),
    )
    op.create_index("ix_log_attestations_state_next_try", "log_attestations", ["state", "next_try"])
    _Rewriting(op.get_bind(), events, nodes).run(head)
    op.drop_table("events_before")


def downgrade() -> None:
    raise NotImplementedError("the old chains are gone; go back to a copy from before")


class _Rewriting:
    """Events from the old table into the new one, in their order, building the tree."""

    def __init__(self, connection: sa.Connection, events: sa.Table, nodes: sa.Table) -> None:
        self._connection, self._events, self._nodes = connection, events, nodes
        self._tree, self._before = Peaks(), Peaks()
        self._newest: dict[str, tuple[int, str, str]] = {}  # stream -> version, old hash, new hash
        self._broken: list[list[Any]] = []

    def run(self, head: sa.Table) -> None:
        for batch in self._old():
            self._insert([self._moved(row) for row in batch])
        if self._tree.size:
            self._insert([self._told()])
        if self._broken:
            log.error("the journal did not verify before it was chained anew", events=len(self._broken))
        peaks = b"".join(self._tree.hashes)
        self._connection.execute(head.insert().values(id=1, size=self._tree.size, peaks=peaks))

    def _old(self) -> Iterator[list[dict[str, Any]]]:
        names = "position stream version kind type at actor_kind actor_id actor_name actor_role actor_office data hash"
        types: dict[str, Any] = {"at": Utc(), "data": sa.JSON()}
        columns = [sa.column(name, types.get(name)) for name in names.split()]
        old = sa.table("events_before", *columns)
        position = 0
        while True:
            wanted = sa.select(old).where(old.c.position > position).order_by(old.c.position).limit(BATCH)
            rows = [dict(row) for row in self._connection.execute(wanted).mappings()]
            if not rows:
                return
            position = rows[-1]["position"]
            yield rows

    def _moved(self, row: Mapping[str, Any]) -> dict[str, Any]:
        version, old, new = self._newest.get(row["stream"], (0, "", ""))
        if row["version"] != version + 1 or row["hash"] != _old_hash(old, row):
            self._broken.append([row["stream"], row["version"]])
        self._before.append(leaf_hash(row["hash"].encode()))
        made = _sealed(new, {name: value for name, value in row.items() if name not in ("position", "hash")})
        self._newest[row["stream"]] = (row["version"], row["hash"], made["hash"])
        return made

    def _told(self) -> dict[str, Any]:
        data = {
            "revision": revision,
            "events": self._before.size,
            "root": self._before.root().hex(),  # over leaf hashes of the old hashes' hexadecimal text
            "broken": self._broken[:NAMED],
            "broken_count": len(self._broken),
        }
        return _sealed(
            "",
            {
                "stream": HISTORY,
                "version": 1,
                "kind": "log",
                "type": "JournalRechained",
                "at": datetime.now(UTC),
                "actor_kind": "system",
                "actor_id": "system",
                "actor_name": "云调",
                "actor_role": "",
                "actor_office": "",
                "data": data,
            },
        )

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        complete = []
        for row in rows:
            row["leaf"] = self._tree.size
            for (level, number), digest in self._tree.append(leaf_hash(bytes.fromhex(row["hash"]))):
                if level % TILE == 0:
                    complete.append({"level": level, "number": number, "hash": digest})
        self._connection.execute(self._events.insert(), rows)
        if complete:
            self._connection.execute(self._nodes.insert(), complete)


def _sealed(previous: str, row: dict[str, Any]) -> dict[str, Any]:
    row["salt"] = secrets.token_hex(16)
    row["content"] = _sha256(f"{row['salt']}\n{_canonical({'actor': _who(row), 'data': row['data']})}")
    header = {name: row[name] for name in ("content", "stream", "type", "version")} | {"at": _stamp(row["at"])}
    row["hash"] = _sha256(f"{previous}\n{_canonical(header)}")
    return row


def _old_hash(previous: str, row: Mapping[str, Any]) -> str:
    body = {name: row[name] for name in ("data", "stream", "type", "version")}
    return _sha256(f"{previous}\n{_canonical(body | {'actor': _who(row), 'at': _stamp(row['at'])})}")


def _who(row: Mapping[str, Any]) -> list[str]:
    return [row["actor_kind"], row["actor_id"], row["actor_name"], row["actor_role"], row["actor_office"]]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
