"""Entries of how somebody was told, for tests of everything that waits for them."""

from __future__ import annotations

from datetime import datetime

from complaints.notices.messages import NoteTold
from tests.complaints.test_complaint import AT


def acceptance_told(when: datetime = AT, how: str = "phone") -> NoteTold:
    return NoteTold("acceptance", ("consumer",), how, when, "丁小禾", "周敏")


def refusal_told(when: datetime = AT) -> NoteTold:
    return NoteTold("refusal", ("consumer",), "post", when, "丁小禾", "周敏")


def end_told(when: datetime = AT, *whom: str) -> NoteTold:
    return NoteTold("termination", whom or ("consumer", "business"), "phone", when, "本人", "周敏")
