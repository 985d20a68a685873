"""What installations ("cells") say to each other: documents of one version, in JSON, each signed by its sender's log
key.

Every request and every answer is one document (docs/cells.md, docs/cells.schema.json, both made of the classes here).
The signature stands in the header `X-Yuntiao-Signature`, `<key name> <base64(key id ‖ signature)>`, as in the log's
notes; what is signed is `yuntiao-cell/1`, a line feed, and the body's bytes. A document says to whom it is, so that
nobody can pass it on, and when it was signed; an answer names by its hash what it answers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from complaints.record import MOST
from complaints.record.changes import TOLD_BACK
from complaints.record.uploads import LARGEST
from journal import NoteBroken, canonical
from journal.notes import Signer, key_id, public_key_of, verifies

VERSION: Final = "yuntiao-cell/1"
SIGNATURE: Final = "X-Yuntiao-Signature"
MESSAGES: Final = "/api/cells/v1/messages"
FILES: Final = "/api/cells/v1/transfers/{transfer}/files/{sha256}"
MOST_BYTES: Final = 2 << 20  # of one document
MOST_COUNTED: Final = 1_000_000_000  # of one thing on one day
MOST_OF_FILES: Final = 200 << 20  # bytes of a transfer's files together

Short = Annotated[str, Field(max_length=500)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
TransferId = Annotated[str, Field(pattern=r"^[0-9a-z]{8,64}\.[0-9]{1,4}$")]
Count = Annotated[int, Field(ge=0, le=MOST_COUNTED)]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class Part(BaseModel):
    """What is unknown is refused: another version has another name."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _named(chinese: str, **more: Any) -> Any:
    """A field with its name in Chinese."""
    return Field(title=chinese, **more)


class PartyOut(Part):
    """A complainant or respondent, numbers in full."""

    name: Short = _named("姓名（经营者为联系人）", default="")
    organisation: Short = _named("经营者名称", default="")
    credit_code: Short = _named("统一社会信用代码", default="")
    phone: Short = _named("电话", default="")
    other_phone: Short = _named("其他电话", default="")
    email: Short = _named("电子邮箱", default="")
    city: Short = _named("所在城市", default="")
    address: Short = _named("地址", default="")
    sex: Short = _named("性别", default="")
    age_band: Short = _named("年龄段", default="")
    id_kind: Short = _named("证件类型", default="")
    id_number: Short = _named("证件号码", default="")
    detail: Short = _named("补充说明", default="")


class ProxyOut(Part):
    name: Short = _named("代理人姓名")
    phone: Short = _named("代理人电话", default="")
    relation: Short = _named("与投诉人的关系", default="")
    matters: Short = _named("代理事项", default="")
    powers: Short = _named("代理权限", default="")
    until: date | None = _named("授权截止日", default=None)
    guardian: bool = _named("是否监护人", default=False)
    consents: bool = _named("监护人是否同意处理个人信息", default=False)


class ObjectOut(Part):
    kind: Short = _named("商品或者服务", default="goods")
    category: Short = _named("类别", default="")
    name: Short = _named("名称", default="")
    brand: Short = _named("品牌", default="")
    model: Short = _named("型号", default="")
    quantity: Short = _named("数量", default="")
    paid: Decimal | None = _named("支付金额（元）", default=None)
    bought: date | None = _named("购买日期", default=None)
    order_number: Short = _named("订单号", default="")
    platform: Short = _named("电子商务平台", default="")
    shop: Short = _named("平台内店铺", default="")


class SourceOut(Part):
    channel: Short = _named("来源渠道")
    number: Short = _named("该渠道编号")


class RecordOut(Part):
    """The complaint as the sender has it on file."""

    number: Short = _named("移送机关登记编号")
    received: AwareDatetime = _named("移送机关收到时间")
    channel: Short = _named("来源渠道")
    title: Short = _named("事由")
    request: str = _named("诉求", max_length=2_000)
    facts: str = _named("事实", max_length=20_000)
    amount: Decimal | None = _named("争议金额（元）", default=None)
    consumer: PartyOut = _named("投诉人")
    business: PartyOut = _named("被投诉人")
    joint: tuple[PartyOut, ...] = _named("共同投诉人", default=(), max_length=200)
    representatives: tuple[Short, ...] = _named("代表人", default=(), max_length=2)
    proxy: ProxyOut | None = _named("代理人", default=None)
    object: ObjectOut = _named("商品或者服务", default=ObjectOut())
    requests: tuple[Short, ...] = _named("诉求类型", default=(), max_length=20)
    problem: Short = _named("问题描述", default="")
    problem_class: Short = _named("问题类别", default="")
    industry: Short = _named("行业", default="")
    industry_code: Short = _named("行业代码（GB/T 4754）", default="")
    division: Short = _named("行政区划代码（GB/T 2260）", default="")
    place: Short = _named("事发地", default="")
    urgency: tuple[Short, ...] = _named("紧急情形", default=(), max_length=10)
    secret: bool = _named("是否要求对被投诉人保密", default=False)
    wants_reply: bool = _named("是否要求回复", default=True)
    keywords: tuple[Short, ...] = _named("关键词", default=(), max_length=50)
    also_reports: bool = _named("是否同时举报", default=False)
    channel_due: Short = _named("渠道要求办结时间", default="")
    publicity: Short = _named("渠道公示标记", default="")
    sources: tuple[SourceOut, ...] = _named("其他编号", default=(), max_length=20)


class FileOut(Part):
    """Its bytes follow by `POST /api/cells/v1/transfers/<transfer>/files/<sha256>`."""

    name: Short = _named("文件名")
    sha256: Hash = _named("文件的SHA-256")
    size: int = _named("字节数", ge=1, le=LARGEST)
    about: Literal["evidence", "performance"] = _named("用途", default="evidence")
    by: Literal["", "consumer", "business"] = _named("提交人", default="")
    note: str = _named("说明", default="", max_length=2_000)


class StepOut(Part):
    """What the sender has done; `what` is one of `HISTORY`."""

    at: AwareDatetime = _named("时间")
    what: Short = _named("事项")
    text: str = _named("内容", default="", max_length=6_000)


HISTORY: Final = (
    "registered", "amended", "dispatched", "returned", "disputed", "settled", "order", "notice", "asked", "answered",
    "sent", "came_back",
)  # fmt: skip


class Document(Part):
    """What every document says first."""

    version: Literal["yuntiao-cell/1"] = _named("版本", default="yuntiao-cell/1")
    sender: Short = _named("发送方标识")
    to: Short = _named("接收方标识")
    at: AwareDatetime = _named("签署时间")
    answers: str = _named("所答复文书的SHA-256", default="", max_length=64)


class Hello(Document):
    kind: Literal["hello"] = _named("文书种类", default="hello")


class Welcome(Document):
    kind: Literal["welcome"] = _named("文书种类", default="welcome")
    office: Short = _named("接收单位")


class Transfer(Document):
    """A complaint is sent on (Order 121 Art 41)."""

    kind: Literal["transfer"] = _named("文书种类", default="transfer")
    transfer: TransferId = _named("移送标识")
    bureau: Short = _named("移送机关")
    reason: Short = _named("移送理由")
    record: RecordOut = _named("投诉登记")
    files: tuple[FileOut, ...] = _named("附件清单", default=(), max_length=MOST)
    history: tuple[StepOut, ...] = _named("办理经过", default=(), max_length=200)

    @property
    def digest(self) -> str:
        """Of what is sent, whenever it was signed: the same at every try."""
        return digest_of(self.model_dump(mode="json", exclude={"at"}))


class Receipt(Document):
    """It was taken in; once nothing is `missing` any more the transfer is done."""

    kind: Literal["receipt"] = _named("文书种类", default="receipt")
    transfer: TransferId = _named("移送标识")
    number: Short = _named("接收机关登记编号")
    taken: AwareDatetime = _named("接收时间")
    digest: Hash = _named("所接收文书的SHA-256")
    missing: tuple[Hash, ...] = _named("尚缺附件的SHA-256", default=(), max_length=MOST)


class Decline(Document):
    """It is not taken, for good. `code` is a word of the program, `field` what it is about."""

    kind: Literal["decline"] = _named("文书种类", default="decline")
    transfer: Short = _named("移送标识", default="")
    code: Short = _named("不予接收的原因代码")
    field: Short = _named("有关字段", default="")


class Report(Document):
    """What became of a complaint that was taken in."""

    kind: Literal["report"] = _named("文书种类", default="report")
    transfer: TransferId = _named("移送标识")
    sequence: int = _named("序号", ge=1, le=MOST_COUNTED)
    what: Literal["accepted", "refused", "settled", "ended", "withdrawn", "taken_back", "closed", "returned"] = _named(
        "办理情况"
    )
    when: AwareDatetime = _named("发生时间")
    text: str = _named("内容", default="", max_length=2_000)


class Noted(Document):
    kind: Literal["noted"] = _named("文书种类", default="noted")
    transfer: TransferId = _named("移送标识")
    sequence: int = _named("序号", ge=1, le=MOST_COUNTED)


class FiguresRequest(Document):
    """`known`: the hash of the newest edition the asker has."""

    kind: Literal["figures_request"] = _named("文书种类", default="figures_request")
    month: Month = _named("统计月份")
    known: str = _named("已有版次的SHA-256", default="", max_length=64)


class TallyOut(Part):
    """Of one statistic and day, above or below the fraction line. Days are what a median is made of."""

    day: date = _named("日期")
    statistic: Annotated[str, Field(max_length=60, pattern=r"^[a-z_]+@[0-9]+$")] = _named("指标及版本")
    part: Literal["top", "bottom"] = _named("分子或者分母", default="top")
    count: Count = _named("件数")
    total: Decimal = _named("合计", default=Decimal("0.00"), max_digits=18, decimal_places=2)
    days: dict[Annotated[str, Field(pattern=r"^-?[0-9]{1,5}$")], Count] = _named(
        "用时（天）分布", default={}, max_length=2_000, json_schema_extra={"additionalProperties": False}
    )


class Figures(Document):
    """Daily sums of a whole installation, nobody's data. `standard`: hash of the definitions they are counted by."""

    kind: Literal["figures"] = _named("文书种类", default="figures")
    month: Month = _named("统计月份")
    through: date = _named("统计截至日")
    standard: Hash = _named("统计口径的SHA-256")
    digest: Hash = _named("统计内容的SHA-256")
    rows: tuple[TallyOut, ...] = _named("逐日数据", max_length=20_000)


class Unchanged(Document):
    kind: Literal["unchanged"] = _named("文书种类", default="unchanged")
    month: Month = _named("统计月份")
    digest: Hash = _named("已有版次的SHA-256")


AnyDocument = Annotated[
    Hello | Welcome | Transfer | Receipt | Decline | Report | Noted | FiguresRequest | Figures | Unchanged,
    Field(discriminator="kind"),
]
DOCUMENTS: Final[TypeAdapter[Any]] = TypeAdapter(AnyDocument)


def schema() -> Mapping[str, Any]:
    """JSON Schema (2020-12) of every document."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": VERSION, **DOCUMENTS.json_schema()}
    assert set(Report.model_fields["what"].annotation.__args__) == set(TOLD_BACK)  # type: ignore[union-attr]
    return made


# ---------------------------------------------------------------- signing


def digest_of(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


class BadDocument(Exception):
    """`code`: "bad_signature", "schema" (with the `field`), "not_for_us", "stale", "other_answer"."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(f"{code} {field}".strip())
        self.code, self.field = code, field


class Unconfirmed(Exception):
    """It has to be tried again; why, in words that hold no secret. `away`: nobody answers at all."""

    def __init__(self, reason: str, away: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.away = reason, away


class Signed(NamedTuple):
    """A document's bytes as text, and what stands in the header."""

    text: str
    signature: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def sign(said: Document | str, signer: Signer) -> Signed:
    """A document; or the path a file is sent to. Blocks, as a signer may."""
    text = said if isinstance(said, str) else canonical(said.model_dump(mode="json"))
    made = key_id(signer.name, signer.public) + signer.sign(_message(text))
    return Signed(text, f"{signer.name} {base64.b64encode(made).decode()}")


_NAME: Final = re.compile(r"yuntiao/[0-9a-z-]{1,64}")


def is_name(text: str) -> bool:
    """Whether an installation's key may have this name."""
    return _NAME.fullmatch(text) is not None


def signer_of(signature: str) -> str:
    """The name of the key that is said to have signed; "" for what is no name."""
    name = signature.partition(" ")[0]
    return name if is_name(name) else ""


def check(signed: Signed, key: str) -> None:
    """BadDocument unless this public key, as it is published, signed it."""
    try:
        name, public = public_key_of(key)
        raw = base64.b64decode(signed.signature.partition(" ")[2], validate=True)
    except (NoteBroken, binascii.Error, ValueError):
        raise BadDocument("bad_signature") from None
    if signer_of(signed.signature) != name or raw[:4] != key_id(name, public):
        raise BadDocument("bad_signature")
    if not verifies(public, raw[4:], _message(signed.text)):
        raise BadDocument("bad_signature")


def read(signed: Signed, key: str, to: str) -> Document:
    """What this key signed to `to`. BadDocument."""
    check(signed, key)
    try:
        document: Document = DOCUMENTS.validate_json(signed.text)
    except ValidationError as fault:
        raise BadDocument("schema", ".".join(str(part) for part in fault.errors()[0]["loc"])[:200]) from None
    if document.to != to or document.sender != signer_of(signed.signature):
        raise BadDocument("not_for_us")
    return document


def _message(text: str) -> bytes:
    return f"{VERSION}\n{text}".encode()
