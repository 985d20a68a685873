"""The page's verifier and the command line's, on the same packages: they fail the same checks, by the same codes.

The page judges without the authority's signature, and three sheets it leaves to the command line.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import assets
from recordings.evidence import base64_of
from recordings.evidence.claim import Expected
from recordings.evidence.verdict import VerificationReport
from recordings.evidence.verifier import verify
from tests import ROOT
from tests.recordings.evidence.attacks import attacks
from tests.recordings.evidence.log import WHEN
from tests.recordings.evidence.target import Attack, target
from tests.recordings.evidence.told import TEXT_PATHS, Story, known_text

COUNT, SEED = 150, 11
ONLY_HERE = {"derived_sheet"}  # of what the page leaves open some is judged here


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assets.build(ROOT)
    node, made = assets.Node(), tmp_path_factory.mktemp("judge") / "judge.mjs"
    node.run([*node.node, "build.mjs"], ROOT / "web" / "frontend", JUDGE=str(made))
    return made


def by_page(judge: Path, packages: Iterable[tuple[Path, bytes]], witnesses: str = "") -> list[dict[str, Any]]:
    """`witnesses`: keys of theirs, as somebody pastes them."""
    texts = {path.split("/")[2].removesuffix(".txt"): f"text of {path}\n" for path in TEXT_PATHS}
    job = {
        "editions": {"2026-11-25": texts},
        "packages": [{"path": str(path), "key": base64_of(key), "witnesses": witnesses} for path, key in packages],
    }
    (judge.parent / "job.json").write_text(json.dumps(job))
    command = [*assets.Node().node, str(judge), str(judge.parent / "job.json")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in said.splitlines()]


def here(path: Path, key: bytes) -> VerificationReport:
    return verify(path, Expected(key), known_text)


def failed(told: dict[str, Any]) -> set[str]:
    return {check["code"] for check in told["checks"] if check["status"] == "failed"}


def test_they_fail_the_same_checks_of_every_attack(judge: Path, tmp_path: Path) -> None:
    found: list[tuple[Attack, Path]] = []
    for number, attack in enumerate(attacks(target(), COUNT, SEED)):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(attack.package)
        found.append((attack, path))
    differ = Counter[str]()
    for (attack, path), told in zip(found, by_page(judge, ((p, a.key) for a, p in found)), strict=True):
        mine = set(here(path, attack.key).codes)
        if mine - ONLY_HERE != failed(told) - ONLY_HERE:
            differ[f"{attack.name}: {sorted(mine)}, the page {sorted(failed(told))}"] += 1
    assert not differ, "\n".join(differ)


def test_they_come_to_the_same_verdict_of_what_holds_and_of_what_is_left_open(judge: Path, tmp_path: Path) -> None:
    whole, erased, short = Story(), Story(), Story()
    said = next(line for line in erased.log.streams["session/s1"] if line.type == "Said")
    erased.log.erase("session/s1", [said.version], WHEN)
    del short.pieces["s1/c/2026-0-camera.webm"]
    packages = []
    for name, story in (("whole", whole), ("erased", erased), ("short", short)):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(story.bytes())
        packages.append((path, story.log.key.public))
    assert [here(*package).verdict for package in packages] == ["holds", "holds", "open"]
    told = by_page(judge, packages)
    assert [one["verdict"] for one in told] == ["holds", "holds", "open"]
    [erasures] = [check["details"] for check in told[1]["checks"] if check["code"] == "erased_unaccounted"]
    assert f"Entry {said.version} of session/s1, Said. Reason: request" in erasures
