"""TURN settings: the secret comes from a file or the environment, never from an argument, and is worth something."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from server.identity import read_secret
from server.serving.settings import Settings
from tests.server.app.program import yuntiao

SECRET = "0123456789abcdef" * 2
URL = "turn:turn.example.cn:3478"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "turn-secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def test_no_url_is_no_relay() -> None:
    assert Settings().turn() is None
    assert Settings(turn_secret=SecretStr(SECRET)).turn() is None


def test_the_secret_may_be_in_a_file(kept: Path) -> None:
    turn = Settings(turn_urls=(URL, "turns:turn.example.cn"), turn_secret_file=kept).turn()
    assert turn is not None
    assert turn.secret == SECRET
    assert [url.text for url in turn.urls] == [URL, "turns:turn.example.cn"]


def test_everything_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNTIAO_TURN_URLS", f"{URL}, turn:turn.example.cn:3478?transport=tcp")
    monkeypatch.setenv("YUNTIAO_TURN_SECRET", SECRET)
    monkeypatch.setenv("YUNTIAO_TURN_TTL", "1200")
    settings = Settings()
    turn = settings.turn()
    assert turn is not None
    assert [url.transport for url in turn.urls] == ["udp", "tcp"]
    assert turn.ttl.total_seconds() == 1200
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o666])
def test_a_secret_open_to_others_is_not_used(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    with pytest.raises(ValidationError, match="chmod 600"):
        Settings(turn_urls=(URL,), turn_secret_file=kept)


def test_a_group_may_share_it(kept: Path) -> None:
    kept.chmod(0o640)
    assert read_secret(kept) == SECRET


@pytest.mark.parametrize("text", ["", "\n", "two words", "two\nlines"])
def test_a_file_without_one_secret_is_not_used(kept: Path, text: str) -> None:
    kept.write_text(text)
    with pytest.raises(ValueError, match="one secret"):
        read_secret(kept)


@pytest.mark.parametrize(
    "given",
    [
        {"turn_urls": (URL,)},
        {"turn_urls": (URL,), "turn_secret": "short"},
        {"turn_urls": ("turn.example.cn",), "turn_secret": SECRET},
        {"turn_urls": (URL,) * 9, "turn_secret": SECRET},
        {"turn_urls": (URL,), "turn_secret": SECRET, "turn_ttl": 60},
        {"turn_urls": (URL,), "turn_secret_file": "/nowhere/at/all"},
    ],
)
def test_what_would_not_work_is_refused_at_the_start(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**given)  # type: ignore[arg-type]


def test_one_secret_not_two(kept: Path) -> None:
    with pytest.raises(ValidationError, match="either from a file"):
        Settings(turn_urls=(URL,), turn_secret_file=kept, turn_secret=SecretStr(SECRET))


async def test_no_option_takes_the_secret_itself() -> None:
    process = await yuntiao("serve", "--turn-url", URL, "--turn-secret", SECRET)
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"--turn-secret" in said
