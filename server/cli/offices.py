"""`yuntiao offices` and `map take`: the offices of the bureau, which divisions each answers for, and its map of them.

A new office gets its first administrator, whose password is printed once. What is changed stands in the journal,
where the pages' changes stand, under the machine's account. A map is GeoJSON, for the dashboards. The server may be
running.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from server.cli.terminal import Data, Json, chosen, fail, with_parts

app = typer.Typer(no_args_is_help=True, help="The offices of the bureau.")

T = TypeVar("T")
Authority = Annotated[str, typer.Option(help="The bureau in whose name it acts, in full, as on its seal.")]
Address = Annotated[str, typer.Option(help="Of the bureau, as on documents.")]
MediationSeal = Annotated[
    str, typer.Option(help="In its seal under agreements and records, beside the bureau's name; '' for its own seal.")
]
Signature = Annotated[str, typer.Option(help="Of its text messages, as registered with the carrier.")]
WITHOUT_REASON = "命令行所改，未说明理由"  # beside who and when in the journal


@app.command("list")
def show(data: Data = None, as_json: Json = False) -> None:
    """Every office, those below another further in; * dispatches."""
    from offices import OfficeTree

    found = _run(data, lambda parts: parts.store.offices(), there=True)
    if as_json:
        typer.echo(json.dumps([asdict(office) for office in found], ensure_ascii=False, indent=2))
        return
    for depth, office in OfficeTree(found).rows():
        mark = f"{'*' if office.intake else ' '} {'  ' * depth}"
        typer.echo(f"{mark}{office.id}  {office.name}  {office.number_prefix}")


@app.command()
def add(
    id: Annotated[str, typer.Argument(help="Small letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(help="As on documents.")],
    short: Annotated[str, typer.Option(help="As on the desk.")],
    phone: Annotated[str, typer.Option(help="Where people reach it.")],
    prefix: Annotated[str, typer.Option(help="Of its complaints' numbers.")],
    administrator: Annotated[str, typer.Option(help="Sign-in name of its first administrator.")],
    authority: Authority = "",
    address: Address = "",
    signature: Signature = "",
    mediation_seal: MediationSeal = "调解专用章",
    intake: Annotated[bool, typer.Option("--intake", help="It receives for the bureau and dispatches.")] = False,
    data: Data = None,
) -> None:
    """A further office with its administrator."""
    from offices import Office
    from server.identity.offices import at_command_line

    office = Office(
        id=id.strip(),
        name=name.strip(),
        short=short.strip(),
        phone=phone.strip(),
        number_prefix=prefix.strip(),
        intake=intake,
        authority=authority,
        address=address,
        signature=signature,
        mediation_seal=mediation_seal,
    )
    if not all((office.id, office.name, office.short, office.number_prefix)):
        fail("an office needs an id, a name, a short name and a prefix", 1)
    password = secrets.token_urlsafe(15)

    async def make(parts: Any) -> None:
        if await parts.store.user_by_login(administrator.strip().casefold()) is not None:
            fail("somebody already signs in with this name", 1)
        await _register(parts).add_at_command_line(office)
        by = at_command_line(office)
        await parts.officers.add_officer(by, administrator, office.short, "administrator", password)

    _run(data, make)
    typer.echo(f"{office.id} added; {administrator} signs in with {password} and changes it under Account")


@app.command()
def change(
    id: str,
    name: Annotated[str | None, typer.Option(help="As on documents.")] = None,
    short: Annotated[str | None, typer.Option(help="As on the desk.")] = None,
    phone: Annotated[str | None, typer.Option(help="Where people reach it.")] = None,
    authority: Annotated[str | None, typer.Option(help="The bureau in whose name it acts; '' for none.")] = None,
    address: Annotated[str | None, typer.Option(help="Of the bureau, as on documents.")] = None,
    signature: Annotated[str | None, typer.Option(help="Of its text messages; '' for the short name.")] = None,
    mediation_seal: Annotated[
        str | None, typer.Option(help="In its seal under agreements and records; '' for the bureau's own seal.")
    ] = None,
    seal_only: Annotated[
        bool | None, typer.Option("--seal-only/--mediator-signs", help="Its mediators do not sign what is sealed.")
    ] = None,
    data: Data = None,
) -> None:
    """What is said here of an office changes; the rest stays."""
    given = {
        "name": name, "short": short, "phone": phone,
        "authority": authority, "address": address, "signature": signature,
        "mediation_seal": mediation_seal,
    }  # fmt: skip
    said: dict[str, Any] = {field: text.strip() for field, text in given.items() if text is not None}
    if seal_only is not None:
        said["seal_only"] = seal_only

    async def change_it(parts: Any) -> None:
        known = await parts.store.office(id)
        if known is None:
            fail(f"there is no office {id}", 1)
        await _register(parts).change_at_command_line(replace(known, **said))

    _run(data, change_it, there=True)
    typer.echo(f"{id} changed: {', '.join(said) or 'nothing'}")


@app.command()
def series(
    id: str,
    kind: Annotated[
        str, typer.Argument(help="acceptance, refusal, mediation, termination, dispatch, identity, agreement.")
    ],
    words: Annotated[str, typer.Argument(help="Before the number: 东市监投受; '' for the usual ones.")],
    data: Data = None,
) -> None:
    """The words before the numbers of an office's papers of one kind, counted with whoever shares them."""

    async def set_them(parts: Any) -> None:
        if await parts.store.office(id) is None:
            fail(f"there is no office {id}", 1)
        known = await parts.store.words(id)
        await _register(parts).number_at_command_line(id, {**known, kind: words})

    _run(data, set_them, there=True)
    typer.echo(f"{id} numbers {kind} by {words or 'its own prefix'}")


@app.command()
def intake(id: str, off: Annotated[bool, typer.Option("--off")] = False, data: Data = None) -> None:
    """This office receives for the bureau and dispatches (Order 121 Art 41), or does not any more."""

    async def set_it(parts: Any) -> None:
        if await parts.store.office(id) is None:
            fail(f"there is no office {id}", 1)
        await _register(parts).dispatches(id, not off)

    _run(data, set_it, there=True)
    typer.echo(
        f"{id} {'does not receive for the bureau any more' if off else 'receives for the bureau and dispatches'}"
    )


@app.command()
def place(
    id: str,
    superior: Annotated[str, typer.Argument(help="Id of the office right above it; '' for the top.")],
    level: Annotated[str | None, typer.Option(help="province, city, county or office; what it is now without.")] = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the journal.")] = WITHOUT_REASON,
    data: Data = None,
) -> None:
    """Put an office below another, whose supervisors see it then, or at the top, or on another level."""
    from offices import LEVELS

    wanted = next((one for one in LEVELS if one == level), None)
    if level is not None and wanted is None:
        fail(f"a level is {', '.join(LEVELS)}", 1)

    async def put(parts: Any) -> None:
        known = await parts.store.office(id)
        if known is None:
            fail(f"there is no office {id}", 1)
        if superior and await parts.store.office(superior) is None:
            fail(f"there is no office {superior}", 1)
        await _register(parts).place_at_command_line(id, superior, wanted or known.level, reason)

    _run(data, put, there=True)
    typer.echo(f"{id} stands {f'below {superior}' if superior else 'at the top'}")


@app.command()
def roster(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, as the page of the roster says.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it.")] = False,
    data: Data = None,
) -> None:
    """Add and change the offices of a file: all of it, or nothing where a line is wrong."""
    from dataclasses import replace as with_changes

    from server.identity.offices import at_command_line
    from server.identity.roster import OfficeRoster

    async def take(parts: Any) -> Any:
        known = await parts.store.offices()
        if not known:
            fail("the first office is made at the first start", 1)
        by = at_command_line(with_changes(known[0], intake=True, superior=""))  # who has the machine looks after all
        made = OfficeRoster(_register(parts), parts.store, parts.officers)
        rows = await made.read(by, file.read_bytes())
        wrong = [row for row in rows if row.what == "wrong"]
        return rows if wrong or dry_run else await made.take(by, file.read_bytes())

    rows = _run(data, take, there=True)
    for row in rows:
        said = ", ".join(f"{one.field}: {one.code}" for one in row.problems)
        first = f"; {row.login} signs in first with {row.password}" if row.password else ""
        typer.echo(f"line {row.line}  {row.office.id}  {row.what}{f' ({said})' if said else ''}{first}")
    if any(row.what == "wrong" for row in rows):
        fail("nothing was taken", 1)


@app.command()
def oversee(
    supervisor: str,
    offices: list[str],
    reason: Annotated[str, typer.Option(help="Why; it stands in the journal.")] = WITHOUT_REASON,
    data: Data = None,
) -> None:
    """Sign-in name of a supervisor, and the offices they oversee besides their own, instead of those before."""
    from journal.clock import utc_now
    from server.identity.offices import at_command_line
    from server.oversight.access import OverseenOffices

    async def set_them(parts: Any) -> None:
        user = await parts.store.user_by_login(supervisor.strip().casefold())
        if user is None or user.role != "supervisor":
            fail("there is no such supervisor", 1)
        known = {office.id for office in await parts.store.offices()}
        if missing := sorted(set(offices) - known):
            fail(f"there is no office {missing[0]}", 1)
        home = await parts.store.office(user.office)
        others = set(offices) - {user.office}
        overseeing = OverseenOffices(parts.store, parts.journal, utc_now)
        await overseeing.set(at_command_line(home).actor, user.id, others, reason)

    _run(data, set_them, there=True)
    typer.echo(f"{supervisor} oversees {', '.join(sorted(set(offices)))}")


def _register(parts: Any) -> Any:
    from journal.clock import utc_now
    from server.identity.offices import OfficeRegister

    return OfficeRegister(parts.store, parts.journal, utc_now)


def _run(data: Path | None, do: Callable[[Any], Awaitable[T]], there: bool = False) -> T:
    """`there`: of an installation that exists; only the first office makes one."""
    from journal.refusals import Refused
    from server.db.engine import NameInUse as Taken

    try:
        return with_parts(data, do, there)
    except Taken:
        fail("there is an office or a sign-in of this name already", 1)
    except Refused as no:
        fail(f"refused: {no.code}", 1)


maps = typer.Typer(no_args_is_help=True, help="The map of divisions that dashboards draw.")

SAID: Final = {
    "large": "the file is larger than 8 MB: simplify it first",
    "json": "the file is no JSON",
    "kind": "it is no collection of polygons (GeoJSON FeatureCollection)",
    "empty": "there is nothing in it",
    "shapes": "there are more than 500 areas in it",
    "hard": "reading it took more memory or time than any map: simplify it first",
    "points": "there are more than 400,000 points in it: simplify it first",
    "code": "has no GB/T 2260 code that exists, in adcode, code, gb or id",
    "place": "lies outside of China, or is no ring: coordinates are longitude, latitude in degrees",
}


@maps.command()
def take(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="GeoJSON, codes in adcode, code, gb or id.")
    ],
    office: Annotated[str, typer.Argument(help="Id of the office.")],
    data: Annotated[Path | None, typer.Option(help="Where the embedded default keeps everything.")] = None,
) -> None:
    """Check it, thin it out, keep it. What was kept before can be taken back."""
    from complaints.statistics.views import MOST_BYTES, BadOutline, read_outline

    if not office.replace("-", "").replace("_", "").isalnum():
        raise typer.BadParameter("an office's id has letters, digits, - and _ only", param_hint="office")
    maps = _maps(data)
    try:
        with file.open("rb") as opened:
            maps.offer(office, opened.read(MOST_BYTES + 1))
    except BadOutline as no:
        typer.echo(f"yuntiao: {f'area {no.at} ' if no.at else ''}{SAID[no.why]}", err=True)
        raise typer.Exit(1) from None
    maps.use(office)
    kept = maps.kept(office) or b""
    typer.echo(f"{len(read_outline(kept).shapes)} areas, {len(kept) // 1024} KB")


@maps.command()
def forget(
    office: Annotated[str, typer.Argument(help="Id of the office.")],
    data: Annotated[Path | None, typer.Option(help="Where the embedded default keeps everything.")] = None,
) -> None:
    """Dashboards show tiles again."""
    _maps(data).forget(Path(office).name)


def _maps(data: Path | None) -> Any:
    from server.statistics.store import Maps  # with what pages need, which other commands do not

    return Maps(chosen({"data": data}).data / "maps")
