"""The Merkle tree over all events of an installation (RFC 9162, section 2.1, SHA-256), and checking that it only grew.
Pure.

Owns which nodes a tree has and how proofs are put together and checked. A range of leaves [start, stop) is hashed as
the RFC's MTH; where it is complete (a power of two leaves, at a multiple of it) it is a `Node` and never changes.
Whoever keeps the tree keeps complete nodes and hands them in by a `Look`. That a log only grew between two signed
states is shown by a file:

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
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from journal import ERASED, Event, NoteBroken, content_holds, follows
from journal.notes import Checkpoint, Verifies, checkpoint_of, opened

Node = tuple[int, int]
"""(level, number): the complete range of 2^level leaves that begins at leaf number · 2^level."""

Look = Callable[[Node], bytes]
Range = tuple[int, int]

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH of leaf hashes, from nothing but them."""
    peaks = Peaks()
    for leaf in leaves:
        peaks.append(leaf)
    return peaks.root()


class Peaks:
    """The right edge of a growing tree: its largest complete nodes from left to right, and so its root."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} peaks, not {len(self.hashes)}")

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf hash; every node it completed, upwards, the leaf itself left out."""
        made: list[tuple[Node, bytes]] = []
        number, level = self.size, 0
        while number & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            number >>= 1
            level += 1
            made.append(((level, number), leaf))
        self.hashes.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        return _folded(self.hashes)


def peaks(size: int) -> list[Node]:
    """The nodes a tree of this size is put together from, left to right."""
    return _complete(0, size)


def nodes(ranges: Iterable[Range]) -> set[Node]:
    """What has to be looked up to hash these ranges."""
    return {node for start, stop in ranges for node in _complete(start, stop)}


def hashed(ranges: Iterable[Range], look: Look) -> list[bytes]:
    """The hash of each range."""
    return [_folded([look(node) for node in _complete(start, stop)]) for start, stop in ranges]


def inclusion(leaf: int, size: int) -> list[Range]:
    """The ranges whose hashes prove that a leaf is in the tree of this size, lowest first (2.1.3.1)."""
    if not 0 <= leaf < size:
        raise ValueError(f"a tree of {size} has no leaf {leaf}")
    found: list[Range] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if leaf < middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """The ranges whose hashes prove that the tree of `new` leaves continues the one of `old` (2.1.4.1)."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    found: list[Range] = []
    start, stop, whole = 0, new, True
    while old < stop:
        middle = start + _split(stop - start)
        if old <= middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    return found[::-1] if whole else [(start, stop), *found[::-1]]


def verify_inclusion(entry_hash: bytes, leaf: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """2.1.3.2. `entry_hash` is the leaf's hash."""
    if not 0 <= leaf < size:
        return False
    place, last, value = leaf, size - 1, entry_hash
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(other, value)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            value = node_hash(value, other)
        place >>= 1
        last >>= 1
    return last == 0 and value == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """2.1.4.2. Every tree continues the empty one."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and (old_root == new_root if old == new else old_root == EMPTY)
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            second = node_hash(second, other)
        place >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _complete(start: int, stop: int) -> list[Node]:
    """The complete nodes of one of the tree's ranges, left to right: they get smaller."""
    found: list[Node] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _folded(complete: Sequence[bytes]) -> bytes:
    if not complete:
        return EMPTY
    *rest, value = complete
    for left in reversed(rest):
        value = node_hash(left, value)
    return value


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
