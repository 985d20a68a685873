"""Sentences about Yuntiao, each of which can turn out false."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
"""Of the repository."""
