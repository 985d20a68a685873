"""Files whose years are over go only by a list and two persons, on the real application, with a certificate."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pypdfium2
import pytest

from complaints.commands import Refuse
from complaints.events import drafted
from complaints.insight.publicity import (
    BusinessNamed,
    BusinessTold,
    EntryFigures,
    ObjectionAnswered,
    ObjectionFileAdded,
    ObjectionMade,
    ObjectionsOpened,
    PublicityBegun,
    PublicityEvent,
    PublicityPublished,
    stream as publicity_stream,
)
from complaints.insight.publicity_rules import fold as publicity_of
from complaints.record import AttachmentAdded
from complaints.service import ComplaintService
from journal.refusals import Refused
from recordings.files.encrypted_file_store import EncryptedFileStore
from server.app.demo import ADMINISTRATOR, MEDIATOR, SUPERVISOR
from server.complaints.attachments import AttachmentService
from server.complaints.service import _filing
from server.documents import NoticeStore
from server.retention.file_erasure import FileErasures
from tests.complaints.record.test_uploads import PDF
from tests.server.app.office import SECOND, filing
from tests.server.documents.verapdf import refused
from tests.server.oversight.test_approvals import (
    Place,
    place as place,  # a fixture
    yes,
)
from tests.web.client import Browser
from web.office.oversight import APPRAISALS, APPROVALS

LIST = "/retention/appraisals"


async def old_file(place: Place, years: float = 11) -> str:
    """A complaint with a file and a notice, refused so long ago."""
    at, zhou = datetime.now(UTC) - timedelta(days=years * 366), await place.officer(MEDIATOR)
    parts = place.parts
    then = ComplaintService(parts.journal, parts.complaints._sealer, lambda: at)
    complaint = await then.register(_filing(zhou, filing(at, "138 0000 5076")), zhou.actor)
    shelf = EncryptedFileStore(parts.settings.data / "attachments", parts.shelf.keys)
    await AttachmentService(then, shelf).add(zhou, complaint, "收据.pdf", PDF, "evidence", "")
    NoticeStore(parts.settings.data / "notices", parts.seal).put(complaint, "n1", b"%PDF-1.7")
    await then.submit(complaint, Refuse(1), zhou.actor)
    return complaint


def there(place: Place, complaint: str) -> bool:
    data = place.parts.settings.data
    found = {(data / folder / complaint).is_dir() for folder in ("attachments", "notices")}
    assert len(found) == 1, "all of a file or nothing"
    return found.pop()


async def listed(person: Browser, decisions: dict[str, str], reason: str = "鉴定小组意见：无继续保存价值") -> str:
    await person.get(LIST)
    answer = await person.post(
        LIST, {"reason": reason, **{f"file-{case}": decision for case, decision in decisions.items()}}
    )
    assert answer.status == 303, answer.text
    return answer.location


async def certificate(person: Browser, address: str) -> bytes:
    answer = await person.client.get(f"{address}/certificate", cookies=person.cookies)
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert unquote(answer.headers["Content-Disposition"]).startswith("attachment; filename*=UTF-8''案卷销毁清册 ")
    return await answer.read()


async def request_of(person: Browser, address: str) -> str:
    found = re.search(r'href="(/approvals/[0-9a-f]+)"', (await person.get(address)).text)
    assert found is not None
    return found[1]


async def test_a_list_and_two_persons_destroy_a_file_and_a_certificate_says_so(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    gone, kept, young = await old_file(place), await old_file(place), await old_file(place, years=9)
    assert await place.parts.erasures.look()
    assert there(place, gone), "nothing is destroyed by itself"
    page = (await admin.get(LIST)).text
    assert (gone in page, kept in page, young in page) == (True, True, False)
    address = await listed(admin, {gone: "destroy", kept: "keep"})
    assert there(place, gone), "a proposal destroys nothing"
    assert gone not in (await admin.get(LIST)).text, "it stands in a list that waits"
    asked = await request_of(admin, address)
    assert (await yes(admin, asked)).status == 409, "one person is not two"
    assert there(place, gone)
    assert "file by file" in (await supervisor.get(asked)).text
    assert (await yes(supervisor, asked)).status == 303
    assert (there(place, gone), there(place, kept)) == (False, True)
    assert place.parts.shelf.keys.state(gone) == "destroyed"
    assert kept not in (await admin.get(LIST)).text, "it is kept for ten more years"
    office = (await place.officer(ADMINISTRATOR)).office.id
    kinds = await place.kinds(f"appraisal/{office}")
    assert kinds == ["AppraisalListed", "FileDestroyed", "AppraisalCarriedOut"]
    chief, second = await place.officer(ADMINISTRATOR), await place.officer(SUPERVISOR)
    seen = (await supervisor.get(address)).text
    assert f"{second.name} agreed" in seen
    document = await certificate(supervisor, address)
    desk = place.nobody.client.server.app[APPRAISALS]  # type: ignore[attr-defined]
    elsewhere = replace(await place.officer(ADMINISTRATOR), office=SECOND)
    for asked_for in (desk.one, desk.certificate):
        with pytest.raises(Refused, match="not_found"):
            await asked_for(elsewhere, address.rpartition("/")[2])
    last = (await place.parts.journal.read(f"appraisal/{office}"))[-1]
    assert last.data["certificate"] == hashlib.sha256(document).hexdigest()
    text = re.sub(r"\s", "", "".join(
        one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(io.BytesIO(document))
    ))  # fmt: skip
    for said in ("案卷销毁清册", chief.name, second.name, "保管期限10年", "经鉴定继续保存", "鉴定小组意见"):
        assert said in text, said


async def objected(place: Place, id_: str, years: float, *, out: bool = True) -> None:
    """A publication to which a business objected with a file, and that went `out` so long ago."""
    at, lin = datetime.now(UTC) - timedelta(days=years * 366), await place.officer(SUPERVISOR)
    office, day = lin.office, at.date()
    begun = PublicityBegun(office.id, office.name, (office.id,), "month", day.replace(day=1), day, 5, 7)
    named = BusinessNamed(
        "b", "东湖健身有限公司", "91420100MA0DEM0142", EntryFigures(7, 2, {"contract": 7}), ("c1",), {}
    )
    file = AttachmentAdded("f1", "复核.pdf", "pdf", len(PDF), "0" * 64, "0" * 64, by="business")
    told: list[PublicityEvent] = [
        begun, named, ObjectionsOpened(), BusinessTold("b", day, "hand", note="送达"),
        ObjectionMade("b", "o1", "已经复核", "陈立", "letter"), ObjectionFileAdded("b", file),
    ]  # fmt: skip
    if out:
        told += [ObjectionAnswered("b", "o1", False, "有记录"), PublicityPublished(1, "0" * 64, "u", "陆督", "")]
    drafts = [drafted(event, at, lin.actor) for event in told]
    await place.parts.journal.append(publicity_stream(id_), 0, drafts)
    NoticeStore(place.parts.settings.data / "publicity", place.parts.seal).put(id_, "f1", PDF)


async def test_files_of_an_objection_go_as_those_of_complaints_do_and_what_was_decided_stays(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    await objected(place, "old", 11)
    await objected(place, "young", 9)
    await objected(place, "waits", 11, out=False)
    page = (await admin.get(f"{LIST}?lang=en")).text
    assert [f"file-{id_}" in page for id_ in ("old", "young", "waits")] == [True, False, False]
    assert "Files of objections to being published" in page
    address = await listed(admin, {"old": "destroy"})
    folder = place.parts.settings.data / "publicity"
    assert (folder / "old").is_dir()
    assert (await yes(supervisor, await request_of(admin, address))).status == 303
    assert sorted(one.name for one in folder.iterdir()) == ["waits", "young"]
    entries = await place.parts.journal.read(publicity_stream("old"))
    assert "复核.pdf" not in str([entry.data for entry in entries])
    state = publicity_of(entries)
    assert state is not None
    [entry] = state.standing
    assert (entry.files, entry.objections[0].made.text) == ((), "已经复核")
    text = re.sub(r"\s", "", "".join(
        one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(await certificate(supervisor, address))
    ))  # fmt: skip
    assert "公示异议材料以本机关统一密钥加封，无单独密钥，文件已删除" in text
    assert (await supervisor.get("/publicity/old")).status == 200


@pytest.mark.verapdf
async def test_the_certificate_is_pdf_a_and_pdf_ua(place: Place, tmp_path: Path) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    address = await listed(admin, {await old_file(place): "destroy", await old_file(place): "keep"})
    assert (await yes(supervisor, await request_of(admin, address))).status == 303
    assert refused(tmp_path, {"certificate": await certificate(admin, address)}) == []


async def test_a_no_destroys_nothing_and_the_file_is_due_again(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    complaint = await old_file(place)
    address = await listed(admin, {complaint: "destroy"})
    asked = await request_of(admin, address)
    await supervisor.get(asked)
    assert (await supervisor.post(f"{asked}/no", {"reason": "诉讼未了"})).status == 303
    assert there(place, complaint)
    assert complaint in (await admin.get(LIST)).text
    assert "nothing was destroyed" in (await admin.get(address)).text
    assert (await admin.get(f"{address}/certificate")).status == 404


async def test_what_happens_before_the_yes_keeps_the_file(place: Place) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    complaint, other = await old_file(place), await old_file(place)
    address = await listed(admin, {complaint: "destroy", other: "destroy"})
    zhou = await place.officer(MEDIATOR)
    await place.parts.attachments.add(zhou, complaint, "新材料.pdf", PDF, "evidence", "")
    assert (await yes(supervisor, await request_of(admin, address))).status == 303
    assert (there(place, complaint), there(place, other)) == (True, False)
    assert "something keeps it again" in (await admin.get(address)).text


async def test_what_a_crash_left_is_done_at_the_next_start_and_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, supervisor = await place.sign_in(ADMINISTRATOR), await place.sign_in(SUPERVISOR)
    first, second = await old_file(place), await old_file(place)
    address = await listed(admin, {first: "destroy", second: "destroy"})
    asked = await request_of(admin, address)
    destroy, done = FileErasures.destroy, list[object]()

    async def once(self: FileErasures, *given: object) -> object:
        if done:
            raise OSError("the machine went down")
        done.append(given)
        return await destroy(self, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(FileErasures, "destroy", once)
        assert (await yes(supervisor, asked)).status >= 500
    assert sorted([there(place, first), there(place, second)]) == [False, True]
    assert "being carried out" in (await admin.get(address)).text
    due = (await admin.get(LIST)).text
    assert "being carried out" in due
    assert not [file for file in (first, second) if file in due], "what was agreed to is not due again"
    await place.nobody.client.server.app[APPROVALS].catch_up()  # type: ignore[attr-defined]
    assert (there(place, first), there(place, second)) == (False, False)
    office = (await place.officer(ADMINISTRATOR)).office.id
    kinds = await place.kinds(f"appraisal/{office}")
    assert kinds == ["AppraisalListed", "FileDestroyed", "FileDestroyed", "AppraisalCarriedOut"]


async def test_a_list_names_due_files_of_ones_own_office_a_reason_and_no_mediator_draws_it(place: Place) -> None:
    admin, mediator = await place.sign_in(ADMINISTRATOR), await place.sign_in(MEDIATOR)
    young = await old_file(place, years=9)
    complaint = await old_file(place)
    await admin.get(LIST)
    for form in (
        {"reason": "鉴定", f"file-{young}": "destroy"},
        {"reason": " ", f"file-{complaint}": "destroy"},
        {"reason": "鉴定"},
        {"reason": "鉴" * 501, f"file-{complaint}": "destroy"},
    ):
        assert (await admin.post(LIST, form)).status == 422, form
    assert (await mediator.get(LIST)).status == 403
    desk = place.nobody.client.server.app[APPRAISALS]  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="not_found"):
        await desk.one(await place.officer(ADMINISTRATOR), "nowhere")
