"""Every route that serves a file, asked by every role of another office, by its guests and by nobody at all.

A route that is neither here nor seen to answer with a page fails the test: whoever adds one says whose its file is.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from offices import Officer
from recordings.files.object_store import LocalBlobs
from rooms.events import stream
from rooms.joining import consents
from rooms.supervision import quarter_of, week_of
from server.app.demo import OFFICE
from server.identity import digest, fresh_token
from tests.server.access import filed
from tests.server.access.filed import HELD, LIVE, MARK, Filing
from tests.server.access.test_isolation import ROLES, Site, built, now
from tests.server.app.office import SECOND, filing
from tests.server.documents.pdf import text_of
from tests.web.client import AiohttpClient, Answer, Browser, another
from web.http import cookies

SEES, CONDUCTS, HANDLES, VERIFIES, COMES, ADMINISTERS = (
    "supervisor", "who mediates", "mediator", "inspector", "consumer", "administrator"
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """`by`: who of the first office is given it, "" where this one has none. `ids`: each way to fill the path's places;
    what is left is taken from the site."""

    by: str
    ids: Sequence[Mapping[str, str]] = field(default_factory=lambda: ({},))
    marked: bool = False  # the file holds the mark


def of(session: str, **ids: str) -> Mapping[str, str]:
    return {"session": session, "exhibit": filed.FILM, "document": filed.DOCUMENT, **ids}


PIECES = [of(HELD, seat=filed.SEAT, file=name) for name in (filed.PIECE, filed.AWAY)]  # the second is archived
FILES: Final[Mapping[str, Served]] = {
    # A case's: nobody but its office's.
    "/audit/{session}/captions.vtt": Served(SEES, [of(HELD)]),
    "/audit/{session}/journal.json": Served(SEES, [of(HELD)]),
    "/audit/{session}/transcript.{form}": Served("", [of(HELD, form="vtt"), of(HELD, form="docx")]),  # none was made
    "/audit/{session}/recording.mp4": Served(SEES, [of(HELD)], marked=True),
    "/audit/{session}/tracks/{seat}/{file}": Served(SEES, PIECES, marked=True),
    "/audit/{session}/copy/{copy}.mp4": Served(SEES, [of(HELD, copy=filed.COPY)], marked=True),
    "/audit/{session}/exports/{export}.zip": Served(SEES, [of(HELD, export=filed.EXPORT)], marked=True),
    "/audit/{session}/exhibits/{exhibit}/{number}": Served(SEES, [of(HELD, number="1")], marked=True),
    "/sessions/{session}/documents/{document}": Served(SEES, [of(HELD)], marked=True),
    "/api/sessions/{session}/exhibits/{exhibit}/film": Served(CONDUCTS, [of(LIVE)], marked=True),
    "/api/sessions/{session}/exhibits/{exhibit}/pages/{page}": Served(CONDUCTS, [of(LIVE, page="1")], marked=True),
    "/api/room/exhibits/{exhibit}/film": Served(COMES, [of(LIVE)], marked=True),
    "/api/room/exhibits/{exhibit}/pages/{page}": Served(COMES, [of(LIVE, page="1")], marked=True),
    "/room/documents/{document}": Served(COMES, [of(LIVE)], marked=True),
    "/connections/{session}/report.csv": Served(ADMINISTERS, [of(HELD)]),
    "/connections/{session}/report.json": Served(ADMINISTERS, [of(HELD)]),
    "/sessions/{session}/seats/{seat}/qr.svg": Served(HANDLES),
    "/sessions/{session}/calendar.ics": Served(HANDLES),
    "/complaints/{complaint}/attachments/{attachment}": Served(HANDLES),
    "/complaints/{complaint}/notices/issued/{notice}": Served(HANDLES),
    "/leads/{lead}/files/{file}": Served(VERIFIES),
    "/leads/{lead}/register.pdf": Served(""),  # this lead came of a complaint, not of a report
    "/respondents/{respondent}/months.{ending}": Served(HANDLES),
    "/statistics/bureaus/{cell}/figures.csv": Served(""),  # no other installation is known
    "/statistics/bureaus/{cell}/figures.xlsx": Served(""),
    "/exchange/{connection}/differences.csv": Served(""),  # no platform is entered
    "/publicity/{publicity}/entries/{entry}/files/{file}": Served(""),  # nothing was counted
    "/focus/{hotspot}/weeks.{ending}": Served(""),  # nothing was looked at yet
    "/retention/appraisals/{list}/certificate": Served(SEES),
    "/casebook/cases/{case}/file.{form}": Served(""),  # it is nobody's before it is published
    "/supervision/plans/{unit}/{period}/draw.json": Served(SEES),
    "/supervision/reports/{unit}/{quarter}/data.csv": Served(SEES),
    "/supervision/reports/{unit}/{quarter}/report.pdf": Served(SEES),
}


# Figures and lists that every office has of its own: who may ask is given theirs, and no other office is named in it.
OWN: Final = {
    "/bulletins/{span}/{first}/bulletin.pdf",
    "/bulletins/{span}/{first}/chart.{ending}",
    "/bulletins/{span}/{first}/leaders.pdf",
    "/complaints/register.xlsx",
    "/consultations/register.xlsx",
    "/focus/charts/{chart}.{ending}",
    "/focus/spots.xlsx",
    "/oversight.xlsx",
    "/reports/register.pdf",
    "/reports/register.xlsx",
    "/statistics/bureaus.csv",
    "/statistics/bureaus.xlsx",
    "/statistics/cross.png",
    "/statistics/cross.xlsx",
    "/statistics/dashboard.png",
    "/statistics/dashboard.xlsx",
    "/statistics/figures.xlsx",
    "/statistics/mediation.png",
    "/statistics/mediation.xlsx",
    "/statistics/months.{ending}",
    "/statistics/offices.{ending}",
}
NAMING: Final = {"/bulletins/{span}/{first}/bulletin.pdf", "/oversight.xlsx"}  # of those, what says whose it is
# Published cases are every office's, and nobody's who is in none.
SHARED: Final = {"/roster/offices.csv", "/casebook/book/{year}/{form}", "/casebook/file.{form}"}
# Asked for without an account: a secret is the key, or a phone that confirmed a code at the public window.
BY_SECRET: Final = {
    "/c-file/{ticket}",
    "/calendar-feed/{token}.ics",  # `tests/server/rooms/test_calendar_feed.py`
    "/j/{secret}/mediation.ics",
    "/j/{secret}/qr.svg",
    "/follow/notices/{notice}/file",
}
# Of the asker's own link, and no other session can be named in it: `tests/server/rooms/test_apart_pages.py`.
OF_THE_LINK: Final = {"/join/apart/meeting.ics"}
# Of no office: what anybody may compare or read.
PUBLIC: Final = {
    "/log/checkpoint",
    "/log/key",
    "/metrics",
    "/public/bulletins/{span}/{first}/{scope}/bulletin.pdf",
    "/public/complaints/{publicity}/list.{ending}",
    "/public/warnings/{warning}/warning.pdf",
    "/static/{name}",
    "/verify-document/certificates",
}
# Pages and JSON that this site cannot show: they need a visit, a secret or an answer that nobody here has.
PAGES: Final = {
    "/exchange/{connection}",  # no platform is entered
    "/exchange/{connection}/files/{file}",
    "/sign-on/{provider}",  # no provider is connected
    "/sign-on/{provider}/back",
    "/statistics/bureaus/{cell}",  # no other installation is known
    "/help/{chapter}",
    "/screen/figures",
    "/alerts/socket",
    "/a/{secret}",
    "/answer",
    "/answer/code",
    "/api/openapi.json",
    "/api/receipts/{name}/{secret}",  # no carrier is connected
    "/api/room/signing/{text}",
    "/api/room/uploads/{upload}",
    "/api/sessions/{session}/signing/{text}",
    "/api/sessions/{session}/uploads/{upload}",
    "/api/v1/complaints",
    "/api/v1/complaints/{complaint}",
    "/api/v1/statistics",
    "/audit/{session}/exports/{export}.json",
    "/audit/{session}/recording.json",
    "/audit/{session}/transcript.json",
    "/c/{secret}",
    "/casebook/read/{case}",
    "/comment",
    "/comment/code",
    "/file/{step}",
    "/follow/alive",
    "/follow/notices/{notice}",
    "/follow/photos",
    "/follow/state",
    "/follow/withdraw",
    "/g/{secret}",
    "/join/wechat/back",  # there is no official account
    "/outbox/templates/{connection}/{template}",  # nor a provider with templates
    "/j/{secret}",
    "/j/{secret}/decline",
    "/j/{secret}/other-time",
    "/l/{secret}",
    "/log/growth/{entries}",
    "/o/{secret}",
    "/objection",
    "/objection/code",
    "/public/bulletins/{span}/{first}/{scope}",
    "/public/complaints/{publicity}",
    "/public/complaints/{publicity}/businesses/{entry}",
    "/publicity/{publicity}",
    "/publicity/{publicity}/entries/{entry}",
    "/public/warnings/{warning}",
    "/scim/v2/ResourceTypes",
    "/scim/v2/ResourceTypes/User",
    "/scim/v2/Schemas",
    "/scim/v2/Schemas/{schema}",
    "/scim/v2/ServiceProviderConfig",
    "/scim/v2/Users",
    "/scim/v2/Users/{user}",
    "/scim/v2/{rest}",
    "/q/{secret}",
    "/socket.io/",
    "/{way}/code",
}


@dataclass
class Files:
    """`people` of the first office by role; `strangers` are of another, or of none."""

    site: Site
    people: Mapping[str, Browser]
    strangers: Mapping[str, Browser]

    def filled(self, path: str, ids: Mapping[str, str]) -> str:
        day = now().astimezone(ZoneInfo(OFFICE.zone)).date()
        known = {"unit": OFFICE.id, "period": week_of(day), "quarter": quarter_of(day), "year": str(day.year)}
        known |= {"ending": "png", "version": consents.version(3), **self.site.ids, **ids}
        if "{text" in path or path.startswith(("/join/texts", "/texts")):
            known["kind"] = "notice"
        return re.sub(r"\{(\w+)\}", lambda part: known.get(part[1], "unknown"), path)

    def ways(self, path: str) -> Iterator[str]:
        """A file's own, or for a route that is no file's what there is here to fill it with."""
        fillings = FILES[path].ids if path in FILES else ({}, of(HELD), of(LIVE))
        for ids in fillings:
            yield self.filled(path, ids)


@pytest.fixture
async def files(tmp_path: Path, aiohttp_client: AiohttpClient) -> Files:
    (tmp_path / "store").mkdir()
    site = await built(tmp_path / "data", aiohttp_client, (tmp_path / "store").as_uri())
    lying = Filing(site.parts, site.mediator, f"{OFFICE.id}-supervisor", LocalBlobs(tmp_path / "store"))
    await lying.everything(now())
    people: dict[str, Browser] = {role: await site.officer(role, OFFICE.id) for role in ROLES}
    people |= {CONDUCTS: await signed_in(site, site.mediator.id)}
    people |= {COMES: await on_a_phone(site, await lying.device(site.mediator, LIVE, filed.SEAT))}
    strangers = {f"{role} elsewhere": await site.officer(role, SECOND.id) for role in ROLES}
    strangers |= {"nobody": await another(site.nobody)}
    other = Officer("other", "other", "外所", "mediator", SECOND, totp=False)
    complaint = await site.parts.desk.register(other, filing(now(), "138 0000 5077"))
    session = await site.parts.desk.schedule(other, complaint, now(), [])
    strangers |= {"a consumer elsewhere": await on_a_phone(site, await lying.device(other, session, "consumer"))}
    return Files(site, people, strangers)


async def signed_in(site: Site, account: str) -> Browser:
    token = fresh_token()
    await site.parts.store.add_session(digest(token), account, now(), now() + timedelta(hours=1))
    person = await another(site.nobody)
    person.sign_in(token)
    return person


async def on_a_phone(site: Site, device: str) -> Browser:
    person = await another(site.nobody)
    person.cookies[cookies.DEVICE] = device
    return person


def is_file(answer: Answer) -> bool:
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    page = kind in ("text/html", "application/json") and "Content-Disposition" not in answer.headers
    return answer.status == 200 and not page


def is_refused(answer: Answer) -> bool:
    door = answer.status == 303 and answer.location.startswith("/sign-in")
    return (door or answer.status in (401, 403, 404, 410)) and MARK not in answer.text


async def test_every_role_of_another_office_and_nobody_are_refused_every_file_of_a_case(files: Files) -> None:
    wrong = []
    for path, served in FILES.items():
        for way in files.ways(path):
            if served.by:
                own = await files.people[served.by].get(way)
                if not is_file(own) or served.marked is not (MARK in own.text):
                    wrong.append((served.by, way, own.status, "is not given it"))
            for who, stranger in files.strangers.items():
                answer = await stranger.get(way)
                if not is_refused(answer):
                    wrong.append((who, way, answer.status, "is not refused"))
    assert not wrong, "\n".join(map(str, wrong))


async def test_a_colleague_who_did_not_mediate_the_case_is_refused_every_way_to_its_record(files: Files) -> None:
    """Of the same office, and a mediator too: `rooms.record.rules` names neither."""
    kept = [(m, p) for m, p in files.site.access if p.startswith("/audit/{session}") and m in ("GET", "POST")]
    kept += [("GET", "/sessions/{session}/documents/{document}"), ("GET", "/api/sessions/{session}/signing/{text}")]
    assert len(kept) > 15
    colleague, mediator = files.people[HANDLES], files.people[CONDUCTS]
    before = len(await files.site.parts.journal.read(stream(HELD)))
    for method, path in kept:
        for way in files.ways(path) if path in FILES else [files.filled(path, of(HELD))]:
            answer = await (colleague.get(way) if method == "GET" else colleague.post(way, {"kind": "package"}))
            assert answer.status == 403, (method, way, answer.status)
            assert MARK not in answer.text
    assert len(await files.site.parts.journal.read(stream(HELD))) == before  # nothing was shown, nothing is noted
    assert HELD not in (await colleague.get("/audit")).text
    assert HELD in (await mediator.get("/audit")).text
    assert (await mediator.get(f"/audit/{HELD}")).status == 200


async def test_every_way_to_a_recording_is_in_its_journal(files: Files) -> None:
    """Who watches, copies or exports leaves an entry, by name, before the first byte."""
    mediator = files.people[CONDUCTS]
    for path in (one for one, served in FILES.items() if one.startswith("/audit/") and served.by):
        if "{copy}" in path:  # only whoever asked for a copy is given it
            continue
        for way in files.ways(path):
            before = len(await files.site.parts.journal.read(stream(HELD)))
            assert is_file(await mediator.get(way)), way
            new = (await files.site.parts.journal.read(stream(HELD)))[before:]
            seen = [(event.type, event.actor.id) for event in new]
            assert seen or path.endswith(("captions.vtt", "journal.json", "{file}")), way
            assert {who for _, who in seen} <= {files.site.mediator.id}
    told = [event.data["part"] for event in await files.site.parts.journal.read(stream(HELD)) if event.type == "Viewed"]
    assert {"record", "journal", "recording", "package", f"track:{filed.SEAT}", f"exhibit:{filed.FILM}"} <= set(told)


async def test_what_every_office_has_of_its_own_names_no_other_one_and_nobody_is_given_it(files: Files) -> None:
    wrong = []
    await files.people[SEES].get(f"/audit/{HELD}")  # for the list of who looked at what
    for path in sorted(OWN | SHARED):
        [way] = {*files.ways(path)}
        access = files.site.access["GET", path]
        for who, stranger in files.strangers.items():
            answer = await stranger.get(way)
            if who.partition(" ")[0] not in access.roles:
                if not is_refused(answer):
                    wrong.append((who, way, answer.status, "is not refused"))
            elif path in OWN and names_it(await words(stranger, way)):
                wrong.append((who, way, answer.status, "names the first office"))
            elif path in OWN and who.startswith(SEES) and path in NAMING:
                assert names_it(await words(files.people[SEES], way)), (way, "does not name its own")
    assert not wrong, "\n".join(map(str, wrong))


def names_it(text: str) -> bool:
    return OFFICE.name in text or OFFICE.number_prefix in text


async def words(person: Browser, path: str) -> str:
    """What stands in a workbook or a paper; nothing of a picture."""
    answer = await person.client.get(path, cookies=person.cookies, headers=person.headers, allow_redirects=False)
    body = await answer.read()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return unescape("".join(book.read(name).decode(errors="replace") for name in book.namelist()))
    return text_of(body) if body.startswith(b"%PDF") else body.decode(errors="replace")


async def test_without_its_secret_nobody_is_given_a_file_that_one_opens(files: Files) -> None:
    for path in sorted(BY_SECRET):
        for who, stranger in files.strangers.items():
            assert is_refused(await stranger.get(files.filled(path, {}))), (who, path)


async def test_every_route_that_serves_a_file_is_here(files: Files) -> None:
    """Failing, somebody added one: say here whose its file is, and who is given it."""
    unknown = []
    told = FILES.keys() | OWN | SHARED | BY_SECRET | OF_THE_LINK | PUBLIC | PAGES
    routes = {path: access for (method, path), access in files.site.access.items() if method == "GET"}
    for path, access in sorted(routes.items()):
        if path in told:
            continue
        people = [files.people[one] for one in access.roles or ROLES] if access.who == "officer" else []
        people += [files.people[CONDUCTS]] if access.who == "officer" else []
        people += [files.people[COMES], files.strangers["nobody"]] if access.who != "officer" else []
        answer = await shown(people, list(files.ways(path)))
        if "." in path.rpartition("/")[2] or (answer and is_file(answer)):
            unknown.append((path, "serves a file, and nothing says whose"))
        elif answer is None:
            unknown.append((path, "was not seen to answer with a page"))
    assert not unknown, "\n".join(map(str, unknown))
    assert told <= routes.keys(), told - routes.keys()


async def shown(people: Sequence[Browser], ways: Sequence[str]) -> Answer | None:
    """The first answer that somebody gets, one that only leads elsewhere after all others."""
    leads = None
    for person in people:
        for way in dict.fromkeys(ways):
            answer = await person.get(way)
            if answer.status == 200:
                return answer
            if answer.status == 303:
                leads = answer
    return leads
