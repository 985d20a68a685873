"""The installation's log: its signed head, the proofs of each entry, time stamps and witnesses."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Final

from journal.events import stamp
from recordings.evidence import form, merkle, notes, stamps
from recordings.evidence.checks.claim import Claim, own_signatures
from recordings.evidence.errors import Unsound
from recordings.evidence.verdict import MOST_DETAILS, Check

EARLY: Final = timedelta(minutes=5)
_HEX = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"0|[1-9][0-9]{0,15}")
_INCLUSION: Final = {"proofs", "size"}


def checkpoint_signature(claim: Claim) -> Iterable[str]:
    if claim.checkpoint is None:
        yield f"{form.CHECKPOINT} is none"
        return
    if claim.checkpoint.origin != f"yuntiao/{claim.manifest.installation}":
        yield f"it is of {claim.checkpoint.origin}"
    text, manifest = claim.checkpoint.note.text, claim.manifest
    if not any(notes.holds(text, one, manifest.key_name, manifest.key) for one in own_signatures(claim)):
        yield "no signature by this key"


def inclusion(claim: Claim) -> Iterable[str]:
    try:
        value = form.parsed(claim.text(form.INCLUSION) or b"")
        size, proofs = value["size"], value["proofs"]
        paths = {int(leaf): [bytes_of(h) for h in path] for leaf, path in proofs.items()}
        sound = type(size) is int and all(_DIGITS.fullmatch(leaf) for leaf in proofs) and set(value) == _INCLUSION
    except (Unsound, KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        yield f"{form.INCLUSION} cannot be read"
        return
    if claim.checkpoint is None or claim.checkpoint.size != size:
        yield "it is of another head than the checkpoint's"
        return
    root = claim.checkpoint.root
    if not claim.events or set(paths) != {line.leaf for line in claim.events}:
        yield "the proofs are not those of the entries"
    for line in claim.events:
        path = paths.get(line.leaf)
        if path is None or not merkle.included(bytes.fromhex(line.hash), line.leaf, size, path, root):
            yield f"{line.stream} {line.version}"
    for events in (claim.session, claim.complaint):
        for before, after in pairwise(events):
            if before.leaf >= after.leaf:
                yield f"{after.stream} {after.version} is not behind the entry before"


def timestamps(claim: Claim) -> Check | Iterable[str]:
    """Whose certificate lies beside a stamp, whoever made the package chose: only an authority that whoever asks
    names is an anchor."""
    if claim.checkpoint is None:
        return Check("timestamp", "none")
    stamped = claim.checkpoint.first(own_signatures(claim))
    wrong, told = list[str](), list[str]()
    for name in sorted(claim.held):
        if not name.startswith(form.STAMPS) or not name.endswith(".tsr"):
            continue
        pem = claim.text(name.removesuffix(".tsr") + ".pem") or b""
        try:
            checked = stamps.check(claim.text(name) or b"", stamped, pem, claim.expected.authorities)
        except stamps.BadStamp as fault:
            wrong.append(f"{name}: {fault}")
            continue
        if checked.at < claim.checkpoint.at - EARLY:
            wrong.append(f"{name} is older than what it is about")
        told.append(f"{name}: {stamp(checked.at)}, {checked.authority}, {checked.anchor}")
    if claim.expected.authorities and not told and not wrong:
        wrong.append("there is none by the authority that was given")
    if wrong:
        return wrong
    if not told:
        return Check("timestamp", "none")
    return Check("timestamp", "ok" if claim.expected.authorities else "open", tuple(told[:MOST_DETAILS]))


def witnesses(claim: Claim) -> Check | Iterable[str]:
    """By keys that whoever asks knows. One in the package shows whether the line is sound, not whose it is."""
    raw = claim.text(form.WITNESSES)
    if claim.checkpoint is None:
        return Check("witness", "none")
    expected = dict(claim.expected.witnesses)
    wrong, unknown, seen = list[str](), list[str](), set[str]()
    try:
        for one in form.parsed(raw) if raw is not None else ():
            name, signature = one["name"], notes.signature_line(one["line"])
            told = base64.b64decode(one["key"], validate=True)
            key = expected.get(name, told)
            seen.add(name)
            if signature is None or (key and not notes.cosigned(claim.checkpoint.note.text, signature, name, key)):
                wrong.append(name)
            elif told and told != key:
                wrong.append(f"{name}: the package names another key")
            elif name not in expected:
                unknown.append(f"{name}: {one['key'] or 'no key'}")
    except (Unsound, KeyError, TypeError, AttributeError, binascii.Error):
        return [f"{form.WITNESSES} cannot be read"]
    wrong += [f"{name}: did not sign it" for name in expected if name not in seen]
    if wrong or (seen and not unknown):
        return wrong
    return Check("witness", "open" if unknown else "none", tuple(unknown[:MOST_DETAILS]))


def bytes_of(text: str) -> bytes:
    """Of a hash in its one form: `fromhex` alone would also take capitals and spaces."""
    if _HEX.fullmatch(text) is None:
        raise ValueError(text)
    return bytes.fromhex(text)
