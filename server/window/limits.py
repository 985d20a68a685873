"""How much may come in through the public window in a day; `quota` counts it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Most:
    """Files and bytes in a day."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class WindowLimits:
    """Of one address (an office building, a mobile network's gateway), one phone number, and the whole window."""

    address: Most = Most(60, 300 << 20)
    phone: Most = Most(40, 200 << 20)
    day: Most = Most(5_000, 10 << 30)
