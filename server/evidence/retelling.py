"""The pages of a package told again out of its journals, by the program of whoever checks it.

The pages in a package are only as trustworthy as whoever signed it; the journals they are told from are in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from recordings.evidence import form, lines
from recordings.evidence.checks.checkpoint import checkpoint
from recordings.evidence.contents import opened
from recordings.evidence.package import Logged, Record, Stamped, Witness
from web.evidence import pages


class CannotTell(Exception):
    """Says why: no such time zone, or an entry of a newer program."""


def told_again(package: Path, zone: str) -> Mapping[str, bytes]:
    """By name. `package` is one that was checked and does not fail; `zone` is in which times are told. CannotTell."""
    contents = opened(package)

    def text(name: str) -> bytes:
        return contents.text(name, form.MOST_TEXT) or b""

    manifest = form.from_json(text(form.MANIFEST))
    head = checkpoint(text(form.CHECKPOINT))
    stamps = [one.name for one in contents.entries if one.name.startswith(form.STAMPS) and one.name.endswith(".tsr")]
    countersigned = text(form.WITNESSES)
    record = Record(
        installation=manifest.installation,
        software=manifest.software,
        session=lines.from_text(text(form.SESSION)),
        complaint=lines.from_text(text(form.COMPLAINT)),
        logged=Logged(
            checkpoint=text(form.CHECKPOINT),
            size=head.size if head else 0,
            proofs={},
            stamps=[Stamped(text(name), b"") for name in stamps],
            witnesses=[
                Witness(one["name"], b"", one["line"]) for one in (form.parsed(countersigned) if countersigned else ())
            ],
        ),
        texts={item.path: text(item.path) for item in manifest.items if item.kind == "text"},
    )
    try:
        ZoneInfo(zone)
    except (ValueError, KeyError, OSError):
        raise CannotTell(f"there is no time zone {zone!r}") from None
    try:
        made = pages.record(record, manifest.absent, zone, text(pages.VERIFIER) or None)
    except (ValueError, KeyError, TypeError) as fault:
        raise CannotTell(f"an entry that this program cannot read: {fault}") from None
    return {name: page for name, page in made.items() if name in form.PAGES}


def write(package: Path, zone: str, folder: Path) -> Mapping[str, bool]:
    """Whether each page says the same in the package. Links lead where the package's files lie beside the pages.

    OSError; CannotTell, and then nothing is written.
    """
    contents, made = opened(package), told_again(package, zone)
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in made.items():
        (folder / name).write_bytes(page)
    return {name: contents.text(name, form.MOST_TEXT) == page for name, page in sorted(made.items())}
