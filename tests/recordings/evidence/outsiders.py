"""What can be done to a package by those who cannot sign with the installation's key."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from recordings import evidence
from recordings.evidence import ArchiveEntry, ArchivePart, directory, local_header, part, read
from tests.recordings.evidence.target import Attack, Entries, Target, by_outsider, resigned, zipped


def flip(at: Target, random: Random) -> Attack:
    position = random.randrange(len(at.package))
    bent = bytearray(at.package)
    bent[position] ^= 1 << random.randrange(8)
    return by_outsider(at, f"flip byte {position}", bytes(bent), *_of(at, position))


def _of(at: Target, position: int) -> set[str]:
    for entry in read(io.BytesIO(at.package)):
        if entry.offset <= position < entry.start:
            return {"zip"}
        if position < entry.end:
            match entry.name:
                case evidence.MANIFEST:
                    return {"manifest", "manifest_signature"}
                case evidence.MANIFEST_NOTE:
                    return {"manifest_signature"}
                case name if name in evidence.AFTER:
                    return {"export_signature"}
                case _:
                    return {"item_changed"}
    return {"zip"}


def truncate(at: Target, random: Random) -> Attack:
    return by_outsider(at, "truncate", at.package[: random.randrange(len(at.package))], "zip")


def append(at: Target, random: Random) -> Attack:
    return by_outsider(at, "append", at.package + random.randbytes(1 + random.randrange(50)), "zip")


def prepend(at: Target, random: Random) -> Attack:
    return by_outsider(at, "prepend", random.randbytes(1 + random.randrange(50)) + at.package, "zip")


def insert(at: Target, random: Random) -> Attack:
    position = random.randrange(len(at.package) + 1)
    more = random.randbytes(1 + random.randrange(9))
    return by_outsider(at, f"insert at {position}", at.package[:position] + more + at.package[position:], "zip")


def cut_out(at: Target, random: Random) -> Attack:
    position = random.randrange(len(at.package) - 9)
    bent = at.package[:position] + at.package[position + 1 + random.randrange(8) :]
    return by_outsider(at, f"cut out at {position}", bent, "zip")


def comment(at: Target, random: Random) -> Attack:
    bent = at.package[:-2] + struct.pack("<H", 5) + b"hello"
    return by_outsider(at, "archive comment", bent, "zip")


def drop(at: Target, random: Random) -> Attack:
    name = random.choice(at.items)
    return by_outsider(at, f"drop {name}", zipped({n: c for n, c in at.entries.items() if n != name}), "item_missing")


def drop_note(at: Target, random: Random) -> Attack:
    name = random.choice([evidence.MANIFEST, evidence.MANIFEST_NOTE, *evidence.AFTER])
    code = {"m": "manifest_signature", "e": "export_signature"}[name[0]]
    bent = zipped({n: c for n, c in at.entries.items() if n != name})
    return by_outsider(at, f"drop {name}", bent, "manifest" if name == evidence.MANIFEST else code)


def add(at: Target, random: Random) -> Attack:
    name = random.choice(["media/c/more.webm", "sheets/more.json", "readme.html", "exhibits/photo.jpg"])
    return by_outsider(at, f"add {name}", zipped(_put(at.entries, name, random.randbytes(100))), "item_extra")


def reorder(at: Target, random: Random) -> Attack:
    names = list(at.entries)
    i, j = random.sample(range(len(names)), 2)
    names[i], names[j] = names[j], names[i]
    return by_outsider(at, f"reorder {names[i]}", zipped({name: at.entries[name] for name in names}), "zip")


def rename(at: Target, random: Random) -> Attack:
    name = random.choice(at.items)
    other = name[:-1] + "x"
    entries = {(other if n == name else n): c for n, c in at.entries.items()}
    return by_outsider(at, f"rename {name}", zipped(entries), "item_missing", "zip")


def duplicate(at: Target, random: Random) -> Attack:
    """The same name twice, also in other letters, with other content: which one a tool shows is anybody's guess."""
    name = random.choice(list(at.entries))
    twin = random.choice([name, name.upper()])
    parts = [part(n, c) for n, c in at.entries.items()]
    where = random.randrange(len(parts) + 1)
    return by_outsider(at, f"duplicate {name}", raw([*parts[:where], part(twin, b"?"), *parts[where:]]), "zip")


def trick(at: Target, random: Random) -> Attack:
    """Names that lead out of the folder a tool unpacks into."""
    name = random.choice(
        ["../evil.html", "/etc/passwd", "media/../../x", "a\\b", "C:evil", "media//x", "a/b/c/d/e", ".x"]
    )
    return by_outsider(at, f"path {name}", raw([*(part(n, c) for n, c in at.entries.items()), part(name, b"?")]), "zip")


def packed_differently(at: Target, random: Random) -> Attack:
    """The same content as another tool would write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for name, content in at.entries.items():
            archive.writestr(name, content)
    return by_outsider(at, "another tool's archive", out.getvalue(), "zip")


def splice(at: Target, random: Random) -> Attack:
    """A file of another session in the place of ours."""
    name = random.choice([name for name in at.items if at.other.get(name, at.entries[name]) != at.entries[name]])
    return by_outsider(at, f"splice {name}", zipped({**at.entries, name: at.other[name]}), "item_changed")


def splice_notes(at: Target, random: Random) -> Attack:
    name = random.choice([evidence.MANIFEST, evidence.MANIFEST_NOTE, evidence.EXPORT_JSON, evidence.EXPORT_NOTE])
    bent = zipped({**at.entries, name: at.other[name]})
    codes = {"manifest_signature"} if name[0] == "m" else {"export_signature"}
    return by_outsider(at, f"splice {name}", bent, *codes)


def adapt(at: Target, random: Random) -> Attack:
    """Change something and the manifest with it, without a key."""
    name = random.choice(at.items)
    bent = {**at.entries, name: at.entries[name] + b" "}
    fits = resigned(bent, at.thief)
    key = json.loads(at.entries[evidence.MANIFEST])["key"]
    manifest = evidence.canonical({**json.loads(fits[evidence.MANIFEST]), "key": key})
    return by_outsider(
        at, f"adapt {name}", zipped({**at.entries, name: bent[name], evidence.MANIFEST: manifest}), "manifest_signature"
    )


def sign_anew(at: Target, random: Random) -> Attack:
    """All of it signed again with a key of the attacker's own, after some change or none."""
    entries = dict(at.entries)
    if random.random() < 0.7:
        name = random.choice([n for n in at.items if n.startswith(("media/", "video/"))])
        entries[name] = random.randbytes(50)
    return by_outsider(at, "signed by another key", zipped(resigned(entries, at.thief)), "wrong_key")


def other_key_expected(at: Target, random: Random) -> Attack:
    return replace(by_outsider(at, "another key expected", at.package, "wrong_key"), key=random.randbytes(32))


def watermark(at: Target, random: Random) -> Attack:
    """Taken by somebody else, it says."""
    name = random.choice([evidence.EXPORT_JSON, evidence.WATERMARK])
    bent = at.entries[name].replace("赵监督".encode(), "赵无名".encode())
    return by_outsider(at, f"changed {name}", zipped({**at.entries, name: bent}), "export_signature")


def _put(entries: Mapping[str, bytes], name: str, content: bytes) -> Entries:
    """Where it belongs in the order."""
    items = sorted([*(n for n in entries if n not in (*evidence.BEFORE, *evidence.AFTER)), name])
    more = {**entries, name: content}
    return {n: more[n] for n in [*evidence.BEFORE, *items, *evidence.AFTER]}


def raw(parts: list[ArchivePart]) -> bytes:
    """An archive with names that no archive may have."""
    out, made = b"", []
    for one in parts:
        entry = ArchiveEntry(one.name, one.size, one.crc, len(out))
        out += local_header(entry) + b"".join(one.content())
        made.append(entry)
    return out + directory(made, len(out))


OUTSIDE = [
    flip, truncate, append, prepend, insert, cut_out, comment, drop, drop_note, add, reorder, rename, duplicate, trick,
    packed_differently, splice, splice_notes, adapt, sign_anew, other_key_expected, watermark,
]  # fmt: skip
