"""The files of signings: texts, handwriting, sealed documents; each sealed under its case's key, erased with it.

Owns `<data>/documents/<session>/{texts,hands,documents,copies}/…`. Everything here blocks.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from dataclasses import asdict

from recordings import FileMissing, VaultError
from recordings.files.durable import safe_id
from recordings.files.encrypted_file_store import EncryptedFileStore
from rooms.signing.messages import Ink, ink
from server.retention.erasure import RemovedFiles, remove
from server.signing.forms import PaperWording, wording_of

_TEXTS, _HANDS, _DOCUMENTS, _COPIES = "texts", "hands", "documents", "copies"


class PapersOnFile:
    def __init__(self, shelf: EncryptedFileStore) -> None:
        self._shelf = shelf

    @property
    def shelf(self) -> EncryptedFileStore:
        return self._shelf

    def put_wording(self, session: str, wording: PaperWording) -> str:
        """Its hash, under which it is found again."""
        digest = wording.digest
        self._put(session, _TEXTS, digest, wording.kept())
        return digest

    def wording(self, session: str, text: str) -> PaperWording:
        """Missing, VaultError; also when it is not what the hash says."""
        kept = self._get(session, _TEXTS, text)
        if hashlib.sha256(kept).hexdigest() != text:
            raise FileMissing(text)
        return wording_of(kept)

    def put_ink(self, session: str, picture: str, drawn: Ink) -> str:
        """Its hash."""
        content = json.dumps(asdict(drawn), separators=(",", ":")).encode()
        self._put(session, _HANDS, picture, content)
        return hashlib.sha256(content).hexdigest()

    def ink(self, session: str, picture: str, sha256: str) -> Ink:
        content = self._get(session, _HANDS, picture)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileMissing(picture)
        kept = json.loads(content)
        return ink(kept["width"], kept["height"], kept["strokes"])

    def drop_ink(self, session: str, picture: str) -> None:
        """Of a signature that did not come about."""
        try:
            self._shelf.stored(_path(session, _HANDS, picture)).unlink()
        except (VaultError, FileNotFoundError):
            return

    def put_document(self, session: str, document: str, content: bytes) -> None:
        self._put(session, _DOCUMENTS, document, content)

    def document(self, session: str, document: str, sha256: str) -> bytes:
        """Missing also when the bytes are not those that were sealed."""
        content = self._get(session, _DOCUMENTS, document)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileMissing(document)
        return content

    def put_copy(self, session: str, document: str, content: bytes) -> None:
        """For others than the parties: numbers masked, no seal. No journal names it; the case's key guards it."""
        self._put(session, _COPIES, document, content)

    def copy(self, session: str, document: str) -> bytes:
        """Missing where the document names nobody's numbers: then it may be given as it is."""
        return self._get(session, _COPIES, document)

    async def remove(self, session: str) -> RemovedFiles:
        """For `server.retention.erasure`: everything of a session. The key has been destroyed by then."""
        return await asyncio.to_thread(remove, self._shelf.folder / safe_id(session))

    def _put(self, session: str, folder: str, name: str, content: bytes) -> None:
        self._shelf.put(session, _path(session, folder, name), io.BytesIO(content))

    def _get(self, session: str, folder: str, name: str) -> bytes:
        with self._shelf.open(session, _path(session, folder, name)) as file:
            return file.read()


def document_path(session: str, document: str) -> str:
    return _path(session, _DOCUMENTS, document)


def text_path(session: str, text: str) -> str:
    return _path(session, _TEXTS, text)


def hand_path(session: str, picture: str) -> str:
    return _path(session, _HANDS, picture)


def _path(session: str, folder: str, name: str) -> str:
    return f"{safe_id(session)}/{folder}/{safe_id(name)}"
