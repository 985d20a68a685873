"""A package somebody will tamper with, and what an attack on it leaves."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journal.notes import Signer
from recordings import evidence
from recordings.evidence import part, stream
from tests.recordings.evidence import papers
from tests.recordings.evidence.log import Log, sign, signer

Entries = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Attack:
    """`codes`: at least one of them must be among those that failed. `key`: what whoever checks expects."""

    name: str
    package: bytes
    codes: frozenset[str]
    key: bytes


@dataclass(frozen=True)
class Target:
    """A package and a second one of another session of the same installation."""

    package: bytes
    entries: Mapping[str, bytes]
    other: Mapping[str, bytes]
    key: Signer
    thief: Signer

    @property
    def items(self) -> list[str]:
        return [name for name in self.entries if name not in (*evidence.BEFORE, *evidence.AFTER)]


def target(segments: int = 2) -> Target:
    log = Log()
    story, second = papers.story("s1", "k1", log, segments), papers.story("s2", "k2", log, segments, seed=8)
    package, other = story.bytes(), second.bytes()
    return Target(package, opened(package), opened(other), log.key, signer(log.installation, 99))


def opened(package: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries: Mapping[str, bytes]) -> bytes:
    return b"".join(stream(part(name, content) for name, content in entries.items()))


def resigned(entries: Mapping[str, bytes], key: Signer, **fields: Any) -> Entries:
    """The manifest made to fit what is there now, and everything signed with this key."""
    before = json.loads(entries[evidence.MANIFEST])
    items = {name: content for name, content in entries.items() if name not in (*evidence.BEFORE, *evidence.AFTER)}
    listed = [
        {"kind": evidence.kind_of(path), "path": path, "sha256": _sha(content), "size": len(content)}
        for path, content in sorted(items.items())
    ]
    public = {"name": key.name, "public": evidence.base64_of(key.public)}
    manifest = evidence.canonical({**before, "items": listed, "key": public, **fields})
    session, first_line = json.loads(manifest)["session"], json.loads(manifest)["format"]
    told, page = entries[evidence.EXPORT_JSON], entries[evidence.WATERMARK]
    return {
        evidence.MANIFEST: manifest,
        evidence.MANIFEST_NOTE: sign(f"{first_line}\n{session}\n{_sha(manifest)}\n", key),
        **dict(sorted(items.items())),
        evidence.WATERMARK: page,
        evidence.EXPORT_JSON: told,
        evidence.EXPORT_NOTE: sign(
            f"{evidence.EXPORT}\n{session}\n{_sha(manifest)}\n{_sha(told)}\n{_sha(page)}\n", key
        ),
    }


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def by_outsider(at: Target, name: str, package: bytes, *codes: str) -> Attack:
    return Attack(name, package, frozenset(codes), at.key.public)


def by_insider(at: Target, name: str, entries: Mapping[str, bytes], *codes: str) -> Attack:
    return by_outsider(at, f"insider: {name}", zipped(resigned(entries, at.key)), *codes)
