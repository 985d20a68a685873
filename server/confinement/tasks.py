"""What a confined child can be asked to read, by name. Each loads only what it needs, within the child's limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from server.confinement.frames import Declined

Task = Callable[[BinaryIO, Any], Iterator[bytes]]


def table(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    from server.intake.row_frames import table

    return table(file, order)


def attached(file: BinaryIO, order: object) -> Iterator[bytes]:
    from server.intake.row_frames import attached

    return attached(file, order)


def drawing(file: BinaryIO, order: dict[str, Any]) -> Iterator[bytes]:
    from server.exhibits.drawing import drawing

    return drawing(file, order)


TASKS: Final[Mapping[str, Task]] = {"table": table, "attached": attached, "drawing": drawing}
