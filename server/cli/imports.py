"""`yuntiao import`, `sample complaints` and `industries import`: tables that come in, and invented ones to try it with.

A channel's export becomes complaints; with --preview only what would become of it. A sample looks as a clerk's
export would. Industries are the official table, from the CSV an office has.
"""

from __future__ import annotations

import asyncio
import csv
import itertools
import json
import sys
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from server.cli.terminal import Data, Json, chosen, fail

if TYPE_CHECKING:
    from complaints.sample import Sample
    from server.imports.store import Batch
    from server.serving.settings import Settings


def take(
    file: Annotated[Path | None, typer.Argument(help="CSV or XLSX, as the channel exports it.")] = None,
    channel: Annotated[str, typer.Option(help="hotline, director, board, 12315 or petition.")] = "",
    office: Annotated[str, typer.Option(help="Id or short name of the office; none: the only one.")] = "",
    mapping: Annotated[Path | None, typer.Option(help="Mapping file; none: the office's own or the built-in.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would become of the first rows.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Read on in imports whose process died.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Import complaints. Exits 0 when every row was taken, updated or known, 1 when some were refused, 2 on a fault."""
    from complaints.channels import ChannelError
    from complaints.channels.mapping import IMPORTED, LONGEST_FILE, from_text

    if resume:
        _resumed(data, as_json)
    if file is None:
        fail("which file? or --resume")
    if channel not in IMPORTED:
        fail(f"no channel {channel}; there are {', '.join(IMPORTED)}")
    if not file.is_file():
        fail(f"no such file: {file}")
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    from complaints.channels import said
    from server.imports.offline import run

    settings = chosen({"data": data})
    try:
        own = from_text(_text(mapping, LONGEST_FILE + 1)) if mapping is not None else None
        report = asyncio.run(run(settings, file, channel, office, own, preview, _told))
    except ChannelError as no:
        fail(said(no.code, no.params))
    except (LookupError, OSError, UnicodeDecodeError) as fault:
        fail(str(fault.args[0]) if isinstance(fault, LookupError) else str(fault))
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for line in _lines(report):
            typer.echo(line)
    raise typer.Exit(1 if report["refused"] or report.get("error") else 0)


def _text(mapping: Path, most: int) -> str:
    """Read its first `most` characters. OSError, UnicodeDecodeError."""
    with mapping.open(encoding="utf-8-sig") as file:
        return file.read(most)


def _resumed(data: Path | None, as_json: bool) -> NoReturn:
    from server.imports.offline import resume

    try:
        reports = asyncio.run(resume(chosen({"data": data}), _told))
    except LookupError as fault:
        fail(str(fault.args[0]))
    if as_json:
        typer.echo(json.dumps(reports, ensure_ascii=False, indent=2))
    elif not reports:
        typer.echo("nothing was left unfinished")
    else:
        for line in (line for report in reports for line in _lines(report)):
            typer.echo(line)
    raise typer.Exit(1 if any(one["refused"] or one["error"] for one in reports) else 0)


def _told(batch: Batch) -> None:
    typer.echo(f"row {batch.last_row:,}: {batch.taken:,} taken, {batch.refused:,} refused so far", err=True)


def _lines(report: dict[str, Any]) -> list[str]:
    if "columns" in report:
        lines = [f"header in row {report['header_row']}"]
        lines += [f"  {name} -> {field}" for field, name in report["columns"].items()]
        lines += [f"  {name} -> below the facts" for name in report["kept"]]
        lines += [f"  {name} is not used" for name in report["unused"]]
    else:
        lines = [
            f"{report['taken']} taken, {report['updated']} updated, {report['duplicate']} known already, "
            f"{report['refused']} refused (batch {report['batch']})"
        ]
    for row in report["rows"]:
        if row["problems"]:
            lines.append(f"row {row['row']}: {'; '.join(row['problems'])}")
        elif "title" in row:
            dates = f"received {row['received']}, decide by {row['decide_by']}"
            lines.append(f"row {row['row']}: {dates}; {row['business']}: {row['title']}")
    if report.get("error"):
        lines.append(f"stopped: {report['error']}")
    return lines


MOST_BYTES: Final = 2 * 1024 * 1024

industries = typer.Typer(no_args_is_help=True, help="Industries of GB/T 4754-2017.")


@industries.callback()
def _industries_group() -> None:
    """Keeps `import` a word of its own."""


@industries.command("import")
def import_table(
    file: Annotated[Path, typer.Argument(help="CSV: code, name; UTF-8 or GB18030.")],
    data: Data = None,
) -> None:
    """Take over groups and classes from the official table, in place of an earlier one."""
    from complaints.record.industries import BadIndustryTable as BadTable
    from server.confinement import Declined, ReaderStopped
    from server.confinement.reader import read_now

    try:
        if file.stat().st_size > MOST_BYTES:
            fail(f"{file} has more than {MOST_BYTES} bytes: that is no table of industries")
        with file.open("rb") as opened:
            (frame,) = read_now("industries", opened).frames
    except OSError as fault:
        fail(str(fault))
    except Declined as no:
        fail(f"{file} is neither UTF-8 nor GB18030" if no.code == "encoding" else f"{file}: {BadTable(**no.params)}")
    except ReaderStopped:
        fail(f"{file}: reading it took more memory or time than any table of industries")
    table: dict[str, str] = json.loads(frame)
    asyncio.run(_take(chosen({"data": data}), table))
    typer.echo(f"{len(table)} industries")


async def _take(settings: Settings, table: dict[str, str]) -> None:
    from server.complaints.office_store import IndustryStore
    from server.db.engine import Database

    database = Database(settings.database)
    try:
        await database.migrate()
        await IndustryStore(database).replace(table)
    finally:
        await database.close()


samples = typer.Typer(no_args_is_help=True, help="Invented data to try, teach and measure with.")

# Heading → what stands under it. Those of a bureau's export first, in its order.
COLUMNS: Final = (
    "登记编号", "类型", "接收方式", "企业名称", "企业地址", "诉求内容", "问题类别", "事发地", "具体问题",
    "来源渠道", "登记时间", "标题", "投诉人姓名", "投诉人性别", "联系电话", "投诉人地址", "统一社会信用代码",
    "企业电话", "行业", "行业代码", "行政区划代码", "商品服务", "购买日期", "涉及金额", "诉求",
)  # fmt: skip


class FileForm(StrEnum):
    CSV = "csv"
    JSON = "json"


@samples.callback()
def _sample_group() -> None:
    """Keeps `complaints` a word of its own, for the samples still to come."""


@samples.command()
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
    from complaints.sample import LAST_DAY, samples

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
    from complaints import CHANNELS, MODES, PROBLEMS, REQUESTS, SEXES

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
