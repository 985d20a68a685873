"""Recording files: written as packets arrive, sealed with a hash, composed into one video afterwards.

`recorder` is a tap of the media plane and runs in the media worker; `files.orphans` takes stock after a crash;
`composing.planning` plans a composition from the journal and `composing.composition` makes the video in the job
process.
"""
