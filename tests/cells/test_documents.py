"""The contract between installations: one version, written down, and each document by its schema."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from journal.notes import Ed25519Signer, key_id, public_key
from server import cells as wire
from tests.tools import cells as tool

HEAD: dict[str, Any] = {
    "sender": "yuntiao/0000000000000001",
    "to": "yuntiao/0000000000000002",
    "at": datetime(2026, 6, 24, tzinfo=UTC),
}
SIGNER = Ed25519Signer(HEAD["sender"], bytes(range(32)))
KEY = public_key(SIGNER.name, SIGNER.public)
HASH = "0" * 64
WHEN = datetime(2026, 6, 24, 1, tzinfo=UTC)
RECORD = wire.RecordOut(
    number="武投〔2026〕0001号", received=WHEN, channel="12315", title="空调不制冷", request="退货", facts="不制冷",
    amount=Decimal("2360.00"), consumer=wire.PartyOut(name="丁小禾", phone="13800005076"),
    business=wire.PartyOut(organisation="黄冈凉风电器有限公司"),
    proxy=wire.ProxyOut(name="丁大禾", until=date(2026, 9, 1)), sources=(wire.SourceOut(channel="12315", number="1"),),
)  # fmt: skip
EXAMPLES: tuple[wire.Document, ...] = (
    wire.Hello(**HEAD),
    wire.Welcome(**HEAD, answers=HASH, office="黄冈中心"),
    wire.Transfer(
        **HEAD, transfer="0123456789abcdef.1", bureau="武汉市市场监督管理局", reason="住所地在黄冈", record=RECORD,
        files=(wire.FileOut(name="a.jpg", sha256=HASH, size=9),), history=(wire.StepOut(at=WHEN, what="registered"),),
    ),
    wire.Receipt(**HEAD, transfer="0123456789abcdef.1", number="1", taken=WHEN, digest=HASH, missing=(HASH,)),
    wire.Decline(**HEAD, code="schema", field="record"),
    wire.Report(**HEAD, transfer="0123456789abcdef.1", sequence=4, what="accepted", when=WHEN),
    wire.Noted(**HEAD, transfer="0123456789abcdef.1", sequence=4),
    wire.FiguresRequest(**HEAD, month="2026-06"),
    wire.Figures(
        **HEAD, month="2026-06", through=date(2026, 6, 23), standard=HASH, digest=HASH,
        rows=(wire.TallyOut(day=date(2026, 6, 2), statistic="received@1", count=3, days={"2": 3}),),
    ),
    wire.Unchanged(**HEAD, month="2026-06", digest=HASH),
)  # fmt: skip


def test_schema_and_tables_are_as_they_are_written() -> None:
    assert tool.SCHEMA.read_text(encoding="utf-8") == tool.schema_text(), "python -m tests.tools.cells"
    said = tool.PAGE.read_text(encoding="utf-8")
    assert tool.page_text(said) == said, "python -m tests.tools.cells"


def test_every_kind_has_an_example_and_every_field_a_name_in_chinese() -> None:
    assert {type(one) for one in EXAMPLES} == set(tool.KINDS)
    models: list[type[wire.Part]] = [*tool.KINDS, *tool.PARTS]
    for model in models:
        for name, field in model.model_fields.items():
            assert any("\u4e00" <= sign <= "\u9fff" for sign in field.title or ""), (model, name)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: str(one.kind))
def test_what_is_signed_fits_the_published_schema_and_reads_as_it_was(example: wire.Document) -> None:
    signed = wire.sign(example, SIGNER)
    assert wire.read(signed, KEY, HEAD["to"]) == example
    published, said = json.loads(tool.SCHEMA.read_text(encoding="utf-8")), json.loads(signed.text)
    fits = Draft202012Validator(published)
    assert list(fits.iter_errors(said)) == []
    for wrong in ({**said, "colour": "red"}, {**said, "version": "yuntiao-cell/2"}, {**said, "at": 7}):
        assert not fits.is_valid(wrong)
        with pytest.raises(wire.BadDocument) as no:
            wire.read(wire.sign(json.dumps(wrong), SIGNER), KEY, HEAD["to"])
        assert no.value.code == "schema"


def test_one_changed_byte_another_key_and_another_reader_are_found_out() -> None:
    signed = wire.sign(EXAMPLES[2], SIGNER)
    other = Ed25519Signer(SIGNER.name, bytes(32))
    for forged, key in (
        (signed._replace(text=signed.text.replace("丁小禾", "丁大禾")), KEY),
        (signed, public_key(other.name, other.public)),
        (wire.sign(EXAMPLES[2], other), KEY),
        (signed._replace(signature=signed.signature.partition(" ")[0]), KEY),
        (signed._replace(signature=""), KEY),
        (signed, "no key"),
    ):
        with pytest.raises(wire.BadDocument) as no:
            wire.read(forged, key, EXAMPLES[2].to)
        assert no.value.code == "bad_signature"
    with pytest.raises(wire.BadDocument) as no:
        wire.read(signed, KEY, "yuntiao/0000000000000003")
    assert no.value.code == "not_for_us"


def test_a_checkpoint_of_the_log_can_never_be_taken_for_a_document() -> None:
    body = "yuntiao/0000000000000001\n7\nAAAA\ntime 2026-06-24T00:00:00.000000Z\n"
    made = key_id(SIGNER.name, SIGNER.public) + SIGNER.sign(body.encode())  # as the log's notes are
    signed = wire.Signed(body, f"{SIGNER.name} {base64.b64encode(made).decode()}")
    with pytest.raises(wire.BadDocument) as no:
        wire.check(signed, KEY)
    assert no.value.code == "bad_signature"
    wire.check(wire.sign(body, SIGNER), KEY)


@pytest.mark.parametrize(
    "wrong", [{"days": {"x": 1}}, {"days": {"2": -1}}, {"count": 10**12}, {"total": "1E+400"}, {"total": "0.001"}]
)
def test_figures_that_cannot_be_counted_with_are_not_read(wrong: dict[str, Any]) -> None:
    figures = next(one for one in EXAMPLES if isinstance(one, wire.Figures))
    said = json.loads(wire.sign(figures, SIGNER).text)
    said["rows"][0] |= wrong
    with pytest.raises(wire.BadDocument) as no:
        wire.read(wire.sign(json.dumps(said), SIGNER), KEY, HEAD["to"])
    assert (no.value.code, no.value.field.split(".")[:3]) == ("schema", ["figures", "rows", "0"])


def test_a_transfer_has_one_hash_whenever_it_was_signed() -> None:
    made = EXAMPLES[2]
    assert isinstance(made, wire.Transfer)
    assert made.digest == made.model_copy(update={"at": WHEN}).digest
    assert made.digest != made.model_copy(update={"reason": "别的理由"}).digest
