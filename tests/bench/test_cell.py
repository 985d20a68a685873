"""Rooms on several nodes, and a province's complaints: the reports are of what was really there, and lines are laid
as they should be."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from server.app.demo import OFFICE
from server.app.rehearsal.command import PASSWORD, Venue, free_port
from tests.server.db.databases import create_postgres, postgres_server  # noqa: F401 - a fixture
from tests.tools.bench.cell import desk, province
from tests.tools.bench.cell.accounts import Account, between
from tests.tools.data.multiplied import multiply
from tests.tools.figures import Figures

OF_IT = "stream = 'complaint/' || complaints.id"
FIRST = "type = 'ComplaintRegistered'"
THEIRS = f"SELECT * FROM complaints JOIN events ON {OF_IT} WHERE complaints.id = sessions.complaint" + (
    " AND type = 'MediationScheduled' AND data->>'session' = sessions.id"
)
FACTS = "SELECT office, count(*) AS n FROM complaint_facts WHERE counted GROUP BY office"
SUMS = "SELECT office, sum(received) AS m FROM fact_sums WHERE level = 'm' AND dim = 'total' GROUP BY office"


def account(**said: float) -> Account:
    return Account(**({field.name: 0.0 for field in dataclasses.fields(Account)} | said))


def test_what_is_used_is_told_by_the_second_and_what_is_held_as_it_is() -> None:
    told = between(account(at=10, web=1.0, memory_web=5e6), account(at=12, web=2.0, memory_web=7e6, wal=4e3))
    assert told["web_cpu"] == 0.5
    assert told["web_mb"] == 7
    assert told["wal_kb_per_s"] == 2


def test_a_line_through_the_steps_says_what_a_room_adds_and_whether_the_last_costs_more() -> None:
    figures, names = Figures(), between(account(at=0), account(at=1)).keys()
    straight = [(rooms, dict.fromkeys(names, 1.0 + 0.5 * rooms)) for rooms in (0, 4, 8)]
    province.fit(figures, straight)
    assert figures.values["web_cpu_idle"] == 1
    assert figures.values["web_cpu_per_room"] == 0.5
    assert figures.values["web_cpu_r2"] == 1
    assert figures.values["web_cpu_off_line_share"] == 0
    assert figures.values["web_cpu_last_to_first_ratio"] == 1
    assert figures.values["web_cpu_ms_per_event"] == 1000
    province.fit(figures, [*straight[:2], (8, dict.fromkeys(names, 9.0))])
    assert figures.values["web_cpu_last_to_first_ratio"] == 2
    assert figures.values["web_cpu_off_line_share"] == 0.16  # 4/3 of the 25/3 that the line says of eight rooms


@pytest.mark.long
@pytest.mark.media
@pytest.mark.postgres
def test_rooms_on_two_nodes_talk_are_recorded_and_counted() -> None:
    report = province.measure(quick=True)
    figures = report["figures"]
    assert (figures["rooms"], figures["nodes"], figures["rooms_whole_share"]) == (2, 2, 1.0)
    assert [step["rooms"] for step in report["steps"]] == [0, 1, 2]
    for grows in ("web_cpu", "media_cpu", "events_per_s", "recorded_kb_per_s", "sent_kb_per_s", "media_mb"):
        assert figures[f"{grows}_per_room"] > 0, grows
    assert figures["full_delivered_share"] > 0.9
    assert 0 < figures["composition_core_s_per_s"] < 5


@pytest.mark.long
@pytest.mark.postgres
async def test_copies_of_an_offices_years_are_read_by_the_pages_as_their_own(
    postgres_server: URL,  # noqa: F811
    tmp_path: Path,
) -> None:
    url = create_postgres(postgres_server).render_as_string(hide_password=False)
    launch = desk.on_database(url, 300)
    venue = Venue(f"http://127.0.0.1:{free_port()}", tmp_path / "data", PASSWORD, tmp_path / "log", launch=launch)
    await venue.start()
    await desk.furnished(venue)
    await venue.stop()
    with desk.connected(url) as connection:
        before = connection.execute("SELECT count(*) FROM complaints").fetchone()
        assert before is not None
    made = multiply(url, 9 * before[0])
    assert made == 9 * before[0]
    with desk.connected(url) as connection:

        def number(query: str) -> int:
            row = connection.execute(query).fetchone()
            assert row is not None
            return int(row[0])

        assert number(f"SELECT count(*) FROM complaints WHERE office = '{OFFICE.id}'") == 3 * before[0]
        assert number("SELECT count(DISTINCT place) FROM complaints") == made
        assert number("SELECT count(*) FROM complaints JOIN complaint_words USING (place)") == made
        assert number("SELECT count(*) FROM complaints JOIN complaint_facts USING (id, office)") == made
        assert number(f"SELECT count(*) FROM events JOIN complaints ON {OF_IT} AND {FIRST}") == made
        assert number("SELECT count(*) FROM sessions") > 0
        assert number(f"SELECT count(*) FROM sessions WHERE NOT EXISTS ({THEIRS})") == 0
        # What is counted in advance is what there is, in every office.
        assert number(f"SELECT count(*) FROM ({FACTS}) f FULL JOIN ({SUMS}) s USING (office) WHERE n <> m") == 0
    await venue.start()
    try:
        figures = Figures()
        misses = await desk.pages(figures, venue, url, quick=True, most=0.0)
    finally:
        await venue.stop()
    assert figures.values["complaint_ms_p95"] > 0
    assert any(miss["path"] == "/supervision" for miss in misses)
