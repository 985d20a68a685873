"""`/verify-document`: a PDF goes in, a sentence comes out. What was sent is not kept."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from web.audit.services import SEALS
from web.documents import copies, signing
from web.i18n import N_
from web.rendering import render
from web.security import anyone, anyone_sending
from web.services import SITE

LARGEST: Final = 1 << 20  # bytes of a document
FORM: Final = 4096  # what a form is around it

SENTENCES: Final = {
    "ours": (
        N_("This document is ours, and unchanged"),
        N_("Every byte of it is as it was when our seal was put on it."),
    ),
    "changed": (
        N_("This document was changed after it was sealed"),
        N_("It carries a seal of ours, but it is not what we sealed. Do not rely on it; ask the office for a copy."),
    ),
    "unknown_seal": (
        N_("The seal on this document is not one of ours"),
        N_("Another office or another program put it there. Ask whoever is named in it."),
    ),
    "not_given": (
        N_("This file is not one that we gave out"),
        N_(
            "Not byte for byte. If our electronic seal is on it, it was changed or saved anew since; the seal itself "
            "is checked by the e-seal platform's own tool, not here. Ask the office for a copy."
        ),
    ),
    "no_seal": (
        N_("There is no electronic seal on this document"),
        N_("A scan, a print to PDF or a screenshot has lost it. Use the file as you downloaded it."),
    ),
    "no_pdf": (N_("This file is not a PDF"), N_("Choose the PDF you downloaded from us.")),
}
STANDINGS: Final = {
    "own": N_(
        "The key and certificate of this seal are the office's own. They show that the file comes from here and is "
        "unchanged; no licensed provider of electronic certification is on file as its issuer, and the seal is not one "
        "of the national unified e-seal system. For a paper copy with the office's stamp, ask the office."
    ),
    "provider": N_(
        "The certificate of this seal was issued by %(certifier)s, as the office says. A seal that meets Article 13 of "
        "the Electronic Signature Law has the effect of a stamp under its Article 14. It is not a seal of the national "
        "unified e-seal system."
    ),
    "unified": N_(
        "Sealed by %(certifier)s, as the office says, with an e-seal of the national unified system, which has the "
        "effect of a stamp (State Council Order 716, Article 9). We compared the file with the one we gave out; the "
        "seal itself is checked by the platform's own tool."
    ),
}
"""What a seal of ours is worth, by who vouches for it."""
SM2: Final = N_("It is an SM2 signature with SM3. We have checked it; many readers of PDF cannot, and say so.")
PROBLEMS: Final = {
    "none": N_("Choose a file first."),
    "large": N_("This file is larger than any of our documents (1 MB)."),
}


@anyone
async def ask(request: web.Request) -> web.StreamResponse:
    return render(request, "documents/verify.html", verdict=None, sentence=None, problem="")


@anyone_sending(LARGEST + FORM)
async def judge(request: web.Request) -> web.StreamResponse:
    sent = (await request.post()).get("file")
    if not isinstance(sent, web.FileField) or not sent.filename:
        return render(request, "documents/verify.html", 400, verdict=None, sentence=None, problem=PROBLEMS["none"])
    content = sent.file.read(LARGEST + 1)
    if len(content) > LARGEST:
        return render(request, "documents/verify.html", 400, verdict=None, sentence=None, problem=PROBLEMS["large"])
    verdict = await request.app[SEALS].judged(content)
    return render(
        request,
        "documents/verify.html",
        verdict=verdict,
        sentence=SENTENCES[verdict.result],
        standing=STANDINGS[verdict.assurance] if verdict.result == "ours" else "",
        sm2=SM2 if verdict.result == "ours" and verdict.algorithm == "SM2" else "",
        problem="",
        site=request.app[SITE],
    )


@anyone
async def certificates(request: web.Request) -> web.StreamResponse:
    """For readers of PDF: whom to trust, once somebody has compared it."""
    pem = await request.app[SEALS].certificates()
    if not pem:
        raise web.HTTPNotFound
    headers = {"Content-Disposition": 'attachment; filename="yuntiao-seal.pem"'}
    return web.Response(text=pem, content_type="application/x-pem-file", headers=headers)


def register(app: web.Application) -> None:
    signing.register(app)
    app.router.add_get("/verify-document", ask, name="verify_document")
    app.router.add_post("/verify-document", judge)
    app.router.add_get("/c/{secret}", copies.show, name="own_papers")
    app.router.add_post("/c/{secret}", copies.open_copies)
    app.router.add_post("/c/{secret}/code", copies.send, name="own_papers_code")
    app.router.add_get("/c-file/{ticket}", copies.file, name="own_papers_file")
    app.router.add_get("/verify-document/certificates", certificates, name="seal_certificates")
