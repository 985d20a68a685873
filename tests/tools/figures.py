"""The form of a benchmark's report: the machine, figures that end in their unit, and targets."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any


class Figures:
    """Collects one benchmark's figures. The machine's load is taken at the start and again for the report."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.targets: dict[str, dict[str, Any]] = {}
        self._load_before = os.getloadavg()[0]
        self._filesystem = ""

    def on_disk(self, folder: Path) -> None:
        """The figures depend on what `folder` is on."""
        self._filesystem = filesystem(folder) or "unknown"

    def at_most(self, name: str, bound: float) -> None:
        """The figure of this name should not be above `bound`."""
        self._target(f"{name}_at_most", name, bound, self.values[name] <= bound)

    def at_least(self, name: str, bound: float) -> None:
        self._target(f"{name}_at_least", name, bound, self.values[name] >= bound)

    def _target(self, target: str, name: str, bound: float, holds: bool) -> None:
        self.targets[target] = {"figure": self.values[name], "bound": bound, "holds": holds}

    def json(self) -> dict[str, Any]:
        machine: dict[str, Any] = {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()}",
            "processor": processor(),
            "cores": os.cpu_count(),
            "load_before": round(self._load_before, 2),
            "load_after": round(os.getloadavg()[0], 2),
        }
        if self._filesystem:
            machine["filesystem"] = self._filesystem
        return {"machine": machine, "figures": self.values, "targets": self.targets}


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def by_chance(values: Sequence[float]) -> float:
    """Standard error of their median, by the distance of their quartiles, as of a normal distribution; 0 of fewer than
    four."""
    if len(values) < 4:
        return 0.0
    low, _, high = quantiles(values, n=4)
    return 1.253 * (high - low) / 1.349 / math.sqrt(len(values))


def processor() -> str:
    """Its name as the kernel has it, else the architecture's."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def filesystem(folder: Path) -> str:
    """The type of the file system that holds `folder`; empty where the kernel does not say."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    place = folder.resolve()
    holding = [(len(at), kind) for _, at, kind, *_ in mounts if place.is_relative_to(at)]
    return max(holding, default=(0, ""))[1]
