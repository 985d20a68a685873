"""The command line: `yuntiao serve`, `health`, `rehearse`, `verify`, `restored`, `bench`, `stats`, `log …`,
`archive …`, `keys …`, `sample …`, `industries …`, `law …`, `offices …`, `retention …`, `turn config`,
`media build-native`."""

from __future__ import annotations

import typer

from server import (
    casebook_command,
    industries_command,
    keys_command,
    law_command,
    map_command,
    notice_command,
    offices_command,
    retention_command,
    sample_command,
    seal_command,
)
from server.cli.archive import archive
from server.cli.bench import bench
from server.cli.evidence import verify
from server.cli.log import log, restored
from server.cli.media import media, turn
from server.cli.serving import health, rehearse, serve
from server.insight.command import focus
from server.intake import command as import_command
from server.stats_command import stats
from server.terminal import log_to_stderr

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.callback()
def begin() -> None:
    log_to_stderr()


app.add_typer(turn, name="turn")
app.add_typer(media, name="media")
app.add_typer(log, name="log")
app.add_typer(archive, name="archive")
app.add_typer(sample_command.app, name="sample")
app.command()(stats)
app.command()(focus)
app.add_typer(offices_command.app, name="offices")
app.add_typer(retention_command.app, name="retention")
app.add_typer(industries_command.app, name="industries")
app.add_typer(notice_command.app, name="notice")
app.add_typer(seal_command.app, name="seal")
app.add_typer(law_command.app, name="law")
app.add_typer(casebook_command.app, name="casebook")
app.add_typer(keys_command.app, name="keys")
app.add_typer(map_command.app, name="map")

app.command(name="import")(import_command.take)
for command in (serve, health, rehearse, verify, bench, restored):
    app.command()(command)
