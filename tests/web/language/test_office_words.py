"""The words of the office's pages say the same as those of the record."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from casebook.events import KINDS as CASES
from complaints import CHANNELS
from complaints.consultations import KINDS as CONSULTATIONS
from complaints.insight.spots import KINDS as SPOTS
from complaints.insight.warnings import KINDS as WARNINGS
from complaints.leads.events import KINDS as LEADS
from rooms.supervision.reviews import KINDS as REVIEWS
from web import i18n
from web.office import casebook, insight, leads
from web.office.insight import bulletins
from web.office.supervision import reviews


def test_a_channel_has_one_name_in_each_language_wherever_it_stands() -> None:
    for language, at in (("zh", 0), ("en", 1)):
        shown = {value: i18n.words_of(language).gettext(name) for value, name in i18n.CHANNELS.items()}
        assert shown == {value: names[at] for value, names in CHANNELS.items()}


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (CASES, casebook.HAPPENED),
        (CONSULTATIONS, leads.CONSULTATION_HAPPENED),
        (LEADS, leads.HAPPENED),
        (REVIEWS, reviews.HAPPENED),
        (SPOTS, insight.HAPPENED),
        (WARNINGS, bulletins.HAPPENED),
    ],
    ids=["case", "consultation", "lead", "review", "spot", "warning"],
)
def test_a_history_has_words_for_everything_that_can_stand_in_it(
    kinds: Mapping[str, object], words: Mapping[str, str]
) -> None:
    assert words.keys() == kinds.keys()
