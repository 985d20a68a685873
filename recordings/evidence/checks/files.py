"""The archive, its list of contents, who signed that and who took it along."""

from __future__ import annotations

from collections.abc import Iterable

from recordings.evidence import form
from recordings.evidence.checks.claim import Claim, note_faults, own_signatures, sha256_of
from recordings.evidence.errors import Unsound
from recordings.evidence.verdict import MOST_DETAILS, Check


def archive(claim: Claim) -> Iterable[str]:
    names = [entry.name for entry in claim.contents.entries]
    there = set(names)
    items = sorted(there - {*form.BEFORE, *form.AFTER})
    ordered = [*(n for n in form.BEFORE if n in there), *items, *(n for n in form.AFTER if n in there)]
    if names != ordered:
        yield "the entries are not in order"
    listed = {item.path: item for item in claim.manifest.items}
    for name, held in claim.held.items():
        item = listed.get(name)
        if not held.whole and (item is None or item.sha256 == held.sha256):
            yield name


def manifest_signature(claim: Claim) -> Iterable[str]:
    wanted = f"{claim.manifest.format}\n{claim.manifest.session}\n{sha256_of(claim.raw)}\n"
    return note_faults(claim, form.MANIFEST_NOTE, wanted)


def key(claim: Claim) -> Check | Iterable[str]:
    manifest, found = claim.manifest, list[str]()
    if manifest.key_name != f"yuntiao/{manifest.installation}":
        found.append(f"the key's name {manifest.key_name} is not the installation's")
    if claim.checkpoint is not None and not own_signatures(claim):
        found.append("the head of the log is signed by another key")
    if claim.expected.key is not None and claim.expected.key != manifest.key:
        found.append(f"signed by {form.base64_of(manifest.key)}, expected {form.base64_of(claim.expected.key)}")
    if not found and claim.expected.key is None:
        return Check("wrong_key", "open", (form.base64_of(manifest.key),))
    return found


def missing(claim: Claim) -> Iterable[str]:
    listed = [item.path for item in claim.manifest.items]
    return [path for path in dict.fromkeys([*listed, *form.PAGES]) if path not in claim.held]


def extra(claim: Claim) -> Iterable[str]:
    known = {item.path for item in claim.manifest.items} | {*form.BEFORE, *form.AFTER}
    return [name for name in claim.held if name not in known]


def changed(claim: Claim) -> Check | Iterable[str]:
    unknown = []
    found = []
    for item in claim.manifest.items:
        held = claim.held.get(item.path)
        if held is None:
            continue
        if (held.entry.size, held.sha256) != (item.size, item.sha256) or (held.sm3 and held.sm3 != item.sm3):
            found.append(item.path)
        elif item.sm3 and not held.sm3:
            unknown.append(item.path)
    return found if found or not unknown else Check("item_changed", "open", tuple(unknown[:MOST_DETAILS]))


def export_signature(claim: Claim) -> Iterable[str]:
    told = claim.contents.text(form.EXPORT_JSON, form.MOST_NOTE)
    page = claim.contents.text(form.WATERMARK, form.MOST_NOTE)
    if told is None or page is None:
        yield f"{form.EXPORT_JSON if told is None else form.WATERMARK} is missing"
        return
    hashes = f"{sha256_of(claim.raw)}\n{sha256_of(told)}\n{sha256_of(page)}\n"
    found = list(note_faults(claim, form.EXPORT_NOTE, f"{form.EXPORT}\n{claim.manifest.session}\n{hashes}"))
    yield from found
    try:
        value = form.parsed(told)
        if value["format"] != form.EXPORT or value["session"] != claim.manifest.session:
            yield "it is of another session"
        elif not found:
            claim.exported = {"at": value["exported_at"], "by": value["exporter"]["name"]}
    except (Unsound, KeyError, TypeError):
        yield f"{form.EXPORT_JSON} cannot be read"
