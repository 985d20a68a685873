"""The server, and what is done at its machine. docs/operations.md says when each is needed."""

from __future__ import annotations

import typer

from server.cli import casebook, imports as import_command, law, log, offices, retention, seal, statement
from server.cli.figures import focus, stats
from server.cli.retention import archive
from server.cli.serving import bench, health, media, rehearse, serve, speech, turn, work
from server.cli.terminal import log_to_stderr

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=__doc__
)


@app.callback()
def begin() -> None:
    log_to_stderr()


app.add_typer(turn, name="turn")
app.add_typer(media, name="media")
app.add_typer(log.app, name="log")
app.add_typer(archive, name="archive")
app.add_typer(import_command.samples, name="sample")
app.command()(stats)
app.command()(focus)
app.add_typer(offices.app, name="offices")
app.add_typer(retention.app, name="retention")
app.add_typer(import_command.industries, name="industries")
app.add_typer(seal.notices, name="notice")
app.add_typer(seal.app, name="seal")
app.add_typer(law.app, name="law")
app.add_typer(speech, name="speech")
app.add_typer(casebook.app, name="casebook")
app.add_typer(seal.keys, name="keys")
app.add_typer(offices.maps, name="map")

app.command(name="import")(import_command.take)
for command in (serve, work, health, rehearse, log.verify, bench, log.restored, log.drill, statement.statement):
    app.command()(command)
