"""`python -m server` is `yuntiao`."""

from server.cli import app

app()
