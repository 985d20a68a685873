"""The last sentence says what cannot be known: without an anchor that the reader names, whoever holds the key could
have rewritten everything. True for each combination, in both languages, by the command and by the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.x509 import load_pem_x509_certificates

from recordings.evidence.package import Witness
from recordings.evidence.verdict import KEY, LIMITS, Language, limits
from server.evidence.verifying import as_json, said
from tests.recordings.evidence.test_stamps import authority as authority, stamped
from tests.recordings.evidence.test_witnesses import OTHER, WITNESS, cosigned
from tests.recordings.evidence.told import Story
from tests.recordings.evidence.verifiers import Judged, judged
from tests.server.evidence.authority import Authority

pytestmark = pytest.mark.openssl

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
STATES: Final = ("none", "told", "known")
REWRITTEN: Final = {"en": "whoever holds the key could have rewritten all of it", "zh": "可能在签名前重写过|可能重写过"}
SINCE: Final = {"en": "since then not even whoever holds the key could have rewritten it", "zh": "自此以后"}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> dict[tuple[bool, bool], Path]:
    """Stamped and countersigned, or not."""
    folder, found = tmp_path_factory.mktemp("packages"), {}
    for stamp, witness in product((False, True), repeat=2):
        story = Story()
        record = story.record()
        at = datetime.now(UTC) - timedelta(minutes=1)
        logged = story.log.logged([*record.session, *record.complaint], at)
        text = logged.checkpoint.decode().rpartition("\n\n")[0] + "\n"
        logged = replace(
            logged,
            stamps=[stamped(authority, logged.checkpoint)] if stamp else [],
            witnesses=[Witness(WITNESS.name, b"", cosigned(text, WITNESS))] if witness else [],
        )
        path = folder / f"{stamp}-{witness}.zip"
        path.write_bytes(story.bytes(package=story.package(replace(record, logged=logged))))
        found[stamp, witness] = path
    return found


def both(path: Path, authority: Authority, key: bool, stamp: str, witness: str) -> Judged:
    roots = load_pem_x509_certificates(authority.root.read_bytes()) if stamp == "known" else []
    witnesses = [(WITNESS.name, WITNESS.public)] if witness == "known" else []
    return judged(path, Story().log.key.public if key else None, roots, witnesses)


@pytest.mark.parametrize(("key", "stamp", "witness"), list(product((True, False), STATES, STATES)))
def test_the_command_says_last_what_it_cannot_know(
    packages: dict[tuple[bool, bool], Path], authority: Authority, key: bool, stamp: str, witness: str
) -> None:
    path = packages[stamp != "none", witness != "none"]
    report = both(path, authority, key, stamp, witness).here
    assert report.codes == []
    for language in LANGUAGES:
        last = said(report, language)[-1]
        assert as_json(report, path, language)["limits"] == last
        assert last.startswith(KEY[language]) is not key
        anchored = "known" in (stamp, witness)
        assert (SINCE[language] in last) is anchored
        assert any(word in last for word in REWRITTEN[language].split("|")) is not anchored
        if not anchored:
            assert last.endswith(LIMITS[stamp, witness][language])


@pytest.mark.parametrize(("key", "stamp", "witness"), list(product((True, False), ("none", "told"), STATES)))
def test_the_page_says_the_same_but_for_whose_a_stamp_is_which_it_never_judges(
    packages: dict[tuple[bool, bool], Path], authority: Authority, key: bool, stamp: str, witness: str
) -> None:
    told = both(packages[stamp != "none", witness != "none"], authority, key, stamp, witness)
    assert told.page["limits"] == {language: limits(told.here, language) for language in LANGUAGES}


def test_an_anchor_that_does_not_hold_vouches_for_nothing(packages: dict[tuple[bool, bool], Path]) -> None:
    report = judged(packages[False, True], Story().log.key.public, (), [(OTHER.name, OTHER.public)]).here
    assert report.codes == ["witness"]
    assert limits(report, "en") == LIMITS["none", "none"]["en"]


def test_of_what_cannot_be_read_there_is_no_such_sentence(tmp_path: Path) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(b"no package")
    report = judged(path).here
    told: dict[str, Any] = as_json(report, path, "en")
    assert (limits(report, "en"), told["limits"]) == ("", "")
