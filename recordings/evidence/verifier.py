"""Checks a package against docs/evidence.md, section 6: each for itself, so that a fault is named for what it is.

Trusts nothing it reads: whatever is wrong with an entry is a failed check, never an exception.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from recordings.evidence import checks as files, form
from recordings.evidence.archive import NotAnArchive, Unsound
from recordings.evidence.claim import Expected, PackageClaim, Texts, opened, withheld
from recordings.evidence.verdict import MOST_DETAILS, Check, Code, Status, VerificationReport

__all__ = ["Expected", "Texts", "verify"]

Found = Check | Iterable[str]

CHECKS: Final[Sequence[tuple[Code, Callable[[PackageClaim], Found]]]] = (
    ("zip", files.archive),
    ("manifest", lambda _claim: ()),
    ("manifest_signature", files.manifest_signature),
    ("wrong_key", files.key),
    ("item_missing", files.missing),
    ("item_extra", files.extra),
    ("item_changed", files.changed),
    ("chain_session", files.session_chain),
    ("chain_complaint", files.complaint_chain),
    ("content", files.content),
    ("erased_unaccounted", files.erased),
    ("foreign_session", files.foreign),
    ("checkpoint_signature", files.checkpoint_signature),
    ("inclusion", files.inclusion),
    ("timestamp", files.timestamps),
    ("witness", files.witnesses),
    ("segment_hash", files.segment_hashes),
    ("segment_unlisted", files.segments_listed),
    ("consent_text", files.consent_texts),
    ("derived_sheet", files.derived_sheets),
    ("export_signature", files.export_signature),
)
"""In the order in which they are told."""


def verify(package: Path, expected: Expected, texts: Texts) -> VerificationReport:
    """OSError when the file cannot be read; everything else is in the report."""
    try:
        contents = opened(package)
    except NotAnArchive as fault:
        return VerificationReport((Check("zip", "failed", (str(fault),)),))
    names = [entry.name for entry in contents.entries]
    if form.MASKED in names and form.MANIFEST not in names:
        return VerificationReport((Check("zip", "ok"), Check("manifest", "failed", (form.MASKED,))))
    raw = contents.text(form.MANIFEST, form.MOST_MANIFEST)
    if raw is None:
        return VerificationReport((Check("zip", "ok"), Check("manifest", "failed", ("there is none",))))
    try:
        manifest = form.from_json(raw)
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
