"""What was measured is kept beside the screenshots."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conftest import ARTIFACTS

Figures = dict[str, float]


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    """Seconds by name; written to `survival.json` at the end."""
    found: Figures = {}
    yield found
    ARTIFACTS.mkdir(exist_ok=True)
    text = json.dumps({name: round(value, 3) for name, value in found.items()}, indent=1)
    (ARTIFACTS / "survival.json").write_text(text + "\n")
