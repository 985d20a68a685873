"""`yuntiao map take FILE OFFICE`: an office's map of its divisions, from GeoJSON, for the dashboards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from server.cli.terminal import chosen

app = typer.Typer(no_args_is_help=True, help="The map of divisions that dashboards draw.")

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


@app.command()
def take(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="GeoJSON, codes in adcode, code, gb or id.")
    ],
    office: Annotated[str, typer.Argument(help="Id of the office.")],
    data: Annotated[Path | None, typer.Option(help="Where the embedded default keeps everything.")] = None,
) -> None:
    """Check it, thin it out, keep it. What was kept before can be taken back."""
    from complaints.statistics.outlines import MOST_BYTES, BadOutline, read_outline

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


@app.command()
def forget(
    office: Annotated[str, typer.Argument(help="Id of the office.")],
    data: Annotated[Path | None, typer.Option(help="Where the embedded default keeps everything.")] = None,
) -> None:
    """Dashboards show tiles again."""
    _maps(data).forget(Path(office).name)


def _maps(data: Path | None) -> Any:
    from server.statistics.maps import Maps  # with what pages need, which other commands do not

    return Maps(chosen({"data": data}).data / "maps")
