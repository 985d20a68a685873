"""Tests of recordings run over both writers: in Python, and in C where that can be built."""

from __future__ import annotations

import pytest

from recordings.frame_writer import PythonWriter
from recordings.native.library import WRITING
from recordings.native.writer import NativeWriter, loaded
from recordings.writer import Writer


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> NativeWriter:
    return loaded(WRITING.build(tmp_path_factory.mktemp("native")))


@pytest.fixture(params=["python", pytest.param("native", marks=pytest.mark.native)])
def writer(request: pytest.FixtureRequest) -> Writer:
    """What a recorder is given."""
    found: Writer = request.getfixturevalue("built") if request.param == "native" else PythonWriter()
    return found
