"""`yuntiao seal create|import|show|certificate|try`: the electronic seals of the offices. The server may be running."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from server.terminal import Data, Json, fail, with_parts

app = typer.Typer(no_args_is_help=True, help="The electronic seals of the offices.")

T = TypeVar("T")
_MOST_BYTES = 1 << 20
_Office = Annotated[str, typer.Option("--office", help="Its id, as `yuntiao offices list` shows it.")]
_Replace = Annotated[bool, typer.Option("--replace", help="In place of the one there is; it stays for checking.")]

HONEST = (
    "This certificate was made here, by an authority of this installation. It shows that a document was sealed by\n"
    "this installation and not changed since, to whoever was given the authority's certificate by the office itself\n"
    "(yuntiao seal certificate). It is not issued by a licensed provider of electronic certification: readers that\n"
    "were not given it say that the signer is unknown. An official certificate is taken with `yuntiao seal import`."
)


@app.command()
def create(office: _Office, replace: _Replace = False, data: Data = None, as_json: Json = False) -> None:
    """A seal with a certificate made here."""

    async def make(parts: Any) -> Any:
        found = await _office(parts, office)
        return await asyncio.to_thread(parts.seals.create, found.id, found.issuer, replace)

    _show(_run(data, make), as_json)


@app.command("import")
def take(
    file: Annotated[Path, typer.Argument(help="PKCS#12 (.p12, .pfx) with certificate and key, RSA or ECDSA.")],
    office: _Office,
    password_file: Annotated[Path | None, typer.Option(help="File with its password; none: it is asked for.")] = None,
    replace: _Replace = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A seal with an official certificate."""
    from server.secret_file import read_secret

    try:
        password = read_secret(password_file) if password_file else typer.prompt("Password", hide_input=True)
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise ValueError(f"{file} has more than {_MOST_BYTES} bytes: that is no certificate with its key")
    except (ValueError, OSError) as fault:
        fail(str(fault), 1)

    async def bring(parts: Any) -> Any:
        found = await _office(parts, office)
        return await asyncio.to_thread(parts.seals.take, found.id, content, password.encode(), replace)

    _show(_run(data, bring), as_json)


@app.command()
def show(office: _Office, data: Data = None, as_json: Json = False) -> None:
    """The seal in use; exits 1 when there is none, or it cannot be used."""

    async def look(parts: Any) -> Any:
        found = await _office(parts, office)
        await asyncio.to_thread(parts.seals.pair, found.id)
        return parts.seals.info(found.id)

    _show(_run(data, look), as_json)


@app.command()
def certificate(
    office: _Office,
    out: Annotated[Path, typer.Option(help="PEM to write: the seal's certificate and those above it.")],
    data: Data = None,
) -> None:
    """What is given to readers, so that they know the seal."""

    async def give(parts: Any) -> bytes:
        found = await _office(parts, office)
        pem: bytes = parts.seals.certificates(found.id)
        return pem

    pem = _run(data, give)
    _written(out, pem)
    typer.echo(f"{out}: {pem.count(b'BEGIN CERTIFICATE')} certificates")


@app.command("try")
def specimen(
    office: _Office,
    out: Annotated[Path, typer.Option(help="PDF to write.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A specimen under the office's seal, to open in a reader of PDF. It is marked as one."""

    async def make(parts: Any) -> Any:
        from server.signing.specimen import specimen as printed

        return await printed(parts.paper_press, parts.seals, await _office(parts, office), parts.stamps)

    made = _run(data, make)
    _written(out, made.content)
    found = {"file": str(out), "bytes": len(made.content), "level": made.level, "sha256": made.sha256}
    typer.echo(json.dumps(found) if as_json else f"{out}: {len(made.content)} bytes, PAdES {made.level}")


def _show(info: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({name: _plain(value) for name, value in asdict(info).items()}, ensure_ascii=False))
        return
    typer.echo(f"seal {info.number} of {info.office}: {info.subject}")
    typer.echo(f"  issued by   {info.issuer}")
    typer.echo(f"  valid       {info.begins:%Y-%m-%d} to {info.ends:%Y-%m-%d}")
    typer.echo(f"  SHA-256     {info.fingerprint}")
    typer.echo(f"  its root    {info.root}")
    if info.self_made:
        typer.echo(HONEST)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _written(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as fault:
        fail(f"{out}: {fault.strerror}", 1)


async def _office(parts: Any, office: str) -> Any:
    found = await parts.store.office(office)
    if found is None:
        fail(f"there is no office {office}", 1)
    return found


def _run(data: Path | None, do: Callable[[Any], Awaitable[T]]) -> T:
    # The rest of the program takes a moment to load, which `--help` need not wait for.
    from server.documents.coverage import NoFont
    from server.documents.press import Unprintable
    from server.signing.certificates import BadCertificate
    from server.signing.seal_keys import NoSeal

    try:
        return with_parts(data, do)
    except (BadCertificate, NoSeal, NoFont, Unprintable) as fault:
        fail(str(fault), 1)
    except OSError as fault:
        fail(f"{fault.filename}: {fault.strerror}", 1)
