"""A review from the first look to its close in the real application, through the pages alone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from markupsafe import escape

from recordings.transcripts import Line, Transcript
from rooms.events import SegmentSealed, event_draft, stream as session_stream
from server.app.demo import OFFICE
from tests.server.app.office import SECOND
from tests.server.signing.spoken import MODEL, put_on_file
from tests.server.supervision.house import House, house, signed_in
from tests.web.client import AiohttpClient, Answer, Browser, heading_of

REVIEW = "/supervision/reviews/w-m3"
SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
)


@pytest.fixture
async def at(tmp_path: Path, aiohttp_client: AiohttpClient) -> House:
    return await house(tmp_path, aiohttp_client, 4)


async def step(person: Browser, what: str, **form: str) -> Answer:
    answer = await person.post(f"{REVIEW}/{what}", form)
    return await person.follow(answer) if answer.status == 303 else answer


def items(page: Answer) -> list[str]:
    return re.findall(r'id="item-(\w+)"', page.text)


async def answered(at: House) -> Answer:
    page = await at.supervisor.follow(await at.supervisor.post(REVIEW))
    for item in items(page):
        page = await step(at.supervisor, "item", item=item, answer="yes", entry_3="yes")
    return page


async def test_a_review_goes_from_the_first_look_to_the_mediators_answer_and_its_close(at: House) -> None:
    assert heading_of(await at.supervisor.get(REVIEW)) == "Not looked at yet"
    page = await answered(at)
    assert len(items(page)) == 9
    assert heading_of(page) == "Everything is answered; hand it to the mediator"
    page = await step(
        at.supervisor, "finding", severity="minor", item="rights", text="没有讲清楚", moments="03:20", entry="5"
    )
    assert "entry 5" in page.text
    page = await step(at.supervisor, "finding", severity="praise", item="", text="耐心", entry="1")
    assert (await at.mediator.get(REVIEW)).status == 404  # not theirs to see yet
    page = await step(at.supervisor, "hand_on", summary="总体规范")
    assert "who answers" in heading_of(page)

    page = await at.mediator.get(REVIEW)
    assert "found one thing" in heading_of(page)
    assert "没有讲清楚" in page.text
    assert "耐心" in page.text
    page = await step(at.mediator, "reply", accepts_1="no", reply_1="")
    assert page.status == 422  # an objection says why
    page = await step(at.mediator, "reply", accepts_1="no", reply_1="讲过，在第三分钟")
    page = await at.supervisor.get(REVIEW)
    page = await step(at.supervisor, "close")
    assert page.status == 409
    assert "Something is still open" in page.text
    page = await step(at.supervisor, "decide", finding="1", stands="no", decided="确实讲过")
    page = await step(at.supervisor, "close", note="已沟通")
    assert heading_of(page) == "Looked at and closed"
    practice = await at.mediator.get("/practice")
    assert "/supervision/reviews/w-m3" in practice.text
    assert "praised once" in practice.text


async def test_what_is_typed_survives_a_closed_tab_and_a_step_is_undone(at: House) -> None:
    await at.supervisor.follow(await at.supervisor.post(REVIEW))
    kept = await at.supervisor.post(f"{REVIEW}/draft", {"rights.note": "想到一半", "finding.text": "另一半"})
    assert kept.status == 200
    page = await at.supervisor.get(REVIEW)  # another tab, later
    assert "想到一半" in page.text
    assert "另一半" in page.text
    assert "想到一半" not in (await at.second.get(REVIEW)).text  # nobody else's to read
    page = await step(at.supervisor, "item", item="rights", answer="yes", note="想到一半", entry_3="yes")
    assert page.text.count("想到一半") == 2  # said, and in its field; the draft is gone
    page = await step(at.supervisor, "undo")
    assert "想到一半" not in page.text
    assert "8 things" not in heading_of(page)
    for wrong in ({"nodot": "x"}, {"a.b": "长" * 2001}, {f"a.{n}": "x" for n in range(21)}):
        assert (await at.supervisor.post(f"{REVIEW}/draft", wrong)).status == 422


async def test_an_answer_that_is_changed_keeps_its_moments_also_without_a_recording(at: House) -> None:
    await at.supervisor.follow(await at.supervisor.post(REVIEW))
    page = await step(at.supervisor, "item", item="rights", answer="yes", moments="01:05 12:30")
    assert 'value="01:05 12:30"' in page.text
    assert "Moments since the opening" in page.text
    assert "Moments of the recording" not in page.text


async def test_an_answer_without_evidence_is_shown_again_with_what_is_missing(at: House) -> None:
    await at.supervisor.follow(await at.supervisor.post(REVIEW))
    for form, said in (
        ({"answer": "yes"}, "an answer rests on something"),
        ({"answer": "none", "note": " "}, "Say why it does not apply here."),
        ({"answer": "maybe"}, "Choose one of these."),
        ({"answer": "yes", "moments": "half past"}, "Write moments as minutes and seconds"),
        ({"answer": "yes", "entry_99999": "yes"}, "an answer rests on something"),  # there is no such entry
    ):
        page = await step(at.supervisor, "item", **{"item": "rights", "note": "打了字"} | form)
        assert page.status == 422, form
        assert said in page.text
        assert form.get("note", "打了字") in page.text


async def test_markup_in_a_finding_is_text_everywhere(at: House) -> None:
    await answered(at)
    pages = [
        await step(at.supervisor, "finding", severity="major", item="rights", text=text, remedy=text, entry="2")
        for text in SCRIPTS
    ]
    pages += [await step(at.supervisor, "hand_on", summary=" ".join(SCRIPTS)), await at.mediator.get(REVIEW)]
    replies = {f"accepts_{n}": "no" for n in range(1, 1 + len(SCRIPTS))}
    replies |= {f"reply_{n}": text for n, text in enumerate(SCRIPTS, 1)}
    pages.append(await step(at.mediator, "reply", **replies))
    pages.append(await at.supervisor.get(REVIEW))
    for page in pages:
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "&lt;" in page.text
        assert "49" not in re.findall(r'class="said">([^<]*)<', page.text)
    for text in SCRIPTS:  # found and answered
        assert pages[-1].text.count(escape(text)) >= 2


async def test_nobody_else_gets_at_it(at: House) -> None:
    await answered(at)
    await step(at.supervisor, "hand_on")
    colleague = await signed_in(at.parts, at.nobody, "u-colleague", "何平", "mediator")
    assert (await colleague.get(REVIEW)).status == 404
    await colleague.get("/practice")
    assert (await step(colleague, "reply")).status == 404
    assert (await step(at.mediator, "close")).status == 404  # a supervisor's step
    assert (await step(at.supervisor, "reply")).status == 404  # the mediator's
    await at.parts.store.add_office(SECOND)
    for role in ("supervisor", "mediator"):
        stranger = await signed_in(at.parts, at.nobody, f"u-far-{role}", "外人", role, SECOND.id)
        assert (await stranger.get(REVIEW)).status == 404
        await stranger.get("/nowhere")
        assert (await stranger.post(REVIEW)).status in (403, 404)
        assert (await stranger.post(f"{REVIEW}/close")).status == 404
        assert (await stranger.post(f"{REVIEW}/draft", {"a.b": "c"})).status in (403, 404)


async def test_looking_at_it_is_a_look_at_the_record(at: House) -> None:
    await at.supervisor.get(REVIEW)
    entries = await at.parts.journal.read(session_stream("w-m3"))
    assert (entries[-1].type, entries[-1].actor.id, entries[-1].actor.office) == ("Viewed", "u-lin", OFFICE.id)


async def test_a_second_opinion_is_asked_and_given_on_its_page(at: House) -> None:
    await answered(at)
    page = await step(at.supervisor, "opinion", of="u-zhou", question="可以吗？")
    assert page.status == 422  # no supervisor
    page = await step(at.supervisor, "opinion", of="u-gu", question="这样写可以吗？")
    assert "w-m3" in (await at.second.get("/supervision")).text
    page = await at.second.get(REVIEW)
    assert "这样写可以吗？" in page.text
    page = await step(at.second, "opine", agrees="no", opinion="轻了些")
    assert "轻了些" in (await at.supervisor.get(REVIEW)).text


async def test_the_list_is_narrowed_by_stage(at: House) -> None:
    await answered(at)
    assert heading_of(await at.supervisor.get("/supervision/reviews")) == "One review"
    assert heading_of(await at.supervisor.get("/supervision/reviews?state=closed")) == "0 reviews"
    assert heading_of(await at.supervisor.get("/supervision/reviews?state=<script>")) == "One review"


async def test_keeping_a_training_case_is_the_mediators(at: House) -> None:
    await answered(at)
    await step(at.supervisor, "hand_on")
    await at.mediator.get(REVIEW)
    page = await step(at.mediator, "training", kept="yes", training_note="开场值得看")
    assert "开场值得看" in page.text
    assert "Keep one from a review" not in (await at.mediator.get("/practice")).text


async def test_an_entry_the_journal_points_to_is_a_tap_away_in_the_recording(at: House) -> None:
    stream = session_stream("w-m2")
    told = await at.parts.journal.read(stream)
    opened = next(entry.at for entry in told if entry.type == "SessionOpened")
    seat = next(seat["id"] for seat in told[0].data["seats"])
    sealed = SegmentSealed(seat, f"w-m2/{seat}/a.webm", "cd" * 32, 1000, opened, opened + timedelta(minutes=30))
    await at.parts.journal.append(stream, len(told), [event_draft(sealed, opened)])
    page = await at.supervisor.follow(await at.supervisor.post("/supervision/reviews/w-m2"))
    links = re.findall(r'href="([^"]+)" data-seek="([\d.]+)" data-ticks="(\w+-entry-\d+)"', page.text)
    assert links, page.text
    for address, second, box in links:
        assert f'id="{box}"' in page.text
        assert 0 <= float(second) <= 1800
        assert (await at.supervisor.get(address)).status == 200  # without script it is the record at that second
    assert page.text.count("data-unanswered") == 9


async def test_words_that_may_answer_an_item_are_offered_with_it_and_answer_nothing(at: House) -> None:
    state = await at.parts.rooms.state("w-m3")
    assert state.opened is not None
    mediator, consumer = state.mediator_seat, next(seat.id for seat in state.seats.values() if not seat.signs_in)
    said = [
        (mediator, "双方有权利随时退出，也可以去法院起诉"),
        (mediator, "有没有要申请回避的"),
        (mediator, "你们必须接受，不接受我们就查"),
        (consumer, "我知道我有权利申请回避"),
    ]
    begun = [state.opened + timedelta(minutes=n) for n in range(len(said))]
    lines = tuple(
        Line(f"l{n}", seat, begins, begins + timedelta(seconds=3), text)
        for n, ((seat, text), begins) in enumerate(zip(said, begun, strict=True))
    )
    await put_on_file(at.parts, Transcript("w-m3", MODEL, state.opened, lines))
    page = await at.supervisor.follow(await at.supervisor.post(REVIEW))

    def heard(item: str) -> str:
        part = page.text.partition(f'id="item-{item}"')[2].partition("</section>")[0]
        return part.partition('<div class="stack-s heard">')[2].partition("</div>")[0]

    assert "法院起诉" in heard("rights")
    assert "申请回避的" in heard("recusal")
    assert "words of pressure" in heard("balance")
    assert "我知道我有权利" not in page.text
    assert not heard("identity")
    assert len(re.findall("data-unanswered", page.text)) == 9  # nothing is answered by it
