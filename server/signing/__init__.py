"""Signed documents: what they say, how they are printed, the office's seal under them, and checking one.

`forms` is what a form says, `papers` sets it, `certificates` and `seals` keep the office's seal, `pades` applies
it and judges a PDF that somebody brings.
"""
