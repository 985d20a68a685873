"""What a platform that complaints come from and this installation say to each other: our own schema, version 1.

Every request and every answer is one JSON document, signed as other systems' requests are (`server.outbox.service`):
HMAC-SHA256 over the time of sending and the body's bytes, under a secret both know. docs/exchange.schema.json is made
of the classes here. Rows of a platform with a mapping of its own have that mapping's columns instead of our members
(`complaints.channels.platforms`); the documents around them are the same.

Within a version members are only added, and whoever receives passes over what they do not know; what would mean
something else gets version 2 and another address.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from complaints import AGES, MODES, PROBLEMS, REQUESTS, SEXES, STATUSES
from complaints.exchange import STAGES

VERSION: Final = "yuntiao-exchange/1.0"
PATH: Final = "/api/exchange/v1/{connection}"
MOST_BYTES: Final = 1 << 20  # of a request
MOST_ANSWERED: Final = 16 << 20  # of an answer: a period's complaints
MOST_ROWS: Final = 200  # of a request
MOST_COUNTED: Final = 100_000

Text = Annotated[str, Field(max_length=500)]
Long = Annotated[str, Field(max_length=20_000)]
Number = Annotated[str, Field(min_length=1, max_length=80)]
Scalar = str | int | float | bool | None
Row = Mapping[str, Scalar]


class Part(BaseModel):
    """What is not known is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _named(chinese: str, **more: Any) -> Any:
    """A field with its name in Chinese."""
    return Field(title=chinese, **more)


def _one_of(words: Mapping[str, Any]) -> dict[str, Any]:
    return {"enum": [word for word in words if word]}


class ComplaintRow(Part):
    """A complaint as its platform has it. Only `number` and `facts` are needed."""

    number: Number = _named("平台编号")
    kind: Text = _named("类型", default="complaint", json_schema_extra={"examples": ["complaint", "report", "both"]})
    received: AwareDatetime | date | None = _named("接收时间", default=None)
    title: Text = _named("标题", default="")
    facts: Long = _named("事实")
    request: Long = _named("诉求", default="")
    requests: Text = _named("诉求类型（顿号分隔）", default="", json_schema_extra={"examples": list(REQUESTS)})
    amount: Text | float | None = _named("争议金额（元）", default=None)
    consumer_name: Text = _named("投诉人姓名", default="")
    consumer_phone: Text = _named("投诉人电话", default="")
    consumer_address: Text = _named("投诉人地址", default="")
    consumer_email: Text = _named("投诉人电子邮箱", default="")
    consumer_sex: Text = _named("投诉人性别", default="", json_schema_extra=_one_of(SEXES) | {"default": ""})
    consumer_age_band: Text = _named(
        "投诉人年龄段", default="", json_schema_extra={"examples": [one for one in AGES if one]}
    )
    business_name: Text = _named("被投诉经营者", default="")
    business_contact: Text = _named("经营者联系人", default="")
    business_phone: Text = _named("经营者电话", default="")
    business_address: Text = _named("经营者地址", default="")
    credit_code: Text = _named("统一社会信用代码", default="")
    industry: Text = _named("行业", default="")
    industry_code: Text = _named("行业代码（GB/T 4754）", default="")
    problem: Text = _named("具体问题", default="")
    problem_class: Text = _named("问题类别", default="", json_schema_extra={"examples": list(PROBLEMS)})
    division: Text = _named("行政区划代码（GB/T 2260）", default="")
    place: Text = _named("事发地", default="")
    mode: Text = _named("接收方式", default="", json_schema_extra={"examples": list(MODES)})
    keywords: Text = _named("关键词", default="")
    urgency: Text = _named("紧急情形", default="")
    secret: bool | Text | None = _named("是否要求对被投诉人保密", default=None)
    wants_reply: bool | Text | None = _named("是否要求回复", default=None)
    object_kind: Text = _named("商品或者服务", default="", json_schema_extra={"examples": ["goods", "service"]})
    object_category: Text = _named("商品或者服务类别", default="")
    object_name: Text = _named("商品或者服务名称", default="")
    object_brand: Text = _named("品牌", default="")
    object_model: Text = _named("型号", default="")
    object_quantity: Text | float = _named("数量", default="")
    object_paid: Text | float | None = _named("支付金额（元）", default=None)
    object_bought: date | Text | None = _named("购买日期", default=None)
    object_order_number: Text = _named("订单号", default="")
    object_platform: Text = _named("电子商务平台", default="")
    object_shop: Text = _named("平台内店铺", default="")
    status: Text = _named("平台上的办理状态", default="", json_schema_extra={"examples": list(STATUSES)})
    sign_due: Text = _named("签收时限（时刻、日期或者“1个工作日”）", default="")
    feedback_due: Text = _named("反馈时限", default="")
    finish_due: Text = _named("办结时限", default="")
    settle_due: Text = _named("先行和解期限；有此项即处于先行和解环节", default="")


class IntakeReceipt(Part):
    """Of one row that was sent to us: the same for the same content, however often it is sent. `version` counts what
    was said differently of the number."""

    number: str = _named("平台编号")
    outcome: Literal["taken", "again", "updated", "noted", "apart", "refused"] = _named("结果")
    receipt: str = _named("回执编号")
    version: int = _named("该编号的第几版", default=1)
    taken: AwareDatetime = _named("接收时间")
    own_number: str = _named("本机关登记编号", default="")
    problems: tuple[str, ...] = _named("未能接收或者需要核对的原因", default=())


class ProgressRow(Part):
    """What became of a complaint. `sequence` counts from 1 for each number; the same is never said differently."""

    number: Number = _named("平台编号")
    sequence: int = _named("序号", ge=1)
    stage: str = _named("办理环节", json_schema_extra={"enum": list(STAGES)})
    at: AwareDatetime = _named("办理时间")
    own_number: Text = _named("本机关登记编号", default="")
    office: Text = _named("处理机构", default="")
    department: Text = _named("处理部门", default="")
    feedback: Long = _named("反馈内容", default="")
    recovered: Text = _named("挽回经济损失（元）", default="")


class ReceiptRow(Part):
    """A platform's receipt for one `progress` row: `accepted` false is for good, and `why` says the reason."""

    number: Number = _named("平台编号")
    sequence: int = _named("序号", ge=1)
    accepted: bool = _named("是否接收")
    receipt: Annotated[str, Field(max_length=200)] = _named("回执编号", default="")
    why: Text = _named("不予接收的原因", default="")


class CountRow(Part):
    number: Number = _named("平台编号")
    stage: str = _named("办理环节", json_schema_extra={"enum": list(STAGES)})


class Document(Part):
    """What every document says first."""

    version: str = _named(
        "版本", pattern=r"^yuntiao-exchange/1\.[0-9]{1,3}$", json_schema_extra={"examples": [VERSION]}
    )
    at: AwareDatetime = _named("发送时间")
    answers: str = _named("所答复文书正文的SHA-256", default="", max_length=64)


class Hello(Document):
    """Whether the other side answers, knows the secret and has the right time."""

    kind: Literal["hello"] = _named("文书种类", default="hello")


class Welcome(Document):
    kind: Literal["welcome"] = _named("文书种类", default="welcome")
    name: Text = _named("应答方", default="")


class Complaints(Document):
    kind: Literal["complaints"] = _named("文书种类", default="complaints")
    rows: tuple[dict[str, Scalar], ...] = _named("投诉", min_length=1, max_length=MOST_ROWS)


class Taken(Document):
    kind: Literal["taken"] = _named("文书种类", default="taken")
    rows: tuple[IntakeReceipt, ...] = _named("回执")


class Progress(Document):
    kind: Literal["progress"] = _named("文书种类", default="progress")
    rows: tuple[dict[str, Scalar], ...] = _named("办理进展", min_length=1, max_length=MOST_ROWS)


class Receipts(Document):
    kind: Literal["receipts"] = _named("文书种类", default="receipts")
    rows: tuple[dict[str, Scalar], ...] = _named("回执", max_length=MOST_ROWS)


class Noted(Document):
    """It came in. As the answer to `progress`: receipts follow in a request of their own."""

    kind: Literal["noted"] = _named("文书种类", default="noted")
    unknown: tuple[str, ...] = _named("没有对应记录的平台编号", default=())


class CountsRequest(Document):
    """Complaints received in these days."""

    kind: Literal["counts_request"] = _named("文书种类", default="counts_request")
    first: date = _named("起始日")
    last: date = _named("截止日")


class Counts(Document):
    kind: Literal["counts"] = _named("文书种类", default="counts")
    first: date = _named("起始日")
    last: date = _named("截止日")
    rows: tuple[dict[str, Scalar], ...] = _named("各投诉所处环节", max_length=MOST_COUNTED)


class Refusal(Document):
    """It cannot be taken, for good: the same once more is refused again."""

    kind: Literal["refusal"] = _named("文书种类", default="refusal")
    code: Text = _named("原因代码")
    text: Text = _named("原因", default="")


AnyDocument = Annotated[
    Hello | Welcome | Complaints | Taken | Progress | Receipts | Noted | CountsRequest | Counts | Refusal,
    Field(discriminator="kind"),
]
_READER: Final[TypeAdapter[Any]] = TypeAdapter(AnyDocument)
_ROWS: Final[tuple[type[Part], ...]] = (ComplaintRow, ProgressRow, ReceiptRow, CountRow)
_ROW_OF: Final = {
    "Complaints": "ComplaintRow",
    "Progress": "ProgressRow",
    "Receipts": "ReceiptRow",
    "Counts": "CountRow",
}


class BadDocument(Exception):
    """`code`: "bad_document" | "bad_version"; `where` in it."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} {where}".strip())
        self.code, self.where = code, where


def read(body: bytes) -> Document:
    """BadDocument."""
    try:
        found: Document = _READER.validate_json(body)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadDocument("bad_version" if where.endswith("version") else "bad_document", where) from None
    return found


def text_of(document: Document) -> str:
    return document.model_dump_json()


def digest_of(row: Row) -> str:
    """Of what was said: members in any order, empty ones left out."""
    said = {str(name): value for name, value in sorted(row.items()) if value not in (None, "")}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def schema() -> dict[str, Any]:
    """JSON Schema of version 1, rows with our own members."""
    made = _READER.json_schema(ref_template="#/$defs/{model}")
    for name, shape in made["$defs"].items():
        if "kind" in shape["properties"] and name not in ("IntakeReceipt",):
            shape["required"] = ["kind", *shape["required"]]
    for row in _ROWS:
        shape = row.model_json_schema(ref_template="#/$defs/{model}")
        made["$defs"][row.__name__] = {name: part for name, part in shape.items() if name != "$defs"}
    for name, of in _ROW_OF.items():
        made["$defs"][name]["properties"]["rows"]["items"] = {"$ref": f"#/$defs/{of}"}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": VERSION, "title": VERSION}
    return {**head, **made}


def head(now: datetime, answered: bytes = b"") -> dict[str, Any]:
    """What a document says first. `answered`: the body of the request it answers."""
    return {"version": VERSION, "at": now, "answers": hashlib.sha256(answered).hexdigest() if answered else ""}
