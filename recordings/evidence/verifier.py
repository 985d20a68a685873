"""Checks a package against docs/evidence.md, section 6: each for itself, so that a fault is named for what it is.

Trusts nothing it reads: whatever is wrong with an entry is a failed check, never an exception. One function a check:
each yields what is wrong, by what a package claims (`claim`); nothing is an ok.

The archive, its list of contents, who signed that and who took it along. The two journals: whole chains, contents as
they were hashed, erasures accounted for, of one session. The installation's log: its signed head, the proofs of each
entry, time stamps and witnesses. What was recorded, shown, sealed and agreed to, and the overviews derived from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from journal import stamp
from recordings import evidence
from recordings.evidence import ManifestItem, NotAnArchive, Unsound, canonical, lines, sheets, stamps
from recordings.evidence.authenticity import EDITION, authenticity
from recordings.evidence.claim import (
    MEDIA,
    Expected,
    PackageClaim,
    Texts,
    edition_in,
    note_faults,
    opened,
    own_signatures,
    sha256_of,
    withheld,
)
from recordings.evidence.lines import DecodedLines, JournalLine, Sheet, corrections, later, media_of
from recordings.evidence.verdict import MOST_DETAILS, Check, Code, Status, VerificationReport
from rooms.joining.consents import TEXTS

__all__ = ["Expected", "Texts", "verify"]


def archive(claim: PackageClaim) -> Iterable[str]:
    names = [entry.name for entry in claim.contents.entries]
    there = set(names)
    items = sorted(there - {*evidence.BEFORE, *evidence.AFTER})
    ordered = [*(n for n in evidence.BEFORE if n in there), *items, *(n for n in evidence.AFTER if n in there)]
    if names != ordered:
        yield "the entries are not in order"
    listed = {item.path: item for item in claim.manifest.items}
    for name, held in claim.held.items():
        item = listed.get(name)
        if not held.whole and (item is None or item.sha256 == held.sha256):
            yield name


def manifest_signature(claim: PackageClaim) -> Iterable[str]:
    wanted = f"{claim.manifest.format}\n{claim.manifest.session}\n{sha256_of(claim.raw)}\n"
    return note_faults(claim, evidence.MANIFEST_NOTE, wanted)


def key(claim: PackageClaim) -> Check | Iterable[str]:
    manifest, found = claim.manifest, list[str]()
    if manifest.key_name != f"yuntiao/{manifest.installation}":
        found.append(f"the key's name {manifest.key_name} is not the installation's")
    if claim.checkpoint is not None and not own_signatures(claim):
        found.append("the head of the log is signed by another key")
    if claim.expected.key is not None and claim.expected.key != manifest.key:
        found.append(f"signed by {evidence.base64_of(manifest.key)}, expected {evidence.base64_of(claim.expected.key)}")
    if not found and claim.expected.key is None:
        return Check("wrong_key", "open", (evidence.base64_of(manifest.key),))
    return found


def missing(claim: PackageClaim) -> Iterable[str]:
    listed = [item.path for item in claim.manifest.items]
    return [path for path in dict.fromkeys([*listed, *evidence.PAGES]) if path not in claim.held]


def extra(claim: PackageClaim) -> Iterable[str]:
    known = {item.path for item in claim.manifest.items} | {*evidence.BEFORE, *evidence.AFTER}
    return [name for name in claim.held if name not in known]


def changed(claim: PackageClaim) -> Check | Iterable[str]:
    unknown = []
    found = []
    for item in claim.manifest.items:
        held = claim.held.get(item.path)
        if held is None:
            continue
        if (held.entry.size, held.sha256) != (item.size, item.sha256) or (held.sm3 and held.sm3 != item.sm3):
            found.append(item.path)
        elif item.sm3 and not held.sm3:
            unknown.append(item.path)
    return found if found or not unknown else Check("item_changed", "open", tuple(unknown[:MOST_DETAILS]))


def export_signature(claim: PackageClaim) -> Iterable[str]:
    told = claim.contents.text(evidence.EXPORT_JSON, evidence.MOST_NOTE)
    page = claim.contents.text(evidence.WATERMARK, evidence.MOST_NOTE)
    if told is None or page is None:
        yield f"{evidence.EXPORT_JSON if told is None else evidence.WATERMARK} is missing"
        return
    hashes = f"{sha256_of(claim.raw)}\n{sha256_of(told)}\n{sha256_of(page)}\n"
    found = list(note_faults(claim, evidence.EXPORT_NOTE, f"{evidence.EXPORT}\n{claim.manifest.session}\n{hashes}"))
    yield from found
    try:
        value = evidence.parsed(told)
        if value["format"] != evidence.EXPORT or value["session"] != claim.manifest.session:
            yield "it is of another session"
        elif not found:
            claim.exported = {"at": value["exported_at"], "by": value["exporter"]["name"]}
    except (Unsound, KeyError, TypeError):
        yield f"{evidence.EXPORT_JSON} cannot be read"


_ENDS: Final = {"SessionClosed", "SessionCancelled"}


def session_chain(claim: PackageClaim) -> Iterable[str]:
    yield from chain(claim.session, evidence.SESSION, "SessionScheduled")
    if not any(line.type in _ENDS for line in claim.session):
        yield "it has no end"


def complaint_chain(claim: PackageClaim) -> Iterable[str]:
    return chain(claim.complaint, evidence.COMPLAINT, "ComplaintRegistered")


def chain(events: Sequence[JournalLine], name: str, first: str) -> Iterable[str]:
    if not events:
        yield f"{name} has no entries that can be read"
        return
    if events[0].type != first:
        yield f"it begins with {events[0].type}"
    previous = ""
    for number, line in enumerate(events, 1):
        if line.version != number or line.hash != lines.hash_of(previous, line):
            yield f"entry {number}"
            return
        previous = line.hash
    if len({line.stream for line in events}) != 1:
        yield "entries of several streams"


def content(claim: PackageClaim) -> Iterable[str]:
    yield from claim.unread
    for line in claim.events:
        if line.erased:
            if line.data or line.actor[2]:
                yield f"{line.stream} {line.version}"
        elif line.content != lines.content_of(line):
            yield f"{line.stream} {line.version}"


def erased(claim: PackageClaim) -> Check | Iterable[str]:
    """What an entry accounts for is told as well: what was erased can be what mattered."""
    wrong, told = list[str](), list[str]()
    for events in (claim.session, claim.complaint):
        reasons: dict[int, str] = {}
        for line in reversed(events):
            if line.erased and not withheld(line):
                where = f"{line.stream} {line.version}"
                if line.version in reasons:
                    told.append(f"{where}: {line.type}, {reasons[line.version]}")
                else:
                    wrong.append(where)
            elif line.type == lines.ERASED and not line.erased:
                reason = str(line.data.get("reason", ""))
                reasons.update((version, reason) for version in line.data.get("versions", ()) if version < line.version)
    return wrong or Check("erased_unaccounted", "ok", tuple(told[:MOST_DETAILS]))


def foreign(claim: PackageClaim) -> Check | Iterable[str]:
    manifest, found = claim.manifest, list[str]()
    for events, stream in (
        (claim.session, f"session/{manifest.session}"),
        (claim.complaint, f"complaint/{manifest.complaint}"),
    ):
        found += sorted({line.stream for line in events if line.stream != stream})
    begins = claim.session[0] if claim.session else None
    known = begins is not None and not begins.erased
    if known and begins is not None:
        if begins.data.get("complaint") != manifest.complaint:
            found.append("the session is of another complaint")
        if begins.data.get("number") != manifest.complaint_number:
            found.append("the complaint has another number")
        found += foreign_seats(claim, begins)
    scheduled = [line for line in claim.complaint if line.type == "MediationScheduled"]
    if not any(line.data.get("session") == manifest.session for line in scheduled):
        if any(line.erased for line in scheduled):
            known = False
        else:
            found.append("the complaint knows no such session")
    return found if found or known else Check("foreign_session", "open")


def foreign_seats(claim: PackageClaim, begins: JournalLine) -> list[str]:
    added = [line.data["seat"] for line in claim.session if line.type == "SeatAdded" and not line.erased]
    seats = {seat["id"] for seat in [*begins.data["seats"], *added]}
    media = [item.path for item in claim.manifest.items if item.kind == "segment"]
    return [path for path in media if path.split("/")[1] not in seats]


EARLY: Final = timedelta(minutes=5)
_HEX = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"0|[1-9][0-9]{0,15}")
_INCLUSION: Final = {"proofs", "size"}


def checkpoint_signature(claim: PackageClaim) -> Iterable[str]:
    if claim.checkpoint is None:
        yield f"{evidence.CHECKPOINT} is none"
        return
    if claim.checkpoint.origin != f"yuntiao/{claim.manifest.installation}":
        yield f"it is of {claim.checkpoint.origin}"
    text, manifest = claim.checkpoint.note.text, claim.manifest
    if not any(stamps.holds(text, one, manifest.key_name, manifest.key) for one in own_signatures(claim)):
        yield "no signature by this key"


def inclusion(claim: PackageClaim) -> Iterable[str]:
    try:
        value = evidence.parsed(claim.text(evidence.INCLUSION) or b"")
        size, proofs = value["size"], value["proofs"]
        paths = {int(leaf): [bytes_of(h) for h in path] for leaf, path in proofs.items()}
        sound = type(size) is int and all(_DIGITS.fullmatch(leaf) for leaf in proofs) and set(value) == _INCLUSION
    except (Unsound, KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        yield f"{evidence.INCLUSION} cannot be read"
        return
    if claim.checkpoint is None or claim.checkpoint.size != size:
        yield "it is of another head than the checkpoint's"
        return
    root = claim.checkpoint.root
    if not claim.events or set(paths) != {line.leaf for line in claim.events}:
        yield "the proofs are not those of the entries"
    for line in claim.events:
        path = paths.get(line.leaf)
        if path is None or not stamps.included(bytes.fromhex(line.hash), line.leaf, size, path, root):
            yield f"{line.stream} {line.version}"
    for events in (claim.session, claim.complaint):
        for before, after in pairwise(events):
            if before.leaf >= after.leaf:
                yield f"{after.stream} {after.version} is not behind the entry before"


def timestamps(claim: PackageClaim) -> Check | Iterable[str]:
    """Whose certificate lies beside a stamp, whoever made the package chose: only an authority that whoever asks
    names is an anchor."""
    if claim.checkpoint is None:
        return Check("timestamp", "none")
    stamped = claim.checkpoint.first(own_signatures(claim))
    wrong, told = list[str](), list[str]()
    for name in sorted(claim.held):
        if not name.startswith(evidence.STAMPS) or not name.endswith(".tsr"):
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


def witnesses(claim: PackageClaim) -> Check | Iterable[str]:
    """By keys that whoever asks knows. One in the package shows whether the line is sound, not whose it is."""
    raw = claim.text(evidence.WITNESSES)
    if claim.checkpoint is None:
        return Check("witness", "none")
    expected = dict(claim.expected.witnesses)
    wrong, unknown, seen = list[str](), list[str](), set[str]()
    try:
        for one in evidence.parsed(raw) if raw is not None else ():
            name, signature = one["name"], stamps.signature_line(one["line"])
            told = base64.b64decode(one["key"], validate=True)
            key = expected.get(name, told)
            seen.add(name)
            if signature is None or (key and not stamps.cosigned(claim.checkpoint.note.text, signature, name, key)):
                wrong.append(name)
            elif told and told != key:
                wrong.append(f"{name}: the package names another key")
            elif name not in expected:
                unknown.append(f"{name}: {one['key'] or 'no key'}")
    except (Unsound, KeyError, TypeError, AttributeError, binascii.Error):
        return [f"{evidence.WITNESSES} cannot be read"]
    wrong += [f"{name}: did not sign it" for name in expected if name not in seen]
    if wrong or (seen and not unknown):
        return wrong
    return Check("witness", "open" if unknown else "none", tuple(unknown[:MOST_DETAILS]))


def bytes_of(text: str) -> bytes:
    """Of a hash in its one form: `fromhex` alone would also take capitals and spaces."""
    if _HEX.fullmatch(text) is None:
        raise ValueError(text)
    return bytes.fromhex(text)


_ANSWERS: Final = {"ConsentGiven", "ConsentRefused"}
_KINDS: Final = {kind.value: text for kind, text in TEXTS.items()}


def _journaled(claim: PackageClaim) -> dict[str, tuple[str, int]]:
    """Hash and size (0: it does not say) of what the journals name, by where it has to lie."""
    return {one.path: (one.sha256, one.size) for one in media_of(claim.session, claim.complaint, claim.manifest.format)}


def segment_hashes(claim: PackageClaim) -> Iterable[str]:
    named = _journaled(claim)
    told: list[tuple[str, tuple[str, int]]] = [(i.path, (i.sha256, i.size)) for i in _media(claim)]
    told += [(piece.path, (piece.sha256, piece.size)) for piece in claim.manifest.absent]
    for path, known in told:
        if path in named and not _fits(named[path], known):
            yield path
    for item in _media(claim):
        held = claim.held.get(item.path)
        if held and item.path in named and not _fits(named[item.path], (held.sha256, held.entry.size)):
            yield item.path


def _fits(named: tuple[str, int], there: tuple[str, int]) -> bool:
    return there == (named[0], named[1] or there[1])


def segments_listed(claim: PackageClaim) -> Check | Iterable[str]:
    named = set(_journaled(claim))
    there = {item.path for item in _media(claim) if item.path in claim.held}
    there |= {name for name in claim.held if name.startswith(MEDIA)}
    absent = {piece.path: piece.cause for piece in claim.manifest.absent}
    wrong = sorted((there - named) | (named - there - absent.keys()) | (absent.keys() - named))
    told = tuple(f"{path}: {cause}" for path, cause in absent.items())
    if claim.manifest.format == evidence.FIRST:
        # A package of before cannot say whether it was made by a program of before.
        told += tuple(f"{one.path}: {evidence.FIRST}" for one in later(claim.session, claim.complaint))
    if wrong or not told:
        return wrong
    return Check("segment_unlisted", "open", told[:MOST_DETAILS])


def _media(claim: PackageClaim) -> Iterable[ManifestItem]:
    return [item for item in claim.manifest.items if item.path.startswith(MEDIA)]


def consent_texts(claim: PackageClaim) -> Check | Iterable[str]:
    """Of an edition that this program knows the text has to be there and be that one. Of another nothing can be said:
    what nobody knows was not altered. An entry that corrects the answer explains it."""
    wanted: dict[str, list[int]] = {}
    for line in claim.session:
        if line.type in _ANSWERS and not line.erased and line.data["text"]:
            for language in sheets.LANGUAGES:
                path = f"texts/{line.data['text']}/{_KINDS[line.data['kind']]}.{language}.txt"
                wanted.setdefault(path, []).append(line.version)
    there = {item.path for item in claim.manifest.items if item.kind == "text"}
    erased = any(line.type in _ANSWERS and line.erased for line in claim.session)
    wrong = [] if erased else sorted(there - wanted.keys())
    explained = corrections(claim.session)
    unknown, told = list[str](), list[str]()
    for path, answers in wanted.items():
        known = claim.texts(path)
        if known is not None:
            wrong += [path] if claim.text(path) != known else []
        elif all(number in explained for number in answers):
            told += [f"entry {number}: explained by correction {explained[number]}" for number in answers]
        else:
            unknown.append(f"{path}: an edition that is not known" + ("" if path in claim.held else ", and not there"))
    if wrong:
        return wrong
    return Check("consent_text", "open" if unknown else "ok", tuple(dict.fromkeys([*unknown, *told]))[:MOST_DETAILS])


def derived_sheets(claim: PackageClaim) -> Check | Iterable[str]:
    decoded = DecodedLines(claim.manifest.session, claim.session, claim.complaint, claim.manifest.format)
    if not claim.session:
        return ["there is no journal to derive them from"]
    try:
        _ = decoded.history
    except (ValueError, KeyError, TypeError) as fault:  # an entry of a newer program: nothing can be said
        return Check("derived_sheet", "open", (f"an entry that this program cannot read: {fault}",))
    paths = [item.path for item in claim.manifest.items]
    wrong, unknown = list[str](), list[str]()
    names = [*sheets.names(decoded), "authenticity"]
    unknown += [path for path in paths if path.startswith("sheets/") and _named(path) not in names]
    for name in names:
        path = f"sheets/{name}.json"
        raw = claim.text(path)
        if raw is None:
            wrong.append(path)
        elif edition_in(raw) > (EDITION if name == "authenticity" else sheets.NEWEST.get(name, 1)):
            unknown.append(path)
        elif raw != canonical(_made(name, decoded, paths, edition_in(raw))):
            wrong.append(path)
    return wrong if wrong or not unknown else Check("derived_sheet", "open", tuple(unknown))


def _named(path: str) -> str:
    return path[len("sheets/") : -len(".json")]


def _made(name: str, decoded: DecodedLines, paths: Sequence[str], stated: int) -> Sheet:
    return authenticity(decoded, paths, stated) if name == "authenticity" else sheets.derive(name, decoded, stated)


Found = Check | Iterable[str]

CHECKS: Final[Sequence[tuple[Code, Callable[[PackageClaim], Found]]]] = (
    ("zip", archive),
    ("manifest", lambda _claim: ()),
    ("manifest_signature", manifest_signature),
    ("wrong_key", key),
    ("item_missing", missing),
    ("item_extra", extra),
    ("item_changed", changed),
    ("chain_session", session_chain),
    ("chain_complaint", complaint_chain),
    ("content", content),
    ("erased_unaccounted", erased),
    ("foreign_session", foreign),
    ("checkpoint_signature", checkpoint_signature),
    ("inclusion", inclusion),
    ("timestamp", timestamps),
    ("witness", witnesses),
    ("segment_hash", segment_hashes),
    ("segment_unlisted", segments_listed),
    ("consent_text", consent_texts),
    ("derived_sheet", derived_sheets),
    ("export_signature", export_signature),
)
"""In the order in which they are told."""


def verify(package: Path, expected: Expected, texts: Texts) -> VerificationReport:
    """OSError when the file cannot be read; everything else is in the report."""
    try:
        contents = opened(package)
    except NotAnArchive as fault:
        return VerificationReport((Check("zip", "failed", (str(fault),)),))
    names = [entry.name for entry in contents.entries]
    if evidence.MASKED in names and evidence.MANIFEST not in names:
        return VerificationReport((Check("zip", "ok"), Check("manifest", "failed", (evidence.MASKED,))))
    raw = contents.text(evidence.MANIFEST, evidence.MOST_MANIFEST)
    if raw is None:
        return VerificationReport((Check("zip", "ok"), Check("manifest", "failed", ("there is none",))))
    try:
        manifest = evidence.from_json(raw)
    except Unsound as fault:
        return VerificationReport((Check("zip", "ok"), Check("manifest", "failed", (str(fault),))))
    return _report(PackageClaim(contents, raw, manifest, expected, texts))


def _report(claim: PackageClaim) -> VerificationReport:
    checks = tuple(_check(code, made, claim) for code, made in CHECKS)
    manifest, events = claim.manifest, claim.events
    return VerificationReport(
        checks=checks,
        format=manifest.format,
        session=manifest.session,
        complaint_number=manifest.complaint_number,
        key_name=manifest.key_name,
        key=hashlib.sha256(manifest.key).hexdigest(),
        exported=claim.exported,
        erased=sum(line.erased and not withheld(line) for line in events),
        withheld=sum(withheld(line) for line in events),
        absent=len(manifest.absent),
        key_known=claim.expected.key is not None,
        stamp_known=bool(claim.expected.authorities),
        witness_known=bool(claim.expected.witnesses),
    )


def _check(code: Code, made: Callable[[PackageClaim], Found], claim: PackageClaim) -> Check:
    try:
        found = made(claim)
        if isinstance(found, Check):
            return found
        details = tuple(dict.fromkeys(found))
    except Exception as fault:  # what is read was made by whoever made the package: nothing about it is sure
        details = (f"{type(fault).__name__}: what is there has another form",)
    status: Status = "failed" if details else "ok"
    return Check(code, status, details[:MOST_DETAILS])
