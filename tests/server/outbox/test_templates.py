"""Every message is made of a template that can be told to a provider, and remembers which and with which values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from server.outbox import (
    NEWS,
    ApartText,
    InvitationText,
    MediationText,
    Wording,
    answer_invitation_text,
    apart_text,
    cancelled_text,
    code_text,
    copy_text,
    informant_text,
    invitation_text,
    kept_text,
    known_templates,
    mark,
    news_text,
    questions_text,
    reminder_text,
    rescheduled_text,
    sign_text,
    term_due_text,
    term_escalated_text,
    term_late_text,
    unpacked,
    withdrawal_text,
)
from tests.server.app.office import FIRST, World

STARTS, DAY, NUMBER = datetime(2026, 6, 24, 1, tzinfo=UTC), date(2026, 6, 24), "东高一投〔2026〕17号"
URL = "https://tj.example/j/" + "x" * 24


def every(language: str) -> list[Wording]:
    apart = ApartText(FIRST, NUMBER, STARTS, URL, STARTS)
    met = MediationText(FIRST, NUMBER, STARTS, "video", "二楼", URL)
    return [
        *(code_text(one, "407216", 10, "市监", language, NUMBER) for one in ("code", "code_window", "code_sign")),
        invitation_text(InvitationText(FIRST, "周敏", NUMBER, STARTS, URL), language),
        invitation_text(InvitationText(FIRST, "周敏", NUMBER, STARTS, URL, STARTS), language),
        *(apart_text(apart, kind, language) for kind in ("nudge", "reminder", "end", "meeting", "day", "hour", "room")),
        *(apart_text(replace(apart, url="", meeting=None), kind, language) for kind in ("nudge", "meeting")),
        *(news_text(what, FIRST, NUMBER, "https://tj.example/follow", STARTS, language) for what in NEWS),
        answer_invitation_text(FIRST, NUMBER, DAY, "https://tj.example/a/x", language),
        *(questions_text(FIRST, NUMBER, "https://tj.example/q/x", due, language) for due in (True, False)),
        term_due_text(FIRST, NUMBER, 1, DAY, language),
        term_late_text(FIRST, NUMBER, 1, DAY, language),
        term_escalated_text(FIRST, NUMBER, 1, DAY, language),
        cancelled_text(FIRST, NUMBER, STARTS, language),
        *(
            write(replace(met, mode=mode, url=url), language)
            for write in (rescheduled_text, kept_text, lambda told, spoken: reminder_text(told, "day", spoken))
            for mode in ("video", "on_site", "phone")
            for url in (URL, "")
        ),
        reminder_text(met, "hour", language),
        *(sign_text(FIRST, NUMBER, "https://tj.example/g/x", 7, language, record) for record in (True, False)),
        copy_text(FIRST, NUMBER, "https://tj.example/c/x", 30, language),
        withdrawal_text(FIRST, NUMBER, "写错了", language),
        informant_text("moved", DAY, "公安局", FIRST, language),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_text_is_its_template_filled_in_and_is_read_back_as_it_was_made(language: str) -> None:
    for told in every(language):
        template = known_templates()[told.template]
        assert mark(told.signature) + template.text(language).format_map(told.values) == told
        again = unpacked(told.packed())
        assert again == told
        assert (again.template, again.language, again.signature, again.values) == (
            told.template, told.language, told.signature, told.values,
        )  # fmt: skip
        assert set(template.parameters(language)) <= set(told.values)
        assert all(told.values[one] for one in template.parameters(language)), told  # providers take nothing empty


def test_both_languages_of_a_template_have_the_same_parameters() -> None:
    for one in known_templates().values():
        assert sorted(one.parameters("zh")) == sorted(one.parameters("en")), one.name
        assert len(one.name) <= 64


def test_what_was_sealed_before_there_were_templates_is_still_read() -> None:
    told = unpacked("【云调】旧文")
    assert (told, told.template) == ("【云调】旧文", "")


async def test_a_queued_message_goes_out_with_its_template(world: World) -> None:
    await world.invite(send=True)
    await world.outbox.deliver_due()
    [sent] = world.phones.received
    assert sent.text.template in ("invitation", "invitation_tried")
    assert sent.text.values["url"] in sent.text
