"""Both verifiers of packages, the command's and that of a package's own page: whatever a test judges, it asks both.

They fail the same checks, by the same codes, and come to the same verdict. The page does not judge an authority's
signature and leaves three sheets to the command; a proof in capitals, which the command reads, it does not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cryptography.x509 import Certificate

import assets
from recordings.evidence import base64_of
from recordings.evidence.claim import Expected
from recordings.evidence.verdict import VerificationReport
from recordings.evidence.verifier import verify
from tests import ROOT
from tests.recordings.evidence.told import TEXT_PATHS, VERSION, known_text

ONLY_HERE: Final = {"timestamp", "derived_sheet"}
ONLY_THERE: Final = {"inclusion"}
EDITIONS: Final = {
    VERSION.partition(".")[0]: {path.split("/")[2].removesuffix(".txt"): f"text of {path}\n" for path in TEXT_PATHS}
}

PackageAndKey = tuple[Path, bytes | None]
"""And the key that is expected, if any is."""
Keys = Sequence[tuple[str, bytes]]
"""Of witnesses, by their names."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`here`: what the command says; `page`: what the page does, as it is shown."""

    here: VerificationReport
    page: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        return self.here.verdict

    @property
    def codes(self) -> list[str]:
        return self.here.codes

    @property
    def differences(self) -> list[str]:
        """Where they disagree."""
        ours, theirs = set(self.codes), failed(self.page)
        found = [f"{code}: only the command" for code in sorted(ours - theirs - ONLY_HERE)]
        found += [f"{code}: only the page" for code in sorted(theirs - ours - ONLY_THERE)]
        judged_by_both = all(one.status in ("ok", "none") for one in self.here.checks if one.code in ONLY_HERE)
        verdict = "fails" if self.page["verdict"] == "unreadable" else self.page["verdict"]
        if not found and judged_by_both and verdict != self.verdict and not theirs & ONLY_THERE:
            found.append(f"{self.verdict}, and by the page {verdict}")
        return found

    def status(self, code: str) -> tuple[str, str]:
        """Of one check, here and on the page."""
        (here,) = [check.status for check in self.here.checks if check.code == code]
        (there,) = [check["status"] for check in self.page["checks"] if check["code"] == code]
        return here, there


def failed(told: Mapping[str, Any]) -> set[str]:
    return {check["code"] for check in told["checks"] if check["status"] == "failed"}


def judged(path: Path, key: bytes | None = None, roots: Sequence[Certificate] = (), witnesses: Keys = ()) -> Judged:
    """They have to agree."""
    (found,) = judged_all([(path, key)], roots, witnesses)
    assert not found.differences, found.differences
    return found


def judged_bytes(content: bytes, folder: Path, key: bytes | None = None) -> Judged:
    path = folder / "package.zip"
    path.write_bytes(content)
    return judged(path, key)


def judged_all(
    packages: Sequence[PackageAndKey], roots: Sequence[Certificate] = (), witnesses: Keys = ()
) -> list[Judged]:
    """One program for all; whether they agree is the caller's to look at."""
    expected = list(witnesses)
    here = [verify(path, Expected(key, roots, expected), known_text) for path, key in packages]
    there = by_page(packages, EDITIONS, witnesses)
    return [Judged(*one) for one in zip(here, there, strict=True)]


def by_page(
    packages: Sequence[PackageAndKey], editions: Mapping[str, Mapping[str, str]] | None = None, witnesses: Keys = ()
) -> list[dict[str, Any]]:
    """`editions`: texts that people agree to, instead of the page's own."""
    given = "\n".join(vkey(*one) for one in witnesses)
    told = [
        {"path": str(path), "witnesses": given} | ({"key": base64_of(key)} if key else {}) for path, key in packages
    ]
    script = _script()
    job = script.with_name("job.json")
    job.write_text(json.dumps({"packages": told} | ({"editions": editions} if editions else {})))
    command = [*assets.Node().node, str(script), str(job)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in said.splitlines()]


def vkey(name: str, public: bytes) -> str:
    """A witness's key as it publishes it (C2SP tlog-witness)."""
    raw = b"\x04" + public
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(raw).decode()}"


@cache
def _made() -> TemporaryDirectory[str]:
    folder, node = TemporaryDirectory(), assets.Node()
    assets.build(ROOT)
    node.run([*node.node, "build.mjs"], ROOT / "web" / "frontend", JUDGE=str(Path(folder.name) / "judge.mjs"))
    return folder


def _script() -> Path:
    return Path(_made().name) / "judge.mjs"
