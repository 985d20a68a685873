"""Whatever is done to a package is found by both verifiers, and called what it is.

`YUNTIAO_MUTATIONS=10000` is the long form.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from tests.recordings.evidence.attacks import attacks
from tests.recordings.evidence.insiders import INSIDE
from tests.recordings.evidence.log import WHEN
from tests.recordings.evidence.outsiders import OUTSIDE
from tests.recordings.evidence.target import Attack, target
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import ONLY_HERE, failed, judged, judged_all, judged_bytes

COUNT = int(os.environ.get("YUNTIAO_MUTATIONS", "400"))
SEED = int(os.environ.get("YUNTIAO_SEED", "20261125"))
AT_ONCE = 500


def test_every_mutation_is_found_and_called_what_it_is(tmp_path: Path) -> None:
    assert len(OUTSIDE) + len(INSIDE) <= COUNT
    at, wrong = target(), Counter[str]()
    changed = [one for one in attacks(at, COUNT, SEED) if one.package != at.package or one.key != at.key.public]
    for first in range(0, len(changed), AT_ONCE):
        some = changed[first : first + AT_ONCE]
        files = [_written(attack, tmp_path / f"{number}.zip") for number, attack in enumerate(some)]
        for attack, both in zip(some, judged_all(files), strict=True):
            wrong.update(f"{attack.name}: {difference}" for difference in both.differences)
            if not attack.codes & set(both.codes):
                wrong[f"{attack.name}: {sorted(attack.codes)}, not {both.codes}"] += 1
            if not attack.codes & failed(both.page) and not attack.codes <= ONLY_HERE:
                wrong[f"{attack.name}: not found by the page"] += 1
    assert not wrong, "\n".join(wrong)


def _written(attack: Attack, path: Path) -> tuple[Path, bytes | None]:
    path.write_bytes(attack.package)
    return path, attack.key


def test_unharmed_it_holds(tmp_path: Path) -> None:
    at = target()
    assert judged_bytes(at.package, tmp_path, at.key.public).verdict == "holds"


def test_they_come_to_the_same_verdict_of_what_holds_and_of_what_is_left_open(tmp_path: Path) -> None:
    whole, erased, short = Story(), Story(), Story()
    said = next(line for line in erased.log.streams["session/s1"] if line.type == "Said")
    erased.log.erase("session/s1", [said.version], WHEN)
    del short.pieces["s1/c/2026-0-camera.webm"]
    verdicts = {}
    for name, story in (("whole", whole), ("erased", erased), ("short", short)):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(story.bytes())
        verdicts[name] = judged(path, story.log.key.public)
    assert [one.verdict for one in verdicts.values()] == ["holds", "holds", "open"]
    [erasures] = [one["details"] for one in verdicts["erased"].page["checks"] if one["code"] == "erased_unaccounted"]
    assert f"Entry {said.version} of session/s1, Said. Reason: request" in erasures
