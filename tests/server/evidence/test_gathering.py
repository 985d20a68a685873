"""A record out of the journal, as a package has it."""

from __future__ import annotations

from dataclasses import replace

from server.evidence.exports import line_of
from tests.web.office.audit import story


def test_data_is_in_the_order_a_package_has_it_whatever_order_it_was_stored_in() -> None:
    event = replace(story.events()[0], data={"seats": [{"name": "周敏", "id": "m"}], "office": "o1"})
    assert str(line_of(event, 0).data) == "{'office': 'o1', 'seats': [{'id': 'm', 'name': '周敏'}]}"
