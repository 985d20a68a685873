"""That the log only grew between two signed states: a text anybody can check without the log. Pure.

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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from journal.errors import NoteBroken
from journal.merkle import verify_consistency
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
