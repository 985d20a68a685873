"""The quarter's report as a page, as a PDF that says the same, and as rows that name nobody."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from journal.refusals import Refused
from rooms.supervision import quarter_of
from rooms.supervision.reviewing import AnswerItem, HandOn, NoteFinding
from rooms.supervision.reviews import Evidence
from server.db.engine import Database
from server.db.journal import SqlJournal
from server.supervision.reports import ReportPrinter
from tests.server.db.history import Teller
from tests.server.db.readers import FIRST, LIN
from tests.server.documents.verapdf import refused
from tests.server.supervision.office import MONDAY, Bureau, bureau
from web.i18n import words_of
from web.office.supervision.plans import report_sheet, report_table

AT = (Evidence("entry", 3),)
EVIL = '<script>alert(1)</script> #panic("x") $x^2$ =HYPERLINK("http://x")'


@pytest.fixture
async def at_work(database: Database, journal: SqlJournal, tell: Teller) -> Bureau:
    found = await bureau(database, journal, tell)
    await found.week(12)
    await found.sign()
    period = (await found.planning.make([FIRST]))[FIRST.id]
    session = (await found.desk.plan(LIN, FIRST.id, period)).places[0].session.id
    await found.desk.open_review(LIN, session)
    review = (await found.desk.review(LIN, session)).review
    assert review is not None
    for item in review.left:
        await found.desk.ask(LIN, session, AnswerItem(item, "yes", "", AT))
    await found.desk.ask(LIN, session, NoteFinding("major", "rights", EVIL, AT, "补充告知"))
    await found.desk.ask(LIN, session, HandOn("总体规范"))
    return found


async def test_it_says_rule_seed_draws_findings_and_remedies_on_paper_too(at_work: Bureau) -> None:
    seen = await at_work.desk.report(LIN, FIRST.id, quarter_of(MONDAY.date()))
    assert seen.closed == 12
    assert [one.period for one in seen.plans] == ["2026-W48"]
    assert [one.text for one in seen.findings] == [EVIL]
    for language in ("zh", "en"):
        document = pypdfium2.PdfDocument(ReportPrinter().print(report_sheet(seen, words_of(language))))
        text = "".join(page.get_textpage().get_text_range() for page in document)
        flat = "".join(text.split()).replace("\u200b", "").replace("\ufffe", "")
        for said in ("2026-W48", seen.plans[0].seed, "补充告知", '#panic("x")', "<script>alert(1)</script>"):
            assert "".join(said.split()) in flat, (language, said)


@pytest.mark.verapdf
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the paper is made of the same report
async def test_on_paper_it_is_pdf_a_2a_and_pdf_ua_1_in_both_languages(at_work: Bureau, tmp_path: Path) -> None:
    seen = await at_work.desk.report(LIN, FIRST.id, quarter_of(MONDAY.date()))
    assert (
        refused(tmp_path, {one: ReportPrinter().print(report_sheet(seen, words_of(one))) for one in ("zh", "en")}) == []
    )


async def test_the_data_set_names_nobody_and_is_no_formula(at_work: Bureau) -> None:
    quarter = quarter_of(MONDAY.date())
    rows = await at_work.desk.data_set(LIN, FIRST.id, quarter)
    again = await at_work.desk.data_set(LIN, FIRST.id, quarter)
    assert len(rows) == 12
    assert {row["mediation"] for row in rows}.isdisjoint({row["mediation"] for row in again})  # leads nowhere
    text = report_table(rows)
    for name in ("u-zhou", "周敏", "丁小禾", "知遇桥", "东高一投", *(f"m{n}," for n in range(12))):
        assert name not in text
    read = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert sum(int(row["findings"]) for row in read) == 1
    assert not any(value.startswith(("=", "+", "-", "@")) for row in read for value in row.values())
    assert report_table([{"a": "=1+1"}]).splitlines()[1] == "'=1+1"


async def test_a_quarter_that_is_none_or_has_not_begun_has_no_report(at_work: Bureau) -> None:
    for quarter in ("2026-Q5", "<script>", quarter_of((MONDAY + timedelta(days=100)).date())):
        with pytest.raises(Refused):
            await at_work.desk.report(LIN, FIRST.id, quarter)
