"""Whether a worker uses what is compiled is a setting, and never a reason not to forward."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from media.sfu.native import library
from media.sfu.native.fanout import Native
from recordings.native import library as writing
from recordings.native.writer import Writer
from server.cli import app
from server.worker import compiled, compiled_writer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the library is looked for and built, so that the checkout's own is left alone."""
    for each in (library, writing):
        monkeypatch.setattr(each.build, "__defaults__", (tmp_path,))
        monkeypatch.setattr(each.path, "__defaults__", (tmp_path,))
    return tmp_path


@pytest.mark.native
def test_the_compiled_one_is_used_when_it_was_built(folder: Path) -> None:
    assert (compiled("auto"), compiled_writer("auto")) == (None, None)
    built = CliRunner().invoke(app, ["media", "build-native"])
    assert built.exit_code == 0
    assert built.stdout.split() == [str(library.path()), str(writing.path())]
    assert isinstance(compiled("auto"), Native)
    assert isinstance(compiled_writer("auto"), Writer)
    assert (compiled("python"), compiled_writer("python")) == (None, None)


@pytest.mark.native
def test_native_builds_what_is_missing(folder: Path) -> None:
    assert isinstance(compiled("native"), Native)
    assert isinstance(compiled_writer("native"), Writer)
    assert library.path().exists()
    assert writing.path().exists()


def test_without_a_compiler_packets_are_forwarded_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", "/nonexistent/cc")
    assert (compiled("native"), compiled_writer("native")) == (None, None)
    refused = CliRunner().invoke(app, ["media", "build-native"])
    assert refused.exit_code == 2
    assert "compiler" in refused.stderr
    for each in (library, writing):
        each.main()  # what set-up does
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.native
def test_a_library_that_cannot_be_loaded_is_done_without(folder: Path) -> None:
    for each in (library, writing):
        each.path().write_bytes(b"cut off")
    assert (compiled("auto"), compiled_writer("auto")) == (None, None)
