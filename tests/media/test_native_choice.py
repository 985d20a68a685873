"""Which fan-out a worker uses is a setting, and never a reason not to forward."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from media.sfu.fanout import FanOut
from media.sfu.native import library
from media.sfu.native.fanout import Native
from server.cli import app
from server.worker import fan_out


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the library is looked for and built: a copy, so that the checkout's own is left alone."""
    source = tmp_path / "fan_out.c"
    source.write_bytes(library.SOURCE.read_bytes())
    monkeypatch.setattr(library, "SOURCE", source)
    monkeypatch.setattr(library.build, "__defaults__", (tmp_path,))
    monkeypatch.setattr(library.path, "__defaults__", (tmp_path,))
    return tmp_path


@pytest.mark.native
def test_the_compiled_one_is_used_when_it_was_built(folder: Path) -> None:
    assert fan_out("auto") is FanOut
    built = CliRunner().invoke(app, ["media", "build-native"])
    assert built.exit_code == 0
    assert built.stdout.strip() == str(library.path())
    assert isinstance(fan_out("auto"), Native)
    assert fan_out("python") is FanOut


@pytest.mark.native
def test_native_builds_what_is_missing(folder: Path) -> None:
    assert isinstance(fan_out("native"), Native)
    assert library.path().exists()


def test_without_a_compiler_packets_are_forwarded_all_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "/nonexistent/cc")
    assert fan_out("native") is FanOut
    refused = CliRunner().invoke(app, ["media", "build-native"])
    assert refused.exit_code == 2
    assert "compiler" in refused.stderr
    library.main()  # what set-up does: quiet


@pytest.mark.native
def test_a_library_that_cannot_be_loaded_is_done_without(folder: Path) -> None:
    library.path().write_bytes(b"cut off")
    assert fan_out("auto") is FanOut
