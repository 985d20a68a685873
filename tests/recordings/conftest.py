"""Tests of recordings run over both writers: in Python, and in C where that can be built."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recordings.native import WRITING, NativeWriter, loaded
from recordings.writer import PythonWriter, Writer


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in C, built. Whoever sets what it can copies it first: that is the library's."""
    return WRITING.build(tmp_path_factory.mktemp("native"))


@pytest.fixture(scope="session")
def built(library: Path) -> NativeWriter:
    return loaded(library)


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder that lies on a disk where `tmp_path` may lie in memory: writing past the page cache has rules there."""
    with tempfile.TemporaryDirectory(prefix="yuntiao-", dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.fixture(params=["python", pytest.param("native", marks=pytest.mark.native)])
def writer(request: pytest.FixtureRequest) -> Writer:
    """What a recorder is given."""
    found: Writer = request.getfixturevalue("built") if request.param == "native" else PythonWriter()
    return found
