"""What a browser needs to try whether its network lets sound and picture through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Trial(Protocol):
    def __call__(self, session: str, seat: str) -> Mapping[str, Any] | None:
        """As `Trial` in trial.ts describes it; None when there is nothing to try with."""
        ...
