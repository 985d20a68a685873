"""`yuntiao seal`, `keys` and `notice`: the electronic seals of the offices; the keys of cases and the master key that
opens them; and papers as they would be printed now, with nothing issued or journaled.

The server may be running, but where keys move.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from server.cli.terminal import Data, Json, chosen, fail, with_parts

if TYPE_CHECKING:
    from recordings.files.keys import KeyStore
    from server.serving.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The electronic seals of the offices.")

T = TypeVar("T")
_MOST_BYTES = 1 << 20
_Office = Annotated[str, typer.Option("--office", help="Its id, as `yuntiao offices list` shows it.")]
_Replace = Annotated[bool, typer.Option("--replace", help="In place of the one there is; it stays for checking.")]

HONEST = {
    "own": (
        "Own key: this seal shows that a document was sealed by this installation and not changed since, to whoever\n"
        "was given the certificate by the office itself (yuntiao seal certificate). No licensed provider of\n"
        "electronic certification is on file as its issuer, and it is no seal of the national unified e-seal system:\n"
        "papers say so, and offer the paper copy. A provider's certificate is taken with\n"
        "`yuntiao seal import --provider NAME`; a platform of the unified system with `yuntiao seal platform`."
    ),
    "provider": (
        "A licensed provider's certificate, as the office says: papers name the provider and cite Arts 13 and 14 of\n"
        "the Electronic Signature Law. It is no seal of the unified e-seal system (State Council Order 716 Art 9)."
    ),
}


@app.command()
def create(
    office: _Office,
    algorithm: Annotated[str, typer.Option(help="rsa: every reader of PDF knows it; sm2: with SM3, few do.")] = "rsa",
    replace: _Replace = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A seal with a certificate made here."""
    if algorithm not in ("rsa", "sm2"):
        fail("--algorithm is rsa or sm2", 1)

    async def make(parts: Any) -> Any:
        found = await _office(parts, office)
        return await asyncio.to_thread(parts.seals.create, found.id, found.issuer, replace, algorithm)

    _show(_run(data, make), as_json)


@app.command("import")
def take(
    file: Annotated[
        Path, typer.Argument(help="PKCS#12 (.p12, .pfx), RSA or ECDSA; or PEM with an SM2 key; -: standard input.")
    ],
    office: _Office,
    password_file: Annotated[Path | None, typer.Option(help="File with its password; none: it is asked for.")] = None,
    provider: Annotated[
        str, typer.Option(help="The licensed provider that issued it, name and licence: papers say so.")
    ] = "",
    replace: _Replace = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A seal with a certificate that was issued elsewhere."""
    from server.identity import read_secret

    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        password = ""
        if password_file:
            password = read_secret(password_file)
        elif b"-----BEGIN " not in content:
            password = typer.prompt("Password", hide_input=True)
        if len(content) > _MOST_BYTES:
            raise ValueError(f"{file} has more than {_MOST_BYTES} bytes: that is no certificate with its key")
    except (ValueError, OSError) as fault:
        fail(str(fault), 1)

    async def bring(parts: Any) -> Any:
        found = await _office(parts, office)
        return await asyncio.to_thread(parts.seals.take, found.id, content, password.encode(), replace, provider)

    _show(_run(data, bring), as_json)


@app.command()
def platform(
    office: _Office,
    program: Annotated[
        list[str] | None, typer.Argument(help="The program and its arguments: PDF in, sealed PDF out; after --.")
    ] = None,
    name: Annotated[str, typer.Option(help="The platform's name, as papers give it.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="The office's own seal again.")] = False,
    data: Data = None,
) -> None:
    """Have a sealing platform of the unified e-seal system seal from now on."""
    from server.signing.certificates import MOST_ARGUMENTS, Platform
    from server.signing.seals import LONGEST

    if not remove and not (name.strip() and program):
        fail("say --name and the program, or --remove", 1)
    if len(name) > LONGEST or len(program or ()) > MOST_ARGUMENTS:
        fail(f"a name has at most {LONGEST} characters, a program at most {MOST_ARGUMENTS} arguments", 1)

    async def put(parts: Any) -> None:
        found = await _office(parts, office)
        chosen = None if remove else Platform(name.strip(), tuple(program or ()))
        await asyncio.to_thread(parts.seals.platforms.set, found.id, chosen)

    _run(data, put)
    typer.echo("the office's own seal is used again" if remove else f"sealed by {name.strip()} from now on")


@app.command()
def show(office: _Office, data: Data = None, as_json: Json = False) -> None:
    """The seal in use; exits 1 when there is none, or it cannot be used."""

    async def look(parts: Any) -> Any:
        found = await _office(parts, office)
        if (sealing := await asyncio.to_thread(parts.seals.platforms.of, found.id)) is not None:
            return sealing
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
        from server.signing.seals import specimen as printed

        return await printed(parts.paper_press, parts.seals, await _office(parts, office), parts.stamps)

    made = _run(data, make)
    _written(out, made.content)
    found = {"file": str(out), "bytes": len(made.content), "level": made.level, "sha256": made.sha256}
    seal = f"PAdES {made.level}" if made.level else f"sealed by {made.certifier}"
    typer.echo(json.dumps(found) if as_json else f"{out}: {len(made.content)} bytes, {seal}")


def _show(info: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({name: _plain(value) for name, value in asdict(info).items()}, ensure_ascii=False))
        return
    if hasattr(info, "program"):
        typer.echo(f"sealed by {info.name}: {' '.join(info.program)}")
        return
    typer.echo(f"seal {info.number} of {info.office}: {info.subject}")
    typer.echo(f"  issued by   {info.issuer}")
    typer.echo(f"  valid       {info.begins:%Y-%m-%d} to {info.ends:%Y-%m-%d}")
    typer.echo(f"  SHA-256     {info.fingerprint}")
    typer.echo(f"  its root    {info.root}")
    typer.echo(f"  algorithm   {info.algorithm}")
    if info.certifier:
        typer.echo(f"  provider    {info.certifier}, as the office says")
    typer.echo(HONEST[info.assurance])


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
    from server.documents import NoFont, Unprintable
    from server.signing.certificates import BadCertificate
    from server.signing.seals import NoSeal
    from server.signing.sm2 import Sm2Missing

    try:
        return with_parts(data, do)
    except (BadCertificate, NoSeal, NoFont, Sm2Missing, Unprintable) as fault:
        fail(str(fault), 1)
    except OSError as fault:
        fail(f"{fault.filename}: {fault.strerror}", 1)


keys = typer.Typer(no_args_is_help=True, help="The keys of cases, and the master key that opens them.")

DataFolder = Annotated[Path | None, typer.Option("--data", help="Data folder; the server may be running.")]


def _settings(data: Path | None) -> Settings:
    from server.serving.settings import Settings

    try:
        settings = Settings() if data is None else Settings(data=data)
    except ValueError as fault:
        fail(str(fault))
    if not settings.data.is_dir():
        fail(f"there is no data folder {settings.data.resolve()}")
    return settings


def _where(settings: Settings, keys: KeyStore) -> str:
    from recordings.files.keys import FileKeys

    return str(settings.data / "keys" / "cases") if isinstance(keys, FileKeys) else "YUNTIAO_KEYS_URL"


@keys.command()
def check(data: DataFolder = None) -> None:
    """Say where keys lie and open each of them; exits 1 when one does not open."""
    from recordings import VaultError
    from server.identity.key_store import configured_keys

    settings = _settings(data)
    try:
        store = configured_keys(settings.data, settings.master_key)
        known = list(store.all())
        there = [case for case, note in known if note is None]
        typer.echo(f"{len(there)} keys in {_where(settings, store)}, {len(known) - len(there)} destroyed")
        bad = [case for case in there if not _opens(store, case)]
    except (VaultError, ValueError, OSError) as fault:
        fail(str(fault))
    for case in bad:
        typer.echo(f"the key of {case} does not open: it was changed, or wrapped by another master key or Vault")
    if bad:
        raise typer.Exit(1)
    typer.echo("every one of them opens")


def _opens(store: KeyStore, case: str) -> bool:
    from recordings import Damaged, KeyDestroyed, KeyMissing

    try:
        store.existing(case)
    except Damaged:
        return False
    except (KeyDestroyed, KeyMissing):  # meanwhile
        return True
    return True


@keys.command()
def move(
    source: Annotated[
        str, typer.Option("--from", help="`files` of the data folder, or `url`: where YUNTIAO_KEYS_URL has them.")
    ],
    data: Annotated[Path | None, typer.Option(help="Data folder; its server has to be stopped.")] = None,
) -> None:
    """Copy all keys from one place to the other, and read each back: `--from files` into YUNTIAO_KEYS_URL, or
    `--from url` into files. Whoever is destroyed stays destroyed. Cut off, call it again."""
    from recordings import VaultError
    from recordings.files.keys import case_keys, move_keys
    from server import serving as data_folder
    from server.identity.key_store import configured_keys

    settings = _settings(data)
    if source not in ("files", "url"):
        fail("--from is files or url")
    try:
        elsewhere = configured_keys(settings.data, settings.master_key)
        files = case_keys(settings.data, _master_of_files(settings))
        if isinstance(elsewhere, type(files)):
            fail("keys lie in files: name the database they are to move to or from (YUNTIAO_KEYS_URL)")
        old, new = (files, elsewhere) if source == "files" else (elsewhere, files)
        with data_folder.locked(settings.data, ValueError("a server is running on this folder: stop it first")):
            old.check()
            new.check()
            moved, graves = move_keys(old, new)
    except (VaultError, ValueError, OSError) as fault:
        fail(str(fault))
    typer.echo(f"{moved} keys, and the marks of {graves} that were destroyed, are in {_where(settings, new)} now")
    typer.echo(
        f"those in {_where(settings, old)} still open everything, also what is erased from now on: remove them, and "
        "backups of them, once the server runs on the others"
    )


def _master_of_files(settings: Settings) -> Path | None:
    """What opens files of keys: the key in the data folder where there is one, else the one that is named."""
    inside = settings.data / "keys" / "master.key"
    return inside if inside.exists() else settings.master_key


@keys.command()
def rotate(
    data: Annotated[Path | None, typer.Option(help="Data folder; the server may be running.")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Where to write the old one, for backups of keys/ made before; nowhere else.")
    ] = None,
) -> None:
    """Put a new master key in place of the old one; with a Vault, wrap every key by its newest version. Cut off, it is
    finished by calling it again."""
    from recordings import VaultError
    from recordings.files.keys import rotate as rotated
    from server.identity.key_store import KeySettings, TableKeys, configured_keys

    settings = _settings(data)
    try:
        elsewhere = configured_keys(settings.data, settings.master_key)
        if isinstance(elsewhere, TableKeys):
            if not KeySettings().vault_url:
                fail(
                    "these keys lie in a database under a master key, which several machines may have: move them into "
                    "files, rotate, and move them back; or wrap them by a Vault"
                )
            typer.echo(f"{elsewhere.rewrap()} keys are wrapped by the newest version of the Vault's key")
            return
        master = settings.master_key or settings.data / "keys" / "master.key"
        done = rotated(settings.data / "keys" / "cases", master, keep)
    except (VaultError, ValueError, OSError) as fault:
        fail(str(fault))
    typer.echo(
        f"{done.keys} keys are under the new master key" + (", finishing what was begun" if done.resumed else "")
    )
    if keep is None:
        typer.echo("backups of the keys made before today open no more: make a new one now")
    else:
        typer.echo(f"the old one is in {keep}: destroy it with the last backup made under it")


notices = typer.Typer(no_args_is_help=True, help="Notices to the parties.")


class PaperKind(StrEnum):
    """Notices (`complaints.notices.NoticeKind`), and what is drafted from an outcome."""

    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    MEDIATION = "mediation"
    TERMINATION = "termination"
    DISPATCH = "dispatch"
    IDENTITY = "identity"
    AGREEMENT = "agreement"
    RECORD = "record"
    REGISTER = "register"


@notices.callback()
def notice() -> None:
    """Notices to the parties."""


@notices.command()
def preview(
    kind: Annotated[PaperKind, typer.Argument(help="Which document.")],
    complaint: Annotated[str, typer.Option(help="Its number or id.")],
    out: Annotated[Path, typer.Option(help="PDF to write.")],
    data: Data = None,
    note: Annotated[str, typer.Option(help="What else is to be said.")] = "",
    receiver: Annotated[str, typer.Option(help="Of a complaint sent on: to whom.")] = "",
    english: Annotated[bool, typer.Option("--english", help="With an English rendering.")] = False,
    as_json: Json = False,
) -> None:
    """Print a draft. Exits 1 when its occasion has not come or there is no such complaint."""
    from complaints.views import NoticeWish
    from server.cli.offline import NoDraft, draft

    settings = chosen({"data": data})
    try:
        printed = asyncio.run(draft(settings, complaint, NoticeWish(kind.value, note, receiver, english)))
        out.write_bytes(printed.content)
    except (NoDraft, OSError) as fault:
        fail(str(fault), 1)
    found = {"name": printed.name, "file": str(out), "bytes": len(printed.content)}
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else f"{printed.name}: {len(printed.content)} bytes")
