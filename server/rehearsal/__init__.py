"""A whole mediation played over the real paths: pages, forms, Socket.IO and WebRTC, with synthetic people.

Here is what a rehearsal found: each step with its time, the figures, and whether everything held.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any


class Failed(Exception):
    """A step did not hold; the text says what was expected."""


@dataclass
class RehearsalStep:
    name: str
    ok: bool
    seconds: float
    detail: str = ""


@dataclass
class RehearsalReport:
    """Collects steps; the first that fails ends the story. `figures` end in their unit."""

    steps: list[RehearsalStep] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    received: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)
    complaint: dict[str, Any] = field(default_factory=dict)
    recording: dict[str, Any] = field(default_factory=dict)
    timing: dict[str, Any] = field(default_factory=dict)
    package: dict[str, Any] = field(default_factory=dict)  # as `yuntiao verify --json` says
    started: float = field(default_factory=time.monotonic)

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and note how it ended; what it raises goes on."""
        began = time.monotonic()
        try:
            yield
        except BaseException as fault:
            detail = f"{type(fault).__name__}: {fault}"
            self.steps.append(RehearsalStep(name, False, round(time.monotonic() - began, 3), detail[:2000]))
            raise
        self.steps.append(RehearsalStep(name, True, round(time.monotonic() - began, 3)))

    def json(self) -> dict[str, Any]:
        """The whole report as plain values."""
        return {
            "ok": self.ok,
            "machine": {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()},
            "seconds": round(time.monotonic() - self.started, 2),
            "steps": [asdict(step) for step in self.steps],
            "figures": self.figures,
            "received": self.received,
            "outcome": self.outcome,
            "complaint": self.complaint,
            "recording": self.recording,
            "timing": self.timing,
            "package": self.package,
        }


def expect(holds: object, what: str) -> None:
    """Failed(what) unless it holds."""
    if not holds:
        raise Failed(what)
