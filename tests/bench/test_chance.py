"""How sure a median is."""

from __future__ import annotations

import random
from statistics import mean, median, pstdev

from tests.tools.figures import by_chance


def test_what_is_chance_in_a_median_is_what_drawing_again_shows() -> None:
    chance = random.Random(4)
    series = [[chance.gauss(15, 3) for _ in range(12)] for _ in range(500)]
    drawn = pstdev(median(values) for values in series)
    assert 0.8 < mean(by_chance(values) for values in series) / drawn < 1.25


def test_of_too_few_nothing_is_said() -> None:
    assert by_chance([1.0, 2.0, 3.0]) == 0
