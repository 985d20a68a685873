"""Where the archive is and as whom we come there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from recordings.files.object_store import LocalBlobs
from recordings.files.s3 import S3Blobs
from server.app.wiring import utc_now
from server.retention.archive_job import ArchiveSettings
from server.serving.addresses import self_signed
from server.serving.settings import Settings

S3 = {"archive": "s3://bucket/east/1", "archive_access_key": "k", "archive_secret": SecretStr("s3cret")}


def test_without_one_there_is_no_archive(tmp_path: Path) -> None:
    assert Settings().archive_store(tmp_path) is None


def test_a_folder_and_a_bucket_are_named_by_their_addresses(tmp_path: Path) -> None:
    folder = Settings(archive=f"file://{tmp_path}/a%20share/").archive_store(tmp_path)
    assert isinstance(folder, LocalBlobs)
    assert folder.address == f"file://{tmp_path}/a%20share"
    bucket = Settings.model_validate(S3).archive_store(tmp_path)
    assert isinstance(bucket, S3Blobs)
    assert bucket.address == "s3://bucket/east/1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"archive": "bucket"},
        {"archive": "https://bucket"},
        {"archive": "file://host/folder"},
        {"archive": "file:relative"},
        S3 | {"archive": "s3://"},
        S3 | {"archive": "s3://bucket/../other"},
        S3 | {"archive": "s3://key:secret@bucket"},
        S3 | {"archive_secret": SecretStr("")},
        S3 | {"archive_access_key": ""},
        S3 | {"archive_endpoint": "http://store.example.cn"},
        S3 | {"archive_endpoint": "https://store.example.cn/bucket"},
        S3 | {"archive_endpoint": "store.example.cn"},
        S3 | {"archive_kms_key": "k1"},
        S3 | {"archive_encryption": "rot13"},
        S3 | {"archive_storage_class": "DEEP_ARCHIVE"},
        S3 | {"archive_ca": Path("/nowhere.pem")},
        {"archive_after_hours": -1},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_at_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(wrong)
    assert "s3cret" not in str(refused.value)


def test_http_is_for_this_machine_or_for_who_says_so() -> None:
    Settings.model_validate(S3 | {"archive_endpoint": "http://127.0.0.1:9000"})
    Settings.model_validate(S3 | {"archive_endpoint": "http://store.lan", "archive_allow_http": True})


def test_the_job_process_reads_them_from_the_environment_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("in a file\n".replace(" ", "-"))
    secret.chmod(0o600)
    for name, value in {
        "YUNTIAO_ARCHIVE": "s3://bucket", "YUNTIAO_ARCHIVE_AFTER_HOURS": "0.5", "AWS_ACCESS_KEY_ID": "amazons",
        "AWS_SECRET_ACCESS_KEY": "amazons-secret", "YUNTIAO_TLS_CERT": "of the other settings",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings = ArchiveSettings()
    assert (settings.archive_access_key, settings.archive_after) == ("amazons", timedelta(minutes=30))
    monkeypatch.setenv("YUNTIAO_ARCHIVE_ACCESS_KEY", "ours")
    monkeypatch.setenv("YUNTIAO_ARCHIVE_SECRET_FILE", str(secret))
    settings = ArchiveSettings()
    assert settings.archive_access_key == "ours"
    assert settings._secret("archive") == "in-a-file"
    secret.chmod(0o644)
    with pytest.raises(ValueError, match="open to others"):
        settings.archive_store(tmp_path)


def test_no_secret_is_in_how_settings_or_their_faults_print(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "s3cret" not in repr(Settings.model_validate(S3))
    for name, value in {"": "s3://bucket", "_SECRET": "s3cret", "_AFTER_HOURS": "soon"}.items():
        monkeypatch.setenv(f"YUNTIAO_ARCHIVE{name}", value)
    for kind in (Settings, ArchiveSettings):
        with pytest.raises(ValidationError) as refused:
            kind()
        assert "s3cret" not in str(refused.value)


def test_a_private_authority_is_read_when_it_is_named(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path, ["localhost"], utc_now())
    assert "BEGIN CERTIFICATE" in Settings.model_validate(S3 | {"archive_ca": certificate})._authority("archive")


FILES = {"files": "s3://bucket/files", "files_access_key": "k", "files_secret": SecretStr("s3cret")}


def test_files_have_no_home_but_this_disk_unless_one_is_named(tmp_path: Path) -> None:
    assert Settings().remote_files(tmp_path) is None
    away = Settings.model_validate(FILES).remote_files(tmp_path)
    assert away is not None
    assert away.store.address == "s3://bucket/files"


@pytest.mark.parametrize(
    "wrong",
    [
        {"files": "bucket"},
        FILES | {"files_secret": SecretStr("")},
        FILES | {"files_endpoint": "http://store.example.cn"},
        FILES | {"files_kms_key": "k1"},
        FILES | S3 | {"files": "s3://bucket/east/1"},
    ],
    ids=str,
)
def test_a_home_that_cannot_be_meant_is_refused_by_its_own_variables(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(wrong)
    assert "s3cret" not in str(refused.value)
    assert "YUNTIAO_ARCHIVE_" not in str(refused.value)


def test_an_archive_and_a_home_of_files_are_two_places_with_keys_of_their_own(tmp_path: Path) -> None:
    both = Settings.model_validate(S3 | FILES | {"files_access_key": "other"})
    archive, away = both.archive_store(tmp_path), both.remote_files(tmp_path)
    assert archive is not None
    assert away is not None
    assert (archive.address, away.store.address) == ("s3://bucket/east/1", "s3://bucket/files")
