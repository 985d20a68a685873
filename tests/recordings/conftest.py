"""Tests of takes and of the recorder run over both writers: in Python, and in C where that can be built."""

from __future__ import annotations

import pytest

from recordings.native.library import WRITING
from recordings.native.writer import Writer, loaded


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Writer:
    return loaded(WRITING.build(tmp_path_factory.mktemp("native")))


@pytest.fixture(scope="session", params=["python", pytest.param("native", marks=pytest.mark.native)])
def writer(request: pytest.FixtureRequest) -> Writer | None:
    """What a recorder is given: nothing, or what is compiled."""
    found: Writer | None = request.getfixturevalue("built") if request.param == "native" else None
    return found
