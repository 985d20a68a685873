"""The words of the office's pages say the same as those of the record."""

from __future__ import annotations

from complaints.vocabulary import CHANNELS
from web import i18n


def test_a_channel_has_one_name_in_each_language_wherever_it_stands() -> None:
    for language, at in (("zh", 0), ("en", 1)):
        shown = {value: i18n.words_of(language).gettext(name) for value, name in i18n.CHANNELS.items()}
        assert shown == {value: names[at] for value, names in CHANNELS.items()}
