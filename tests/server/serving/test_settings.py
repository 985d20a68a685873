"""Settings, certificates and addresses."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from media.sfu.control import MediaLimits
from rooms.vocabulary import OutcomeKind
from server.serving.addresses import LASTS, self_signed, server_context
from server.serving.settings import Settings

NOW = datetime(2026, 6, 24, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "HOST", "PORT", "DEMO_PASSWORD"):
        monkeypatch.delenv(f"YUNTIAO_{name}", raising=False)


def test_everything_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_DATA", "/srv/yuntiao")
    monkeypatch.setenv("YUNTIAO_MEDIA_ADDRESSES", "192.0.2.1, 192.0.2.2")
    monkeypatch.setenv("YUNTIAO_PUBLIC_URL", "https://tiaojie.example.cn/")
    monkeypatch.setenv("YUNTIAO_TRUSTED_PROXIES", "127.0.0.1, 2001:db8::/32")
    settings = Settings()
    assert settings.data == Path("/srv/yuntiao")
    assert settings.trusted_proxies == (ip_network("127.0.0.1"), ip_network("2001:db8::/32"))
    assert settings.announced() == ["192.0.2.1", "192.0.2.2"]
    assert settings.url == "https://tiaojie.example.cn"
    assert settings.secure


def test_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_PORT", "9000")
    assert Settings().port == 9000
    assert Settings(port=9001).port == 9001


def test_secrets_do_not_print() -> None:
    settings = Settings(
        database_url=SecretStr("postgresql+psycopg://u:hunter2@db/y"),
        sms_url="https://sms.example",
        sms_secret=SecretStr("hunter2"),
    )
    assert "hunter2" not in repr(settings)
    assert settings.database.endswith("hunter2@db/y")


@pytest.mark.parametrize(
    "given",
    [
        {"tls_cert": "cert.pem"},
        {"tls_cert": "cert.pem", "tls_key": "key.pem", "tls_self_signed": True},
        {"sms_url": "https://sms.example/send"},
        {"public_url": "tiaojie.example.cn"},
        {"sms_url": "sms.example/send", "sms_secret": "s"},
        {"port": 70_000},
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**given)  # type: ignore[arg-type]


def test_on_loopback_media_is_announced_there_only() -> None:
    assert Settings().announced() == ["127.0.0.1"]
    assert Settings(tls_self_signed=True).url == "https://localhost:8080"


def test_on_the_network_this_machines_own_address_comes_first() -> None:
    announced = Settings(host="0.0.0.0").announced()
    assert announced[-1] == "127.0.0.1"
    assert not any(":" in address for address in announced)  # media listens on IPv4 alone


def test_media_listens_on_both_families_when_it_listens_everywhere() -> None:
    everywhere = Settings(host="::")
    assert everywhere.media_listens() == ["::"]
    assert "127.0.0.1" in everywhere.announced()
    both = Settings(media_hosts=("127.0.0.1", "::1"))
    assert both.announced() == ["127.0.0.1", "::1"]
    assert Settings(media_hosts=("::1",)).announced() == ["::1"]


def test_the_interfaces_of_media_can_differ_from_those_of_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_MEDIA_HOSTS", "192.0.2.5, 2001:db8::5")
    settings = Settings(media_addresses=("203.0.113.5", "2001:db8::5"))
    assert settings.host == "127.0.0.1"
    assert settings.media_listens() == ["192.0.2.5", "2001:db8::5"]
    assert settings.announced() == ["203.0.113.5", "2001:db8::5"]


def test_an_address_media_does_not_listen_for_is_refused() -> None:
    with pytest.raises(ValidationError, match="2001:db8::5, where it does not listen"):
        Settings(host="0.0.0.0", media_addresses=("203.0.113.5", "2001:db8::5"))


def test_limits_of_media_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ROOMS", 3), ("PARTICIPANTS", 9), ("PACKETS", 50_000), ("LAG", 0.1), ("BITRATE", 2_000_000)):
        monkeypatch.setenv(f"YUNTIAO_MEDIA_MOST_{name}", str(value))
    assert Settings().media_limits() == MediaLimits(3, 9, 50_000, 0.1, 2_000_000)
    monkeypatch.undo()
    assert Settings().media_limits() == MediaLimits()


def test_a_self_signed_certificate_is_kept_and_serves(tmp_path: Path) -> None:
    names = ["localhost", "127.0.0.1", "192.0.2.7"]
    certificate, key = self_signed(tmp_path, names, NOW)
    first = certificate.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    assert server_context(certificate, key).minimum_version == ssl.TLSVersion.TLSv1_2
    self_signed(tmp_path, names[:2], NOW + timedelta(days=30))
    assert certificate.read_bytes() == first


@pytest.mark.parametrize("left", ["", "another"])
def test_a_key_that_is_not_the_certificates_is_made_anew_with_it(tmp_path: Path, left: str) -> None:
    """As after a crash between writing one and the other."""
    certificate, key = self_signed(tmp_path, ["localhost"], NOW)
    _, another = self_signed(tmp_path / "other", ["localhost"], NOW)
    key.write_bytes(another.read_bytes() if left else b"")
    server_context(*self_signed(tmp_path, ["localhost"], NOW))
    assert certificate.exists()


@pytest.mark.parametrize(
    ("names", "at"), [(["localhost", "192.0.2.8"], NOW), (["localhost", "127.0.0.1"], NOW + LASTS - timedelta(days=7))]
)
def test_it_is_made_anew_for_a_new_address_or_in_time(tmp_path: Path, names: list[str], at: datetime) -> None:
    certificate, key = self_signed(tmp_path, ["localhost", "127.0.0.1"], NOW)
    first = certificate.read_bytes()
    self_signed(tmp_path, names, at)
    assert certificate.read_bytes() != first
    server_context(certificate, key)


def test_a_rule_of_retention_is_never_longer_than_what_people_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_RETENTION_YEARS", "3")
    monkeypatch.setenv("YUNTIAO_RETENTION_RULES", "settled=3, not_settled=1")
    assert Settings().retention_rules == {OutcomeKind.SETTLED: 3, OutcomeKind.NOT_SETTLED: 1}
    for rules, why in (("settled=5", "people are told 3"), ("lost=1", "retention_rules"), ("settled=0", "greater")):
        monkeypatch.setenv("YUNTIAO_RETENTION_RULES", rules)
        with pytest.raises(ValidationError, match=why):
            Settings()


@pytest.mark.parametrize(
    ("origins", "more", "why"),
    [
        ("https://www.example.cn/path", {"behind_tls": True}, "no origin"),
        ("https://*.example.cn", {"behind_tls": True}, "no origin"),
        ("http://www.example.cn", {"behind_tls": True}, "no origin"),
        ("https://www.example.cn; script-src *", {"behind_tls": True}, "no origin"),
        ("https://www.example.cn", {}, "only under TLS"),
    ],
)
def test_only_whole_origins_under_tls_may_frame_pages(origins: str, more: dict[str, bool], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Settings.model_validate({"frame_ancestors": origins, **more})
    found = Settings.model_validate(
        {"frame_ancestors": "https://a.example, https://b.example:8443", "behind_tls": True}
    )
    assert found.frame_ancestors == ("https://a.example", "https://b.example:8443")
