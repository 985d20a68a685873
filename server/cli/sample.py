"""`yuntiao sample complaints`: writes invented complaints as a clerk's export would have them."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from complaints.sample.samples import Sample


app = typer.Typer(no_args_is_help=True, help="Invented data to try, teach and measure with.")

# Heading → what stands under it. Those of a bureau's export first, in its order.
COLUMNS: Final = (
    "登记编号", "类型", "接收方式", "企业名称", "企业地址", "诉求内容", "问题类别", "事发地", "具体问题",
    "来源渠道", "登记时间", "标题", "投诉人姓名", "投诉人性别", "联系电话", "投诉人地址", "统一社会信用代码",
    "企业电话", "行业", "行业代码", "行政区划代码", "商品服务", "购买日期", "涉及金额", "诉求",
)  # fmt: skip


class FileForm(StrEnum):
    CSV = "csv"
    JSON = "json"


@app.callback()
def _group() -> None:
    """Keeps `complaints` a word of its own, for the samples still to come."""


@app.command()
def complaints(
    count: Annotated[int, typer.Argument(min=1, max=10_000_000, help="How many.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same complaints.")] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the two years; none: 2026-06-30.")
    ] = None,
    form: Annotated[
        FileForm, typer.Option("--format", help="Rows with headings, or one JSON object a line.")
    ] = FileForm.CSV,
    labels: Annotated[
        Path | None, typer.Option(help="Write here which numbers are one dispute: number,dispute a line.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; none: standard output.")] = None,
) -> None:
    """Invented complaints, day by day of receipt, UTF-8. A share of them tell the same dispute by another channel."""
    from complaints.sample.samples import LAST_DAY, samples

    with ExitStack() as open_files:
        to = open_files.enter_context(out.open("w", encoding="utf-8", newline="")) if out else sys.stdout
        known = open_files.enter_context(labels.open("w", encoding="utf-8", newline="")) if labels else None
        rows, told = csv.writer(to), csv.writer(known) if known else None
        if form is FileForm.CSV:
            rows.writerow(COLUMNS)
        if told:
            told.writerow(("number", "dispute"))
        for sample in itertools.islice(samples(count, seed, until.date() if until else LAST_DAY), count):
            if form is FileForm.CSV:
                rows.writerow(row(sample))
            else:
                to.write(json.dumps(dict(zip(COLUMNS, row(sample), strict=True)), ensure_ascii=False) + "\n")
            if told:
                told.writerow((sample.number, sample.dispute))


def row(sample: Sample) -> tuple[str, ...]:
    """In the order of COLUMNS."""
    from complaints.vocabulary import CHANNELS, MODES, PROBLEMS, REQUESTS, SEXES

    return (
        sample.number,
        "投诉",
        MODES[sample.mode][0],
        sample.business_name,
        sample.business_address,
        sample.facts,
        PROBLEMS[sample.problem][0],
        f"武汉市{sample.district}",
        sample.request,
        CHANNELS[sample.channel][0],
        f"{sample.received:%Y-%m-%d %H:%M:%S}",
        sample.title,
        sample.consumer_name,
        SEXES[sample.consumer_sex][0] if sample.consumer_sex else "",
        sample.consumer_phone,
        sample.consumer_address,
        sample.credit_code,
        sample.business_phone,
        sample.industry,
        sample.industry_code,
        sample.division,
        sample.bought_what,
        sample.bought.isoformat(),
        "" if sample.amount is None else f"{sample.amount:.2f}",
        "、".join(REQUESTS[request][0] for request in sample.requests),
    )
