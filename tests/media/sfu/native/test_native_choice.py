"""Whether a worker uses what is compiled is a setting, and never a reason not to forward."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from media.sfu.native import FORWARDING, NativeForwarder
from recordings.native import WRITING, NativeWriter
from server.cli import app
from server.rooms.worker import compiled, compiled_writer

LIBRARIES = (FORWARDING, WRITING)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the library is looked for and built, so that the checkout's own is left alone."""
    for each in LIBRARIES:
        monkeypatch.setattr(each, "output", tmp_path)
    return tmp_path


@pytest.mark.compiler
def test_the_compiled_one_is_used_when_it_was_built(folder: Path) -> None:
    assert (compiled("auto"), compiled_writer("auto")) == (None, None)
    built = CliRunner().invoke(app, ["media", "build-native"])
    assert built.exit_code == 0
    assert built.stdout.split() == [str(FORWARDING.path()), str(WRITING.path())]
    assert isinstance(compiled("auto"), NativeForwarder)
    assert isinstance(compiled_writer("auto"), NativeWriter)
    assert (compiled("python"), compiled_writer("python")) == (None, None)


@pytest.mark.compiler
def test_native_builds_what_is_missing(folder: Path) -> None:
    assert isinstance(compiled("native"), NativeForwarder)
    assert isinstance(compiled_writer("native"), NativeWriter)
    assert FORWARDING.path().exists()
    assert WRITING.path().exists()


@pytest.mark.native
def test_what_a_compiler_built_that_is_gone_is_copied(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FORWARDING, "output", built.parent)
    monkeypatch.setenv("CC", "/nonexistent/cc")
    again = FORWARDING.build(tmp_path)
    assert again.parent == tmp_path
    assert isinstance(NativeForwarder(again), NativeForwarder)


def test_without_a_compiler_packets_are_forwarded_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", "/nonexistent/cc")
    assert (compiled("native"), compiled_writer("native")) == (None, None)
    refused = CliRunner().invoke(app, ["media", "build-native"])
    assert refused.exit_code == 2
    assert "compiler" in refused.stderr
    for each in LIBRARIES:
        each.build_if_possible("It will be done in Python")  # what set-up does
        assert capsys.readouterr().err.count("\n") == 1


def test_a_worker_that_does_it_in_python_says_so_and_what_would_help(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (compiled("auto"), compiled_writer("auto")) == (None, None)
    packets, recordings = caplog.messages
    assert packets.startswith("Packets are forwarded in Python, which takes more CPU: ")
    assert recordings.startswith("Recordings are written in Python, which takes more CPU: ")
    assert "yuntiao media build-native" in packets
    caplog.clear()
    assert (compiled("python"), compiled_writer("python")) == (None, None)
    assert not caplog.messages, "it was asked for"


@pytest.mark.native
def test_a_library_that_cannot_be_loaded_is_done_without(folder: Path) -> None:
    for each in LIBRARIES:
        each.path().write_bytes(b"cut off")
    assert (compiled("auto"), compiled_writer("auto")) == (None, None)
