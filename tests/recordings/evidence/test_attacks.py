"""Whatever is done to a package is found, and called what it is. `YUNTIAO_MUTATIONS=10000` is the long form."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from recordings.evidence.claim import Expected
from recordings.evidence.verifier import verify
from tests.recordings.evidence.attacks import attacks
from tests.recordings.evidence.insiders import INSIDE
from tests.recordings.evidence.outsiders import OUTSIDE
from tests.recordings.evidence.target import target
from tests.recordings.evidence.told import known_text

COUNT = int(os.environ.get("YUNTIAO_MUTATIONS", "400"))
SEED = int(os.environ.get("YUNTIAO_SEED", "20261125"))


def test_every_mutation_is_found_and_called_what_it_is(tmp_path: Path) -> None:
    at, file, wrong = target(), tmp_path / "package.zip", Counter[str]()
    assert len(OUTSIDE) + len(INSIDE) <= COUNT
    for attack in attacks(at, COUNT, SEED):
        if attack.package == at.package and attack.key == at.key.public:
            continue  # it changed nothing
        file.write_bytes(attack.package)
        report = verify(file, Expected(attack.key), known_text)
        if not attack.codes & set(report.codes):
            wrong[f"{attack.name}: {sorted(attack.codes)}, not {report.codes}"] += 1
    assert not wrong, "\n".join(wrong)


def test_unharmed_it_holds(tmp_path: Path) -> None:
    at, file = target(), tmp_path / "package.zip"
    file.write_bytes(at.package)
    assert verify(file, Expected(at.key.public), known_text).verdict == "holds"
