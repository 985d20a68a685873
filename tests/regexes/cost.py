"""What a regular expression costs on a text, in CPU time of this process; what takes too long is broken off."""

import re
import signal
import time
from types import FrameType
from typing import Any, Final

from tests.regexes.nasty import LONG, Shape, shapes

MOST: Final = 0.05  # seconds of CPU for `LONG` characters
_SHORT: Final = LONG // 10
_PLAINLY: Final = MOST / 100  # of a tenth of the text: what is quadratic takes a hundredth of the whole
_GIVEN_UP: Final = 0.3
_YARDSTICK: Final = re.compile("|".join(["戊", *(f"丁{chr(0x5000 + at)}" for at in range(300))]))
_YARD: Final = 0.024  # seconds of CPU it takes for `LONG` characters where a core is not shared


class _TooLong(Exception):
    pass


def dearest(pattern: re.Pattern[Any], methods: frozenset[str]) -> tuple[float, str, Shape] | None:
    """The first shape of text on which one of `methods` costs more than `MOST`, best of three; None for none."""
    ways = {way if way in ("match", "fullmatch", "search") else "finditer" for way in methods}
    if "finditer" in ways:
        ways.discard("search")  # what is found once is found by going on
    for shape in shapes(pattern):
        for way in sorted(ways):
            if spent(pattern, way, shape.of(_SHORT, pattern)) <= _PLAINLY:
                continue
            text, seconds = shape.of(LONG, pattern), _GIVEN_UP
            for _ in range(3):
                seconds = min(seconds, spent(pattern, way, text) / _slower())
                if seconds <= MOST:
                    break
            else:
                return seconds, way, shape
    return None


def _slower() -> float:
    """How many times as long as by itself anything takes now, since others use this core's other half; 1 at least."""
    return max(1.0, min(spent(_YARDSTICK, "finditer", "丁" * LONG) for _ in range(3)) / _YARD)


def spent(pattern: re.Pattern[Any], way: str, text: Any) -> float:
    """Seconds of CPU, `_GIVEN_UP` where it would have gone on."""

    def break_off(*_: int | FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, break_off)
    began = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, _GIVEN_UP)
    try:
        if way == "finditer":
            for _ in pattern.finditer(text):
                pass
        else:
            getattr(pattern, way)(text)
    except _TooLong:
        return _GIVEN_UP
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.process_time() - began
