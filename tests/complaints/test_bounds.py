"""No text gets past the gate without a bound, and what reads texts reads no further than that bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from complaints import TooLong, commands as c, procedure as p
from complaints.commands import RIGHTS
from complaints.decisions import decide
from complaints.duplicates import FiledComplaint, Particulars, hints, likely
from complaints.events import plain
from complaints.likeness import LONGEST_COMPARED
from complaints.record import ObjectRecord, PartyRecord, Proxy, SourceNumber
from complaints.record.rules import LONGEST_OTHER, MOST_ITEMS, check_registration
from complaints.state import Complaint
from complaints.triage import Submission, triage
from complaints.triage.learned import LONGEST_TEXT as TRIAGED
from journal.refusals import LONGEST_TEXT, MOST_OF_EVENT, DomainError
from law.catalogue import Days
from law.library import library
from law.search import LONGEST_ACCOUNT, suggest
from tests.complaints.test_complaint import AT, RECORD, after, closed, scheduled
from tests.journal.longer import HUGE, texts

NOW = datetime(2026, 6, 24, 1, tzinfo=UTC)


def texts_of(kind: type[Any]) -> list[str]:
    return [one.name for one in fields(kind) if one.type == "str"]


@pytest.mark.parametrize("name", texts_of(type(RECORD)))
def test_no_text_of_a_complaint_is_longer_than_its_bound_wherever_it_comes_from(name: str) -> None:
    with pytest.raises(DomainError):
        check_registration(replace(RECORD, **{name: HUGE}))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [PartyRecord, ObjectRecord, Proxy, SourceNumber])
def test_nor_one_of_its_people_and_things(kind: type[Any]) -> None:
    parts: dict[type[Any], Callable[[Any], Any]] = {
        PartyRecord: lambda part: replace(RECORD, joint=(part,)),
        ObjectRecord: lambda part: replace(RECORD, object=part),
        Proxy: lambda part: replace(RECORD, proxy=part),
        SourceNumber: lambda part: replace(RECORD, sources=(part,)),
    }
    whole: Any = {PartyRecord: RECORD.consumer, ObjectRecord: RECORD.object, Proxy: Proxy("代")}.get(
        kind, SourceNumber("12315", "1")
    )
    for name in texts_of(kind):
        with pytest.raises(DomainError):
            check_registration(parts[kind](replace(whole, **{name: "长" * (LONGEST_OTHER + 1)})))


@pytest.mark.parametrize("name", ["keywords", "representatives", "sources"])
def test_nor_are_there_more_than_so_many_of_anything(name: str) -> None:
    one = SourceNumber("12315", "1") if name == "sources" else "词"
    with pytest.raises(TooLong):
        check_registration(replace(RECORD, **{name: (one,) * (MOST_ITEMS + 1)}))  # type: ignore[arg-type]


STATES: dict[str, Complaint] = {
    "registered": after(c.Register(RECORD)),
    "accepted": after(c.Register(RECORD), c.Accept()),
    "disputed": after(c.Register(RECORD), p.RaiseCompetence("二所", "经营地")),
    "mediating": after(c.Register(RECORD), c.Accept(), scheduled()),
    "ended": after(c.Register(RECORD), c.Accept(), scheduled(), closed("ended")),
    "refused": after(c.Register(RECORD), c.Refuse(1)),
}


@pytest.mark.parametrize("command", [kind for kind in RIGHTS if kind is not c.Register], ids=lambda kind: kind.__name__)
def test_no_command_leads_to_a_text_beyond_its_bound(command: type[Any]) -> None:
    for state in STATES.values():
        try:
            events = decide(made(command), state, AT)
        except DomainError:
            continue
        for event in events:
            lengths = list(map(len, texts(plain(event))))
            assert max(lengths, default=0) <= LONGEST_TEXT, type(event).__name__
            assert sum(lengths) <= MOST_OF_EVENT, type(event).__name__


def made(kind: Any) -> Any:
    """One with the longest of everything."""
    if get_origin(kind) in (Union, type(int | None)):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is tuple:
        return (made(get_args(kind)[0]),)
    if get_origin(kind) is dict:
        return {"facts": made(get_args(kind)[1])}
    if get_origin(kind) in (set, frozenset):
        return frozenset({made(get_args(kind)[0])})
    if is_dataclass(kind) and isinstance(kind, type):
        hints_ = get_type_hints(kind, localns={"ComplaintRegistered": type(RECORD)})
        return kind(**{one.name: made(hints_[one.name]) for one in fields(kind)})
    plain_values = {str: HUGE, int: 1, bool: True, Decimal: Decimal(1), datetime: NOW, date: NOW.date(), float: 1.0}
    return plain_values.get(kind, HUGE)


# ---------------------------------------------------------------- what is read of a text

NASTY = ("退", "退款", "假一赔三", "要求退款", "健身房", "店", "refundx", "a", "年", "武汉市洪山区", "\n", "，")


@pytest.mark.parametrize("nasty", NASTY)
def test_triage_reads_no_further_than_its_bound(nasty: str) -> None:
    text = (nasty * 20_000)[:TRIAGED]
    assert triage(Submission(facts=text)) == triage(Submission(facts=text + "要求赔偿，武汉市江岸区健身房停业" * 900))


def test_suggestions_of_law_read_no_further_than_theirs_and_tell_no_more_words_than_so_many() -> None:
    shelf, days = library(), Days.both(date(2026, 6, 24))
    text = "退款" * (LONGEST_ACCOUNT // 2)
    assert suggest(shelf, text, "", "", days) == suggest(shelf, text + "假一赔三" * 9_000, "", "", days)
    endless = " ".join(f"refund{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}" for n in range(600))
    assert all(len(one.why) < 40 for one in suggest(shelf, endless, "", "", days))


def test_duplicates_compare_no_more_of_an_account_than_so_many_characters() -> None:
    def told(text: str) -> Particulars:
        return Particulars("p", "李", "c", "某店", Decimal(10), NOW, text)

    text = "".join(chr(0x4E00 + n) for n in range(LONGEST_COMPARED))
    assert told(text).shingles == told(text + "别的话" * 6_000).shingles


def _cost(work: Callable[[], object]) -> float:
    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return min(once() for _ in range(3))


@pytest.mark.parametrize("nasty", NASTY)
def test_what_pages_do_with_the_longest_texts_is_a_moments_work(nasty: str) -> None:
    """They do it in the web process; it was 2.5 s for suggestions and a second for duplicates."""
    shelf, days, text = library(), Days.both(date(2026, 6, 24)), (nasty * 20_000)[:20_000]
    suggest(shelf, "先热身", "", "", days)
    triage(Submission(title="先热身"))
    assert _cost(lambda: suggest(shelf, text, "contract", "R8930", days)) < 0.1
    assert _cost(lambda: triage(Submission(title=text[:120], request=text[:2_000], facts=text))) < 0.1

    def alike() -> None:
        # As many as `server.complaints.listing_store` reads.
        new, *others = (Particulars("p", "李", "c", "某店", Decimal(10), NOW, f"{n}{text}") for n in range(301))
        known = [FiledComplaint(str(n), "", "accepted", "contract", one) for n, one in enumerate(others)]
        likely(new, [(one.id, one.of) for one in known])
        hints(new, "contract", known)

    assert _cost(alike) < 0.3
