"""Time stamps of a real authority in a package, and what is wrong with those that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from recordings.evidence.package import TimestampAnswer
from recordings.evidence.verdict import VerificationReport
from tests.recordings.evidence import verifiers
from tests.recordings.evidence.told import Story
from tests.server.evidence.authority import Authority

pytestmark = pytest.mark.openssl


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authorities") / "one")


def stamped(authority: Authority, note: bytes) -> TimestampAnswer:
    query = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()
    return TimestampAnswer(authority.reply(query), authority.root.read_bytes())


def judged(
    folder: Path,
    stamp: Callable[[bytes], TimestampAnswer | None],
    trusted: Path | None = None,
    at: datetime | None = None,
) -> VerificationReport:
    story = Story()
    record = story.record()
    logged = story.log.logged([*record.session, *record.complaint], at or datetime.now(UTC) - timedelta(minutes=1))
    logged = replace(logged, stamps=[one for one in [stamp(logged.checkpoint)] if one])
    package = folder / "package.zip"
    package.write_bytes(story.bytes(package=story.package(replace(record, logged=logged))))
    roots = load_pem_x509_certificates(trusted.read_bytes()) if trusted else []
    return verifiers.judged(package, story.log.key.public, roots).here


def test_a_real_stamp_holds_by_the_expected_authority_and_stays_open_where_none_was_named(
    authority: Authority, tmp_path: Path
) -> None:
    """Whoever makes a package also chooses the certificate that lies beside a stamp."""
    named = judged(tmp_path, lambda note: stamped(authority, note), authority.root)
    alone = judged(tmp_path, lambda note: stamped(authority, note))
    assert (named.verdict, alone.verdict) == ("holds", "open")
    [detail] = next(check for check in alone.checks if check.code == "timestamp").details
    root = load_pem_x509_certificates(authority.root.read_bytes())[0]
    assert detail.startswith("log/timestamps/1.tsr: 20")
    assert detail.endswith(root.fingerprint(SHA256()).hex())


def test_an_expected_authority_that_stamped_nothing_is_told(authority: Authority, tmp_path: Path) -> None:
    assert judged(tmp_path, lambda _note: None, authority.root).codes == ["timestamp"]


def test_a_stamp_of_something_else_is_named(authority: Authority, tmp_path: Path) -> None:
    assert judged(tmp_path, lambda note: stamped(authority, note + b"?")).codes == ["timestamp"]


def test_a_stamp_by_somebody_else_than_the_expected_authority_is_named(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    report = judged(tmp_path, lambda note: stamped(other, note), authority.root)
    assert report.codes == ["timestamp"]


def test_a_stamp_with_a_root_that_is_not_its_own_is_named(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    report = judged(tmp_path, lambda note: replace(stamped(other, note), certificates=authority.root.read_bytes()))
    assert report.codes == ["timestamp"]


def test_a_stamp_older_than_what_it_is_about_is_named(authority: Authority, tmp_path: Path) -> None:
    report = judged(tmp_path, lambda note: stamped(authority, note), at=datetime.now(UTC) + timedelta(hours=1))
    assert report.codes == ["timestamp"]


def test_a_stamp_with_a_flipped_bit_is_named(authority: Authority, tmp_path: Path) -> None:
    def bent(note: bytes) -> TimestampAnswer:
        stamp = stamped(authority, note)
        return replace(stamp, token=stamp.token[:-1] + bytes([stamp.token[-1] ^ 1]))

    assert judged(tmp_path, bent).codes == ["timestamp"]
