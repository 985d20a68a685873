"""Whether rooms are live. The job process hears it from the one that started it: lines with a number of rooms."""

from __future__ import annotations


class Live:
    """Called in any thread."""

    def __init__(self) -> None:
        self._rooms = 0
        self._rest = b""

    def hear(self, data: bytes) -> None:
        """What came on standard input. Anything but a number is passed over."""
        *lines, self._rest = (self._rest + data)[-64:].split(b"\n")
        for line in lines:
            if line.isdigit():
                self._rooms = int(line)

    def __call__(self) -> bool:
        return self._rooms > 0
