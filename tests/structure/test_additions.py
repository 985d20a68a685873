"""What is added has to be named in every table that knows its kind (CONTRIBUTING, "How to add")."""

from __future__ import annotations

import json
from typing import get_args, get_type_hints

import pytest

from complaints import CHANNELS, Channel
from complaints.channels import mapping
from complaints.notices import ADDRESSED, SERIALS, NoticeKind
from law.grounds import article_of
from server import outbox
from server.cli.seal import PaperKind
from server.documents import EDITIONS, facts
from tests import ROOT
from web import i18n
from web.api.models import ComplaintIn

NEWEST = max(folder.name for folder in EDITIONS.iterdir() if folder.is_dir() and folder.name[0].isdigit())


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_notice_has_addressees_a_number_a_name_a_message_a_paper_and_articles(kind: NoticeKind) -> None:
    told = {name.removeprefix("notice_").partition(".")[0] for name in outbox.known_templates()}
    for table in (ADDRESSED, SERIALS, i18n.KINDS, i18n.WHY, told, facts._MORE):
        assert kind in table
    assert kind.value in {one.value for one in PaperKind}  # `yuntiao notice`
    assert (EDITIONS / NEWEST / f"{kind}.toml").is_file()
    assert all(article_of("121", duty) for duty in facts._MORE[kind])


def test_a_channel_is_named_on_pages_in_packages_and_by_the_interface() -> None:
    everywhere = set(Channel)
    assert everywhere == set(CHANNELS) == set(i18n.CHANNELS)
    assert everywhere == set(get_args(get_type_hints(ComplaintIn)["channel"]))
    sentences = json.loads((ROOT / "web/office/audit/sentences.json").read_text())
    assert everywhere == set(sentences["words"]["channels"])


def test_a_channel_but_the_window_comes_with_a_mapping() -> None:
    assert set(mapping.IMPORTED) == set(Channel) - {Channel.WINDOW}
    assert {mapping.builtin(channel).channel for channel in mapping.IMPORTED} == set(mapping.IMPORTED)
