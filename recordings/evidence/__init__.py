"""The evidence package of a session, and its verification: the format of docs/evidence.md.

`archive` is the ZIP's one form, `form` the names and the manifest, `lines` the journal's lines and their hashes,
`notes` signed texts, `sheets` and `authenticity` what is derived, `package` the builder, `verifier` the checks,
`stamps` RFC 3161. Knows no server and no database: everything is handed in.
"""
