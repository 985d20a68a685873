"""Asynchronous mediation in a package: that nobody met, who came when and what was said; no offer, and both agree."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from rooms import events as e
from rooms.vocabulary import Side
from tests.recordings.evidence.log import WHEN
from tests.recordings.evidence.told import OFFICER, Story
from tests.recordings.evidence.verifiers import judged_bytes

C, B = ("party", "c", "张女士", "", ""), ("party", "b", "周经理", "", "")
UNTIL = WHEN + timedelta(days=7)
SECRETS = ("其实修好也行", "退一千七百五，送滤芯", "1751.93")
SAID = "锅炉装上第三天就漏水"
APART = (
    (e.Left("c"), OFFICER),
    (e.Left("b"), OFFICER),
    (e.ApartBegun(UNTIL, UNTIL + timedelta(days=7)), OFFICER),
    (e.Visited("c"), C),
    (e.RightsRead("c"), C),
    (e.Said("c", SAID), C),
    (e.Confided("c", SECRETS[0], "m", 0, ("m", "c")), C),
    (e.WordSent("b", "nudge", "f" * 32), OFFICER),
    (e.Visited("b"), B),
    (e.RightsRead("b"), B),
    (e.OfferPut(1, SECRETS[1], Decimal("1751.93"), (Side.CONSUMER,), 1), OFFICER),
    (e.OfferAnswered(1, Side.CONSUMER, "c", True), C),
    (e.OfferTakenBack(1), OFFICER),
    (e.EndMoved(UNTIL + timedelta(days=2), UNTIL + timedelta(days=9)), OFFICER),
    (e.MeetingCalled(UNTIL), OFFICER),
    (e.RoomOpened(), OFFICER),
)


def story() -> Story:
    return Story(before_recording=APART)


def test_a_package_tells_how_it_was_held_and_nothing_that_was_offered(tmp_path: Path) -> None:
    made = story()
    packed = made.bytes()
    for secret in SECRETS:
        assert secret.encode() not in packed
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        journal = archive.read("journal/session.jsonl").decode()
    assert SAID in journal
    assert all(f'"type":"{type(event).__name__}"' in journal for event, _ in APART)
    report = judged_bytes(packed, tmp_path, made.log.key.public).here
    assert report.verdict == "holds"
    assert (report.withheld, report.erased) == (4, 0)
