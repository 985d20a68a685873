"""`yuntiao verify`: what the command line knows and says about a package, and its pages told again."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from journal import NoteBroken
from journal.notes import public_key_of, witness_key_of
from recordings import evidence
from recordings.evidence import lines
from recordings.evidence.claim import Expected, checkpoint, opened
from recordings.evidence.package import LogProofs, PackagePages, Record, TimestampAnswer, Witness
from recordings.evidence.verdict import VERDICTS, Language, VerificationReport, limits
from recordings.evidence.verifier import verify
from rooms.joining import consents

EXIT = {"holds": 0, "fails": 1, "open": 3}

_TEXT = re.compile(r"texts/([^/]+)/([a-z]+)\.([a-z]+)\.txt")
_MARKS = {"ok": "ok  ", "failed": "FAIL", "open": "open", "none": "none"}
_LARGEST_KEY = 64 * 1024


class Unusable(Exception):
    """A key or certificate that was given is none; says why."""


def check(
    package: Path, key: str = "", authority: Path | None = None, witnesses: Sequence[str] = ()
) -> VerificationReport:
    """`key` is a file or base64, as published at /log/key; `witnesses` are keys as witnesses publish theirs, or files
    with one. Unusable, OSError."""
    expected = Expected(
        public_key(key) if key else None, _authorities(authority), [witness_key(one) for one in witnesses]
    )
    return verify(package, expected, known_text)


def known_text(path: str) -> bytes | None:
    """The text of a consent as this program has it."""
    found = _TEXT.fullmatch(path)
    try:
        return consents.whole(found[1], found[2], found[3]).encode() if found else None
    except KeyError:
        return None


def public_key(given: str) -> bytes:
    """Raw Ed25519, out of base64, the log's key as published (`name+id+base64`), PEM, or a file with one of these."""
    text = _given(given)
    if "BEGIN PUBLIC KEY" in text:
        try:
            loaded = load_pem_public_key(text.encode())
        except ValueError as fault:
            raise Unusable(f"the key cannot be read: {fault}") from None
        if not isinstance(loaded, Ed25519PublicKey):
            raise Unusable("the key is not an Ed25519 key")
        return loaded.public_bytes_raw()
    for word in text.split():
        try:
            return public_key_of(word)[1]
        except NoteBroken:
            if (raw := _raw(word)) is not None:
                return raw
    raise Unusable("the key is neither a file with an Ed25519 public key nor base64 of one")


def witness_key(given: str) -> tuple[str, bytes]:
    """Name and raw key, out of `name+id+base64` or a file with it."""
    for word in _given(given).split():
        try:
            return witness_key_of(word)
        except NoteBroken:
            continue
    raise Unusable("the key of a witness is neither name+id+base64, as it publishes it, nor a file with that")


def _given(given: str) -> str:
    try:
        if Path(given).is_file():
            with Path(given).open(encoding="utf-8") as file:
                return file.read(_LARGEST_KEY)
    except (OSError, UnicodeDecodeError):
        pass  # it is no file then, but the key itself
    return given


def _raw(word: str) -> bytes | None:
    try:
        raw = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 32 else None


def _authorities(file: Path | None) -> list[x509.Certificate]:
    if file is None:
        return []
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as fault:
        raise Unusable(f"the authority's certificate in {file} cannot be read: {fault}") from None


def said(report: VerificationReport, language: Language) -> list[str]:
    """Lines for a terminal: one sentence per check, what it is about below it, the verdict, and last what it cannot
    tell."""
    lines = []
    if report.session:
        lines.append(f"     {report.complaint_number}  {report.session}")
    if report.exported:
        lines.append(f"     {report.exported['by']}  {report.exported['at']}")
    for check in report.checks:
        lines.append(f"{_MARKS[check.status]} {check.code}: {check.text(language)}")
        lines += [f"       {detail}" for detail in check.details]
    last = limits(report, language)
    return [*lines, VERDICTS[report.verdict][language], *([last] if last else [])]


PAGES: Final[Mapping[Language, tuple[str, str, str]]] = {
    "en": (
        "{name}: as in the package.",
        "{name}: otherwise than in the package, which was made by another version of the program or altered.",
        "No page was told again: the package does not hold.",
    ),
    "zh": (
        "{name}：与包内一致。",
        "{name}：与包内不同，包内页面由程序的其他版本生成，或被改动过。",
        "未重新生成页面：核验未通过。",
    ),
}


def pages_said(again: Mapping[str, bool], language: Language) -> list[str]:
    """Of pages told again, whether each says the same in the package; none of a package that does not hold."""
    same, other, none = PAGES[language]
    return [(same if as_there else other).format(name=name) for name, as_there in again.items()] or [none]


def as_json(report: VerificationReport, package: Path, language: Language) -> dict[str, Any]:
    return {**report.to_json(str(package), language), "limits": limits(report, language)}


class CannotTell(Exception):
    """Says why: no such time zone, or an entry of a newer program."""


def retold_pages(package: Path, zone: str, pages: PackagePages) -> Mapping[str, bytes]:
    """The pages of a package told again out of its journals, by the program of whoever checks it.

    The pages in a package are only as trustworthy as whoever signed it; the journals they are told from are in the log.

    By name. `package` is one that was checked and does not fail; `zone` is in which times are told. CannotTell.
    """
    contents = opened(package)

    def text(name: str) -> bytes:
        return contents.text(name, evidence.MOST_TEXT) or b""

    manifest = evidence.from_json(text(evidence.MANIFEST))
    head = checkpoint(text(evidence.CHECKPOINT))
    stamps = [
        one.name for one in contents.entries if one.name.startswith(evidence.STAMPS) and one.name.endswith(".tsr")
    ]
    countersigned = text(evidence.WITNESSES)
    record = Record(
        installation=manifest.installation,
        software=manifest.software,
        session=lines.from_text(text(evidence.SESSION)),
        complaint=lines.from_text(text(evidence.COMPLAINT)),
        logged=LogProofs(
            checkpoint=text(evidence.CHECKPOINT),
            size=head.size if head else 0,
            proofs={},
            stamps=[TimestampAnswer(text(name), b"") for name in stamps],
            witnesses=[
                Witness(one["name"], b"", one["line"])
                for one in (evidence.parsed(countersigned) if countersigned else ())
            ],
        ),
        texts={item.path: text(item.path) for item in manifest.items if item.kind == "text"},
        heard=text(evidence.TRANSCRIPT),
    )
    try:
        ZoneInfo(zone)
    except (ValueError, KeyError, OSError):
        raise CannotTell(f"there is no time zone {zone!r}") from None
    try:
        made = pages.record(record, manifest.absent, zone, text(evidence.VERIFIER) or None)
    except (ValueError, KeyError, TypeError) as fault:
        raise CannotTell(f"an entry that this program cannot read: {fault}") from None
    return {name: page for name, page in made.items() if name in evidence.PAGES}


def write_retold(package: Path, zone: str, folder: Path, pages: PackagePages) -> Mapping[str, bool]:
    """Whether each page says the same in the package. Links lead where the package's files lie beside the pages.

    OSError; CannotTell, and then nothing is written.
    """
    contents, made = opened(package), retold_pages(package, zone, pages)
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in made.items():
        (folder / name).write_bytes(page)
    return {name: contents.text(name, evidence.MOST_TEXT) == page for name, page in sorted(made.items())}
