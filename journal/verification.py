"""What anybody can check of a log: that it only grew between two signed states, and what is wrong with it. Pure.

```
yuntiao-growth/1
old <entries>
<hash in base64>        one a line, in the order of RFC 9162 section 2.1.4.1
…
<empty line>
<the newer checkpoint, a signed note>
```
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from journal.events import ERASED, Event, NoteBroken, content_holds, follows
from journal.merkle import Node, Peaks, leaf_hash, verify_consistency
from journal.notes import Checkpoint, Verifies, checkpoint_of, opened

FORM = "yuntiao-growth/1"
MOST_HASHES = 128  # a log of 2^63 entries needs half of it
HASH = 32

Verdict = Literal["grew", "same", "other_log", "shrank", "rewritten"]


@dataclass(frozen=True, slots=True)
class Growth:
    """`old` entries were there before; `note` is the newer checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.proof)
        return f"{FORM}\nold {self.old}\n{hashes}\n{self.note}"


def growth_of(text: str) -> Growth:
    """NoteBroken when it is none."""
    head, gap, note = text.partition("\n\n")
    form, *rest = head.split("\n")
    word, _, size = rest[0].partition(" ") if rest else ("", "", "")
    hashes = rest[1:]
    if not gap or form != FORM or word != "old" or not size.isascii() or not size.isdecimal() or len(size) > 18:
        raise NoteBroken("not a proof of growth")
    if len(hashes) > MOST_HASHES:
        raise NoteBroken("a proof of growth has fewer hashes")
    growth = Growth(int(size), tuple(_hash(line) for line in hashes), note)
    if growth.text() != text:
        raise NoteBroken("not a proof of growth in its one form")
    return growth


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    old: Checkpoint
    new: Checkpoint

    @property
    def holds(self) -> bool:
        return self.verdict in ("grew", "same")


def judge(kept: str, growth: Growth, name: str, public: bytes, verifies: Verifies) -> Judgement:
    """Compare a checkpoint that somebody kept with what the log proves of itself now. NoteBroken when either of the two
    is not signed by this key, or the proof is of another state than the kept one."""
    old = checkpoint_of(opened(kept, name, public, verifies))
    new = checkpoint_of(opened(growth.note, name, public, verifies))
    if growth.old != old.size:
        raise NoteBroken(f"the proof begins at {growth.old} entries, the kept checkpoint has {old.size}")
    return Judgement(_verdict(old, new, growth.proof), old, new)


def _verdict(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> Verdict:
    if old.origin != new.origin:
        return "other_log"
    if new.size < old.size:
        return "shrank"
    if not verify_consistency(old.size, new.size, proof, old.root, new.root):
        return "rewritten"
    return "same" if old.size == new.size else "grew"


def _hash(line: str) -> bytes:
    try:
        raw = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise NoteBroken("not base64") from fault
    if len(raw) != HASH:
        raise NoteBroken("not a hash")
    return raw


# ------------------------------------------------------------ what is wrong with a log


RECHAINED = "JournalRechained"


@dataclass(frozen=True, slots=True)
class LogFinding:
    """What is wrong with a log. `where`: a stream and version, leaves, or a checkpoint's size.

    Codes are stable:

        leaf           a leaf number is missing or double: a row was deleted, or put in
        version        a version of a stream is missing
        order          a stream's versions do not come in the order of their leaves
        content        data, author or salt are not what the event committed to
        chain          an event does not follow from its predecessor: its header or its hash was changed
        erased         content is gone, and no event accounts for it
        not_erased     an event says that content was erased, and it is still there
        rechained      events that did not verify before revision 0002 chained them anew
        truncated      the log is shorter than a checkpoint says: its end was cut off, or it is an old copy
        root           the log is not the one that was signed
        head, node     what is kept of the tree is not the tree of the events
    """

    code: str
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RootClaim:
    """That the log had this root at this size. `whose`: where the claim was found."""

    size: int
    root: bytes
    whose: str


@dataclass(slots=True)
class _Stream:
    version: int = 0
    hash: str | None = ""  # None: not known, the predecessor is missing
    missing: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)  # not accounted for yet


class Inspection:
    """`take` every event in the order of leaves, then `finish`. Keeps a few words a stream, not the events."""

    def __init__(self, claims: Iterable[RootClaim]) -> None:
        self._claims: dict[int, list[RootClaim]] = {}
        for claim in claims:
            self._claims.setdefault(claim.size, []).append(claim)
        self._good = 0  # the largest size at which a claim held
        self._lost = False  # since then one did not: what comes later says the same again
        self._tree = Peaks()
        self._whole = True  # every leaf so far was there
        self._streams: dict[str, _Stream] = {}
        self.findings: list[LogFinding] = []
        self.events = 0
        self._compare()

    @property
    def streams(self) -> int:
        return len(self._streams)

    @property
    def whole(self) -> bool:
        """Whether every leaf was there: without one the tree cannot be told."""
        return self._whole

    @property
    def root(self) -> bytes:
        """Of the tree of the events so far, up to the first gap."""
        return self._tree.root()

    def take(self, leaf: int, event: Event) -> list[tuple[Node, bytes]]:
        """The nodes of the tree this event completed; none once a leaf was missing."""
        self.events += 1
        self._chained(event)
        if self._whole and leaf != self._tree.size:
            self._whole = False
            gap = f"{self._tree.size}–{leaf - 1}" if leaf > self._tree.size else str(leaf)
            self._find("leaf", gap, f"before {event.stream} {event.version}")
        if not self._whole:
            return []
        made = self._tree.append(leaf_hash(_digest(event.hash)))
        self._compare()
        return made

    def finish(self, size: int, peaks: Sequence[bytes]) -> list[LogFinding]:
        """`size`, `peaks`: what is kept as the head of the tree."""
        for name, stream in self._streams.items():
            for version in sorted(stream.missing):
                self._find("version", f"{name} {version}")
            for version in sorted(stream.erased):
                self._find("erased", f"{name} {version}")
        if self._whole:
            beyond = {claim.whose: claim for claim in self._unmet()}  # the largest of each
            for whose, claim in beyond.items():
                self._find("truncated", str(claim.size), f"{self._tree.size} events are left; {whose}")
            if (size, list(peaks)) != (self._tree.size, self._tree.hashes):
                self._find("head", str(size), f"{self._tree.size} events are there")
        return self.findings

    def _unmet(self) -> Iterator[RootClaim]:
        for size in sorted(self._claims):
            if size > self._tree.size:
                yield from self._claims[size]

    def _compare(self) -> None:
        claims = self._claims.get(self._tree.size, ())
        if not claims:
            return
        root = self._tree.root()
        for claim in claims:
            if claim.root == root:
                self._good, self._lost = claim.size, False
            elif not self._lost:
                self._lost = True
                changed = f"changed among leaves {self._good}–{claim.size - 1}; {claim.whose}"
                self._find("root", str(claim.size), changed)

    def _chained(self, event: Event) -> None:
        stream = self._streams.setdefault(event.stream, _Stream())
        where = f"{event.stream} {event.version}"
        if event.version <= stream.version:
            stream.missing.discard(event.version)
            self._find("order", where)
        else:
            if event.version > stream.version + 1:
                stream.missing.update(range(stream.version + 1, event.version))
                stream.hash = None
            if stream.hash is not None and not follows(stream.hash, event):
                self._find("chain", where)
            stream.version, stream.hash = event.version, event.hash
        if not content_holds(event):
            self._find("content", where)
        if event.erased:
            stream.erased.add(event.version)
        elif event.type == ERASED:
            self._accounted(stream, event, where)
        elif event.type == RECHAINED and event.data.get("broken_count"):
            self._find("rechained", where, f"{event.data['broken_count']}: {event.data.get('broken')}")

    def _accounted(self, stream: _Stream, event: Event, where: str) -> None:
        said = set(event.data.get("versions", ()))
        for version in sorted(said - stream.erased - stream.missing):
            self._find("not_erased", f"{event.stream} {version}", where)
        stream.erased -= said

    def _find(self, code: str, where: str, detail: str = "") -> None:
        self.findings.append(LogFinding(code, where, detail))


def _digest(text: str) -> bytes:
    """Of whatever stands in place of a hash: nonsense gives a leaf that no signed tree has."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return text.encode()
