"""The job `look_for_spots`: what complaints say is counted in the job process, which gives way to live rooms."""

from __future__ import annotations

from pathlib import Path

from server.insight.offline import look
from server.settings import Settings

JOB = "look_for_spots"


class Looking:
    """Handler of `look_for_spots()`: every report that is out of date. Begun again, it goes on with those left."""

    def __init__(self, data: Path) -> None:
        self._data = data

    async def __call__(self) -> None:
        await look(Settings(data=self._data), None, anew=False)
