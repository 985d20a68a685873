"""The page's verifier beside the Python one: the same packages, the same verdict, the same codes.

`YUNTIAO_MUTATIONS=10000` is the long form.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import assets
from recordings.evidence.claim import Expected
from recordings.evidence.verifier import verify
from tests import ROOT
from tests.frontend.tale import Tale
from tests.recordings.evidence.attacks import attacks
from tests.recordings.evidence.insiders import INSIDE
from tests.recordings.evidence.outsiders import OUTSIDE
from tests.recordings.evidence.target import target
from tests.recordings.evidence.told import TEXT_PATHS, VERSION, Story, known_text

FRONTEND = ROOT / "web" / "frontend"
COUNT = int(os.environ.get("YUNTIAO_MUTATIONS", "300"))
SEED = int(os.environ.get("YUNTIAO_SEED", "20261125"))

# What a page in a browser does not judge: an authority's signature, and sheets that take long to derive.
BEYOND = {"timestamp", "derived_sheet"}
# What it sees and Python lets pass: a proof's hash in capitals.
STRICTER = {"inclusion"}

EDITION = VERSION.partition(".")[0]
EDITIONS = {EDITION: {Path(path).stem: f"text of {path}\n" for path in TEXT_PATHS}}


class Judge:
    def __init__(self, folder: Path) -> None:
        self._node, self._folder, self._script = assets.Node(), folder, folder / "judge.mjs"
        self._node.run([*self._node.node, "build.mjs"], FRONTEND, JUDGE=str(self._script))

    def judge(
        self, packages: list[tuple[bytes, bytes | None]], editions: dict[str, dict[str, str]] | None = None
    ) -> list[dict[str, Any]]:
        """Reports of packages, each with the key that is expected. `editions`: instead of the page's own."""
        told = []
        for number, (content, key) in enumerate(packages):
            path = self._folder / f"{number}.zip"
            path.write_bytes(content)
            told.append({"path": str(path)} | ({"key": base64.b64encode(key).decode()} if key else {}))
        job = self._folder / "job.json"
        job.write_text(json.dumps({"packages": told} | ({"editions": editions} if editions else {})))
        run = subprocess.run(
            [*self._node.node, str(self._script), str(job)], capture_output=True, text=True, check=True
        )
        return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    assets.build(ROOT)
    return Judge(tmp_path_factory.mktemp("judge"))


def failed(report: dict[str, Any]) -> set[str]:
    return {check["code"] for check in report["checks"] if check["status"] == "failed"}


def test_an_unharmed_package_holds_and_without_a_key_only_that_is_open(judge: Judge) -> None:
    story = Story()
    package = story.bytes()
    with_key, without = judge.judge([(package, story.log.key.public), (package, None)], EDITIONS)
    other = {check["code"]: check["status"] for check in with_key["checks"] if check["status"] not in ("ok", "beyond")}
    assert other == {"timestamp": "none", "witness": "none"}
    assert with_key["verdict"] == "holds"
    assert without["verdict"] == "open"
    assert [check["code"] for check in without["checks"] if check["status"] == "open"] == ["wrong_key"]


def test_the_page_is_built_with_the_texts_that_people_agree_to(judge: Judge) -> None:
    tale = Tale()
    [report] = judge.judge([(tale.bytes(), tale.log.key.public)])
    assert report["verdict"] == "holds", report


def test_every_mutation_fails_the_checks_that_it_fails_in_python(judge: Judge, tmp_path: Path) -> None:
    assert len(OUTSIDE) + len(INSIDE) <= COUNT
    at, file, wrong = target(), tmp_path / "package.zip", []
    all_ = [one for one in attacks(at, COUNT, SEED) if one.package != at.package or one.key != at.key.public]
    for attack, report in zip(all_, judge.judge([(one.package, one.key) for one in all_], EDITIONS), strict=True):
        file.write_bytes(attack.package)
        wanted, found = set(verify(file, Expected(attack.key), known_text).codes), failed(report)
        if found - wanted - STRICTER or (wanted - found) - BEYOND:
            wrong.append(f"{attack.name}: {sorted(found)}, in Python {sorted(wanted)}")
        elif not attack.codes & found and not attack.codes <= BEYOND:
            wrong.append(f"{attack.name}: not found")
    assert not wrong, "\n".join(wrong)


def test_an_erased_entry_is_accounted_for_by_the_entry_that_says_so(judge: Judge) -> None:
    story = Story()
    said = next(line.version for line in story.log.streams[story.stream] if line.type == "Said")
    story.log.erase(story.stream, [said], story._at)
    [report] = judge.judge([(story.bytes(), story.log.key.public)], EDITIONS)
    assert report["verdict"] == "holds"
    assert "Entries whose content was erased: 1, all accounted for." in str(report)


def test_what_the_bureau_no_longer_has_leaves_the_verdict_open_and_is_named(judge: Judge) -> None:
    story = Story()
    del story.pieces["s1/c/2026-0-camera.webm"]
    [report] = judge.judge([(story.bytes(), story.log.key.public)], EDITIONS)
    assert report["verdict"] == "open"
    [check] = [check for check in report["checks"] if check["status"] == "open"]
    assert check["code"] == "segment_unlisted"
    assert check["details"] == ["No longer there at the bureau: media/c/2026-0-camera.webm"]
