"""An installation's log in miniature, written from docs/evidence.md alone: streams, tree, checkpoints, a key."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from journal import stamp
from journal.notes import Ed25519Signer, Signer
from recordings.evidence.lines import JournalLine
from recordings.evidence.package import LogProofs

WHEN = datetime(2026, 11, 25, 9, 41, tzinfo=UTC)
SYSTEM = ("system", "system", "云调", "", "")


def signer(installation: str, seed: int) -> Signer:
    return Ed25519Signer(f"yuntiao/{installation}", Random(seed).randbytes(32))


def commitment(salt: str, actor: Sequence[str], data: Any) -> str:
    body = json.dumps({"actor": list(actor), "data": data}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()


def chained(previous: str, at: str, content: str, stream: str, type_: str, version: int) -> str:
    body = {"at": at, "content": content, "stream": stream, "type": type_, "version": version}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    middle = _split(len(leaves))
    return hashlib.sha256(b"\1" + root(leaves[:middle]) + root(leaves[middle:])).digest()


def proof(leaf: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if leaf < middle:
        return [*proof(leaf, leaves[:middle]), root(leaves[middle:])]
    return [*proof(leaf - middle, leaves[middle:]), root(leaves[:middle])]


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


@dataclass
class Log:
    """Salts come from the seed, so that a test is the same every time."""

    installation: str = "i-1"
    seed: int = 1
    leaves: list[bytes] = field(default_factory=list)
    streams: dict[str, list[JournalLine]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.key = signer(self.installation, self.seed)

    def append(self, stream: str, type_: str, data: Any, at: datetime, actor: Sequence[str] = SYSTEM) -> JournalLine:
        events = self.streams.setdefault(stream, [])
        salt, moment = self.random.randbytes(16).hex(), stamp(at)
        content = commitment(salt, actor, data)
        previous = events[-1].hash if events else ""
        digest = chained(previous, moment, content, stream, type_, len(events) + 1)
        who = (actor[0], actor[1], actor[2], actor[3], actor[4])
        line = JournalLine(
            stream,
            len(events) + 1,
            type_,
            json.loads(json.dumps(data, sort_keys=True)),
            moment,
            who,
            salt,
            content,
            digest,
            len(self.leaves),
        )
        events.append(line)
        self.leaves.append(bytes.fromhex(digest))
        return line

    def erase(self, stream: str, versions: Sequence[int], at: datetime) -> None:
        """Forget what was said and leave an entry that says so."""
        for version in versions:
            line = self.streams[stream][version - 1]
            actor = (line.actor[0], line.actor[1], "", line.actor[3], line.actor[4])
            self.streams[stream][version - 1] = replace(line, salt="", data={}, actor=actor)
        self.append(stream, "ContentErased", {"reason": "request", "versions": list(versions)}, at)

    def checkpoint(self, at: datetime = WHEN, size: int | None = None) -> bytes:
        size = len(self.leaves) if size is None else size
        head = base64.b64encode(root(self.leaves[:size])).decode()
        return sign(f"yuntiao/{self.installation}\n{size}\n{head}\ntime {stamp(at)}\n", self.key)

    def logged(self, lines: Sequence[JournalLine], at: datetime = WHEN) -> LogProofs:
        size = len(self.leaves)
        return LogProofs(self.checkpoint(at), size, {one.leaf: proof(one.leaf, self.leaves) for one in lines})


def sign(text: str, key: Signer) -> bytes:
    key_id = hashlib.sha256(key.name.encode() + b"\n\x01" + key.public).digest()[:4]
    return f"{text}\n— {key.name} {base64.b64encode(key_id + key.sign(text.encode())).decode()}\n".encode()
